// What the reader chose, and who is called when that changes. The switches themselves are in
// controls.js, and what the screen is like in screen.js.

/** @import { Options } from '../charts/types.js' */
/** @import { Day, Scope } from '../data/tables.js' */
import { playlistsInOrder } from '../charts/playlists/chosen.js';
import { readAddress, writeAddress } from './address.js';
import { MONTHS, rows } from './carried.js';
import { defaultPeriod, monthsOfPeriod, PERIODS } from './period.js';
import { currentScreen } from './screen.js';

/**
 * The period is 'all', a year or a month as in period.js; `month` is the last known month of it,
 * for charts that know of months alone. The playlist is its id.
 * @typedef {{ scope: Scope, period: string, month: Day, playlist: string }} State
 */

// What listeners ask for first is their own, without what was on for others or for sleep.
const hasOwn = rows('listening_by_month', 'mine').some((row) => row.plays);

/**
 * Where nothing is known, `period`, `month` and `playlist` are ''.
 * @type {State}
 */
const state = {
  scope: hasOwn ? 'mine' : 'all',
  period: defaultPeriod(),
  month: '',
  playlist: playlistsInOrder(rows)[0]?.playlist_id ?? '',
};
Object.assign(state, choicesOfAddress());
state.month = monthOf(state.period);

/** @type {((changed: string[]) => void)[]} */
const subscribers = [];

/** @returns {Readonly<State>} */
export function currentState() {
  return state;
}

/**
 * Call a function with the names of what has changed, after each change.
 * @param {(changed: string[]) => void} whenChanged
 */
export function subscribe(whenChanged) {
  subscribers.push(whenChanged);
}

/** @param {Partial<Omit<State, 'month'>>} changes */
export function change(changes) {
  const before = { ...state };
  Object.assign(state, changes);
  state.month = monthOf(state.period);
  const names = /** @type {(keyof State)[]} */ (Object.keys(changes));
  const changed = names.filter((name) => state[name] !== before[name]);
  if (!changed.length) return;
  if (changed.includes('period') || changed.includes('scope')) writeAddress(state);
  for (const whenChanged of subscribers) whenChanged(changed);
}

/** Follow the address when somebody changes it, or opens a link to another period. */
export function watchAddress() {
  addEventListener('hashchange', () => change(choicesOfAddress()));
}

/**
 * The choices that the address names, as far as there are such.
 * @returns {Partial<Pick<State, 'scope' | 'period'>>}
 */
function choicesOfAddress() {
  const { period, scope } = readAddress();
  return {
    ...(period && PERIODS.includes(period) && { period }),
    ...((scope === 'all' || scope === 'mine') && { scope }),
  };
}

/** @param {string} period */
function monthOf(period) {
  return monthsOfPeriod(period).at(-1) ?? MONTHS.at(-1) ?? '';
}

/**
 * What charts are drawn with.
 * @returns {Options}
 */
export function currentOptions() {
  return { ...state, ...currentScreen() };
}
