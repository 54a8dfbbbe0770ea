// The decades from which the songs of a playlist are. Those of plays are in ../recordings/decades.js.

/** @import { Chart } from '../types.js' */
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ofPlaylist, quoted } from './chosen.js';
import { aspectOf, coverageWords, isEnough, SHARES_HEAD, sharesCells } from './dna.js';

/** @type {Chart} */
export const playlistDecadesChart = {
  id: 'playlist-decades',
  title: 'Its decades',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const rows = aspectOf(view, playlist, 'decade');
    const [most] = rows;
    if (!most || !isEnough(playlist, most.songs_coverage)) {
      return { empty: 'The year of release of too few songs in this playlist is known.' };
    }
    const decades = [...rows].sort((one, other) => Number(one.value) - Number(other.value));
    const year = aspectOf(view, playlist, 'average').find((row) => row.value === 'release_year');
    return {
      data: [
        {
          type: 'bar',
          x: decades.map((row) => `${row.value}s`),
          y: decades.map((row) => row.items_share),
          marker: { color: view.colours.accent },
          text: decades.map((row) => percent(row.items_share)),
          textposition: 'outside',
          textangle: 0,
          cliponaxis: false,
          textfont: { size: view.narrow ? 10 : 11 },
          hoverinfo: 'text',
          hovertext: decades.map(
            (row) => `${row.value}s: ${plural(row.items, 'item')}, ${plural(row.songs, 'song')}`,
          ),
        },
      ],
      layout: {
        bargap: 0.3,
        xaxis: { type: 'category', showgrid: false, ticks: '', tickangle: view.narrow ? -60 : 0 },
        yaxis: { visible: false, rangemode: 'tozero' },
      },
      caption: joinSentences(
        `${percent(most.items_share)} of the items in ${quoted(playlist)} are of songs from the ${most.value}s.`,
        year !== undefined &&
          year.items_mean !== null &&
          `The mean year is ${Math.round(year.items_mean)}.`,
        coverageWords(most, 'The year'),
      ),
      table: {
        head: ['Decade', ...SHARES_HEAD],
        rows: decades.map((row) => [`${row.value}s`, ...sharesCells(row)]),
      },
    };
  }),
};
