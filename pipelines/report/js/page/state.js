// What the reader chose, and who is called when that changes. The switches themselves are in
// controls.js.

/** @import { Options } from '../charts/types.js' */
/** @import { Day, Scope } from '../data/tables.js' */
import { DARK, LIGHT } from '../charts/colours.js';
import { playlistsInOrder } from '../charts/playlists/chosen.js';
import { MONTHS, rows } from './carried.js';

/**
 * The playlist is its id.
 * @typedef {{ scope: Scope, month: Day, playlist: string, theme: 'system' | 'light' | 'dark' }} State
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
  theme: 'system',
};

/** @type {((changed: string[]) => void)[]} */
const subscribers = [];

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const isNarrow = matchMedia('(max-width: 640px)');
const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');
let printing = false;

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
 * Call a function when the screen becomes narrow or wide, or the system dark or light.
 * @param {() => void} whenChanged
 */
export function watchScreen(whenChanged) {
  prefersDark.addEventListener('change', whenChanged);
  isNarrow.addEventListener('change', whenChanged);
}

/**
 * On paper colours are light, and nothing moves.
 * @param {boolean} now
 */
export function setPrinting(now) {
  printing = now;
}

/**
 * What charts are drawn with.
 * @returns {Options}
 */
export function currentOptions() {
  const { scope, month, playlist, theme } = state;
  const dark = theme === 'dark' || (theme === 'system' && prefersDark.matches);
  return {
    scope,
    month,
    playlist,
    colours: dark && !printing ? DARK : LIGHT,
    narrow: isNarrow.matches && !printing,
    still: prefersStill.matches || printing,
  };
}
