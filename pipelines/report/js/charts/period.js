// Periods: a month, a year, or all that is known. Charts of one month show the last of a period.

/** @import { Day } from '../data/tables.js' */
import { lastOf } from '../data/lists.js';

/**
 * A month as '2026-03', a year as '2026', or 'all'.
 * @typedef {string} Period
 */

/**
 * The month that stands for a period: the last that is known in it; where there is none, the last of
 * all, and '' without any.
 * @param {Period} period
 * @param {Day[]} months every one that is known, in order
 * @returns {Day}
 */
export function monthOf(period, months) {
  const within = period === 'all' ? months : months.filter((month) => month.startsWith(period));
  return lastOf(within) ?? lastOf(months) ?? '';
}
