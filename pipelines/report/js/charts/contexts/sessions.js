// How long the sessions of a month are. A session's context is decided before it gets here.

/** @import { Chart } from '../types.js' */
/** @import { Row } from '../../data/tables.js' */
import { lastOf } from '../../data/lists.js';
import { monthName } from '../../text/dates.js';
import { duration, plural } from '../../text/numbers.js';
import { emptyMonthWords, sumOf } from '../parts/rows.js';
import { CONTEXT_ORDER } from './order.js';

/**
 * In minutes: from, to, and the label.
 * @type {[number, number, string][]}
 */
const LENGTHS = [
  [0, 15, '< 15 min'],
  [15, 30, '15–30'],
  [30, 60, '30–60'],
  [60, 120, '1–2 h'],
  [120, 240, '2–4 h'],
  [240, Infinity, '4 h +'],
];

/**
 * What is usual among sessions: the median, unless there are too few to speak of one.
 * @param {Row<'sessions'>[]} sessions
 */
function lengthsInWords(sessions) {
  const lengths = sessions.map((row) => row.minutes).sort((one, other) => one - other);
  const longest = duration(lastOf(lengths));
  if (lengths.length < 3) return `the longest had ${longest} of listening`;
  const [below, above] = [Math.floor, Math.ceil].map(
    (round) => lengths[round((lengths.length - 1) / 2)],
  );
  return `${duration((below + above) / 2)} of listening in the median, ${longest} in the longest`;
}

/** @type {Chart} */
export const sessionsChart = {
  id: 'sessions',
  title: 'How long sessions last',
  needs: ['sessions'],
  draw(view) {
    const now = view
      .rows('sessions')
      .filter(
        (row) =>
          row.local_date.slice(0, 7) === view.month.slice(0, 7) &&
          (row.mine || view.scope === 'all'),
      );
    if (!now.length) return { empty: emptyMonthWords(view) };
    const when = monthName(view.month) + (view.scope === 'mine' ? ' and were mostly yours' : '');
    const present = CONTEXT_ORDER.filter((name) => now.some((row) => row.context === name));
    /**
     * @param {string} name
     * @param {[number, number, string]} bin
     */
    const count = (name, [from, to]) =>
      now.filter((row) => row.context === name && row.minutes >= from && row.minutes < to).length;
    return {
      caption: `${plural(now.length, 'session')} began in ${when}: ${lengthsInWords(now)}.`,
      data: present.map((name) => ({
        type: 'bar',
        name,
        x: LENGTHS.map((bin) => bin[2]),
        y: LENGTHS.map((bin) => count(name, bin)),
        marker: {
          color: view.colours.contexts[name],
          line: { color: view.colours.paper, width: 1 },
        },
        hovertemplate: `%{x}: %{y} of ${name}<extra></extra>`,
      })),
      layout: {
        barmode: 'stack',
        bargap: 0.25,
        showlegend: true,
        legend: { y: -0.16, traceorder: 'normal' },
        yaxis: {
          title: { text: 'sessions' },
          rangemode: 'tozero',
          ...(now.length < 8 && { dtick: 1 }),
        },
        xaxis: { type: 'category', showgrid: false, ticks: '' },
      },
      table: {
        head: ['Heard', ...present, 'Together'],
        rows: LENGTHS.map((bin) => {
          const counts = present.map((name) => count(name, bin));
          return [bin[2], ...counts, sumOf(counts, (one) => one)];
        }),
      },
    };
  },
};
