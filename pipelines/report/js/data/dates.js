// Calculating with days and months as the tables have them, 'YYYY-MM-DD' in UTC. Dates as words are
// in ../text/dates.js.

/** @import { Day } from './tables.js' */
import { lastOf } from './lists.js';

export const DAY_MS = 86400000;

/**
 * A day from how many have passed since 1970.
 * @param {number} days
 */
export function isoDay(days) {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * Days since 1970 of 'YYYY-MM-DD'.
 * @param {Day} day
 */
export function dayNumber(day) {
  return Date.parse(`${day}T00:00Z`) / DAY_MS;
}

/**
 * The day so many days after another.
 * @param {Day} day
 * @param {number} [days]
 */
export function dayAfter(day, days = 1) {
  return isoDay(dayNumber(day) + days);
}

/**
 * The month so many months after another, both as their first days.
 * @param {Day} month
 * @param {number} [months]
 */
export function monthAfter(month, months = 1) {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 10);
}

/**
 * How many days a month has.
 * @param {Day} month
 */
export function daysOf(month) {
  return dayNumber(monthAfter(month)) - dayNumber(month);
}

/**
 * Every month from the first to the last.
 * @param {Day} first
 * @param {Day} last
 */
export function monthsBetween(first, last) {
  const months = [];
  for (let month = first; month <= last; month = monthAfter(month)) months.push(month);
  return months;
}

/**
 * The Monday of a day's week.
 * @param {Day} day
 */
export function monday(day) {
  return dayAfter(day, -((dayNumber(day) + 3) % 7));
}

/**
 * An instant from the minutes since 1970.
 * @param {number} minutes
 */
export function isoInstant(minutes) {
  return `${new Date(minutes * 60000).toISOString().slice(0, 16)}Z`;
}

/**
 * The first of some days.
 * @param {Day[]} days
 */
export function earliest(days) {
  return [...days].sort()[0];
}

/**
 * The last of some days.
 * @param {Day[]} days
 */
export function latest(days) {
  return lastOf([...days].sort());
}
