// Hours of each month, music and spoken word apart. What part was skipped is in skips.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { DAY_MS } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { atLeast, duration } from '../../text/numbers.js';
import { capitalized, joinSentences } from '../../text/sentences.js';
import { knownDaysWords, markedIfCut } from '../parts/cut.js';
import { atLeastCell, hatched } from '../parts/missing.js';
import { monthAxis, monthColours } from '../parts/months.js';
import { emptyMonthWords, rowOfMonth } from '../parts/rows.js';

/** @type {Chart} */
export const monthsChart = {
  id: 'months',
  title: 'Month by month',
  needs: ['listening_by_month'],
  draw(view) {
    const months = view.rows('listening_by_month');
    const row = rowOfMonth(view, 'listening_by_month');
    const marked = markedIfCut(view, months);
    const hasSpoken = months.some((one) => one.spoken_minutes > 0);
    const inMinutes = Math.max(...months.map((one) => one.minutes)) < 180;
    const unit = inMinutes ? 'minutes' : 'hours';
    /**
     * @param {string} name
     * @param {string} colour
     * @param {(row: Row<'listening_by_month'>) => number} minutes
     */
    const part = (name, colour, minutes) => ({
      type: 'bar',
      name,
      x: months.map((one) => one.month),
      y: months.map((one) => minutes(one) / (inMinutes ? 1 : 60)),
      width: 22 * DAY_MS,
      marker: hatched(marked, monthColours(months, colour, view), view),
      hovertemplate: `%{x|%B %Y}: %{y:,.0f} ${unit}<extra>${name}</extra>`,
    });
    return {
      caption: joinSentences(
        row ? minutesInWords(row) : emptyMonthWords(view),
        row && row.minutes > 0 && knownDaysWords(view),
        marked.some((one) => one.at_least) &&
          'Hatched: plays may be missing, or not all days are known, so it is at least that much.',
      ),
      data: [
        part('music', view.colours.accent, (one) => one.minutes - one.spoken_minutes),
        ...(hasSpoken
          ? [part('podcasts and audiobooks', view.colours.second, (one) => one.spoken_minutes)]
          : []),
      ],
      layout: {
        barmode: 'stack',
        showlegend: hasSpoken,
        legend: { y: 1.15, traceorder: 'normal' },
        yaxis: { title: { text: unit } },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Minutes', 'Spoken minutes', 'Plays', 'Minutes a day', '', 'Days known'],
        rows: months.map((one) => [
          monthName(one.month),
          one.minutes,
          one.spoken_minutes,
          one.plays,
          one.minutes_per_day,
          atLeastCell(one),
          one.known_days,
        ]),
      },
    };
  },
};

/** @param {Row<'listening_by_month'>} row */
function minutesInWords(row) {
  const minutes = atLeast(duration(row.minutes), row.at_least);
  const spoken = row.spoken_minutes ? `, ${duration(row.spoken_minutes)} of them spoken` : '';
  return capitalized(`${minutes} in ${monthName(row.month)}${spoken}.`);
}
