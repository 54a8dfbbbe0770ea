// Minutes of each day over time, with a mean of four weeks. The calendar is in calendar.js.

/** @import { Chart } from '../types.js' */
import { DAY_MS } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { atLeast, duration } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { dayAxis } from '../parts/axes.js';
import { atLeastCell, missingLines, underlinedMeans } from '../parts/missing.js';
import { monthBand } from '../parts/months.js';

/** @type {Chart} */
export const daysChart = {
  id: 'days',
  title: 'Minutes a day',
  needs: ['listening_by_day'],
  wide: true,
  draw(view) {
    const days = view.rows('listening_by_day');
    const minutes = days.map((row) => row.minutes);
    const mean = trailingMean(minutes, 28);
    const last = lastOf(mean);
    const isLeast = days.slice(-28).some((row) => row.at_least);
    return {
      caption: joinSentences(
        last === null
          ? 'Fewer than 28 days are known: too few for a mean.'
          : `The mean of the last 28 days is ${atLeast(`${duration(last)} a day`, isLeast)}.`,
        underlinedMeans(days),
      ),
      height: 280,
      data: [
        {
          type: 'bar',
          name: 'a day',
          x: days.map((row) => row.day),
          y: minutes,
          marker: { color: view.colours.quiet, line: { width: 0 } },
          width: DAY_MS,
          offset: 0,
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes<extra></extra>',
        },
        {
          type: 'scatter',
          mode: 'lines',
          name: 'mean of the 28 days up to it',
          x: days.map((row) => row.day),
          y: mean,
          line: { color: view.colours.accent, width: 2.5 },
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes a day<extra></extra>',
        },
      ],
      layout: {
        bargap: 0,
        showlegend: true,
        legend: { y: 1.12, traceorder: 'normal' },
        shapes: [...missingLines(days, 'day', view), monthBand(view)],
        yaxis: { title: { text: 'minutes' }, rangemode: 'tozero' },
        xaxis: dayAxis(
          days.map((row) => row.day),
          view,
        ),
      },
      table: {
        head: ['Day', 'Minutes', 'Mean of 28 days', ''],
        rows: days.map((row, n) => [row.day, row.minutes, mean[n], atLeastCell(row)]),
      },
    };
  },
};

/**
 * The mean of so many values up to each; null as long as there are fewer.
 * @param {number[]} values
 * @param {number} width
 */
function trailingMean(values, width) {
  let sum = 0;
  return values.map((value, n) => {
    sum += value - (values[n - width] ?? 0);
    return n + 1 < width ? null : sum / width;
  });
}
