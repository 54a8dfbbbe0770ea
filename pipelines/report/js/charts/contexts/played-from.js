// The playlists, albums and artists from which plays were started. What they were for is in
// contexts.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Row } from '../../data/tables.js' */
import { monthName } from '../../text/dates.js';
import { escaped, shortened } from '../../text/names.js';
import { atLeast, duration, percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { hatched, hatchedMeans } from '../parts/missing.js';
import { emptyMonthWords, sumOf } from '../parts/rows.js';

/** @type {Chart} */
export const playedFromChart = {
  id: 'played-from',
  title: 'Played from',
  needs: ['played_from_by_month'],
  wide: true,
  draw(view) {
    const now = view.rows('played_from_by_month').filter((row) => row.month === view.month);
    if (!now.length) return { empty: emptyMonthWords(view) };
    const places = now.filter((row) => row.played_from_type !== null);
    if (!places.length) {
      return {
        empty: joinSentences(
          `Nothing tells from where the plays of ${monthName(view.month)} were started:`,
          'exports do not say it, and polls only for some plays.',
        ),
      };
    }
    const [first] = places;
    const unknown = sumOf(
      now.filter((row) => row.played_from_type === null),
      (row) => row.share,
    );
    const colours = places.map((row) => placeColour(row, view));
    return {
      caption: joinSentences(
        `${monthName(view.month)}: most came from the ${first.played_from_type} ${placeName(first)},`,
        `${atLeast(duration(first.minutes), first.at_least)}.`,
        unknown > 0 && `For ${percent(unknown)} of the minutes nothing tells it.`,
        hatchedMeans(places),
      ),
      height: 50 + 32 * places.length,
      data: [
        {
          type: 'bar',
          orientation: 'h',
          y: places.map((_, n) => n),
          x: places.map((row) => row.minutes / 60),
          marker: hatched(places, colours, view),
          text: places.map(
            (row) => ` ${duration(row.minutes)} (${escaped(row.played_from_type)}) `,
          ),
          customdata: places.map((row) => escaped(placeName(row))),
          textposition: 'outside',
          cliponaxis: false,
          hovertemplate: '%{customdata}: %{x:,.1f} hours<extra></extra>',
        },
      ],
      layout: {
        bargap: 0.35,
        yaxis: {
          autorange: 'reversed',
          showgrid: false,
          ticks: '',
          ticksuffix: ' ',
          zeroline: false,
          tickvals: places.map((_, n) => n),
          ticktext: places.map((row) => shortened(placeName(row), view.narrow ? 16 : 44)),
        },
        xaxis: { visible: false, range: [0, (first.minutes / 60) * (view.narrow ? 2.4 : 1.3)] },
      },
      table: {
        head: ['Kind', 'Name', 'Minutes', 'Share', 'Plays'],
        rows: now.map((row) => [
          row.played_from_type ?? 'not told',
          row.played_from_name,
          row.minutes,
          percent(row.share),
          row.plays,
        ]),
      },
    };
  },
};

/** @param {Row<'played_from_by_month'>} row */
function placeName(row) {
  return row.played_from_name ?? `${row.played_from_type} without a name`;
}

/**
 * A colour for each kind of place.
 * @param {Row<'played_from_by_month'>} row
 * @param {View} view
 */
function placeColour(row, view) {
  const { accent, second, third, quiet } = view.colours;
  /** @type {Record<string, string>} */
  const colours = { playlist: accent, album: second, artist: third };
  return colours[row.played_from_type ?? ''] ?? quiet;
}
