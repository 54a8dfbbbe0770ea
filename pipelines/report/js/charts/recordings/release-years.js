// The mean year of release by month. Decades are in decades.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { knownShareNote } from '../parts/known.js';
import { hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

export const NO_YEARS =
  'Of no song the year of release is known: exports do not tell it. Polls do, and the reference ' +
  'data.';

/** @type {Chart} */
export const releaseYearsChart = {
  id: 'release-years',
  title: 'Year of release',
  needs: ['release_years_by_month'],
  draw(view) {
    const months = view
      .rows('release_years_by_month')
      .filter((row) => row.avg_release_year !== null);
    if (!months.length) return { empty: NO_YEARS };
    const row = months.find((one) => one.month === view.month);
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
      caption: joinSentences(
        row
          ? `The songs of ${monthName(view.month)} are from ${year(row.avg_release_year)} on ` +
              `average, the oldest from ${row.oldest}, the newest from ${row.newest}.`
          : `Of no song in ${monthName(view.month)} the year of release is known.`,
        row && knownShareNote(row),
        hollowMeans(months),
      ),
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
