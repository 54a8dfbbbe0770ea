// What playlists have in common: of a few as bars of each pair, of many as a matrix. What is in one
// of them is in the other charts of this folder.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { escaped, shortened } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { legendBelow } from '../parts/axes.js';
import { nameAxis } from '../parts/bars.js';
import { chosenPlaylist, playlistName, playlistsInOrder } from './chosen.js';

const FEW = 3;
// As many as fit: a cell has to have room for its number.
const MOST = { wide: 30, narrow: 8 };

/** @typedef {Row<'playlist_overlap'>} Pair */

/** @type {Chart} */
export const overlapChart = {
  id: 'playlist-overlap',
  title: 'What playlists have in common',
  needs: ['playlist_summary'],
  wide: true,
  draw(view) {
    const pairs = view.rows('playlist_overlap');
    const of = pairsOf(pairs);
    const all = playlistsInOrder(view.rows);
    if (all.length < 2) return { empty: 'It takes two playlists with songs in them.' };
    const shown = drawnPlaylists(view, all, of);
    const [closest] = pairs
      .filter((one) => one.in_both)
      .sort((one, other) => (other.jaccard ?? 0) - (one.jaccard ?? 0));
    const names = new Map(all.map((one) => [one.playlist_id, one]));
    /** @param {string} id */
    const name = (id) => playlistName(names.get(id));
    const drawing = shown.length <= FEW ? bars(view, shown, of) : matrix(view, shown, of);
    return {
      ...drawing,
      caption: joinSentences(
        closest
          ? `“${name(closest.playlist_a)}” and “${name(closest.playlist_b)}” have most in common: ` +
              `${plural(closest.in_both, 'song')}, which are ${percent(closest.jaccard)} of all songs in the two.`
          : 'No two of them have a song in common.',
        shown.length > FEW &&
          'Each field: how many percent of the songs in the playlist of its row are in that of its column too.',
        shown.length < all.length && `Drawn are ${shown.length} of ${all.length} playlists.`,
      ),
      table: {
        head: [
          ...['Playlist A', 'Playlist B', 'In both', 'Only in A', 'Only in B'],
          ...['Jaccard', 'Of A in B', 'Of B in A'],
        ],
        rows: [...pairs]
          .sort((one, other) => other.in_both - one.in_both)
          .map((one) => [
            name(one.playlist_a),
            name(one.playlist_b),
            one.in_both,
            one.only_in_a,
            one.only_in_b,
            percent(one.jaccard),
            percent(one.containment_a),
            percent(one.containment_b),
          ]),
      },
    };
  },
};

/**
 * How to find what two playlists have in common, in either order.
 * @param {Pair[]} pairs
 */
function pairsOf(pairs) {
  const found = new Map(
    pairs.flatMap((one) => [
      [`${one.playlist_a} ${one.playlist_b}`, { ...one, share: one.containment_a }],
      [`${one.playlist_b} ${one.playlist_a}`, { ...one, share: one.containment_b }],
    ]),
  );
  /**
   * @param {Playlist} one
   * @param {Playlist} other
   */
  return (one, other) => found.get(`${one.playlist_id} ${other.playlist_id}`);
}

/**
 * The first ones, or where there is room for few the chosen one and those closest to it.
 * @param {View} view
 * @param {Playlist[]} all
 * @param {ReturnType<typeof pairsOf>} of
 */
function drawnPlaylists(view, all, of) {
  const room = view.narrow ? MOST.narrow : MOST.wide;
  const chosen = chosenPlaylist(view);
  if (all.length <= room || !chosen) return all.slice(0, room);
  /** @param {Playlist} one */
  const closeness = (one) => (one === chosen ? 2 : (of(chosen, one)?.jaccard ?? 0));
  const near = [...all].sort((one, other) => closeness(other) - closeness(one)).slice(0, room);
  return all.filter((one) => near.includes(one));
}

/**
 * @param {View} view
 * @param {Playlist[]} playlists
 * @param {ReturnType<typeof pairsOf>} of
 */
function matrix(view, playlists, of) {
  const count = playlists.length;
  const side = view.narrow ? 30 : count > 20 ? 27 : 34;
  const z = playlists.map((row) =>
    playlists.map((column) => (row === column ? null : (of(row, column)?.share ?? 0))),
  );
  return {
    data: [
      {
        type: 'heatmap',
        z,
        zmin: 0,
        zmax: 1,
        xgap: 2,
        ygap: 2,
        colorscale: view.colours.scale,
        showscale: false,
        hoverongaps: false,
        text: z.map((line) => line.map((one) => (one === null ? '' : fieldWords(one)))),
        texttemplate: '%{text}',
        textfont: { size: view.narrow || count > 20 ? 10 : 12 },
        hoverinfo: 'text',
        hovertext: playlists.map((row) =>
          playlists.map((column) => pairWords(row, column, of(row, column))),
        ),
      },
    ],
    layout: {
      xaxis: {
        side: 'top',
        tickvals: playlists.map((_, at) => at),
        ticktext: playlists.map((_, at) => at + 1),
        tickangle: 0,
        showgrid: false,
        zeroline: false,
        ticks: '',
      },
      yaxis: {
        ...nameAxis(view, []),
        tickvals: playlists.map((_, at) => at),
        ticktext: playlists.map(
          (one, at) => `${shortened(playlistName(one), view.narrow ? 12 : 32)} ${at + 1} `,
        ),
        range: [count - 0.5, -0.5],
      },
    },
    height: 50 + side * count,
  };
}

/**
 * Percents without their sign: what is below one is not nothing.
 * @param {number} share
 */
function fieldWords(share) {
  if (share > 0 && share < 0.005) return '&lt;1';
  return share < 1 && share >= 0.995 ? '&gt;99' : String(Math.round(100 * share));
}

/**
 * @param {Playlist} row
 * @param {Playlist} column
 * @param {Pair & { share: number | null } | undefined} pair
 */
function pairWords(row, column, pair) {
  if (!pair) return '';
  return [
    `${plural(pair.in_both, 'song')} in both: ${percent(pair.share)} of ${escaped(playlistName(row))}`,
    `are in ${escaped(playlistName(column))} too`,
    `${percent(pair.jaccard)} of all songs in the two`,
  ].join('<br>');
}

/**
 * Of each pair what is in one, in both, and in the other.
 * @param {View} view
 * @param {Playlist[]} playlists
 * @param {ReturnType<typeof pairsOf>} of
 */
function bars(view, playlists, of) {
  const pairs = playlists.flatMap((one, at) =>
    playlists.slice(at + 1).map((other) => ({ one, other, pair: of(one, other) })),
  );
  const told = pairs.map(({ one, other, pair }) => {
    const both = pair?.in_both ?? 0;
    return {
      name: `${playlistName(one)} and ${playlistName(other)}`,
      parts: [one.songs - both, both, other.songs - both],
      words: [`only in ${playlistName(one)}`, 'in both', `only in ${playlistName(other)}`],
    };
  });
  const { accent, second, third } = view.colours;
  const places = told.map((_, at) => at);
  return {
    data: ['only in the first', 'in both', 'only in the second'].map((name, part) => ({
      type: 'bar',
      orientation: 'h',
      name,
      y: places,
      x: told.map(({ parts }) => parts[part]),
      marker: { color: [accent, third, second][part] },
      text: told.map(({ parts }) => (parts[part] ? number(parts[part]) : '')),
      textposition: 'inside',
      insidetextanchor: 'middle',
      textangle: 0,
      hoverinfo: 'text',
      hovertext: told.map(
        ({ parts, words }) => `${plural(parts[part], 'song')} ${escaped(words[part])}`,
      ),
    })),
    layout: {
      barmode: 'stack',
      bargap: 0.4,
      showlegend: true,
      legend: legendBelow({ y: 0 }),
      xaxis: { visible: false },
      yaxis: nameAxis(
        view,
        told.map((one) => one.name),
      ),
    },
    height: 90 + 50 * told.length,
  };
}
