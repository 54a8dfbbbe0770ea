// Shares of contexts over all months. The chosen month alone is in contexts-month.js.

/** @import { Chart } from '../types.js' */
import { DAY_MS, monthsBetween } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { legendName } from '../parts/axes.js';
import { atLeastCell, missingMonths, underlinedMeans } from '../parts/missing.js';
import { markAcross, monthAxis } from '../parts/months.js';
import { emptyMonthWords } from '../parts/rows.js';
import { contextsOfMonth } from './contexts-month.js';
import { CONTEXT_ORDER } from './order.js';

/** @type {Chart} */
export const contextsChart = {
  id: 'contexts',
  title: 'Contexts by month',
  needs: ['contexts_by_month'],
  wide: true,
  draw(view) {
    const all = view.rows('contexts_by_month');
    const present = CONTEXT_ORDER.filter((name) => all.some((row) => row.context === name));
    const months = monthsBetween(all[0].month, lastOf(all).month);
    const share = new Map(all.map((row) => [`${row.month} ${row.context}`, row.share]));
    const now = contextsOfMonth(view);
    const shares = now
      .filter((row) => row.share > 0)
      .slice(0, 3)
      .map((row) => `${percent(row.share)} ${row.context}`);
    const known = view.rows('listening_by_month');
    // An area would slope down to a month of which nothing is known, as if there were less and less.
    const areas =
      months.length > 2 && months.every((month) => all.some((row) => row.month === month));
    /** @param {string} name */
    const area = (name) => ({
      type: 'scatter',
      mode: 'lines',
      stackgroup: 'one',
      line: { width: 1, color: view.colours.paper },
      fillcolor: view.colours.contexts[name],
    });
    /** @param {string} name */
    const bars = (name) => ({
      type: 'bar',
      width: 22 * DAY_MS,
      marker: { color: view.colours.contexts[name] },
    });
    return {
      caption: joinSentences(
        ...(now.length
          ? [
              `Of the minutes heard in ${monthName(view.month)}: ${joinWords(shares)}.`,
              'A context is what evidence makes likely.',
            ]
          : [emptyMonthWords(view)]),
        underlinedMeans(known, 'so shares may be off'),
      ),
      height: view.narrow ? 380 : 340,
      data: present.map((name) => ({
        ...(areas ? area(name) : bars(name)),
        name: legendName(name, percent(share.get(`${view.month} ${name}`) ?? 0)),
        x: months,
        y: months.map((month) => share.get(`${month} ${name}`) ?? 0),
        hovertemplate: `%{x|%B %Y}: %{y:.0%} ${name}<extra></extra>`,
      })),
      layout: {
        barmode: 'stack',
        showlegend: true,
        legend: view.narrow
          ? { y: -0.2, traceorder: 'normal' }
          : { orientation: 'v', x: 1.01, y: 1, xanchor: 'left', traceorder: 'reversed' },
        shapes: [...missingMonths(view, known), ...(months.length > 2 ? markAcross(view) : [])],
        yaxis: { tickformat: '.0%', range: [0, 1], showgrid: false },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Context', 'Share', 'Minutes', 'Sessions', 'Mean confidence', ''],
        rows: all.map((row) => [
          monthName(row.month),
          row.context,
          percent(row.share),
          row.minutes,
          row.sessions,
          row.avg_confidence,
          atLeastCell(row),
        ]),
      },
    };
  },
};
