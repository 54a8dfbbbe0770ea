// What a period was for: the minutes of each context. Charts of contexts are in ../charts/contexts.

/** @import { Scope } from '../data/tables.js' */
import { duration, percent } from '../text/numbers.js';
import { capitalized } from '../text/sentences.js';
import { rows } from './carried.js';
import { element } from './dom.js';
import { monthsOfPeriod } from './period.js';

/**
 * The contexts of a period, the one of most minutes first.
 * @param {string} period
 * @param {Scope} scope
 */
export function contextsOf(period, scope) {
  const months = new Set(monthsOfPeriod(period));
  /** @type {Map<string, { context: string, minutes: number, plays: number, least: boolean }>} */
  const sums = new Map();
  for (const row of rows('contexts_by_month', scope)) {
    if (!months.has(row.month)) continue;
    const sum = sums.get(row.context) ?? {
      context: row.context,
      minutes: 0,
      plays: 0,
      least: false,
    };
    sum.minutes += row.minutes;
    sum.plays += row.plays;
    sum.least ||= row.at_least;
    sums.set(row.context, sum);
  }
  return [...sums.values()].sort((one, other) => other.minutes - one.minutes);
}

/**
 * A bar for each context, with its share of the time.
 * @param {string} period
 * @param {Scope} scope
 */
export function contextBars(period, scope) {
  const contexts = contextsOf(period, scope).filter((one) => one.minutes > 0);
  // Where there is but one, its share says nothing.
  if (contexts.length < 2) return [];
  const all = contexts.reduce((sum, one) => sum + one.minutes, 0);
  const bars = contexts.map(({ context, minutes, least }) => {
    const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.width = `${(100 * minutes) / contexts[0].minutes}%`;
    return element(
      'li',
      { 'data-context': context, 'data-value': minutes },
      element('span', { class: 'name' }, capitalized(context)),
      element(
        'span',
        { class: 'amount' },
        `${percent(minutes / all)}, ${least ? 'at least ' : ''}${duration(minutes)}`,
      ),
      bar,
    );
  });
  return [element('ul', { class: 'shares' }, ...bars)];
}
