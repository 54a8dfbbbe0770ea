// How often one artist or song was played, month by month.

/** @import { Chart } from '../types.js' */
import { DAY_MS } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { atLeast, duration, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { countAxis } from '../parts/axes.js';
import { atLeastCell, hatched } from '../parts/missing.js';
import { overMonths } from '../parts/months.js';

/** @type {Chart} */
export const itemPlaysChart = {
  id: 'item-plays',
  title: 'Plays by month',
  needs: ['item_months'],
  wide: true,
  draw(view) {
    const months = view.rows('item_months');
    const most = months.reduce((best, one) => (one.plays > best.plays ? one : best));
    const silent = months.filter((one) => !one.plays).length;
    return {
      caption: joinSentences(
        `Most in ${monthName(most.month)}: ${atLeast(plural(most.plays, 'play'), most.at_least)}.`,
        silent > 0 && `Not heard in ${plural(silent, 'month')} since the first.`,
        months.some((one) => one.at_least) && 'Hatched: plays may be missing.',
      ),
      height: 240,
      data: [
        {
          type: 'bar',
          x: months.map((one) => one.month),
          y: months.map((one) => one.plays),
          width: 24 * DAY_MS,
          marker: hatched(months, view.colours.accent, view),
          hoverinfo: 'text',
          hovertext: months.map(
            (one) =>
              `${monthName(one.month)}: ${atLeast(plural(one.plays, 'play'), one.at_least)}, ${duration(one.minutes)}`,
          ),
        },
      ],
      layout: overMonths(view, countAxis(most.plays, 'plays'), { showlegend: false }),
      table: {
        head: ['Month', 'Plays', 'Minutes', 'Rank', ''],
        rows: months.map((one) => [
          monthName(one.month),
          one.plays,
          one.minutes,
          one.rank,
          atLeastCell(one),
        ]),
      },
    };
  },
};
