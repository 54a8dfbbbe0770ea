// The genres of a playlist. Those of plays are in ../change/genres.js.

/** @import { Chart } from '../types.js' */
import { escaped } from '../../text/names.js';
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { ofPlaylist, quoted } from './chosen.js';
import { aspectOf, coverageWords, isEnough, SHARES_HEAD, sharesCells, UNKNOWN } from './dna.js';

/** @type {Chart} */
export const playlistGenresChart = {
  id: 'playlist-genres',
  title: 'Its genres',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const genres = aspectOf(view, playlist, 'genre').slice(0, 10);
    const [first] = genres;
    if (!first || !isEnough(playlist, first.songs_coverage)) return { empty: UNKNOWN };
    const entries = genres.map((row) => ({
      name: row.value,
      value: row.items_share ?? 0,
      mark: ` ${percent(row.items_share)} `,
      text: `${escaped(row.value)}: ${plural(row.items, 'item')}, ${plural(row.songs, 'song')}`,
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
      caption: joinSentences(
        `${percent(first.items_share)} of the items in ${quoted(playlist)} are ${first.value}.`,
        coverageWords(first, 'The genre'),
        'A song counts for up to three genres.',
        first.values > genres.length && `Drawn are the first of ${plural(first.values, 'genre')}.`,
      ),
      table: {
        head: ['Genre', ...SHARES_HEAD],
        rows: genres.map((row) => [row.value, ...sharesCells(row)]),
      },
    };
  }),
};
