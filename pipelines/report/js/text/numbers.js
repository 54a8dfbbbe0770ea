// Numbers as words. Dates are in dates.js, names in names.js.

export const LOCALE = 'en-GB';

/**
 * Formats are made once: making one takes a hundred times as long as using it.
 * @type {Intl.NumberFormat[]}
 */
const NUMBERS = [];

/**
 * 1234.5 as '1,234.5', with at most so many decimals; '–' where it is not known.
 * @param {number | null | undefined} value
 * @param {number} [decimals]
 */
export function number(value, decimals = 0) {
  if (value === null || value === undefined) return '–';
  NUMBERS[decimals] ??= new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals });
  return NUMBERS[decimals].format(value);
}

/**
 * 0.256 as '26 %', with a blank at which no line ends. A little is
 * not rounded to nothing, nor almost all to all.
 * @param {number | null | undefined} share
 */
export function percent(share) {
  if (share === null || share === undefined) return '–';
  if (share > 0 && share < 0.005) return '<\u00a01\u00a0%';
  if (share < 1 && share >= 0.995) return '>\u00a099\u00a0%';
  return `${Math.round(share * 100)}\u00a0%`;
}

/**
 * A share to a tenth of a percent; a little is not nothing.
 * @param {number | null} value
 */
export function inTenths(value) {
  if (value === null) return '0 %';
  return value > 0 && value < 0.0005 ? '< 0.1 %' : `${number(100 * value, 1)} %`;
}

/**
 * Minutes as '45 minutes' or '12 hours'.
 * @param {number | null | undefined} minutes
 */
export function duration(minutes) {
  if (minutes === null || minutes === undefined) return '–';
  if (minutes > 0 && minutes < 0.5) return 'less than a minute';
  if (minutes < 90) return plural(Math.round(minutes), 'minute');
  const hours = minutes / 60;
  return hours < 10 ? `${number(hours, 1)} hours` : `${number(Math.round(hours))} hours`;
}

/**
 * plural(1, 'play') is '1 play', plural(2, 'play') '2 plays'.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/**
 * 'at least 12 plays' where plays may be missing.
 * @param {string} words
 * @param {boolean} isAtLeast
 */
export function atLeast(words, isAtLeast) {
  return isAtLeast ? `at least ${words}` : words;
}

/**
 * '3 of 12 songs', 'all 12 songs', 'not the one song'.
 * @param {number} part
 * @param {number} all
 * @param {string} what
 */
export function partOf(part, all, what) {
  if (all === 1) return `${part ? '' : 'not '}the one ${what}`;
  return part === all
    ? `all ${number(all)} ${what}s`
    : `${part ? number(part) : 'none'} of ${number(all)} ${what}s`;
}
