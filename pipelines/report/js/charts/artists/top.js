// Looking up the most played artists of a month, for all charts that rank them. Nothing is drawn
// here.

/** @import { View } from '../types.js' */
/** @import { Day, Row } from '../../data/tables.js' */

/**
 * What tells artists apart: their id where it is known, since two may have the same name.
 * @param {{ artist_name: string, artist_id: string | null }} row
 */
export function artistKey(row) {
  return row.artist_id ?? row.artist_name.toLowerCase();
}

/**
 * The first so many artists of a month.
 * @param {View} view
 * @param {Day} month
 * @param {number} ranks
 */
export function topArtists(view, month, ranks) {
  return view
    .rows('top_artists_by_month')
    .filter((row) => row.month === month && row.rank <= ranks);
}

/**
 * How many of those most played now were so before.
 * @param {number} stayed
 * @param {Row<'top_artists_by_month'>[]} now
 * @param {string} month
 * @param {string} before
 */
export function stayedWords(stayed, now, month, before) {
  if (now.length === 1)
    return `The one artist of ${month} was ${stayed ? '' : 'not '}among ${before}.`;
  const were = stayed === 1 ? 'was' : 'were';
  const among = `${stayed || 'none'} ${were} among ${before}${stayed ? ' too' : ''}`;
  return `Of the ${now.length} most played artists of ${month}, ${among}.`;
}

/**
 * 'first' or 'first 8'.
 * @param {number} count
 */
export function firstN(count) {
  return count === 1 ? 'first' : `first ${count}`;
}
