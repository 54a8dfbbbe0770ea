// The playlists in the order in which they are listed, the chosen one, and what it is called.

/** @import { View } from '../types.js' */
/** @import { Row, Rows } from '../../data/tables.js' */
import { number } from '../../text/numbers.js';

/** @typedef {Row<'playlist_summary'>} Playlist */

/**
 * What was read, as listed: the first is shown where none was chosen.
 * @param {Rows} rows
 * @returns {Playlist[]}
 */
export function playlistsInOrder(rows) {
  return readPlaylists(rows('playlist_summary', 'all'));
}

/**
 * The chosen playlist, or the first one.
 * @param {View} view
 * @returns {Playlist | undefined}
 */
export function chosenPlaylist(view) {
  const all = readPlaylists(view.rows('playlist_summary'));
  return all.find((one) => one.playlist_id === view.playlist) ?? all[0];
}

/** @param {Playlist[]} all */
function readPlaylists(all) {
  return all.filter((one) => one.items !== null).sort((one, other) => one.rank - other.rank);
}

/** @param {Playlist | undefined} playlist */
export function playlistName(playlist) {
  return playlist?.name || 'a playlist without a name';
}

/**
 * 'Focus (1,200)': two may have the same name.
 * @param {Playlist} playlist
 */
export function optionName(playlist) {
  return `${playlistName(playlist)} (${number(playlist.items)})`;
}

/**
 * A table's rows of one playlist.
 * @template {{ playlist_id: string }} R
 * @param {R[]} rows
 * @param {Playlist} playlist
 */
export function rowsOfPlaylist(rows, playlist) {
  return rows.filter((row) => row.playlist_id === playlist.playlist_id);
}
