// What came into a playlist and what went, between one reading and the next.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { lastOf } from '../../data/lists.js';
import { dayName } from '../../text/dates.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { dayAxis, legendBelow } from '../parts/axes.js';
import { ofPlaylist, quoted, rowsOfPlaylist } from './chosen.js';

/** @type {Chart} */
export const historyChart = {
  id: 'playlist-history',
  title: 'What came and went',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const readings = playlist.changes;
    if (!readings.length) {
      return {
        empty: `Nothing is known to have come into ${quoted(playlist)} or gone: it takes two readings that differ.`,
      };
    }
    const last = lastOf(readings);
    const { accent, second } = view.colours;
    const days = readings.map((one) => one.read_on);
    /**
     * @param {string} name
     * @param {string} color
     * @param {number[]} items
     * @param {number} side
     */
    const bars = (name, color, items, side) => ({
      type: 'bar',
      name,
      x: days,
      y: items.map((one) => one * side),
      width: 0.8 * 86400000,
      marker: { color },
      hoverinfo: 'text',
      hovertext: items.map((one, at) => `${dayName(days[at])}: ${plural(one, 'item')} ${name}`),
    });
    const rows = rowsOfPlaylist(view.rows('playlist_history'), playlist).sort((one, other) =>
      other.read_on.localeCompare(one.read_on),
    );
    return {
      data: [
        bars(
          'came',
          accent,
          readings.map((one) => one.came),
          1,
        ),
        bars(
          'went',
          second,
          readings.map((one) => one.went),
          -1,
        ),
      ],
      layout: {
        barmode: 'relative',
        showlegend: true,
        legend: legendBelow(),
        xaxis: dayAxis(days, view),
        yaxis: { title: { text: 'items' }, zeroline: true },
      },
      caption: joinSentences(
        `The reading of ${dayName(last.read_on)} found ${plural(last.came, 'item')} in ${quoted(playlist)} that ${last.came === 1 ? 'was' : 'were'} not there before,`,
        `and ${number(last.went)} gone.`,
        'A bar has the day of the reading that found the change.',
        rows.length > 0 && 'The table has the latest changes.',
      ),
      table: {
        head: ['Found on', 'Song', 'Artist', 'What', 'Before', 'After'],
        rows: rows.map((row) => [
          dayName(row.read_on),
          row.track_name,
          row.artist_name,
          changeWords(row),
          row.before,
          row.after,
        ]),
      },
    };
  }),
};

/** @type {Record<string, string>} */
const CHANGES = {
  came: 'came',
  went: 'went',
  more: 'stands there more often',
  fewer: 'less often',
};

/** @param {Row<'playlist_history'>} row */
function changeWords(row) {
  return row.exchanged ? 'the same song under another id' : (CHANGES[row.change] ?? row.change);
}
