// Minutes of each context in the chosen month. All months are in contexts.js.

/** @import { Chart, View } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { atLeast, duration, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { hatched, hatchedMeans } from '../parts/missing.js';
import { emptyMonthWords, sumOf } from '../parts/rows.js';

/** @type {Chart} */
export const contextsMonthChart = {
  id: 'contexts-month',
  title: 'The month’s contexts',
  needs: ['contexts_by_month'],
  draw(view) {
    const now = contextsOfMonth(view);
    if (!now.length) return { empty: emptyMonthWords(view) };
    const [first] = now;
    const sure = sumOf(now, (row) => row.avg_confidence * row.share);
    const colours = now.map((row) => view.colours.contexts[row.context]);
    return {
      caption: joinSentences(
        `${first.share > 0.5 ? 'Most' : 'The largest part'} of ${monthName(view.month)} was`,
        `${first.context}:`,
        `${atLeast(duration(first.minutes), first.at_least)},`,
        `with ${plural(first.sessions, 'session')} of that context.`,
        `The labels of the month’s minutes have a confidence of ${percent(sure)} on average.`,
        hatchedMeans(now),
      ),
      height: 60 + 34 * now.length,
      data: [
        {
          type: 'bar',
          orientation: 'h',
          y: now.map((row) => row.context),
          x: now.map((row) => row.minutes / 60),
          marker: hatched(now, colours, view),
          text: now.map((row) => ` ${duration(row.minutes)}, ${percent(row.share)} `),
          textposition: 'outside',
          cliponaxis: false,
          hovertemplate: '%{y}: %{x:,.1f} hours<extra></extra>',
        },
      ],
      layout: {
        bargap: 0.35,
        yaxis: {
          autorange: 'reversed',
          type: 'category',
          showgrid: false,
          ticks: '',
          ticksuffix: ' ',
        },
        xaxis: { visible: false, range: [0, (first.minutes / 60) * (view.narrow ? 1.75 : 1.4)] },
      },
      table: {
        head: ['Context', 'Minutes', 'Share', 'Plays', 'Sessions', 'Mean confidence'],
        rows: now.map((row) => [
          row.context,
          row.minutes,
          percent(row.share),
          row.plays,
          row.sessions,
          row.avg_confidence,
        ]),
      },
    };
  },
};

/**
 * The contexts of the chosen month, that of most minutes first.
 * @param {View} view
 */
export function contextsOfMonth(view) {
  return view
    .rows('contexts_by_month')
    .filter((row) => row.month === view.month)
    .sort((a, b) => b.minutes - a.minutes);
}
