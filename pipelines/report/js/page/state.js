// What the reader chose, and who is called when that changes. The switches themselves are in
// controls.js, and what the screen is like in screen.js.

/** @import { Options } from '../charts/types.js' */
/** @import { Day, Scope } from '../data/tables.js' */
import { playlistsInOrder } from '../charts/playlists/chosen.js';
import { MONTHS, rows } from './carried.js';
import { currentScreen } from './screen.js';

/**
 * The playlist is its id.
 * @typedef {{ scope: Scope, month: Day, playlist: string }} State
 */

// What listeners ask for first is their own, without what was on for others or for sleep.
const hasOwn = rows('listening_by_month', 'mine').some((row) => row.plays);

/**
 * Without a month that is known, `month` is '', and without a playlist `playlist`.
 * @type {State}
 */
const state = {
  scope: hasOwn ? 'mine' : 'all',
  month: MONTHS.at(-1) ?? '',
  playlist: playlistsInOrder(rows)[0]?.playlist_id ?? '',
};

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

/** @param {Partial<State>} changes */
export function change(changes) {
  const before = { ...state };
  Object.assign(state, changes);
  const names = /** @type {(keyof State)[]} */ (Object.keys(changes));
  const changed = names.filter((name) => state[name] !== before[name]);
  if (!changed.length) return;
  for (const whenChanged of subscribers) whenChanged(changed);
}

/**
 * What charts are drawn with.
 * @returns {Options}
 */
export function currentOptions() {
  return { ...state, ...currentScreen() };
}
