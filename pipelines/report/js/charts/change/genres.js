// Shares of genres over all months. Genres are not known of every play: captions say of how many.

/** @import { Chart, View } from '../types.js' */
/** @import { Day, Row } from '../../data/tables.js' */
import { monthsBetween } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { monthName } from '../../text/dates.js';
import { escaped, shortened } from '../../text/names.js';
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { legendBelow, legendName } from '../parts/axes.js';
import { barList } from '../parts/bars.js';
import { ADD_FEATURES, ENOUGH, tooLittleKnown, wellKnown } from '../parts/known.js';
import { missingMonths, missingNote, underlinedMeans } from '../parts/missing.js';
import { barsOver, markAcross, monthAxis, stackBorder } from '../parts/months.js';
import { sumOf } from '../parts/rows.js';

const NO_GENRES = `Of no play the genre is known, and Spotify does not tell apps genres any more. ${ADD_FEATURES}`;

const TOO_FEW_GENRES =
  'The genres of less than half of the plays are known, in every month: too few to speak of one. ' +
  'Fetch fuller reference data.';

/** @typedef {(genre: string, month: Day) => number} ShareOf of the plays of a known genre */

/**
 * The genres with the most plays over all months, the largest first.
 * @param {Row<'genres_by_month'>[]} rows
 * @param {number} count
 */
function mainGenres(rows, count) {
  /** @type {Map<string, number>} */
  const plays = new Map();
  for (const { genre, plays: more } of rows) plays.set(genre, (plays.get(genre) ?? 0) + more);
  return [...plays]
    .sort((one, other) => other[1] - one[1])
    .slice(0, count)
    .map(([genre]) => genre);
}

/**
 * A stream lies around its middle: half of what a month has of these genres is above, half below.
 * @param {View} view
 * @param {Day[]} months
 * @param {string[]} genres
 * @param {ShareOf} shareOf
 */
function streamTraces(view, months, genres, shareOf) {
  const heights = months.map((month) => sumOf(genres, (genre) => shareOf(genre, month)));
  const bed = {
    type: 'scatter',
    mode: 'lines',
    stackgroup: 'stream',
    x: months,
    y: heights.map((height) => 1 - height / 2),
    line: { width: 0 },
    fillcolor: 'rgba(0, 0, 0, 0)',
    hoverinfo: 'skip',
    showlegend: false,
  };
  return [
    bed,
    ...genres.map((genre, at) => {
      const colour = view.colours.series[at];
      return {
        type: 'scatter',
        mode: 'lines',
        stackgroup: 'stream',
        name: nameWithShare(view, genre, shareOf),
        x: months,
        y: months.map((month) => shareOf(genre, month)),
        hoveron: 'points+fills',
        hoverinfo: 'text',
        line: { color: view.colours.paper, width: 1.5 },
        fillcolor: withOpacity(colour, 0.8),
        hovertext: months.map(
          (month) =>
            `${escaped(genre)}, ${monthName(month)}: ${percent(shareOf(genre, month))} ` +
            'of the plays of a known genre',
        ),
      };
    }),
  ];
}

/**
 * Bars of the months that are known, with nothing where one is not.
 * @param {View} view
 * @param {Row<'genres_by_month'>[]} firsts
 * @param {string[]} genres
 * @param {ShareOf} shareOf
 */
function barTraces(view, firsts, genres, shareOf) {
  return genres.map((genre, at) => ({
    ...barsOver(view, firsts, {
      name: nameWithShare(view, genre, shareOf),
      value: (row) => shareOf(genre, row.month),
      text: (row) => `${percent(shareOf(genre, row.month))} ${escaped(genre)}`,
      colour: view.colours.series[at],
    }),
    marker: { color: withOpacity(view.colours.series[at], 0.8), line: stackBorder(view) },
  }));
}

/**
 * A genre in the legend, with its share of the chosen month.
 * @param {View} view
 * @param {string} genre
 * @param {ShareOf} shareOf
 */
function nameWithShare(view, genre, shareOf) {
  return legendName(shortened(genre, 20), percent(shareOf(genre, view.month)));
}

/** @type {Chart} */
export const genresChart = {
  id: 'genres',
  title: 'The flow of genres',
  needs: ['genres_by_month'],
  without: NO_GENRES,
  wide: true,
  draw(view) {
    const told = view.rows('genres_by_month');
    const all = wellKnown(told);
    if (!all.length) return { empty: TOO_FEW_GENRES };
    const months = view.months.filter((month) => all.some((row) => row.month === month));
    const genres = mainGenres(all, 7);
    const shares = new Map(all.map((row) => [`${row.month} ${row.genre}`, row.share]));
    /** @type {ShareOf} */
    const shareOf = (genre, month) => shares.get(`${month} ${genre}`) ?? 0;
    const firsts = all.filter((row) => row.rank === 1);
    const first = told.find((row) => row.rank === 1 && row.month === view.month);
    if (months.length < 2) return fewGenres(view, told);
    // A stream would flow through months of which nothing is known, as if it were.
    const flows = monthsBetween(months[0], lastOf(months)).length === months.length;
    return {
      data: flows
        ? streamTraces(view, months, genres, shareOf)
        : barTraces(view, firsts, genres, shareOf),
      layout: {
        xaxis: monthAxis(view),
        showlegend: true,
        legend: legendBelow({ y: -0.14 }),
        shapes: [...markAcross(view), ...missingMonths(view, firsts)],
        ...(flows
          ? { yaxis: streamAxis(months, genres, shareOf) }
          : { barmode: 'stack', yaxis: { tickformat: '.0%', rangemode: 'tozero' } }),
      },
      height: 360,
      caption: joinSentences(
        genreWords(view, first),
        'The seven most played genres are drawn; a play counts for up to three.',
        flows ? 'The wider, the more plays.' : 'The higher, the more plays.',
        months.length < view.months.length &&
          'Months in which the genres of less than half of the plays are known are left out.',
        underlinedMeans(all, 'so shares may differ'),
      ),
      table: {
        head: ['Month', ...genres],
        rows: months.map((month) => [
          monthName(month),
          ...genres.map((genre) => percent(shareOf(genre, month))),
        ]),
      },
    };
  },
};

/**
 * An axis on which the widest place of the stream just fits.
 * @param {Day[]} months
 * @param {string[]} genres
 * @param {ShareOf} shareOf
 */
function streamAxis(months, genres, shareOf) {
  const widest = Math.max(
    ...months.map((month) => sumOf(genres, (genre) => shareOf(genre, month))),
  );
  return { visible: false, range: [1 - widest * 0.52, 1 + widest * 0.52] };
}

/**
 * What came first in the chosen month.
 * @param {View} view
 * @param {Row<'genres_by_month'>} [first]
 */
function genreWords(view, first) {
  if (!first) return `Of no play in ${monthName(view.month)} the genre is known.`;
  if (first.known_share < ENOUGH) return tooLittleKnown(first, 'The genre');
  const known =
    first.known_share < 1
      ? `of known genre; that is known for ${percent(first.known_share)} of them`
      : 'of the month';
  return joinSentences(
    `In ${monthName(view.month)}, ${first.genre} came first,`,
    `with ${percent(first.share)} of the plays ${known}.`,
  );
}

/**
 * One month has no flow: then a list.
 * @param {View} view
 * @param {Row<'genres_by_month'>[]} all
 */
function fewGenres(view, all) {
  const shown = wellKnown(all)
    .filter((row) => row.month === view.month)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, 10);
  if (!shown.length) {
    const first = all.find((row) => row.rank === 1 && row.month === view.month);
    return { empty: `${genreWords(view, first)} Choose another month.` };
  }
  const entries = shown.map((row) => ({
    name: row.genre,
    value: row.share,
    mark: percent(row.share),
    text: `${escaped(row.genre)}: ${plural(row.plays, 'play')}`,
  }));
  return {
    ...barList(view, entries, { colour: view.colours.accent }),
    caption: joinSentences(genreWords(view, shown[0]), missingNote(shown[0])),
    table: {
      head: ['Genre', 'Plays', 'Share'],
      rows: shown.map((row) => [row.genre, row.plays, percent(row.share)]),
    },
  };
}
