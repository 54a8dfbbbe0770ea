// The picture of the cover: a square for each day, or for each month of many years, of a
// stronger colour the more was heard. It is drawn without a library, so that it is there at once.

/** @import { Day, Row, Scope } from '../data/tables.js' */
import { dayNumber, daysOf, monthAfter } from '../data/dates.js';
import { dayName, monthName, monthShort, WEEKDAYS } from '../text/dates.js';
import { atLeast, duration, plural } from '../text/numbers.js';
import { joinSentences } from '../text/sentences.js';
import { rows } from './carried.js';
import { element } from './dom.js';
import { daysOfPeriod, kindOf, monthsOfPeriod } from './period.js';

const SVG = 'http://www.w3.org/2000/svg';
const LEVELS = 5;

/** Of more months than these it shows months, not days. */
const MONTHS_OF_DAYS = 14;

/**
 * @typedef {object} Cell
 * @property {number} column
 * @property {number} row
 * @property {number | null} minutes null where nothing is known
 * @property {string} words
 * @property {string} [mark] written into it
 */

/**
 * @typedef {object} Grid
 * @property {Cell[]} cells
 * @property {string[]} rows their names
 * @property {string[]} columns likewise; '' where none is written
 * @property {number} ratio of a cell's width to its height
 */

/**
 * @param {string} period
 * @param {Scope} scope
 * @param {boolean} narrow
 */
export function calendarOf(period, scope, narrow) {
  const days = daysOfPeriod(period, scope);
  if (!days.length) return [];
  const months = monthsOfPeriod(period);
  const ofMonths = kindOf(period) === 'all' && months.length > MONTHS_OF_DAYS;
  const ofOneMonth = kindOf(period) === 'month' || months.length === 1;
  const grid = ofMonths ? gridOfMonths(scope) : ofOneMonth ? gridOfWeeks(days) : gridOfDays(days);
  const words = captionOf(days, ofMonths, scope);
  return [
    element(
      'div',
      { class: ofOneMonth ? 'calendar small' : 'calendar' },
      drawn(grid, words, narrow),
    ),
    element('p', { class: 'caption' }, words),
  ];
}

/**
 * A row for each month.
 * @param {Row<'listening_by_day'>[]} days
 * @returns {Grid}
 */
function gridOfDays(days) {
  const first = firstOfMonth(days[0].day);
  return {
    cells: days.map((day) => ({
      column: Number(day.day.slice(8)) - 1,
      row: monthsFrom(first, day.day),
      ...ofDay(day),
    })),
    rows: monthsUpTo(first, days[days.length - 1].day).map((month) =>
      monthShort(month).slice(0, 3),
    ),
    columns: Array.from({ length: 31 }, (_, n) => (n === 0 || n % 5 === 4 ? String(n + 1) : '')),
    ratio: 1,
  };
}

/**
 * A month as on a wall: a row for each week.
 * @param {Row<'listening_by_day'>[]} days
 * @returns {Grid}
 */
function gridOfWeeks(days) {
  const first = firstOfMonth(days[0].day);
  const before = (dayNumber(first) + 3) % 7;
  const weeks = Math.ceil((before + daysOf(first)) / 7);
  return {
    cells: days.map((day) => {
      const date = Number(day.day.slice(8));
      const place = before + date - 1;
      return {
        column: place % 7,
        row: Math.floor(place / 7),
        mark: String(date),
        ...ofDay(day),
      };
    }),
    rows: Array.from({ length: weeks }, () => ''),
    columns: WEEKDAYS.map((name) => name.slice(0, 3)),
    ratio: 1.6,
  };
}

/**
 * A row for each year.
 * @param {Scope} scope
 * @returns {Grid}
 */
function gridOfMonths(scope) {
  const months = rows('listening_by_month', scope);
  const first = Number(months[0].month.slice(0, 4));
  const last = Number(months[months.length - 1].month.slice(0, 4));
  return {
    cells: months.map((row) => {
      const lost = !row.plays && row.at_least;
      return {
        column: Number(row.month.slice(5, 7)) - 1,
        row: Number(row.month.slice(0, 4)) - first,
        minutes: lost ? null : row.minutes,
        words: `${monthName(row.month)}: ${lost ? 'nothing is known' : atLeast(duration(row.minutes), row.at_least)}`,
      };
    }),
    rows: Array.from({ length: last - first + 1 }, (_, n) => String(first + n)),
    columns: Array.from({ length: 12 }, (_, n) =>
      monthShort(monthAfter('2000-01-01', n)).slice(0, 3),
    ),
    ratio: 2.4,
  };
}

/** @param {Row<'listening_by_day'>} day */
function ofDay(day) {
  const lost = !day.known && !day.minutes;
  const heard = lost ? 'nothing is known' : atLeast(duration(day.minutes), day.at_least);
  return { minutes: lost ? null : day.minutes, words: `${dayName(day.day)}: ${heard}` };
}

/**
 * @param {Grid} grid
 * @param {string} words
 * @param {boolean} narrow
 */
function drawn({ cells, rows: names, columns, ratio }, words, narrow) {
  // In units of which a phone shows as many as a desk: letters must be larger there.
  const width = 700;
  const letters = narrow ? (columns.length === 31 ? 19 : 24) : 13;
  const left = names.some(Boolean) ? letters * 2.6 : 0;
  const top = letters * 1.5;
  const across = (width - left) / columns.length;
  const down = across / ratio;
  const gap = Math.max(1.5, Math.min(4, across * 0.08));
  const level = levels(cells.map(({ minutes }) => minutes ?? 0));
  const picture = shape('svg', {
    viewBox: `0 0 ${width} ${Math.ceil(top + down * names.length)}`,
    role: 'img',
    'aria-label': words,
  });
  columns.forEach((name, n) => {
    if (!name || (narrow && columns.length === 31 && n % 10 !== 9 && n !== 0)) return;
    const x = left + (n + 0.5) * across;
    picture.append(
      label(narrow && columns.length === 12 ? name[0] : name, x, letters, letters, 'middle'),
    );
  });
  names.forEach((name, n) => {
    if (name)
      picture.append(label(name, 0, top + (n + 0.5) * down + letters * 0.35, letters, 'start'));
  });
  for (const { column, row, minutes, words: told, mark } of cells) {
    const [x, y] = [left + column * across, top + row * down];
    const box = shape('rect', {
      x: (x + gap / 2).toFixed(1),
      y: (y + gap / 2).toFixed(1),
      width: (across - gap).toFixed(1),
      height: (down - gap).toFixed(1),
      rx: 1.5,
      class: minutes === null ? 'unknown' : `level-${level(minutes)}`,
    });
    const hint = shape('title', {});
    hint.textContent = told;
    box.append(hint);
    picture.append(box);
    if (!mark) continue;
    const text = label(mark, x + across / 2, y + down / 2 + letters * 0.36, letters, 'middle');
    text.setAttribute('class', minutes !== null && level(minutes) > 2 ? 'mark light' : 'mark');
    picture.append(text);
  }
  return picture;
}

/**
 * Which of five shades: none, and four quarters of what is not nothing.
 * @param {number[]} minutes
 */
function levels(minutes) {
  const heard = minutes.filter((one) => one > 0).sort((one, other) => one - other);
  const bounds = Array.from(
    { length: LEVELS - 2 },
    (_, n) => heard[Math.floor(((n + 1) * heard.length) / (LEVELS - 1))],
  );
  /** @param {number} one */
  return (one) => {
    if (!(one > 0)) return 0;
    return 1 + bounds.filter((bound) => one >= bound && bound > heard[0]).length;
  };
}

/**
 * @param {Row<'listening_by_day'>[]} days
 * @param {boolean} ofMonths
 * @param {Scope} scope
 */
function captionOf(days, ofMonths, scope) {
  const fullest = days.reduce((best, row) => (row.minutes > best.minutes ? row : best));
  const lost = days.filter((row) => !row.known && !row.minutes).length;
  const months = rows('listening_by_month', scope);
  const best = months.reduce((most, row) => (row.minutes > most.minutes ? row : most), months[0]);
  return joinSentences(
    `A square is a ${ofMonths ? 'month' : 'day'}: the more you listened, the stronger its colour.`,
    ofMonths && best.minutes > 0
      ? `You listened most in ${monthName(best.month)}: ${atLeast(duration(best.minutes), best.at_least)}.`
      : fullest.minutes > 0 &&
          `You listened most on ${dayName(fullest.day)}: ${atLeast(duration(fullest.minutes), fullest.at_least)}.`,
    !ofMonths && lost > 0 && `Of ${plural(lost, 'day')}, drawn as an outline, nothing is known.`,
  );
}

/** @param {Day} day */
function firstOfMonth(day) {
  return `${day.slice(0, 7)}-01`;
}

/**
 * @param {Day} first
 * @param {Day} day
 */
function monthsFrom(first, day) {
  const [year, month] = day.split('-').map(Number);
  const [from, since] = first.split('-').map(Number);
  return 12 * (year - from) + month - since;
}

/**
 * @param {Day} first
 * @param {Day} last
 */
function monthsUpTo(first, last) {
  return Array.from({ length: monthsFrom(first, last) + 1 }, (_, n) => monthAfter(first, n));
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} anchor
 */
function label(words, x, y, size, anchor) {
  const text = shape('text', {
    x: x.toFixed(1),
    y: y.toFixed(1),
    'font-size': size,
    'text-anchor': anchor,
  });
  text.textContent = words;
  return text;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
