// Shares of decades of release over all months. The mean year is in release-years.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { shade } from '../colours.js';
import { ENOUGH, knownShareNote, tooLittleKnown, wellKnown } from '../parts/known.js';
import { underlinedMeans } from '../parts/missing.js';
import { barsOver, sharesOverMonths, stackBorder } from '../parts/months.js';
import { emptyMonth, sumOf } from '../parts/rows.js';
import { yearsUnknown } from './release-years.js';

// What is older goes together: there would be more shades than an eye can tell.
const FIRST_DECADE = 1950;

/** @param {{ decade: number }} bin */
function decadeOfBin(bin) {
  return Math.max(bin.decade, FIRST_DECADE);
}

/** @param {number} decade */
function decadeName(decade) {
  return decade === FIRST_DECADE ? '1950s or before' : `${decade}s`;
}

/**
 * What part of a month's plays is of a decade.
 * @param {Row<'release_years_by_month'>} row
 * @param {number} decade
 */
function shareOf(row, decade) {
  const ofDecade = row.decades.filter((bin) => decadeOfBin(bin) === decade);
  return sumOf(ofDecade, (bin) => bin.plays) / sumOf(row.decades, (bin) => bin.plays);
}

/** @type {Chart} */
export const decadesChart = {
  id: 'decades',
  title: 'Decades',
  needs: ['release_years_by_month'],
  draw(view) {
    const all = view.rows('release_years_by_month');
    const months = wellKnown(all);
    if (!months.length) return { empty: yearsUnknown(all) };
    const row = all.find((one) => one.month === view.month);
    if (!row) return emptyMonth(view);
    if (row.known_share < ENOUGH) {
      return { empty: `${tooLittleKnown(row, 'The year of release')} Choose another month.` };
    }
    const decades = [...new Set(months.flatMap((one) => one.decades.map(decadeOfBin)))].sort();
    const most = decades.reduce((best, one) =>
      shareOf(row, one) > shareOf(row, best) ? one : best,
    );
    return {
      data: decades.map((decade, at) => ({
        ...barsOver(view, months, {
          name: decadeName(decade),
          value: (one) => shareOf(one, decade),
          colour: view.colours.accent,
          text: (one) => `${percent(shareOf(one, decade))} from the ${decadeName(decade)}`,
        }),
        marker: { color: shade(view.colours.accent, at, decades.length), line: stackBorder(view) },
      })),
      layout: sharesOverMonths(view, months),
      caption: joinSentences(
        `${percent(shareOf(row, most))} of the plays of ${monthName(view.month)}`,
        `are of songs from the ${decadeName(most)}.`,
        knownShareNote(row),
        underlinedMeans(months, 'so shares may differ'),
      ),
      table: {
        head: ['Month', ...decades.map(decadeName)],
        rows: months.map((one) => [
          monthName(one.month),
          ...decades.map((decade) => percent(shareOf(one, decade))),
        ]),
      },
    };
  },
};
