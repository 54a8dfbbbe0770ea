// What charts of popularity and of years say where it is known in part, or not at all.

import { percent } from '../../text/numbers.js';

export const NO_REFERENCE =
  'Spotify does not tell new apps how popular music is. Fetch the reference data, as the README ' +
  'says, and the songs that are in it get their popularity.';

/**
 * To end a caption with; '' where it is known of all plays.
 * @param {{ known_share: number }} row
 */
export function knownShareNote(row) {
  return row.known_share < 1
    ? ` Known for ${percent(row.known_share)} of the plays, and told of these.`
    : '';
}
