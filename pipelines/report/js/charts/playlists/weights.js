// How the weights of a playlist are spread: what songs that stand in it so many times make of a true
// shuffle. The heaviest songs are in top-weights.js.

/** @import { Chart } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { legendBelow } from '../parts/axes.js';
import { sumOf } from '../parts/rows.js';
import { ofPlaylist, quoted } from './chosen.js';

/**
 * From so many times to so many, and the name.
 * @type {[number, number, string][]}
 */
const CLASSES = [
  [1, 1, 'once'],
  [2, 2, 'twice'],
  [3, 3, '3 times'],
  [4, 5, '4–5'],
  [6, 10, '6–10'],
  [11, 20, '11–20'],
  [21, Infinity, '21 +'],
];

/**
 * The classes of weights that a playlist has, up to its heaviest songs.
 * @param {Playlist} playlist
 */
function classesOf(playlist) {
  return CLASSES.filter(([from]) => from <= playlist.heaviest).map(([from, to, name]) => {
    const of = playlist.weights.filter((one) => one.occurrences >= from && one.occurrences <= to);
    const songs = sumOf(of, (one) => one.songs);
    const items = sumOf(of, (one) => one.songs * one.occurrences);
    return { name, songs, items };
  });
}

/** @type {Chart} */
export const weightsChart = {
  id: 'playlist-weights',
  title: 'What a shuffle makes of the weights',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const { songs, song_items: items, heaviest } = playlist;
    if (heaviest < 2) {
      return {
        empty: `Each of the ${plural(songs, 'song')} in ${quoted(playlist)} stands there once: a true shuffle plays them all equally often.`,
      };
    }
    const classes = classesOf(playlist);
    const { accent, quiet } = view.colours;
    /**
     * @param {string} name
     * @param {string} color
     * @param {number[]} shares
     * @param {boolean} [labelled]
     */
    const bars = (name, color, shares, labelled = true) => ({
      type: 'bar',
      name,
      x: classes.map((one) => one.name),
      y: shares,
      marker: { color },
      text: shares.map(percent),
      textposition: labelled ? 'outside' : 'none',
      textangle: 0,
      cliponaxis: false,
      constraintext: 'none',
      textfont: { size: view.narrow ? 10 : 11 },
      hovertemplate: `%{x}: %{text} ${name}<extra></extra>`,
    });
    const once = classes[0];
    return {
      data: [
        bars(
          'of the songs',
          quiet,
          classes.map((one) => one.songs / songs),
          !view.narrow,
        ),
        bars(
          'of what a true shuffle plays',
          accent,
          classes.map((one) => one.items / items),
        ),
      ],
      layout: {
        bargap: 0.25,
        bargroupgap: 0.05,
        showlegend: true,
        legend: legendBelow(),
        xaxis: {
          type: 'category',
          showgrid: false,
          ticks: '',
          title: { text: 'so often a song stands in the playlist' },
        },
        yaxis: { visible: false, rangemode: 'tozero' },
      },
      height: 340,
      caption: joinSentences(
        `In ${quoted(playlist)}, ${plural(songs, 'song')} have ${plural(items, 'item')}:`,
        `${number(items / songs, 1)} each on average, ${number(heaviest)} at most.`,
        once.songs > 0 &&
          `${percent(once.songs / songs)} of the songs stand there once, and are ${percent(once.items / items)} of what a true shuffle plays.`,
        `${plural(playlist.songs_for_half, 'song')}, the heaviest, ${playlist.songs_for_half === 1 ? 'is' : 'are'} half of what it plays.`,
      ),
      table: {
        head: ['In the playlist', 'Songs', 'Items', 'Of the songs', 'Of a shuffle'],
        rows: classes.map((one) => [
          one.name,
          one.songs,
          one.items,
          percent(one.songs / songs),
          percent(one.items / items),
        ]),
      },
    };
  }),
};
