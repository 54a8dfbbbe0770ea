// What is said and drawn of data that is known of some plays only, such as sound, genre, popularity
// and year of release. Of a month of which less than half is known nothing is drawn: a mean of so few
// would be a guess. That plays themselves may be missing is in missing.js.

import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';

/** What to do where the sound, the genre or the popularity of songs is not known. */
export const ADD_FEATURES =
  'Add a file of audio features, as the README says, and the songs that are in it get theirs.';

/** What share of the plays has to be known. */
export const ENOUGH = 0.5;

/**
 * The months of which enough is known.
 * @template {{ known_share: number }} R
 * @param {R[]} rows
 */
export function wellKnown(rows) {
  return rows.filter((row) => row.known_share >= ENOUGH);
}

/**
 * What stands in place of a figure of a month of which too little is known.
 * @param {{ month: string, known_share: number }} row
 * @param {string} what 'The popularity'
 */
export function tooLittleKnown(row, what) {
  return joinSentences(
    `${what} of ${percent(row.known_share)} of the plays of ${monthName(row.month)} is known:`,
    'too few to speak of the month. It takes half of them.',
  );
}

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {{ known_share: number }} row
 */
export function knownShareNote(row) {
  return row.known_share < 1
    ? ` Known for ${percent(row.known_share)} of the month’s plays, and told of these.`
    : '';
}

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {number} share
 * @param {string} what
 */
export function knownShareWords(share, what) {
  return share < 1 ? ` ${what} is known of ${percent(share)} of the month’s plays.` : '';
}
