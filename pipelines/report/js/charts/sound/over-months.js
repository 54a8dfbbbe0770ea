// Lines of sound over the months of which enough is known. What a line shows is for mood.js and
// acoustic.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Drawing, Empty, Layout, View } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { tooLittleKnown, wellKnown } from '../parts/known.js';
import { atLeastCell, hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';
import { emptyMonthWords } from '../parts/rows.js';
import { NO_SOUND } from './known.js';

/**
 * A line, and how its values are written.
 * @typedef {object} SoundLine
 * @property {'mood_score' | 'acoustic_share' | 'instrumental_share'} key
 * @property {string} name
 * @property {string} colour
 * @property {string} [dash]
 * @property {string} [symbol]
 * @property {(value: number | null) => string} format
 */

/**
 * A chart of lines over those months whose sound is well enough known.
 * @param {View} view
 * @param {SoundLine[]} lines
 * @param {Layout} axis
 * @param {(row: Row<'audio_profile_by_month'>) => string} words what the caption says of a month
 * @returns {Drawing | Empty}
 */
export function soundOverMonths(view, lines, axis, words) {
  const all = view.rows('audio_profile_by_month');
  const months = wellKnown(all);
  if (!months.length) {
    const best = all.reduce((most, row) => (row.known_share > most.known_share ? row : most));
    if (!best.known_share) return { empty: NO_SOUND };
    return {
      empty: joinSentences(
        `The sound of ${percent(best.known_share)} of the plays is known at most,`,
        `in ${monthName(best.month)}: too few for a line.`,
        'From 50 % on a month is drawn; fuller reference data would help.',
      ),
    };
  }
  const row = months.find((one) => one.month === view.month);
  const unknown = all.find((one) => one.month === view.month);
  const left = all.length - months.length;
  return {
    data: lines.map(({ key, ...line }) =>
      lineOver(view, months, {
        ...line,
        value: (one) => one[key],
        text: (one) => `${line.name} ${line.format(one[key])}`,
      }),
    ),
    layout: overMonths(view, axis, { showlegend: lines.length > 1 }),
    caption: joinSentences(
      row ? words(row) : unknown ? tooLittleKnown(unknown, 'The sound') : emptyMonthWords(view),
      left > 0 &&
        `Left out: ${plural(left, 'month')} of which the sound of less than half is known.`,
      hollowMeans(months),
    ),
    table: {
      head: ['Month', ...lines.map((line) => line.name), 'Known of', ''],
      rows: months.map((one) => [
        monthName(one.month),
        ...lines.map(({ key, format }) => format(one[key])),
        percent(one.known_share),
        atLeastCell(one),
      ]),
    },
  };
}
