// How the sound of the most played songs is distributed. The sound of a month is in audio-
// profile.js.

/** @import { Sound } from './known.js' */
/** @import { Chart } from '../types.js' */
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { ENOUGH } from '../parts/known.js';
import { NO_SOUND, SOUNDS } from './known.js';

/**
 * The value below which so large a part of them lies.
 * @param {number[]} sorted
 * @param {number} at
 */
function quantile(sorted, at) {
  const place = (sorted.length - 1) * at;
  const low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** @type {Chart} */
export const soundOfFavouritesChart = {
  id: 'sound-of-favourites',
  title: 'The sound of your favourites',
  needs: ['favourite_tracks'],
  draw(view) {
    const songs = view.rows('favourite_tracks');
    const known = songs.filter((row) => row.energy !== null);
    if (!known.length) return { empty: NO_SOUND };
    if (known.length < 5 || known.length < songs.length * ENOUGH) {
      return {
        empty: joinSentences(
          `The sound of ${number(known.length)} of your`,
          `${plural(songs.length, 'most played song')} is known, by reference data:`,
          'too few to draw. It takes half of them, and five.',
        ),
      };
    }
    /** @param {{ key: Sound }} sound */
    const values = ({ key }) =>
      known
        .map((row) => row[key])
        .filter((one) => one !== null)
        .sort((a, b) => a - b);
    const energy = values(SOUNDS[0]);
    return {
      data: SOUNDS.map((sound) => ({
        type: 'violin',
        orientation: 'h',
        x: values(sound),
        y0: sound.name,
        name: sound.name,
        points: false,
        spanmode: 'hard',
        line: { color: view.colours.accent, width: 1.5 },
        fillcolor: withOpacity(view.colours.accent, 0.2),
        meanline: { visible: true, color: view.colours.second, width: 2 },
        hoverinfo: 'skip',
        width: 0.9,
      })),
      layout: {
        xaxis: { range: [0, 1], zeroline: false },
        yaxis: { type: 'category', autorange: 'reversed', showgrid: false, ticks: '' },
        violingap: 0,
      },
      height: 380,
      caption: joinSentences(
        'Half of your favourites have an energy between',
        `${number(quantile(energy, 0.25), 2)} and ${number(quantile(energy, 0.75), 2)}.`,
        'Broad is frequent; the line across is the mean.',
        known.length < songs.length &&
          `The sound of ${number(known.length)} of ${number(songs.length)} is known.`,
      ),
      table: {
        head: ['Sound', 'A quarter is below', 'Half is below', 'Three quarters are below'],
        rows: SOUNDS.map((sound) => [
          sound.name,
          ...[0.25, 0.5, 0.75].map((at) => number(quantile(values(sound), at), 2)),
        ]),
      },
    };
  },
};
