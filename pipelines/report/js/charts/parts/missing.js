// How charts show that plays may be missing: hatched bars, hollow points, lines below, and words.
// Which months these are is in the rows.

/** @import { Least, MonthRow, View } from '../types.js' */
/** @import { Day } from '../../data/tables.js' */
import { dayAfter, monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';

/**
 * Marks of bars, of one colour or of as many as there are: hatched where plays may be missing.
 * @param {Least[]} rows
 * @param {string | string[]} colour
 * @param {View} view
 */
export function hatched(rows, colour, view) {
  return {
    color: colour,
    pattern: {
      shape: rows.map((row) => (row.at_least ? '/' : '')),
      // Colour is drawn as broad lines: Plotly lets each bar have its own only in those.
      fillmode: 'replace',
      fgcolor: colour,
      bgcolor: view.colours.paper,
      size: 6,
      solidity: 0.72,
    },
  };
}

/**
 * What hatched bars or hollow points mean, to end a caption with; '' where there is none.
 * @param {Least[]} rows
 * @param {string} [hence]
 */
export function hatchedMeans(rows, hence = 'so it is at least that much') {
  return rows.some((row) => row.at_least) ? ` Hatched: plays may be missing, ${hence}.` : '';
}

/**
 * Points on a line: hollow where plays may be missing.
 * @param {Least[]} rows
 * @param {string} colour
 * @param {View} view
 * @param {number} [size]
 */
export function hollow(rows, colour, view, size = 6) {
  return {
    size,
    color: rows.map((row) => (row.at_least ? view.colours.paper : colour)),
    line: { color: colour, width: 1.5 },
  };
}

/**
 * What hollow points mean, to end a caption with; '' where there is none.
 * @param {Least[]} rows
 */
export function hollowMeans(rows) {
  return rows.some((row) => row.at_least) ? ' Hollow: plays may be missing.' : '';
}

/**
 * Lines below a chart of a 'day', 'week' or 'month' a row, where plays may be missing.
 * @template {'day' | 'week' | 'month'} K
 * @param {({ [key in K]: Day } & Least)[]} rows
 * @param {K} key
 * @param {View} view
 */
export function missingLines(rows, key, view) {
  /** @param {Day} day */
  const after = (day) =>
    key === 'month' ? monthAfter(day) : dayAfter(day, key === 'week' ? 7 : 1);
  /** @type {{ from: Day, to: Day }[]} */
  const spans = [];
  for (const row of rows.filter((one) => one.at_least)) {
    /** @type {Day} */
    const from = row[key];
    const before = lastOf(spans);
    if (before?.to === from) before.to = after(from);
    else spans.push({ from, to: after(from) });
  }
  return spans.map(({ from, to }) => ({
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: from,
    x1: to,
    y0: 0,
    y1: 0,
    line: { color: view.colours.second, width: 3 },
  }));
}

/**
 * What these lines mean, to end a caption with; '' where there is none.
 * @param {Least[]} rows
 * @param {string} [hence]
 */
export function underlinedMeans(rows, hence = 'so it is at least that much') {
  return rows.some((row) => row.at_least) ? ` Underlined: plays may be missing, ${hence}.` : '';
}

/**
 * Lines below months around whose first day they are drawn, where plays may be missing.
 * @param {View} view
 * @param {MonthRow[]} rows
 */
export function missingMonths(view, rows) {
  return missingLines(rows, 'month', view).map((line) => ({
    ...line,
    x0: dayAfter(line.x0, -15),
    x1: dayAfter(line.x1, -15),
  }));
}

/**
 * The last column of a table.
 * @param {Least} row
 */
export function atLeastCell(row) {
  return row.at_least ? 'at least' : '';
}

/**
 * Ends a caption that speaks of one month, in whose chart nothing else would say it.
 * @param {Least} row
 */
export function missingNote(row) {
  return row.at_least ? ' Plays may be missing.' : '';
}
