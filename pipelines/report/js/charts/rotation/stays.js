// Words about heavy rotation that its charts share. Nothing is drawn here.

/** @import { Row } from '../../data/tables.js' */
/** @import { View } from '../types.js' */
import { dayAfter, dayNumber } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { dayName } from '../../text/dates.js';

/** @type {Record<string, { sign: string, means: string }>} */
export const STATES = {
  new: { sign: '+', means: 'new' },
  rising: { sign: '▲', means: 'rising' },
  heavy: { sign: '=', means: 'steady' },
  cooling: { sign: '▼', means: 'cooling' },
};

export const IT_TAKES =
  'Unless set otherwise, it takes 8 plays on 4 different days within four weeks, and a place among ' +
  'the 30 most played.';

export const NO_ROTATION = `No song was in heavy rotation yet. ${IT_TAKES}`;

/**
 * When it began, and when it ended or how it is now.
 * @param {Row<'heavy_rotation'>} stay
 */
export function stayDates(stay) {
  const until = stay.left_on
    ? `to ${dayName(dayAfter(stay.left_on, -1))}`
    : `on, now ${STATES[stay.state].means}`;
  return `from ${dayName(stay.entered_on)} ${until}`;
}

/**
 * For how many days it lasted, or has lasted by the last day that is known.
 * @param {View} view
 * @param {Row<'heavy_rotation'>} stay
 */
export function daysOf(view, stay) {
  const until = stay.left_on ?? dayAfter(lastOf(view.rows('listening_by_day')).day);
  return dayNumber(until) - dayNumber(stay.entered_on);
}
