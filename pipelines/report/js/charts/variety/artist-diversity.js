// How many artists are played, and how evenly. Who they are is in ../artists.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { countAxis, legendName } from '../parts/axes.js';
import { knownDaysWords, markedIfCut } from '../parts/cut.js';
import { atLeastCell } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';
import { rowOfMonth } from '../parts/rows.js';

/** @type {Chart} */
export const artistDiversityChart = {
  id: 'artist-diversity',
  title: 'Artists, and how evenly they are played',
  needs: ['discovery_by_month'],
  draw(view) {
    const months = view.rows('discovery_by_month');
    const marked = markedIfCut(view, months);
    const { accent, second } = view.colours;
    const most = Math.max(...months.map((one) => one.artists));
    const row = rowOfMonth(view, 'discovery_by_month');
    /** @param {Row<'discovery_by_month'>} one */
    const heard = (one) => atLeast(plural(one.artists, 'artist'), one.at_least);
    /** @param {Row<'discovery_by_month'>} one */
    const evenly = (one) =>
      one.artists === 1
        ? 'and no other'
        : `as varied as ${number(one.effective_artists, 1)} artists played equally`;
    return {
      data: [
        lineOver(view, marked, {
          name: row ? legendName('artists heard', number(row.artists)) : 'artists heard',
          colour: accent,
          value: (one) => one.artists,
          text: heard,
        }),
        lineOver(view, marked, {
          name: row
            ? legendName('as varied as so many, played equally', number(row.effective_artists, 1))
            : 'as varied as so many, played equally',
          colour: second,
          dash: 'dot',
          symbol: 'square',
          value: (one) => one.effective_artists,
          text: evenly,
        }),
      ],
      layout: overMonths(view, countAxis(most, 'artists'), { showlegend: true }),
      caption: joinSentences(
        row
          ? `In ${monthName(view.month)}, you heard ${heard(row)}, ${evenly(row)}.`
          : `No music is known in ${monthName(view.month)}.`,
        row && knownDaysWords(view),
        marked.some((one) => one.at_least) &&
          'Hollow: plays may be missing, or not all days are known.',
      ),
      table: {
        head: ['Month', 'Artists', 'As varied as', 'Evenness', 'Plays', ''],
        rows: months.map((one) => [
          monthName(one.month),
          one.artists,
          one.effective_artists,
          one.evenness,
          one.plays,
          atLeastCell(one),
        ]),
      },
    };
  },
};
