// The listener's plays of songs against everyone's scrobbles of them. How well known songs are by
// Spotify's popularity is in the other charts.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { escaped, songBy } from '../../text/names.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';

const ROUND = Array.from({ length: 13 }, (_, power) => 10 ** power);

/** @typedef {Row<'play_counts'> & { lastfm_global_plays: number }} Counted */

/**
 * @param {Row<'play_counts'>} row
 * @returns {row is Counted}
 */
function isCounted(row) {
  return row.lastfm_global_plays !== null && row.lastfm_global_plays > 0 && row.local_plays > 0;
}

/**
 * Of a million plays of everyone's, how many would be the listener's.
 * @param {Counted} row
 */
function inAMillion(row) {
  return (1e6 * row.local_plays) / row.lastfm_global_plays;
}

/** @param {Counted} row */
function inWords(row) {
  const own = atLeast(plural(row.local_plays, 'play'), row.at_least);
  return `${own} here, ${number(row.lastfm_global_plays)} by everyone`;
}

const UNTOLD =
  'Last.fm has told of no song that you played. It is asked if listeners.toml has your name there, as the README says.';

/** @type {Chart} */
export const playsOfTheWorldChart = {
  id: 'plays-of-the-world',
  title: 'Your plays, and everyone’s',
  needs: ['play_counts'],
  without: UNTOLD,
  wide: true,
  draw(view) {
    const songs = view.rows('play_counts').filter(isCounted);
    if (!songs.length) return { empty: UNTOLD };
    const sure = songs.filter((row) => !row.lastfm_corrected);
    const own = (sure.length ? sure : songs).reduce((best, row) =>
      inAMillion(row) > inAMillion(best) ? row : best,
    );
    const days = songs.map((row) => row.lastfm_as_of?.slice(0, 10) ?? '').sort();
    return {
      data: [
        {
          type: 'scatter',
          mode: 'markers',
          x: songs.map((row) => row.lastfm_global_plays),
          y: songs.map((row) => row.local_plays),
          marker: {
            size: 8,
            color: withOpacity(view.colours.accent, 0.5),
            line: { color: view.colours.accent, width: 1 },
          },
          hoverinfo: 'text',
          hovertext: songs.map((row) => `${escaped(songBy(row))}<br>${inWords(row)}`),
        },
      ],
      layout: {
        xaxis: {
          type: 'log',
          tickvals: ROUND,
          showgrid: false,
          zeroline: false,
          title: {
            text: 'everyone’s scrobbles, counted by <a href="https://www.last.fm">Last.fm</a>',
          },
        },
        yaxis: { type: 'log', tickvals: ROUND, zeroline: false, title: { text: 'your plays' } },
      },
      caption: joinSentences(
        `Most your own is ${songBy(own)}: ${inWords(own)}.`,
        `Shown are the ${plural(songs.length, 'song')} that you played most, of those that Last.fm was asked for.`,
        `Its counts are those of ${days[0]} or later: data from Last.fm, https://www.last.fm.`,
        sure.length < songs.length &&
          'A count that Last.fm has under another spelling is marked, and may be another song’s.',
      ),
      table: {
        head: [
          'Song',
          'Artist',
          'Your plays',
          'Your scrobbles',
          'Yours by your scrobbles',
          'Everyone’s scrobbles',
          'Listeners',
          'Another spelling',
          'Plays on Spotify',
        ],
        rows: songs.map((row) => [
          row.track_name,
          row.artist_name,
          row.local_plays,
          row.lastfm_user_plays,
          row.agreement === null ? null : number(row.agreement, 2),
          row.lastfm_global_plays,
          row.lastfm_global_listeners,
          row.lastfm_corrected ? 'yes' : '',
          row.spotify_global_plays,
        ]),
      },
    };
  },
};
