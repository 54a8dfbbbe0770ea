// Minutes of each day over time, with a mean of four weeks. The calendar is in calendar.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { DAY_MS } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { dayName } from '../../text/dates.js';
import { atLeast, duration } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { dayAxis } from '../parts/axes.js';
import { atLeastCell, missingLines, underlinedMeans } from '../parts/missing.js';
import { monthBand } from '../parts/months.js';

const WINDOW = 28;
// Plotly compares each bar with all others: of 5,000 it takes two seconds.
const MANY = 1000;

/** @type {Chart} */
export const daysChart = {
  id: 'days',
  title: 'Minutes a day',
  needs: ['listening_by_day'],
  wide: true,
  draw(view) {
    const days = view.rows('listening_by_day');
    const isLong = days.length > MANY;
    const mean = trailingMean(days);
    const last = lastOf(mean);
    const lately = days.slice(-WINDOW);
    const known = lately.filter((row) => row.known);
    const isLeast = known.some((row) => row.at_least);
    const which =
      known.length === WINDOW
        ? `the ${WINDOW} days up to ${dayName(lastOf(days).day)}`
        : `those ${known.length} of the ${WINDOW} days up to ${dayName(lastOf(days).day)} ` +
          'that are known';
    return {
      caption: joinSentences(
        last === null
          ? `Of the last ${WINDOW} days, ${known.length} are known: too few for a mean.`
          : `The mean of ${which} is ${atLeast(`${duration(last)} a day`, isLeast)}.`,
        days.some((row) => !row.known) &&
          'Days that an open gap touches are in no mean; there is no line where they are more than half.',
        underlinedMeans(days),
      ),
      height: 280,
      data: [
        {
          name: 'a day',
          y: days.map((row) => row.minutes),
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes<extra></extra>',
          ...(isLong ? steps(days, view) : bars(days, view)),
        },
        {
          type: 'scatter',
          mode: 'lines',
          name: 'mean of the 28 days up to it',
          connectgaps: false,
          x: days.map((row) => row.day),
          y: mean,
          line: { color: view.colours.accent, width: 2.5 },
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes a day<extra></extra>',
        },
      ],
      layout: {
        bargap: 0,
        hovermode: isLong ? 'x' : 'closest',
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
 * @param {Row<'listening_by_day'>[]} days
 * @param {View} view
 */
function bars(days, view) {
  return {
    type: 'bar',
    x: days.map((row) => row.day),
    marker: { color: view.colours.quiet, line: { width: 0 } },
    width: DAY_MS,
    offset: 0,
  };
}

/**
 * The same as an area, whose steps are at midnight; half of the first and of the last day is lost.
 * @param {Row<'listening_by_day'>[]} days
 * @param {View} view
 */
function steps(days, view) {
  return {
    type: 'scatter',
    mode: 'lines',
    x: days.map((row) => `${row.day}T12:00`),
    line: { shape: 'hvh', width: 0, color: view.colours.quiet },
    fill: 'tozeroy',
    fillcolor: view.colours.quiet,
  };
}

/**
 * The mean of those of the days up to each that are known; null where they are less than half, on a day
 * that is not known, and as long as there are fewer days.
 * @param {Row<'listening_by_day'>[]} days
 */
function trailingMean(days) {
  let [sum, count] = [0, 0];
  /**
   * @param {Row<'listening_by_day'> | undefined} row
   * @param {1 | -1} sign
   */
  const add = (row, sign) => {
    if (!row?.known) return;
    sum += sign * row.minutes;
    count += sign;
  };
  return days.map((row, n) => {
    add(row, 1);
    add(days[n - WINDOW], -1);
    return n + 1 < WINDOW || !row.known || count * 2 < WINDOW ? null : sum / count;
  });
}
