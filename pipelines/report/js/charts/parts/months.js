// Axes, lines and bars over months, and how the chosen month is marked. Axes of days are in
// axes.js.

/** @import { Layout, Line, MonthRow, Stack, View } from '../types.js' */
import { DAY_MS, dayAfter, monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { monthName, monthShort } from '../../text/dates.js';
import { blend } from '../colours.js';
import { legendBelow } from './axes.js';
import { hatched, hollow, missingMonths } from './missing.js';

/**
 * The chosen month, on top of every colour: a line with a rim.
 * @param {View} view
 */
export function markAcross(view) {
  const { ink, paper } = view.colours;
  /**
   * @param {string} color
   * @param {number} width
   */
  const line = (color, width) => ({ ...monthMark(view), layer: 'above', line: { color, width } });
  return [line(paper, 5), line(ink, 1.5)];
}

/**
 * A line that marks the chosen month on an axis of dates.
 * @param {View} view
 */
export function monthMark(view) {
  return {
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: view.month,
    x1: view.month,
    y0: 0,
    y1: 1,
    line: { color: view.colours.faint, width: 1, dash: 'dot' },
    layer: 'below',
  };
}

/**
 * A band that marks the chosen month on an axis of days.
 * @param {View} view
 */
export function monthBand(view) {
  return {
    type: 'rect',
    xref: 'x',
    yref: 'paper',
    x0: view.month,
    x1: monthAfter(view.month),
    y0: 0,
    y1: 1,
    fillcolor: view.colours.grid,
    line: { width: 0 },
    layer: 'below',
  };
}

/**
 * Colours of bars of months: that of the chosen one is full, the others are paler.
 * @param {MonthRow[]} rows
 * @param {string} colour
 * @param {View} view
 */
export function monthColours(rows, colour, view) {
  const pale = blend(colour, view.colours.paper, 0.34);
  return rows.map((row) => (row.month === view.month ? colour : pale));
}

/**
 * An axis on which each month has its place, and not more of them a name than fit.
 * @param {View} view
 * @param {Layout} [more]
 */
export function monthAxis(view, more = {}) {
  const { months } = view;
  const most = view.narrow ? 4 : 6;
  const isLong = months.length > 40;
  const januaries = months.filter((month) => month.slice(5, 7) === '01');
  const named = isLong ? thinnedOut(januaries, most * 2) : thinnedOut(months, most);
  return {
    type: 'date',
    showgrid: false,
    ticks: '',
    ...more,
    range: [dayAfter(months[0], -18), dayAfter(lastOf(months), 18)],
    tickvals: named,
    ticktext: named.map((month) =>
      isLong ? month.slice(0, 4) : monthShort(month).replace(' ', '<br>'),
    ),
  };
}

/**
 * At most so many, equally far apart, the last among them.
 * @template T
 * @param {T[]} values
 * @param {number} most
 */
function thinnedOut(values, most) {
  const step = Math.ceil(values.length / most);
  return values.filter((_, at) => (values.length - 1 - at) % step === 0);
}

/**
 * A layout over months: the chosen one is marked.
 * @param {View} view
 * @param {Layout} yaxis
 * @param {Layout} [more]
 */
export function overMonths(view, yaxis, more = {}) {
  return {
    xaxis: monthAxis(view),
    yaxis: { rangemode: 'tozero', zeroline: false, ...yaxis },
    shapes: [monthMark(view)],
    legend: legendBelow(),
    ...more,
  };
}

/**
 * A layout of stacked shares over months, with a line below those in which plays may be missing.
 * @param {View} view
 * @param {MonthRow[]} rows
 */
export function sharesOverMonths(view, rows) {
  return overMonths(
    view,
    { tickformat: '.0%', range: [0, 1] },
    {
      barmode: 'stack',
      showlegend: true,
      shapes: [monthMark(view), ...missingMonths(view, rows)],
    },
  );
}

/**
 * A line with a gap where a month has no row; hollow points as everywhere.
 * @template {MonthRow} R
 * @param {View} view
 * @param {R[]} rows
 * @param {Line<R>} line
 */
export function lineOver(view, rows, { name, value, text, colour, dash, symbol = 'circle' }) {
  const byMonth = new Map(rows.map((row) => [row.month, row]));
  const places = view.months.map((month) => byMonth.get(month) ?? null);
  const marks = places.map((row) => row ?? { at_least: false });
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: view.months,
    y: places.map((row) => row && value(row)),
    connectgaps: false,
    line: { color: colour, width: 2, dash },
    marker: { ...hollow(marks, colour, view, view.months.length > 48 ? 4 : 6), symbol },
    hoverinfo: 'text',
    hovertext: places.map((row) => (row ? `${monthName(row.month)}: ${text(row)}` : '')),
  };
}

/**
 * One part of stacked bars by month.
 * @template {MonthRow} R
 * @param {View} view
 * @param {R[]} rows
 * @param {Stack<R>} part
 */
export function barsOver(view, rows, { name, value, text, colour }) {
  return {
    type: 'bar',
    name,
    x: rows.map((row) => row.month),
    y: rows.map(value),
    // Without a width the bar of a history of one month would be as narrow as a millisecond.
    width: 26 * DAY_MS,
    marker: hatched(rows, colour, view),
    hoverinfo: 'text',
    hovertext: rows.map((row) => `${monthName(row.month)}: ${text(row)}`),
  };
}

/**
 * A border that parts what is stacked; none where it would be as broad as the bars.
 * @param {View} view
 */
export function stackBorder(view) {
  return { color: view.colours.paper, width: view.months.length > (view.narrow ? 24 : 48) ? 0 : 1 };
}
