// Months of which not every day is known: the first, the one under way, and those that an open gap
// cuts. How charts show that plays may be missing is in missing.js.

/** @import { MonthRow, View } from '../types.js' */
/** @import { Day } from '../../data/tables.js' */
import { daysOf } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { plural } from '../../text/numbers.js';

/**
 * The row that says how many days of a month are known.
 * @param {View} view
 * @param {Day} month
 */
function knownOf(view, month) {
  return view.rows('listening_by_month', 'all').find((row) => row.month === month);
}

/**
 * Whether every day of a month is known.
 * @param {View} view
 * @param {Day} month
 */
export function isWhole(view, month) {
  return knownOf(view, month)?.whole ?? false;
}

/**
 * ' Of October 2026, 12 of 31 days are known.', to end a caption with; '' where all are.
 * @param {View} view
 * @param {Day} [month] the chosen one, if none is named
 */
export function knownDaysWords(view, month = view.month) {
  const row = knownOf(view, month);
  if (!row || row.whole) return '';
  const are = row.known_days === 1 ? 'is' : 'are';
  return ` Of ${monthName(month)}, ${row.known_days} of ${plural(daysOf(month), 'day')} ${are} known.`;
}

/**
 * Rows of counts that are marked where plays may be missing, or days are not known.
 * @template {MonthRow} R
 * @param {View} view
 * @param {R[]} rows
 * @returns {R[]}
 */
export function markedIfCut(view, rows) {
  return rows.map((row) => ({ ...row, at_least: row.at_least || !isWhole(view, row.month) }));
}
