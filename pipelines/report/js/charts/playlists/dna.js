// What a playlist is made of: the rows of one aspect, and what is said of how much is known. What is
// drawn of them is in genres.js, decades.js, artists.js and sound.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { percent } from '../../text/numbers.js';
import { ADD_FEATURES, ENOUGH } from '../parts/known.js';
import { rowsOfPlaylist } from './chosen.js';

/** @typedef {Row<'playlist_dna'>} Dna */

export const UNKNOWN = `The genre and the sound of too few songs in this playlist are known. ${ADD_FEATURES}`;

// A mean of so many songs is no guess, even if they are less than half.
const MANY = 100;

/**
 * The rows of one aspect, in order.
 * @param {View} view
 * @param {Playlist} playlist
 * @param {string} aspect
 */
export function aspectOf(view, playlist, aspect) {
  return rowsOfPlaylist(view.rows('playlist_dna'), playlist)
    .filter((row) => row.aspect === aspect)
    .sort((one, other) => one.rank - other.rank);
}

/**
 * Whether enough is known to speak of the playlist.
 * @param {Playlist} playlist
 * @param {number} coverage of its songs
 */
export function isEnough(playlist, coverage) {
  return coverage >= ENOUGH || coverage * playlist.songs >= MANY;
}

/**
 * 'Known for 85 % of its items.', to end a caption with; '' where it is known of all.
 * @param {Dna} row
 * @param {string} what 'The genre'
 */
export function coverageWords(row, what) {
  return row.items_coverage < 1
    ? `${what} is known for ${percent(row.items_coverage)} of its items, and told of these.`
    : '';
}

/** Columns of a table. */
export const SHARES_HEAD = ['Items', 'Of the items', 'Different songs', 'Of the songs'];

/** @param {Dna} row */
export function sharesCells(row) {
  return [row.items, percent(row.items_share), row.songs, percent(row.songs_share)];
}
