// New and known songs of each month. Other habits are in discovery.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { dayName, monthName } from '../../text/dates.js';
import { number, partOf, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { countAxis, legendEntry, legendName } from '../parts/axes.js';
import { knownDaysWords, markedIfCut } from '../parts/cut.js';
import { atLeastCell } from '../parts/missing.js';
import { barsOver, overMonths } from '../parts/months.js';
import { rowOfMonth } from '../parts/rows.js';

/** @type {Chart} */
export const newAndFamiliarChart = {
  id: 'new-and-familiar',
  title: 'New songs, and those you knew',
  needs: ['discovery_by_month'],
  wide: true,
  draw(view) {
    const months = view.rows('discovery_by_month');
    const marked = markedIfCut(view, months);
    const row = rowOfMonth(view, 'discovery_by_month');
    const { accent, quiet } = view.colours;
    /** @param {Row<'discovery_by_month'>} one */
    const known = (one) => one.tracks - one.new_tracks;
    const most = Math.max(...months.map((one) => one.tracks));
    const start = months[0].history_starts_on;
    /**
     * @param {string} name
     * @param {(one: Row<'discovery_by_month'>) => number} value
     */
    const withNumber = (name, value) => (row ? legendName(name, number(value(row))) : name);
    const bars = [
      barsOver(view, marked, {
        name: withNumber('heard before', known),
        value: known,
        colour: quiet,
        text: (one) => `${plural(known(one), 'song')} heard before`,
      }),
      barsOver(view, marked, {
        name: withNumber('heard for the first time', (one) => one.new_tracks),
        value: (one) => one.new_tracks,
        colour: accent,
        text: (one) =>
          `${plural(one.new_tracks, 'song')} and ${plural(one.new_artists, 'artist')} ` +
          'for the first time',
      }),
    ];
    return {
      data: [
        ...bars.map((trace) => ({ ...trace, showlegend: false })),
        ...bars.map(({ name }, at) => legendEntry(name, [quiet, accent][at])),
      ],
      layout: overMonths(view, countAxis(most, 'songs'), {
        barmode: 'stack',
        showlegend: true,
      }),
      caption: joinSentences(
        row ? newInWords(row) : `No music is known in ${monthName(view.month)}.`,
        `Nothing is known before ${dayName(start)}: at first everything is new.`,
        row && knownDaysWords(view),
        marked.some((one) => one.at_least) &&
          'Hatched: plays may be missing, or not all days are known, so it is at least that much.',
      ),
      table: {
        head: [
          'Month',
          'Songs',
          'New songs',
          'Artists',
          'New artists',
          'Share of plays by new artists',
          '',
        ],
        rows: months.map((one) => [
          monthName(one.month),
          one.tracks,
          one.new_tracks,
          one.artists,
          one.new_artists,
          percent(one.new_artist_share),
          atLeastCell(one),
        ]),
      },
    };
  },
};

/** @param {Row<'discovery_by_month'>} row */
function newInWords(row) {
  const songs = partOf(row.new_tracks, row.tracks, 'song');
  const artists = partOf(row.new_artists, row.artists, 'artist');
  return `New to you in ${monthName(row.month)}: ${songs} and ${artists}.`;
}
