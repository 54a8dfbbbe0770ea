// For what part of the plays something is known, in words.

import { percent } from '../../text/numbers.js';

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {number} share
 * @param {string} what
 */
export function knownShareWords(share, what) {
  return share < 1 ? ` ${what} is known of ${percent(share)} of the plays.` : '';
}
