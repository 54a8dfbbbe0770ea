// The share of plays that are marked as explicit. Other properties of a recording have their own
// files.

/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { knownShareWords } from '../parts/known.js';
import { atLeastCell, hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

const NOT_KNOWN = 'Of no song it is known whether it is explicit. Polls tell it; exports do not.';

/** @type {Chart} */
export const explicitChart = {
  id: 'explicit',
  title: 'Explicit songs',
  needs: ['content_by_month'],
  draw(view) {
    const months = view.rows('content_by_month').filter((row) => row.explicit_share !== null);
    if (!months.length) return { empty: NOT_KNOWN };
    const row = months.find((one) => one.month === view.month);
    const most = Math.max(...months.map((one) => one.explicit_share ?? 0));
    return {
      data: [
        lineOver(view, months, {
          name: 'explicit',
          colour: view.colours.accent,
          value: (one) => one.explicit_share,
          text: (one) => `${percent(one.explicit_share)} of the plays`,
        }),
      ],
      layout: overMonths(view, { tickformat: '.0%', range: [0, Math.max(most * 1.15, 0.1)] }),
      caption: joinSentences(
        row
          ? `${percent(row.explicit_share)} of the plays of ${monthName(view.month)} ` +
              'are of songs that are marked explicit.'
          : `Of no song in ${monthName(view.month)} it is known whether it is explicit.`,
        row && knownShareWords(row.explicit_known_share, 'The mark'),
        hollowMeans(months),
      ),
      table: {
        head: ['Month', 'Explicit', 'Known of', ''],
        rows: months.map((one) => [
          monthName(one.month),
          percent(one.explicit_share),
          percent(one.explicit_known_share),
          atLeastCell(one),
        ]),
      },
    };
  },
};
