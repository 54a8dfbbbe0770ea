// The first artists of a playlist. Those of plays are in ../artists.

/** @import { Chart } from '../types.js' */
import { escaped } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { ofPlaylist, quoted } from './chosen.js';
import { aspectOf, coverageWords, SHARES_HEAD, sharesCells } from './dna.js';

/** @type {Chart} */
export const playlistArtistsChart = {
  id: 'playlist-artists',
  title: 'Its artists',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const artists = aspectOf(view, playlist, 'artist').slice(0, 10);
    const [first] = artists;
    if (!first) return { empty: 'The artist of no song in this playlist is known.' };
    const entries = artists.map((row) => ({
      name: row.value,
      value: row.items,
      mark: ` ${number(row.items)} `,
      text: `${escaped(row.value)}: ${plural(row.items, 'item')}, ${plural(row.songs, 'song')}`,
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
      caption: joinSentences(
        `${plural(first.values, 'artist')} come first in the songs of ${quoted(playlist)};`,
        `${first.value} most often: ${plural(first.items, 'item')} of ${plural(first.songs, 'song')},`,
        `${percent(first.items_share)} of all.`,
        coverageWords(first, 'The artist'),
      ),
      table: {
        head: ['Artist', ...SHARES_HEAD],
        rows: artists.map((row) => [row.value, ...sharesCells(row)]),
      },
    };
  }),
};
