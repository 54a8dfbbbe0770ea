// Periods: 'all', a year such as '2026', or a month such as '2026-03'. Which of them are known, what
// they are called, and which days are theirs. What is heard in one is for totals.js.

/** @import { Day, Row, Scope } from '../data/tables.js' */
import { dayNumber, isoDay, monthAfter } from '../data/dates.js';
import { dayName, monthName } from '../text/dates.js';
import { MONTHS, rows } from './carried.js';

/** @typedef {string} Period */

export const ALL = 'all';

/** @type {Record<Scope, Row<'listening_by_day'>[] | undefined>} */
const days = { all: undefined, mine: undefined };

/**
 * Every day from the first that is known to the last.
 * @param {Scope} scope
 */
export function knownDays(scope) {
  days[scope] ??= rows('listening_by_day', scope);
  return /** @type {Row<'listening_by_day'>[]} */ (days[scope]);
}

/** The years that are known, the first first. */
export const YEARS = rows('listening_by_year', 'all')
  .map((row) => row.year)
  .filter((year) => year > 0)
  .sort((one, other) => one - other)
  .map(String);

const hasAll = rows('listening_by_year', 'all').some((row) => row.year === 0);

/** @type {Period[]} */
export const PERIODS = [...(hasAll ? [ALL] : []), ...YEARS, ...MONTHS.map(periodOfMonth)];

/** @param {Day} month */
export function periodOfMonth(month) {
  return month.slice(0, 7);
}

/** @param {Period} period */
export function kindOf(period) {
  if (period === ALL) return 'all';
  return period.length === 4 ? 'year' : 'month';
}

/**
 * The periods of the same kind, in order.
 * @param {Period} period
 */
export function likePeriods(period) {
  return PERIODS.filter((one) => kindOf(one) === kindOf(period));
}

/**
 * The months of a period that are known.
 * @param {Period} period
 */
export function monthsOfPeriod(period) {
  return period === ALL ? MONTHS : MONTHS.filter((month) => month.startsWith(period));
}

/**
 * The first day of a period and the first day after it.
 * @param {Period} period
 * @returns {[Day, Day]}
 */
export function boundsOf(period) {
  if (period === ALL) return ['0000-01-01', '9999-01-01'];
  if (kindOf(period) === 'year') return [`${period}-01-01`, `${Number(period) + 1}-01-01`];
  return [`${period}-01`, monthAfter(`${period}-01`)];
}

/**
 * The known days of a period.
 * @param {Period} period
 * @param {Scope} scope
 */
export function daysOfPeriod(period, scope) {
  const [from, to] = boundsOf(period);
  return knownDays(scope).filter((row) => row.day >= from && row.day < to);
}

/**
 * 'March 2026', '2026' or 'all time'.
 * @param {Period} period
 */
export function periodName(period) {
  if (period === ALL) return 'all time';
  return kindOf(period) === 'year' ? period : monthName(`${period}-01`);
}

/**
 * 'in March 2026', 'in 2026', or 'in all this time'.
 * @param {Period} period
 */
export function inPeriod(period) {
  return period === ALL ? 'in all this time' : `in ${periodName(period)}`;
}

/**
 * The first and the last day of a period, as far as the known days reach; undefined where there are
 * none.
 * @param {Period} period
 */
function knownBounds(period) {
  const known = knownDays('all');
  if (!known.length) return undefined;
  const [from, to] = boundsOf(period).map(dayNumber);
  const [first, last] = [known[0], known[known.length - 1]].map(({ day }) => dayNumber(day));
  return [Math.max(from, first), Math.min(to - 1, last)];
}

/**
 * From which day to which something is known of a period: '3 March to 31 December 2026'.
 * @param {Period} period
 */
export function periodSpan(period) {
  const bounds = knownBounds(period);
  return bounds ? spanOfDays(isoDay(bounds[0]), isoDay(bounds[1])) : '';
}

/**
 * '3 March to 31 December 2026', or the one day.
 * @param {Day} first
 * @param {Day} last
 */
export function spanOfDays(first, last) {
  if (first === last) return dayName(first);
  const start = dayName(first);
  const sameYear = first.slice(0, 4) === last.slice(0, 4);
  return `${sameYear ? start.replace(/ \d{4}$/, '') : start} to ${dayName(last)}`;
}

/**
 * How many days of the calendar a period has, as far as the known days reach.
 * @param {Period} period
 */
export function calendarDays(period) {
  const bounds = knownBounds(period);
  return bounds ? bounds[1] - bounds[0] + 1 : 0;
}

/** A year of fewer days is no whole one, and of fewer days with music no good beginning. */
const [WHOLE, PLENTY] = [350, 100];

/** What the page opens with: the last whole year if there is plenty of it, else all time. */
export function defaultPeriod() {
  const last = knownDays('all').at(-1)?.day;
  if (!last) return '';
  const ended = isoDay(dayNumber(last) + 1).slice(0, 4);
  const year = String(Number(ended) - 1);
  const row = rows('listening_by_year', 'all').find((one) => String(one.year) === year);
  if (row && row.days_heard >= PLENTY && calendarDays(year) >= WHOLE) return year;
  return hasAll ? ALL : (PERIODS.at(-1) ?? '');
}
