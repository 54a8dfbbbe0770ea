// Looking up rows, and what is said where there are none. What only one chart looks up stays there.

/** @import { View } from '../types.js' */
/** @import { MonthTable, Row } from '../../data/tables.js' */
import { monthName } from '../../text/dates.js';
import { joinWords } from '../../text/sentences.js';

/**
 * The table's row of the chosen month, or undefined.
 * @template {MonthTable} T
 * @param {View} view
 * @param {T} table
 * @returns {Row<T> | undefined}
 */
export function rowOfMonth(view, table) {
  /** @type {Row<MonthTable>[]} */
  const rows = view.rows(table);
  return /** @type {Row<T> | undefined} */ (rows.find((row) => row.month === view.month));
}

/**
 * What a chart of music shows where the chosen month has none.
 * @param {View} view
 */
export function emptyMonth(view) {
  return { empty: `No music is known in ${monthName(view.month)}. Choose another month.` };
}

/** Why nothing is shown of plays that have no minutes. */
export const NO_MINUTES = 'No minutes are known: scrobbles do not tell how long a play was heard.';

/**
 * Why nothing is shown of the chosen month.
 * @param {View} view
 */
export function emptyMonthWords(view) {
  if (!view.month) return '';
  const all = view.rows('listening_by_month', 'all').find((row) => row.month === view.month);
  if (view.scope === 'mine' && all?.plays) {
    const heard = view.rows('contexts_by_month', 'all').filter((row) => row.month === view.month);
    const contexts = joinWords(heard.map((row) => row.context));
    return `All that was heard in ${monthName(view.month)} was ${contexts}: switch to all plays to see it.`;
  }
  if (!all?.at_least) return `Nothing was heard in ${monthName(view.month)}.`;
  return (
    `No play is known in ${monthName(view.month)}, but a gap is open. ` +
    'An export of Spotify that covers it would tell.'
  );
}

/**
 * The sum of what entries have; what is not known counts as nothing.
 * @template T
 * @param {T[]} entries
 * @param {(entry: T) => number | null} value
 */
export function sumOf(entries, value) {
  return entries.reduce((sum, entry) => sum + (value(entry) || 0), 0);
}
