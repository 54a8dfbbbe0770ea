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
          rangemode: 'normal',
          range: [worst + Math.max(1, worst * 0.05), 1 - Math.max(0.5, worst * 0.05)],
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
 * Ranks for an axis: the first, and not more round ones than fit.
 * @param {number} worst
 */
function ranksTo(worst) {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, worst)));
  const step = [size / 10, size / 5, size / 2, size, size * 2, size * 5].find(
    (one) => one >= 1 && worst / one <= 5,
  );
  const round = Math.round(step ?? size);
  const ranks = Array.from({ length: Math.floor(worst / round) }, (_, at) => (at + 1) * round);
  return [...new Set([1, ...ranks])];
}

/** @param {{ month: string }[]} heard */
function hasGap(heard) {
  return heard.some((one, at) => at > 0 && monthAfter(heard[at - 1].month) !== one.month);
}

/** @param {{ rank: number | null }} row */
function rankOf({ rank }) {
  return rank ?? Number.POSITIVE_INFINITY;
}
