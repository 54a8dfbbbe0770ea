// Names of songs and artists, and escaping text for Plotly. Everything that comes from outside goes
// through escaped() or shortened() before Plotly gets it.

/** @import { Song } from '../charts/types.js' */

/**
 * Text for Plotly, in whose texts tags like <b> and <a> would be drawn.
 * @param {string | null | undefined} text
 */
export function escaped(text) {
  return (
    String(text ?? '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // A template would put a value in place of this.
      .replaceAll('%{', '%&#123;')
      // Between two of these it would look for a formula.
      .replaceAll('$', '&#36;')
      .replace(/\s+/g, ' ')
  );
}

/**
 * Text for Plotly of at most so many signs.
 * @param {string | null | undefined} text
 * @param {number} [length]
 */
export function shortened(text, length = 28) {
  const signs = [...(text ?? '')];
  if (signs.length <= length) return escaped(text);
  const beginning = signs.slice(0, length - 1).join('');
  // Between words, if that leaves enough of it: half a word may be another one.
  const words = signs[length - 1] === ' ' ? beginning : beginning.replace(/\s+\S*$/, '');
  return escaped(`${(3 * words.length >= length ? words : beginning).trimEnd()}…`);
}

/**
 * 'Song by Artist', where either may not be known; plain text, not for Plotly.
 * @param {Song} row
 */
export function songBy(row) {
  const song = row.track_name ?? 'an unnamed song';
  return row.artist_name ? `${song} by ${row.artist_name}` : song;
}

/**
 * The name of a song alone.
 * @param {Song} row
 */
export function songTitle(row) {
  return row.track_name || 'an unnamed song';
}

/**
 * The name of an artist; Spotify does not tell that of what it removed.
 * @param {{ artist_name: string | null }} row
 */
export function artistName(row) {
  return row.artist_name || 'an unnamed artist';
}
