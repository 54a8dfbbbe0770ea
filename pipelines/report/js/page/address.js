// What the reader chose, in the address behind its '#': a link shows the same. The choices
// themselves are in state.js.

/** @import { State } from './state.js' */

/**
 * What an address says, as '#period=2026-03&scope=mine'; a chapter's link is '#when'.
 * @returns {{ period: string | null, scope: string | null, at: string | null }}
 */
export function readAddress() {
  const told = location.hash.slice(1);
  if (!told.includes('=')) return { period: null, scope: null, at: told || null };
  const words = new URLSearchParams(told);
  return { period: words.get('period'), scope: words.get('scope'), at: words.get('at') };
}

/**
 * @param {Readonly<State>} state
 * @param {string} [at] a chapter
 */
export function writeAddress({ period, scope }, at) {
  const words = new URLSearchParams({ period, scope, ...(at && { at }) });
  try {
    history.replaceState(null, '', `#${words}`);
  } catch {
    // Where a page has no address of its own, such as in a preview, there is nothing to write.
  }
}
