// The playlists in the order in which they are listed, the chosen one, and what it is called.

/** @import { Drawing, Empty, View } from '../types.js' */
/** @import { Row, Rows } from '../../data/tables.js' */
import { number } from '../../text/numbers.js';

/** @typedef {Row<'playlist_summary'>} Playlist */

/**
 * Those that can be chosen, as listed: the first is shown where none was chosen. The page has the
 * songs of no others.
 * @param {Rows} rows
 * @returns {Playlist[]}
 */
export function playlistsInOrder(rows) {
  return withSongs(rows('playlist_summary', 'all'), rows('playlist_weights', 'all'));
}

/**
 * The chosen playlist, or the first one.
 * @param {View} view
 * @returns {Playlist | undefined}
 */
export function chosenPlaylist(view) {
  const all = withSongs(view.rows('playlist_summary'), view.rows('playlist_weights'));
  return all.find((one) => one.playlist_id === view.playlist) ?? all[0];
}

/**
 * @param {Playlist[]} playlists
 * @param {Row<'playlist_weights'>[]} songs
 */
function withSongs(playlists, songs) {
  const known = new Set(songs.map((row) => row.playlist_id));
  return playlists
    .filter((one) => known.has(one.playlist_id))
    .sort((one, other) => one.rank - other.rank);
}

/** @param {Playlist | undefined} playlist */
export function playlistName(playlist) {
  return playlist?.name || 'a playlist without a name';
}

/**
 * Its name within a sentence.
 * @param {Playlist} playlist
 */
export function quoted(playlist) {
  return playlist.name ? `“${playlist.name}”` : 'the playlist without a name';
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

/**
 * How a chart of the chosen playlist is drawn; every such playlist has songs.
 * @param {(view: View, playlist: Playlist) => Drawing | Empty} draw
 * @returns {(view: View) => Drawing | Empty}
 */
export function ofPlaylist(draw) {
  return (view) => {
    const playlist = chosenPlaylist(view);
    return playlist
      ? draw(view, playlist)
      : { empty: 'No playlist with a song in it was read yet.' };
  };
}
