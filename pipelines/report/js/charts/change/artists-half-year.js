// Ranks of artists now and six months ago. Month by month they are in ../artists.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { monthAfter } from '../../data/dates.js';
import { monthName, monthShort } from '../../text/dates.js';
import { artistName, escaped, shortened } from '../../text/names.js';
import { joinSentences } from '../../text/sentences.js';
import { artistColours } from '../artists/colours.js';
import { artistKey, firstN, stayedWords, topArtists } from '../artists/top.js';
import { knownDaysWords } from '../parts/cut.js';
import { emptyMonth, rowOfMonth } from '../parts/rows.js';

// Where lines begin that come from below the ten.
const FURTHER = 11.4;

/**
 * An artist's row now, and that of half a year ago.
 * @typedef {object} Climber
 * @property {Row<'top_artists_by_month'>} row
 * @property {Row<'top_artists_by_month'> | undefined} was
 */

/**
 * A line from an artist's rank then to the one now; dotted from below where it was not among the ten.
 * @param {Climber} climber
 * @param {string} colour
 */
function climbLine({ row, was }, colour) {
  const inTen = was && was.rank <= 10;
  const before = was ? `rank ${was.rank}` : 'below rank 30 or not played';
  return {
    type: 'scatter',
    mode: 'lines+markers',
    x: [0, 1],
    y: [inTen ? was.rank : FURTHER, row.rank],
    line: { color: colour, width: inTen ? 2.5 : 1, dash: inTen ? 'solid' : 'dot' },
    marker: { color: colour, size: 7, opacity: [inTen ? 1 : 0, 1] },
    hoverinfo: 'text',
    hovertext: `${escaped(artistName(row))}: ${before} then, ${row.rank} now`,
  };
}

/**
 * The names of artists beside their ranks.
 * @param {View} view
 * @param {Row<'top_artists_by_month'>[]} rows
 * @param {number} x
 */
function ranksBeside(view, rows, x) {
  return rows.map((row) => ({
    ...beside(x, row.rank),
    text: x
      ? `${row.rank}  ${shortened(artistName(row), view.narrow ? 14 : 26)}`
      : `${shortened(artistName(row), view.narrow ? 14 : 26)}  ${row.rank}`,
  }));
}

/**
 * The place of a text to the left of 0 or to the right of 1.
 * @param {number} x
 * @param {number} y
 */
function beside(x, y) {
  return { x, y, xanchor: x ? 'left' : 'right', xshift: x ? 8 : -8, showarrow: false };
}

/** @type {Chart} */
export const artistsHalfYearChart = {
  id: 'artists-half-year',
  title: 'Artists now, and six months ago',
  needs: ['top_artists_by_month'],
  draw(view) {
    if (!rowOfMonth(view, 'top_artists_by_month')) return emptyMonth(view);
    const ago = monthAfter(view.month, -6);
    const [now, then] = [topArtists(view, view.month, 10), topArtists(view, ago, 30)];
    if (!then.length) {
      const words = `No music is known in ${monthName(ago)}, six months before`;
      return { empty: `${words} ${monthName(view.month)}. Choose a later month.` };
    }
    const climbers = now.map((row) => ({
      row,
      was: then.find((one) => artistKey(one) === artistKey(row)),
    }));
    const stayed = climbers.filter(({ was }) => was && was.rank <= 10);
    const colourOf = artistColours(view);
    const font = { color: view.colours.faint };
    const tenThen = then.filter((row) => row.rank <= 10);
    return {
      data: climbers.map((one) => climbLine(one, colourOf(one.row))),
      layout: {
        xaxis: { range: view.narrow ? [-1.7, 2.7] : [-0.95, 1.95], visible: false },
        yaxis: { range: [12, -0.3], visible: false },
        annotations: [
          { ...beside(0, 0), text: `<b>${monthShort(ago)}</b>`, font },
          { ...beside(1, 0), text: `<b>${monthShort(view.month)}</b>`, font },
          { ...beside(0, FURTHER), text: 'further down', font },
          ...ranksBeside(view, tenThen, 0),
          ...ranksBeside(view, now, 1),
        ],
      },
      height: 400,
      caption: joinSentences(
        stayedWords(
          stayed.length,
          now,
          monthName(view.month),
          `the ${firstN(Math.min(then.length, 10))} of ${monthName(ago)}`,
        ),
        (now[0].at_least || then[0].at_least) && 'Plays may be missing, so ranks may differ.',
        knownDaysWords(view, ago),
        knownDaysWords(view),
      ),
      table: {
        head: ['Artist', `Rank in ${monthName(view.month)}`, `Rank in ${monthName(ago)}`],
        rows: climbers.map(({ row, was }) => [
          artistName(row),
          row.rank,
          was?.rank ?? 'below 30 or not played',
        ]),
      },
    };
  },
};
