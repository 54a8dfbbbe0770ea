// The sound of the chosen month against all months, as a radar. Single songs are in sound-of-
// favourites.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Sound } from './known.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { number, percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ENOUGH, tooLittleKnown, wellKnown } from '../parts/known.js';
import { missingNote } from '../parts/missing.js';
import { radarLayout, radarLine } from '../parts/radar.js';
import { emptyMonth, rowOfMonth, sumOf } from '../parts/rows.js';
import { NO_SOUND, SOUNDS } from './known.js';

/**
 * Why a month of which too little is known has no picture of its sound.
 * @param {Row<'audio_profile_by_month'>} row
 */
function unknownSound(row) {
  if (!row.known_share) return { empty: NO_SOUND };
  return {
    empty: joinSentences(
      tooLittleKnown(row, 'The sound'),
      'Choose another month, or fetch fuller reference data.',
    ),
  };
}

/**
 * The mean over all plays of these months whose sound is known.
 * @param {Row<'audio_profile_by_month'>[]} months
 * @param {Sound | 'tempo'} key
 */
export function meanSound(months, key) {
  /** @param {Row<'audio_profile_by_month'>} row */
  const weigh = (row) => row.plays * row.known_share;
  return sumOf(months, (row) => (row[key] ?? 0) * weigh(row)) / sumOf(months, weigh);
}

/** @param {(key: Sound) => number | null} value */
export function soundSpokes(value) {
  return SOUNDS.map(({ key, name }) => ({
    name,
    r: value(key),
    text: `${name}: ${number(value(key), 2)}`,
  }));
}

/** @type {Chart} */
export const audioProfileChart = {
  id: 'audio-profile',
  title: 'The sound of the month',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    const row = rowOfMonth(view, 'audio_profile_by_month');
    if (!row) return emptyMonth(view);
    if (row.known_share < ENOUGH) return unknownSound(row);
    const months = wellKnown(view.rows('audio_profile_by_month'));
    /** @param {Sound | 'tempo'} key */
    const ever = (key) => meanSound(months, key);
    /** @param {Sound} key */
    const now = (key) => row[key] ?? 0;
    const [farthest] = [...SOUNDS].sort(
      (one, other) =>
        Math.abs(now(other.key) - ever(other.key)) - Math.abs(now(one.key) - ever(one.key)),
    );
    const { accent, second } = view.colours;
    return {
      data: [
        ...(months.length > 1
          ? [radarLine('all months', soundSpokes(ever), second, { dash: 'dot' })]
          : []),
        radarLine(
          monthName(view.month),
          soundSpokes((key) => row[key]),
          accent,
          { filled: true },
        ),
      ],
      layout: radarLayout(view, {}),
      height: 380,
      caption: joinSentences(
        months.length > 1
          ? `What stands out in ${monthName(view.month)}: ${farthest.name}, ` +
              `${number(row[farthest.key], 2)} against ${number(ever(farthest.key), 2)} in all months.`
          : `In ${monthName(view.month)}: energy ${number(row.energy, 2)}, ` +
              `valence ${number(row.valence, 2)}, ${number(row.tempo)} beats per minute.`,
        `Known for ${percent(row.known_share)} of the month’s plays.`,
        missingNote(row),
      ),
      table: {
        head: ['Sound', monthName(view.month), 'All months'],
        rows: [
          ...SOUNDS.map(({ key, name }) => [name, number(row[key], 2), number(ever(key), 2)]),
          ['beats per minute', number(row.tempo), number(ever('tempo'))],
        ],
      },
    };
  },
};
