// When songs were in heavy rotation, as bars over time. The current ones are in rotation-now.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Day, Row } from '../../data/tables.js' */
import { DAY_MS, dayAfter, dayNumber, earliest, latest, monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { monthName } from '../../text/dates.js';
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { atLeast, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { dayAxis, legendEntry } from '../parts/axes.js';
import { nameAxis } from '../parts/bars.js';
import { atLeastCell, hatched, hatchedMeans } from '../parts/missing.js';
import { sumOf } from '../parts/rows.js';
import { daysOf, IT_TAKES, NO_ROTATION, stayDates } from './stays.js';

/**
 * What is shown of a stay is what lies from one day to before the other.
 * @typedef {Row<'heavy_rotation'> & { from: Day, to: Day }} Stay
 */

/**
 * Stays within so many months that end with the chosen one, cut at both ends.
 * @param {View} view
 * @param {number} count
 * @returns {Stay[]}
 */
function staysUpTo(view, count) {
  const days = view.rows('listening_by_day');
  const known = dayAfter(lastOf(days).day);
  const from = monthAfter(view.month, 1 - count);
  const to = earliest([monthAfter(view.month), known]);
  return view
    .rows('heavy_rotation')
    .map((row) => ({
      ...row,
      from: latest([row.entered_on, from]),
      to: earliest([row.left_on ?? known, to]),
    }))
    .filter((row) => row.from < row.to);
}

/**
 * In days.
 * @param {{ from: Day, to: Day }} stay
 */
function lengthOfStay(stay) {
  return dayNumber(stay.to) - dayNumber(stay.from);
}

/**
 * A line for each song. Stays that overlap are of songs that share their name, so they get two.
 * @param {Stay[]} stays
 */
function songLines(stays) {
  /** @type {Stay[][]} */
  const lines = [];
  for (const stay of [...stays].sort((one, other) => (one.from < other.from ? -1 : 1))) {
    const same = lines.find(
      (line) => songBy(line[0]) === songBy(stay) && lastOf(line).to <= stay.from,
    );
    if (same) same.push(stay);
    else lines.push([stay]);
  }
  return lines;
}

/**
 * The bars of those stays that last, or of those that do not.
 * @param {View} view
 * @param {Stay[][]} lines
 * @param {string} name
 * @param {boolean} lasting
 * @param {string} colour
 */
function stayBars(view, lines, name, lasting, colour) {
  const placed = lines
    .flatMap((line, at) => line.map((stay) => ({ stay, at })))
    .filter(({ stay }) => (stay.left_on === null) === lasting);
  const stays = placed.map(({ stay }) => stay);
  return {
    type: 'bar',
    orientation: 'h',
    name,
    showlegend: false,
    y: placed.map(({ at }) => at),
    base: stays.map((stay) => stay.from),
    x: stays.map((stay) => lengthOfStay(stay) * DAY_MS),
    marker: hatched(stays, colour, view),
    width: 0.55,
    hoverinfo: 'text',
    hovertext: stays.map((stay) => {
      const plays = atLeast(plural(stay.plays, 'play'), stay.at_least);
      return [escaped(songBy(stay)), stayDates(stay), `${plays}, best rank ${stay.peak_rank}`].join(
        '<br>',
      );
    }),
  };
}

/** @type {Chart} */
export const rotationChart = {
  id: 'rotation',
  title: 'Heavy rotation',
  needs: ['heavy_rotation', 'listening_by_day'],
  without: NO_ROTATION,
  wide: true,
  draw(view) {
    const count = view.narrow ? 6 : 12;
    const stays = staysUpTo(view, count);
    const these = `the ${count} months up to ${monthName(view.month)}`;
    if (!stays.length) {
      const words = `No song was in heavy rotation for a week in ${these}.`;
      return { empty: `${words} ${IT_TAKES} Choose another month.` };
    }
    /** @param {Stay[]} line */
    const longest = (line) => sumOf(line, lengthOfStay);
    const all = songLines(stays);
    const lines = [...all]
      .sort((one, other) => longest(other) - longest(one))
      .slice(0, 16)
      .sort((one, other) => (one[0].from < other[0].from ? -1 : 1));
    const best = stays.reduce((most, stay) =>
      lengthOfStay(stay) > lengthOfStay(most) ? stay : most,
    );
    const shown = lines.flat();
    const from = earliest(shown.map((stay) => stay.from));
    const to = latest(shown.map((stay) => stay.to));
    const { quiet, accent } = view.colours;
    const bars = [
      stayBars(view, lines, 'left again', false, quiet),
      stayBars(view, lines, 'lasts to this day', true, accent),
    ].filter((trace) => trace.y.length);
    return {
      data: [
        ...bars,
        ...bars.map(({ name }) => legendEntry(name, name === 'left again' ? quiet : accent)),
      ],
      layout: {
        barmode: 'overlay',
        showlegend: true,
        legend: { y: 1.02, yanchor: 'bottom', traceorder: 'normal' },
        xaxis: { ...dayAxis([from, to], view), showgrid: true },
        yaxis: nameAxis(
          view,
          lines.map(([stay]) => songTitle(stay)),
          lines.map(([stay]) => artistName(stay)),
        ),
      },
      height: 110 + 36 * Math.max(lines.length, 2),
      caption: joinSentences(
        `The longest stay of ${these} is that of ${songBy(best)}:`,
        `${plural(lengthOfStay(best), 'day')} of it,`,
        `with ${atLeast(plural(best.plays, 'play'), best.at_least)} in the whole stay.`,
        all.length === 1 && 'It is the only song.',
        all.length > lines.length && `Drawn are the ${lines.length} songs that stayed longest.`,
        'Stays of less than a week that are over are left out.',
        hatchedMeans(shown, 'so a stay may have been longer'),
      ),
      table: {
        head: ['Song', 'Artist', 'Entered on', 'Left on', 'Days', 'Plays', 'Best rank', ''],
        rows: shown.map((stay) => [
          stay.track_name,
          stay.artist_name,
          stay.entered_on,
          stay.left_on ?? 'lasts',
          daysOf(view, stay),
          stay.plays,
          stay.peak_rank,
          atLeastCell(stay),
        ]),
      },
    };
  },
};
