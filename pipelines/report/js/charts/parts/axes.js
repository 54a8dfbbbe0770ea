// Axes of days and of counts, and legends. Axes of months are in months.js.

/** @import { Layout, View } from '../types.js' */
/** @import { Day } from '../../data/tables.js' */
import { dayAfter, dayNumber } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';

/**
 * An axis of days that is wide enough for one of them.
 * @param {Day[]} days
 * @param {View} view
 */
export function dayAxis(days, view) {
  const [first, last] = [days[0], lastOf(days)];
  const count = dayNumber(last) - dayNumber(first) + 1;
  const pad = Math.max(1, Math.ceil(count / 200));
  return {
    type: 'date',
    showgrid: false,
    nticks: view.narrow ? 4 : 9,
    tickformat: count > 270 ? '%b\n%Y' : '%-d %b\n%Y',
    range: [dayAfter(first, -pad), dayAfter(last, pad + 1)],
    ...(count < 8 && { tickvals: days }),
  };
}

/**
 * An axis of what is counted: no halves of it.
 * @param {number} most
 * @param {string} title
 */
export function countAxis(most, title) {
  return { ...(most < 8 && { dtick: 1 }), title: { text: title } };
}

/**
 * A legend below the picture, in one line.
 * @param {Layout} [more]
 */
export function legendBelow(more = {}) {
  return { orientation: 'h', x: 0, y: -0.2, yanchor: 'top', traceorder: 'normal', ...more };
}

/**
 * A sign in the legend alone: that of a trace would be its first bar's, which may be hatched.
 * @param {string} name
 * @param {string} colour
 */
export function legendEntry(name, colour) {
  return { type: 'bar', name, x: [null], y: [null], marker: { color: colour }, hoverinfo: 'skip' };
}

/**
 * An entry's text in a legend, with its number in the chosen month.
 * @param {string} name
 * @param {string} number
 */
export function legendName(name, number) {
  return `${name} · ${number}`;
}
