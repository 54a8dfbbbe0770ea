// Dates as words. Calculating with dates is in ../data/dates.js.

/** @import { Day, Instant } from '../data/tables.js' */
import { LOCALE } from './numbers.js';

const MONTH_NAME = dateFormat({ month: 'long', year: 'numeric' });
const MONTH_SHORT = dateFormat({ month: 'short', year: 'numeric' });
const DAY_NAME = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' });

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];

/** @param {Intl.DateTimeFormatOptions} parts */
function dateFormat(parts) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', ...parts });
}

/**
 * '2026-08-01' as 'August 2026'.
 * @param {Day} month
 */
export function monthName(month) {
  return MONTH_NAME.format(Date.parse(month));
}

/**
 * '2026-08-01' as 'Aug 2026'.
 * @param {Day} month
 */
export function monthShort(month) {
  return MONTH_SHORT.format(Date.parse(month));
}

/**
 * '2026-08-02' as '2 August 2026'.
 * @param {Day} day
 */
export function dayName(day) {
  return DAY_NAME.format(Date.parse(day));
}

/**
 * 5 as '05:00'; 24 is midnight again.
 * @param {number} hour
 */
export function hourName(hour) {
  return `${String(hour % 24).padStart(2, '0')}:00`;
}

/**
 * '2026-05-03T08:00Z' as '3 May 2026, 08:00'.
 * @param {Instant} instant
 */
export function clock(instant) {
  return `${dayName(instant.slice(0, 10))}, ${instant.slice(11, 16)}`;
}
