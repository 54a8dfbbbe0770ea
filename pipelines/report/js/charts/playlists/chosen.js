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
 * The chosen playlist, of which the page may have nothing; the first one where none was chosen.
 * @param {View} view
 * @returns {Playlist | undefined}
 */
export function chosenPlaylist(view) {
  const all = withSongs(view.rows('playlist_summary'), view.rows('playlist_weights'));
  return view.playlist ? all.find((one) => one.playlist_id === view.playlist) : all[0];
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
    if (playlist) return draw(view, playlist);
    return {
      empty: view.playlist
        ? 'Of this playlist no song is known.'
        : 'No playlist with a song in it was read yet.',
    };
  };
}
