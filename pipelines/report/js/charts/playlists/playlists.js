// Which playlists there are and how large each is. What is in one of them is in the other charts of
// this folder.

/** @import { Chart, View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { dayName } from '../../text/dates.js';
import { escaped } from '../../text/names.js';
import { duration, number, plural } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { legendBelow } from '../parts/axes.js';
import { nameAxis } from '../parts/bars.js';
import { sumOf } from '../parts/rows.js';
import { playlistName } from './chosen.js';

const DRAWN = 30;

/** @type {Chart} */
export const playlistsChart = {
  id: 'playlists',
  title: 'Your playlists',
  needs: ['playlist_summary'],
  without: 'No playlist was read yet.',
  wide: true,
  draw(view) {
    const all = [...view.rows('playlist_summary')].sort((one, other) => one.rank - other.rank);
    const read = all.filter((row) => row.items !== null);
    const drawn = read.slice(0, DRAWN);
    const most = Math.max(...drawn.map((row) => row.items ?? 0), 1);
    return {
      data: bars(drawn, view),
      layout: {
        barmode: 'stack',
        bargap: 0.4,
        showlegend: true,
        legend: legendBelow({ y: 0 }),
        xaxis: { visible: false, range: [0, most * (view.narrow ? 1.5 : 1.2)] },
        yaxis: nameAxis(view, drawn.map(playlistName)),
      },
      height: 90 + 28 * Math.max(drawn.length, 2),
      caption: joinSentences(
        `${plural(read.length, 'playlist was', 'playlists were')} read:`,
        `${plural(
          sumOf(read, (row) => row.items),
          'item',
        )},`,
        `${duration(sumOf(read, (row) => row.minutes))} of music and talk.`,
        'A song that stands in a playlist several times is one song, and its other items repeat it.',
        drawn.length < read.length && `Drawn are the ${DRAWN} first.`,
        unreadWords(all.filter((row) => row.items === null)),
      ),
      table: {
        head: [
          ...['Playlist', 'Items', 'Different songs', 'Items that repeat one', 'Hours'],
          ...['Episodes', 'Local files', 'Gone', 'Yours', 'Read on'],
        ],
        rows: all.map((row) => [
          playlistName(row),
          row.items ?? STATES[row.state] ?? row.state,
          row.songs,
          row.song_items - row.songs,
          number(row.minutes / 60, 1),
          row.episodes,
          row.local_files,
          row.gone,
          row.owned === null ? '–' : row.owned ? 'yes' : 'no',
          row.read_on ? dayName(row.read_on) : '–',
        ]),
      },
    };
  },
};

/** @type {Record<string, string>} */
const STATES = {
  partly: 'not to its end yet',
  not_readable: 'Spotify refuses it',
  not_read: 'not read',
};

/**
 * How many playlists are not read, and why.
 * @param {Playlist[]} unread
 */
function unreadWords(unread) {
  if (!unread.length) return '';
  const refused = unread.filter((row) => row.state === 'not_readable').length;
  const begun = unread.filter((row) => row.state === 'partly').length;
  const left = unread.length - refused - begun;
  const parts = [
    refused && `${number(refused)} that Spotify does not let apps read`,
    begun && `${number(begun)} of which reading goes on with the next run`,
    left && `${number(left)} that nobody asked for`,
  ].filter((part) => typeof part === 'string');
  return `Not among them: ${joinWords(parts)}.`;
}

/**
 * Each item is in one part of a playlist's bar.
 * @param {Playlist[]} playlists
 * @param {View} view
 */
function bars(playlists, view) {
  const { accent, second, quiet } = view.colours;
  /** @type {[string, string, (row: Playlist) => number][]} */
  const parts = [
    ['different songs', accent, (row) => row.songs],
    ['items that repeat one of them', second, (row) => row.song_items - row.songs],
    ['episodes, and what is gone', quiet, (row) => (row.items ?? 0) - row.song_items],
  ];
  const shown = parts.filter(([, , value]) => playlists.some((row) => value(row)));
  return shown.map(([name, color, value], at) => ({
    type: 'bar',
    orientation: 'h',
    name,
    y: playlists.map((_, place) => place),
    x: playlists.map(value),
    marker: { color },
    cliponaxis: false,
    textposition: 'outside',
    textfont: { color: view.colours.ink },
    // The last part ends where the bar does.
    text: at === shown.length - 1 ? playlists.map((row) => sizeWords(row, view)) : undefined,
    hoverinfo: 'text',
    hovertext: playlists.map(
      (row) => `${escaped(playlistName(row))}<br>${number(value(row))} ${name}`,
    ),
  }));
}

/**
 * @param {Playlist} row
 * @param {View} view
 */
function sizeWords(row, view) {
  const items = number(row.items);
  return view.narrow ? ` ${items} ` : ` ${items} items, ${duration(row.minutes)} `;
}
