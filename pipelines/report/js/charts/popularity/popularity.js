// How the plays of a month spread from unpopular to popular. The mean is in mainstream.js.

/** @import { Chart } from '../types.js' */
/** @import { Row } from '../../data/tables.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { legendBelow } from '../parts/axes.js';
import { ENOUGH, knownShareNote, tooLittleKnown, wellKnown } from '../parts/known.js';
import { missingNote } from '../parts/missing.js';
import { emptyMonth, sumOf } from '../parts/rows.js';
import { popularityUnknown } from './mainstream.js';

const TENS = [...Array(10).keys()].map((ten) => ten * 10);

/**
 * Of the plays of these months, the shares of each ten of popularity.
 * @param {Row<'popularity_by_month'>[]} rows
 */
function byTens(rows) {
  const plays = TENS.map((low) =>
    sumOf(
      rows.flatMap((row) => row.distribution).filter((bin) => bin.low === low),
      (bin) => bin.plays,
    ),
  );
  const all = sumOf(plays, (one) => one);
  return plays.map((one) => (all ? one / all : 0));
}

/** @type {Chart} */
export const popularityChart = {
  id: 'popularity',
  title: 'From obscure to everybody’s',
  needs: ['popularity_by_month'],
  draw(view) {
    const all = view.rows('popularity_by_month');
    const months = wellKnown(all);
    if (!months.length) return { empty: popularityUnknown(all) };
    const row = all.find((one) => one.month === view.month);
    if (!row) return emptyMonth(view);
    if (row.known_share < ENOUGH) {
      return { empty: `${tooLittleKnown(row, 'The popularity')} Choose another month.` };
    }
    const [now, ever] = [byTens([row]), byTens(months)];
    const most = now.indexOf(Math.max(...now));
    /**
     * @param {string} name
     * @param {number[]} shares
     * @param {string} colour
     * @param {{ fill?: string, dash?: string }} look
     */
    const area = (name, shares, colour, { fill, dash }) => {
      // Steps as wide as what they count, out to both ends.
      const bins = [0, ...shares.keys(), 9];
      return {
        type: 'scatter',
        mode: 'lines',
        name,
        x: [0, ...TENS.map((low) => low + 5), 100],
        y: bins.map((at) => shares[at]),
        line: { color: colour, width: 2, shape: 'hvh', dash },
        fill,
        fillcolor: withOpacity(colour, 0.2),
        hoverinfo: 'text',
        hovertext: bins.map(
          (at) =>
            `${name}<br>popularity ${popularityLabel(at)}: ${percent(shares[at])} of the plays`,
        ),
      };
    };
    return {
      data: [
        area(monthName(view.month), now, view.colours.accent, { fill: 'tozeroy' }),
        area(
          months.length === view.months.length ? 'all months' : 'months known',
          ever,
          view.colours.second,
          { dash: 'dot' },
        ),
      ],
      layout: {
        showlegend: true,
        legend: legendBelow({ y: -0.26 }),
        xaxis: {
          range: [0, 100],
          tickvals: [0, 20, 40, 60, 80, 100],
          showgrid: false,
          title: { text: 'popularity' },
        },
        yaxis: { tickformat: '.0%', rangemode: 'tozero', zeroline: false },
      },
      caption: joinSentences(
        `The largest part of the plays of ${monthName(view.month)}, ${percent(now[most])},`,
        `has a popularity of ${popularityLabel(most)}.`,
        knownShareNote(row),
        missingNote(row),
      ),
      table: {
        head: ['Popularity', monthName(view.month), 'All months'],
        rows: TENS.map((_, at) => [popularityLabel(at), percent(now[at]), percent(ever[at])]),
      },
    };
  },
};

/**
 * '20 to 29'
 * @param {number} at
 */
function popularityLabel(at) {
  return `${TENS[at]} to ${at === 9 ? 100 : TENS[at] + 9}`;
}
