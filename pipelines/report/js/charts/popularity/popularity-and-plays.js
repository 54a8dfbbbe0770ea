// Popularity of the most played songs against their plays. Months are in the other charts.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { escaped, songBy } from '../../text/names.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { ENOUGH } from '../parts/known.js';
import { NO_REFERENCE } from './mainstream.js';

// One noise that plays all night has a hundred times the plays of a song: hence powers.
const ROUND = [1, 10, 100, 1000, 10000].flatMap((power) => [1, 2, 5].map((one) => one * power));

/**
 * How much a song is the listener's own: played much, and by few others.
 * @param {Row<'favourite_tracks'>} row
 */
function ownness(row) {
  return row.plays * (100 - (row.popularity ?? 100));
}

/** @param {Row<'favourite_tracks'>} row */
function plays(row) {
  return atLeast(plural(row.plays, 'play'), row.at_least);
}

/** @type {Chart} */
export const popularityAndPlaysChart = {
  id: 'popularity-and-plays',
  title: 'Your favourites, and everybody’s',
  needs: ['favourite_tracks'],
  draw(view) {
    const songs = view.rows('favourite_tracks');
    const known = songs.filter((row) => row.popularity !== null);
    if (!known.length) return { empty: NO_REFERENCE };
    if (known.length < songs.length * ENOUGH) {
      return {
        empty: joinSentences(
          `The popularity of ${number(known.length)} of your`,
          `${plural(songs.length, 'most played song')} is known:`,
          'too few to draw. It takes half of them.',
        ),
      };
    }
    const own = known.reduce((best, row) => (ownness(row) > ownness(best) ? row : best));
    return {
      data: [
        {
          type: 'scatter',
          mode: 'markers',
          x: known.map((row) => row.popularity),
          y: known.map((row) => row.plays),
          marker: {
            size: 8,
            color: withOpacity(view.colours.accent, 0.5),
            line: { color: view.colours.accent, width: 1 },
          },
          hoverinfo: 'text',
          hovertext: known.map(
            (row) => `${escaped(songBy(row))}<br>${plays(row)}, popularity ${row.popularity}`,
          ),
        },
      ],
      layout: {
        xaxis: {
          range: [-3, 103],
          showgrid: false,
          zeroline: false,
          title: { text: 'popularity' },
        },
        yaxis: { type: 'log', tickvals: ROUND, zeroline: false, title: { text: 'your plays' } },
      },
      caption: joinSentences(
        `Most your own is ${songBy(own)}: ${plays(own)} at a popularity of ${own.popularity}.`,
        known.length < songs.length &&
          `The popularity of ${number(known.length)} of your ` +
            `${plural(songs.length, 'most played song')} is known.`,
      ),
      table: {
        head: ['Song', 'Artist', 'Plays', 'Popularity'],
        rows: known.map((row) => [row.track_name, row.artist_name, row.plays, row.popularity]),
      },
    };
  },
};
