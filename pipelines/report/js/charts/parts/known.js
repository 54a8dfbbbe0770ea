// Words for data that is known of some plays only. That plays themselves may be missing is in
// missing.js.

import { percent } from '../../text/numbers.js';

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {{ known_share: number }} row
 */
export function knownShareNote(row) {
  return row.known_share < 1
    ? ` Known for ${percent(row.known_share)} of the plays, and told of these.`
    : '';
}

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {number} share
 * @param {string} what
 */
export function knownShareWords(share, what) {
  return share < 1 ? ` ${what} is known of ${percent(share)} of the plays.` : '';
}
