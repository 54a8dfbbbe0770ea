// The heaviest songs of a playlist, beside how often they are played. All weights are in weights.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Weight } from './plays.js' */
/** @import { Playlist } from './chosen.js' */
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { sumOf } from '../parts/rows.js';
import { ofPlaylist, quoted, rowsOfPlaylist } from './chosen.js';
import { PLAYS_HEAD, playsBesideWeights, playsCells, playsMissing, shuffleShare } from './plays.js';

/** @type {Chart} */
export const topWeightsChart = {
  id: 'playlist-top-weights',
  title: 'The heaviest songs, and how often you play them',
  needs: ['playlist_summary', 'playlist_weights'],
  draw: ofPlaylist((view, playlist) => {
    const songs = heaviest(view, playlist);
    const [first] = songs;
    if (playlist.heaviest < 2) {
      return { empty: `No song stands in ${quoted(playlist)} more than once.` };
    }
    const isPlayed = sumOf(songs, (row) => row.plays_since) > 0;
    return {
      ...(isPlayed
        ? playsBesideWeights(view, playlist, songs)
        : weightsAlone(view, playlist, songs)),
      caption: joinSentences(
        `In ${quoted(playlist)}, ${songBy(first)} weighs most:`,
        `it stands there ${plural(first.occurrences, 'time')},`,
        `and is ${shuffleShare(first, playlist)} of what a true shuffle plays.`,
        isPlayed
          ? 'Broad and pale: the plays that a song would have, if a true shuffle had drawn all plays of the songs in the playlist since they were added.'
          : 'No play of these songs is known since they were added.',
        playsMissing(songs),
      ),
      table: { head: PLAYS_HEAD, rows: songs.map((row) => playsCells(row, playlist)) },
    };
  }),
};

/**
 * @param {View} view
 * @param {Playlist} playlist
 */
function heaviest(view, playlist) {
  return rowsOfPlaylist(view.rows('playlist_weights'), playlist)
    .filter((row) => row.rank <= 10)
    .sort((one, other) => one.rank - other.rank);
}

/**
 * @param {View} view
 * @param {Playlist} playlist
 * @param {Weight[]} songs
 */
function weightsAlone(view, playlist, songs) {
  const entries = songs.map((row) => ({
    name: songTitle(row),
    under: artistName(row),
    value: row.occurrences,
    mark: ` ${number(row.occurrences)} ×, ${shuffleShare(row, playlist)} `,
    text: `${escaped(songBy(row))}<br>${plural(row.occurrences, 'time')} in the playlist`,
  }));
  return barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) });
}
