// What gave a period its character: phases, discoveries and songs on repeat, each from its table.

import { monthAfter } from '../data/dates.js';
import { dayName, monthName } from '../text/dates.js';
/** @import { Day, Scope } from '../data/tables.js' */
import { artistName, songBy } from '../text/names.js';
import { atLeast, percent, plural } from '../text/numbers.js';
import { rows } from './carried.js';
import { element } from './dom.js';
import { favourites } from './favourites.js';
import { ALL, boundsOf, inPeriod } from './period.js';

const SHOWN = 5;

/**
 * @param {string} period
 * @param {Scope} scope
 */
export function momentsOf(period, scope) {
  return [
    ...group('phases', 'Phases', phases(period, scope)),
    ...group('discoveries', 'Discoveries', discoveries(period, scope)),
    ...group('obsessions', 'On repeat', obsessions(period, scope)),
  ];
}

/**
 * @param {string} name
 * @param {string} title
 * @param {{ name: string, words: string }[]} entries
 */
function group(name, title, entries) {
  if (!entries.length) return [];
  const items = entries
    .slice(0, SHOWN)
    .map((entry) =>
      element(
        'li',
        {},
        element('span', { class: 'name' }, entry.name),
        element('span', { class: 'note' }, entry.words),
      ),
    );
  return [
    element(
      'div',
      { 'data-moments': name },
      element('h3', { class: 'group' }, title),
      element('ul', { class: 'moments' }, ...items),
    ),
  ];
}

/**
 * @param {string} period
 * @param {Scope} scope
 */
function phases(period, scope) {
  return rows('phases', scope)
    .filter((row) => overlaps(period, row.starts_on, row.ends_on))
    .sort((one, other) => one.rank - other.rank)
    .map((row) => ({
      name: row.title,
      words:
        `${spanWords(row.starts_on, row.ends_on)}: ${atLeast(plural(row.plays, 'play'), row.at_least)}, ` +
        `${percent(row.share)} of what you played; usually it is ${percent(row.usual_share)}.`,
    }));
}

/**
 * Artists of the period who had never been heard before.
 * @param {string} period
 * @param {Scope} scope
 */
function discoveries(period, scope) {
  if (period === ALL) return [];
  return favourites(period, scope)
    .artists.filter((row) => row.move === 'new')
    .map((row) => ({
      name: artistName(row),
      words: `First heard ${inPeriod(period)}: ${atLeast(plural(row.plays, 'play'), row.at_least)}.`,
    }));
}

/**
 * @param {string} period
 * @param {Scope} scope
 */
function obsessions(period, scope) {
  return rows('obsessions', scope)
    .filter((row) => row.loop === null && overlaps(period, row.starts_on, row.ends_on))
    .sort((one, other) => other.plays - one.plays)
    .map((row) => ({
      name: songBy(row),
      words:
        `${atLeast(plural(row.plays, 'play'), row.at_least)} in the week from ${dayName(row.starts_on)}` +
        `${row.abandoned ? ', and then hardly ever again.' : '.'}`,
    }));
}

/**
 * @param {string} period
 * @param {Day} starts
 * @param {Day} ends
 */
function overlaps(period, starts, ends) {
  const [from, to] = boundsOf(period);
  return ends >= from && starts < to;
}

/**
 * @param {Day} starts
 * @param {Day} ends
 */
function spanWords(starts, ends) {
  const [first, last] = [starts, ends].map((day) => `${day.slice(0, 7)}-01`);
  if (first === last) return monthName(first);
  const start = monthName(first);
  const sameYear = first.slice(0, 4) === last.slice(0, 4);
  const joint = monthAfter(first) === last ? 'and' : 'to';
  return `${sameYear ? start.replace(/ \d{4}$/, '') : start} ${joint} ${monthName(last)}`;
}
