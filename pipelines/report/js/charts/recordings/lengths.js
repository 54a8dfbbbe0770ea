// How long the songs of a month are. How long people listen is in ../listening.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { legendBelow } from '../parts/axes.js';
import { ENOUGH, knownShareWords, tooLittleKnown } from '../parts/known.js';
import { missingNote } from '../parts/missing.js';
import { emptyMonth, rowOfMonth, sumOf } from '../parts/rows.js';

const WHOLE_MINUTES = [...Array(11).keys()];

/** @param {number} at */
function lengthLabel(at) {
  if (at === 0) return 'less than a minute';
  return at === 10 ? '10 minutes or more' : `${at} to ${at + 1} minutes`;
}

/**
 * 205 as '3:25'.
 * @param {number} seconds
 */
function inMinutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * Of the plays of these months, the shares of each length.
 * @param {Row<'content_by_month'>[]} rows
 */
function byLength(rows) {
  const entries = rows.flatMap((row) => row.lengths);
  const all = sumOf(entries, (entry) => entry.plays);
  return WHOLE_MINUTES.map(
    (at) =>
      sumOf(
        entries.filter((entry) => entry.minutes === at),
        (entry) => entry.plays,
      ) / (all || 1),
  );
}

/** @type {Chart} */
export const lengthsChart = {
  id: 'lengths',
  title: 'Length of songs',
  needs: ['content_by_month'],
  draw(view) {
    const row = rowOfMonth(view, 'content_by_month');
    if (!row) return emptyMonth(view);
    if (row.avg_length_minutes === null) {
      const words = `Of no song in ${monthName(view.month)} the length is known.`;
      return { empty: `${words} Polls tell it, and reference data; exports do not.` };
    }
    const known = sumOf(row.lengths, (entry) => entry.plays) / row.plays;
    if (known < ENOUGH) {
      return { empty: tooLittleKnown({ month: row.month, known_share: known }, 'The length') };
    }
    const [now, ever] = [byLength([row]), byLength(view.rows('content_by_month'))];
    /** @param {number[]} shares */
    const words = (shares) =>
      shares.map((one, at) => `${lengthLabel(at)}: ${percent(one)} of the plays`);
    const seconds = Math.round(row.avg_length_minutes * 60);
    const middles = WHOLE_MINUTES.map((at) => at + 0.5);
    return {
      data: [
        {
          type: 'bar',
          name: monthName(view.month),
          x: middles,
          y: now,
          marker: { color: withOpacity(view.colours.accent, 0.75) },
          hoverinfo: 'text',
          hovertext: words(now),
        },
        {
          type: 'scatter',
          mode: 'markers',
          name: 'all months',
          x: middles,
          y: ever,
          hoverinfo: 'text',
          hovertext: words(ever),
          marker: {
            symbol: 'line-ew',
            size: view.narrow ? 18 : 28,
            line: { color: view.colours.second, width: 3 },
          },
        },
      ],
      layout: {
        bargap: 0.12,
        showlegend: true,
        legend: legendBelow({ y: -0.26 }),
        xaxis: {
          range: [-0.1, 11.1],
          tickvals: WHOLE_MINUTES,
          ticktext: WHOLE_MINUTES.map((at) => (at === 10 ? '10 +' : String(at))),
          showgrid: false,
          title: { text: 'minutes' },
        },
        yaxis: { tickformat: '.0%', rangemode: 'tozero', zeroline: false },
      },
      caption: joinSentences(
        `The songs played in ${monthName(view.month)} are ${inMinutes(seconds)} minutes long on`,
        'average, each counted as often as it was played.',
        knownShareWords(known, 'The length'),
        missingNote(row),
      ),
      table: {
        head: ['Length', monthName(view.month), 'All months'],
        rows: WHOLE_MINUTES.map((at) => [lengthLabel(at), percent(now[at]), percent(ever[at])]),
      },
    };
  },
};
