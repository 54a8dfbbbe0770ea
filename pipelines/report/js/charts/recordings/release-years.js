// The mean year of release by month. Decades are in decades.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ENOUGH, knownShareNote, tooLittleKnown, wellKnown } from '../parts/known.js';
import { hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

export const NO_YEARS =
  'Of no song the year of release is known: exports do not tell it. Polls do, and reference data ' +
  'that has a column for it.';

/** @type {Chart} */
export const releaseYearsChart = {
  id: 'release-years',
  title: 'Year of release',
  needs: ['release_years_by_month'],
  draw(view) {
    const all = view.rows('release_years_by_month');
    const months = wellKnown(all);
    if (!months.length) return { empty: yearsUnknown(all) };
    const row = all.find((one) => one.month === view.month);
    return {
      data: [
        lineOver(view, months, {
          name: 'mean year of release',
          colour: view.colours.accent,
          value: (one) => one.avg_release_year,
          text: (one) =>
            `${year(one.avg_release_year)} on average, from ${one.oldest} to ${one.newest}`,
        }),
      ],
      layout: overMonths(view, { ...yearRange(months), tickformat: 'd', rangemode: 'normal' }),
      caption: joinSentences(yearsInWords(row, view), hollowMeans(months)),
      table: {
        head: ['Month', 'Mean year', 'Oldest', 'Newest', 'Plays of known year'],
        rows: months.map((one) => [
          monthName(one.month),
          year(one.avg_release_year),
          String(one.oldest),
          String(one.newest),
          percent(one.known_share),
        ]),
      },
    };
  },
};

/**
 * Why no month has a figure: nothing is known, or too little.
 * @param {Row<'release_years_by_month'>[]} all
 */
export function yearsUnknown(all) {
  if (!all.some((row) => row.known_share)) return NO_YEARS;
  return (
    'The year of release of less than half of the plays is known, in every month: too few to ' +
    'speak of one. Fetch fuller reference data.'
  );
}

/**
 * @param {Row<'release_years_by_month'> | undefined} row
 * @param {import('../types.js').View} view
 */
function yearsInWords(row, view) {
  if (!row) return `No music is known in ${monthName(view.month)}.`;
  if (row.known_share < ENOUGH) return tooLittleKnown(row, 'The year of release');
  return joinSentences(
    `The plays of ${monthName(row.month)} are of songs from ${year(row.avg_release_year)} on`,
    `average, the oldest from ${row.oldest}, the newest from ${row.newest}.`,
    knownShareNote(row),
  );
}

/** @param {number | null} value */
function year(value) {
  return String(Math.round(value ?? 0));
}

/**
 * Never so near that a change of some months looks like one of decades.
 * @param {Row<'release_years_by_month'>[]} months
 */
function yearRange(months) {
  const years = months.map((row) => row.avg_release_year ?? 0);
  const [low, high] = [Math.floor(Math.min(...years)) - 2, Math.ceil(Math.max(...years)) + 2];
  const more = Math.max(0, 12 - (high - low)) / 2;
  return { range: [Math.floor(low - more), Math.ceil(high + more)], nticks: 6 };
}
