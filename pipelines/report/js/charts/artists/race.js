// The ten most played artists of each month, one month after another. Songs are in songs.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Day } from '../../data/tables.js' */
import { monthName } from '../../text/dates.js';
import { artistName, escaped, shortened } from '../../text/names.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { writable } from '../colours.js';
import { knownDaysWords } from '../parts/cut.js';
import { emptyMonth } from '../parts/rows.js';
import { artistColours } from './colours.js';
import { moveSign, moveSigns, moveSignsMean } from './moves.js';
import { artistKey, topArtists } from './top.js';

/**
 * What stays the same over all months.
 * @typedef {object} Race
 * @property {{ key: string, name: string, colour: string }[]} all
 * @property {number} places
 * @property {number} most plays of any artist in any month
 * @property {boolean} glide from one month to the next
 */

// More runners than this would be slow: then each step shows only those it is about, and none glides.
const MOST_RUNNERS = 200;

/**
 * All who were ever among the ten, in an order that stays, so that each keeps a bar and a colour.
 * @param {View} view
 * @returns {Race}
 */
function runnersOf(view) {
  const all = view.rows('top_artists_by_month').filter((row) => row.rank <= 10);
  const runners = new Map(all.map((row) => [artistKey(row), row]));
  const colourOf = artistColours(view);
  return {
    all: [...runners].map(([key, row]) => ({
      key,
      name: artistName(row),
      colour: writable(colourOf(row), view.colours),
    })),
    places: Math.max(...all.map((row) => row.rank)),
    most: Math.max(...all.map((row) => row.plays)),
    glide: runners.size <= MOST_RUNNERS && !view.still,
  };
}

/**
 * @param {View} view
 * @param {Day} month
 * @param {Race} race
 */
function raceOf(view, month, { all, places, most, glide }) {
  const top = new Map(topArtists(view, month, 10).map((row) => [artistKey(row), row]));
  const shown = all
    .map((one) => ({ ...one, row: top.get(one.key) }))
    .filter(({ row }) => glide || row);
  /** @param {string} name */
  const named = (name) => shortened(name, view.narrow ? 22 : 34);
  const mark = moveSigns([...top.values()]);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        marker: { color: shown.map(({ colour }) => colour) },
        // Who is not among the ten waits below the picture, named already: a new text would fly in.
        y: shown.map(({ row }) => row?.rank ?? places + 3),
        x: shown.map(({ row }) => row?.plays ?? most / 10),
        text: shown.map(
          ({ row, name }) =>
            ` ${named(name)}   ${row ? `${number(row.plays)}   ${mark(row)} ` : ''}`,
        ),
        textposition: 'inside',
        insidetextanchor: 'start',
        constraintext: 'none',
        textangle: 0,
        textfont: { color: view.colours.ink },
        insidetextfont: { color: view.colours.ink },
        hoverinfo: 'text',
        hovertext: shown.map(({ row }) =>
          row
            ? `${escaped(artistName(row))}: ${atLeast(plural(row.plays, 'play'), row.at_least)}`
            : '',
        ),
      },
    ],
    layout: {
      bargap: 0.22,
      ...(glide && { transition: { duration: 450, easing: 'cubic-in-out' } }),
      xaxis: { range: [0, most], visible: false },
      yaxis: {
        range: [places + 0.6, 0.4],
        tickvals: [...Array(places).keys()].map((at) => at + 1),
        showgrid: false,
        zeroline: false,
        ticks: '',
      },
    },
  };
}

/**
 * @param {View} view
 * @param {Day} month
 */
function raceWords(view, month) {
  const now = topArtists(view, month, 10);
  if (!now.length) {
    return { caption: `No music is known in ${monthName(month)}.`, table: { head: [], rows: [] } };
  }
  const [first] = now;
  return {
    caption: joinSentences(
      `In ${monthName(month)}, ${artistName(first)} came first`,
      `with ${atLeast(plural(first.plays, 'play'), first.at_least)}.`,
      moveSignsMean(now),
      knownDaysWords(view, month),
    ),
    table: {
      head: ['Rank', 'Artist', 'Plays', 'Moved'],
      rows: now.map((row) => [
        row.rank,
        artistName(row),
        atLeast(number(row.plays), row.at_least),
        moveSign(row),
      ]),
    },
  };
}

/** @type {Chart} */
export const artistRaceChart = {
  id: 'artist-race',
  title: 'The ten most played artists',
  needs: ['top_artists_by_month'],
  draw(view) {
    if (!topArtists(view, view.month, 10).length) return emptyMonth(view);
    const race = runnersOf(view);
    /** @param {Day} month */
    const step = (month) => ({ ...raceOf(view, month, race), ...raceWords(view, month) });
    const steps = {
      labels: view.months.map(monthName),
      at: view.months.indexOf(view.month),
      interval: 900,
      /** @param {number} at */
      draw: (at) => step(view.months[at]),
    };
    return {
      ...step(view.month),
      // With one month there is nothing to play.
      ...(view.months.length > 1 && { steps }),
      height: 40 + 36 * race.places,
    };
  },
};
