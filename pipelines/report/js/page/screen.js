// What the reader's screen is like, and the switch of its colours. What else a reader can choose is
// for the page that has it.

/** @import { Screen } from '../charts/types.js' */
import { DARK, LIGHT } from '../charts/colours.js';
import { byId } from './dom.js';

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const isNarrow = matchMedia('(max-width: 640px)');
const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');
let printing = false;
let theme = 'system';

/** @type {(() => void)[]} */
const watchers = [];

/** Show the switch of colours. */
export function startTheme() {
  byId('theme').hidden = false;
  byId('theme').addEventListener('change', ({ target }) => {
    theme = /** @type {HTMLInputElement} */ (target).value;
    document.documentElement.dataset.theme = theme;
    for (const whenChanged of watchers) whenChanged();
  });
}

/**
 * Call a function when the screen becomes narrow or wide, dark or light.
 * @param {() => void} whenChanged
 */
export function watchScreen(whenChanged) {
  watchers.push(whenChanged);
  prefersDark.addEventListener('change', whenChanged);
  isNarrow.addEventListener('change', whenChanged);
}

/**
 * On paper colours are light, and nothing moves.
 * @param {boolean} now
 */
export function setPrinting(now) {
  printing = now;
  document.documentElement.classList.toggle('printing', now);
  document.documentElement.dataset.theme = now ? 'light' : theme;
}

/**
 * What charts have to know of the screen.
 * @returns {Screen}
 */
export function currentScreen() {
  const dark = theme === 'dark' || (theme === 'system' && prefersDark.matches);
  return {
    colours: dark && !printing ? DARK : LIGHT,
    narrow: isNarrow.matches && !printing,
    still: prefersStill.matches || printing,
  };
}
