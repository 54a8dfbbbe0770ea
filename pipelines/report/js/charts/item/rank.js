// The rank of one artist or song among all of a month, the first on top.

/** @import { Chart } from '../types.js' */
import { monthAfter } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

/** @type {Chart} */
export const itemRankChart = {
  id: 'item-rank',
  title: 'Rank by month',
  needs: ['item_months'],
  draw(view) {
    const heard = view.rows('item_months').filter((one) => one.rank !== null);
    const best = heard.reduce((first, one) => (rankOf(one) < rankOf(first) ? one : first));
    const times = heard.filter((one) => one.rank === best.rank).length;
    const worst = Math.max(...heard.map(rankOf));
    return {
      caption: joinSentences(
        `Best rank: ${number(best.rank)}, ${
          times > 1 ? `in ${plural(times, 'month')}, first` : ''
        } in ${monthName(best.month)}.`.replace('  ', ' '),
        hasGap(heard) && 'A gap is a month without a play.',
        hollowMeans(heard).trim(),
      ),
      height: 240,
      data: [
        lineOver(view, heard, {
          name: 'rank',
          colour: view.colours.accent,
          value: (one) => one.rank,
          text: (one) => `rank ${number(one.rank)}, ${plural(one.plays, 'play')}`,
        }),
      ],
      layout: overMonths(
        view,
        {
          title: { text: 'rank' },
          // From fifth to first is as far as from fiftieth to tenth.
          type: 'log',
          rangemode: 'normal',
          range: [Math.log10(worst * 1.2), Math.log10(0.8)],
          tickvals: ranksTo(worst),
        },
        { showlegend: false },
      ),
      table: {
        head: ['Month', 'Rank', 'Plays'],
        rows: heard.map((one) => [monthName(one.month), one.rank, one.plays]),
      },
    };
  },
};

/**
 * Ranks for an axis: one, two and five, ten, twenty and fifty, and so on.
 * @param {number} worst
 */
function ranksTo(worst) {
  const powers = Array.from({ length: Math.ceil(Math.log10(worst + 1)) }, (_, at) => 10 ** at);
  return powers.flatMap((one) => [one, 2 * one, 5 * one]).filter((one) => one <= worst);
}

/** @param {{ month: string }[]} heard */
function hasGap(heard) {
  return heard.some((one, at) => at > 0 && monthAfter(heard[at - 1].month) !== one.month);
}

/** @param {{ rank: number | null }} row */
function rankOf({ rank }) {
  return rank ?? Number.POSITIVE_INFINITY;
}
