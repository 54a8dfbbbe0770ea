// The share of plays that were skipped. Only exports know it, so months without one are left out.

/** @import { Chart } from '../types.js' */
import { DAY_MS } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { monthAxis, monthColours } from '../parts/months.js';
import { emptyMonthWords, rowOfMonth } from '../parts/rows.js';

/** @type {Chart} */
export const skipsChart = {
  id: 'skips',
  title: 'Skips',
  needs: ['listening_by_month'],
  draw(view) {
    const months = view.rows('listening_by_month');
    const known = months.filter((row) => row.skip_share !== null);
    if (!known.length) {
      return {
        empty: joinSentences(
          'Only Spotify’s export tells what was skipped.',
          'Ask Spotify for your extended streaming history, and import it when it comes.',
        ),
      };
    }
    const row = rowOfMonth(view, 'listening_by_month');
    const share = row?.skip_share ?? null;
    const unknown =
      row?.coverage === null
        ? emptyMonthWords(view)
        : `No export tells of ${monthName(view.month)}: its skips are not known.`;
    return {
      caption: joinSentences(
        share === null
          ? unknown
          : `Of the plays of music in ${monthName(view.month)} of which an export tells, ` +
              `${percent(share)} were skipped.`,
        `Skips are known for ${known.length} of ${plural(months.length, 'month')}.`,
      ),
      data: [
        {
          type: 'bar',
          x: known.map((one) => one.month),
          y: known.map((one) => one.skip_share),
          width: 22 * DAY_MS,
          marker: { color: monthColours(known, view.colours.third, view) },
          hovertemplate: '%{x|%B %Y}: %{y:.0%} skipped<extra></extra>',
        },
      ],
      layout: {
        yaxis: { tickformat: '.0%', title: { text: 'of the plays' }, rangemode: 'tozero' },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Skipped', 'Share', 'Plays of less than 30 seconds'],
        rows: months.map((one) => [
          monthName(one.month),
          one.skips,
          percent(one.skip_share),
          one.short_plays,
        ]),
      },
    };
  },
};
