// Items of a playlist that are the same song, why, and what a clean-up would keep. How often songs
// stand in it is in weights.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { number, plural } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { ofPlaylist, quoted, rowsOfPlaylist } from './chosen.js';

/** @type {{ key: 'same_id' | 'same_isrc' | 'probable', name: string, colour: 'accent' | 'third' | 'quiet' }[]} */
const KINDS = [
  { key: 'same_id', name: 'same id', colour: 'accent' },
  { key: 'same_isrc', name: 'same ISRC, other id', colour: 'third' },
  { key: 'probable', name: 'probable, by name', colour: 'quiet' },
];

/** @type {Chart} */
export const duplicatesChart = {
  id: 'playlist-duplicates',
  title: 'Duplicates',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const counts = KINDS.map(({ key }) => playlist[key]);
    if (!counts.some(Boolean)) {
      return {
        empty: `No song stands in ${quoted(playlist)} twice, by its id, its ISRC or its name.`,
      };
    }
    const entries = KINDS.map(({ key, name, colour }) => ({
      name,
      value: playlist[key],
      mark: ` ${number(playlist[key])} `,
      text: `${plural(playlist[key], 'item')} too many: ${name}`,
      colour: view.colours[colour],
    }));
    const rows = rowsOfPlaylist(view.rows('playlist_duplicates'), playlist).sort(
      (one, other) => one.group_id - other.group_id || one.position - other.position,
    );
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
      caption: joinSentences(
        cleanUpWords(playlist),
        playlist.probable > 0 &&
          `${plural(playlist.probable, 'more item is', 'more items are')} probably the same song as another, by artist, title and length: a clean-up leaves them, unless you say otherwise.`,
        'Live takes, remixes and the like are other songs.',
        rows.length > 0 && 'The table has examples of each sort.',
      ),
      table: {
        head: ['Song', 'Artist', 'Place', 'Sort', 'Why', 'Kept, if one keeps', 'Why that one'],
        rows: rows.map((row) => [
          row.track_name,
          row.artist_name,
          row.position,
          KINDS.find(({ key }) => key === row.match)?.name ?? row.match,
          row.reason,
          keptBy(row),
          row.kept_reason,
        ]),
      },
    };
  }),
};

/**
 * What stays where each song is kept once.
 * @param {Playlist} playlist
 */
function cleanUpWords(playlist) {
  const { same_id: ids, same_isrc: isrcs } = playlist;
  const items = playlist.items ?? 0;
  if (!ids && !isrcs) return '';
  return joinSentences(
    `Of the ${plural(items, 'item')} in ${quoted(playlist)},`,
    `${number(ids)} repeat the id of another, and ${number(isrcs)} its recording under another id:`,
    `a clean-up would keep ${number(items - ids - isrcs)}.`,
    'Where you repeat songs on purpose, these are weights, not errors.',
  );
}

/** @param {Row<'playlist_duplicates'>} row */
function keptBy(row) {
  const policies = [
    row.kept_first_added && 'the first added',
    row.kept_last_added && 'the last added',
    row.kept_best && 'the best',
  ].filter((policy) => typeof policy === 'string');
  return policies.length ? joinWords(policies) : 'not kept';
}
