// How many songs of a playlist are played as often as they weigh, more, less, or never. Single songs
// are in top-weights.js and over-and-under.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { songBy } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { ofPlaylist, quoted, rowsOfPlaylist } from './chosen.js';
import { neverPlayed, VERDICTS } from './plays.js';

/** @type {(keyof Playlist & keyof typeof VERDICTS)[]} */
const ORDER = ['overplayed', 'as_weighted', 'underplayed', 'too_few', 'never_played'];

/** @type {Chart} */
export const verdictsChart = {
  id: 'playlist-verdicts',
  title: 'Are songs played as often as they weigh?',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    if (playlist.never_played === playlist.songs) return { empty: neverPlayed(playlist) };
    const { accent, second, quiet, third } = view.colours;
    const colours = [accent, quiet, second, quiet, third];
    const entries = ORDER.map((name, at) => {
      const songs = /** @type {number} */ (playlist[name]);
      return {
        name: VERDICTS[name],
        value: songs,
        mark: ` ${number(songs)}, ${percent(songs / playlist.songs)} `,
        text: `${plural(songs, 'song')}: ${VERDICTS[name]}`,
        colour: colours[at],
      };
    });
    return {
      ...barList(view, entries, { colour: quiet, room: barRoom(view, entries) }),
      caption: joinSentences(
        `Of the ${plural(playlist.songs, 'song')} in ${quoted(playlist)},`,
        `${number(playlist.never_played)} were never played.`,
        'Overplayed is a song that you play at least twice as often as a true shuffle of the playlist would, underplayed at most half as often, where chance does not explain it.',
        neverPlayedWords(view, playlist),
      ),
      table: {
        head: ['Played', 'Songs', 'Of all songs'],
        rows: entries.map((one) => [one.name, one.value, percent(one.value / playlist.songs)]),
      },
    };
  }),
};

/**
 * The heaviest song that is never played, if it weighs anything.
 * @param {View} view
 * @param {Playlist} playlist
 */
function neverPlayedWords(view, playlist) {
  const [first] = rowsOfPlaylist(view.rows('playlist_weights'), playlist)
    .filter((row) => row.verdict === 'never_played' && row.occurrences > 1)
    .sort((one, other) => one.rank - other.rank);
  if (!first) return '';
  return `The heaviest that was never played is ${songBy(first)}, which stands there ${plural(first.occurrences, 'time')}.`;
}
