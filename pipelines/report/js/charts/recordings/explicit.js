// The share of plays that are marked as explicit. Other properties of a recording have their own
// files.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ENOUGH, knownShareWords, tooLittleKnown } from '../parts/known.js';
import { atLeastCell, hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

const NOT_KNOWN = 'Of no song it is known whether it is explicit. Polls tell it; exports do not.';

const TOO_LITTLE =
  'Of less than half of the plays it is known whether the song is explicit, in every month: too few ' +
  'to speak of one.';

/**
 * @param {Row<'content_by_month'> | undefined} row
 * @param {View} view
 */
function explicitInWords(row, view) {
  if (!row) return `No music is known in ${monthName(view.month)}.`;
  const { month, explicit_known_share: known } = row;
  if (known < ENOUGH) return tooLittleKnown({ month, known_share: known }, 'The mark');
  return joinSentences(
    `${percent(row.explicit_share)} of the plays of ${monthName(month)}`,
    'are of songs that are marked explicit.',
    knownShareWords(known, 'The mark'),
  );
}

/** @type {Chart} */
export const explicitChart = {
  id: 'explicit',
  title: 'Explicit songs',
  needs: ['content_by_month'],
  draw(view) {
    const all = view.rows('content_by_month');
    if (!all.some((row) => row.explicit_known_share)) return { empty: NOT_KNOWN };
    const months = all.filter((row) => row.explicit_known_share >= ENOUGH);
    if (!months.length) return { empty: TOO_LITTLE };
    const row = all.find((one) => one.month === view.month);
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
      caption: joinSentences(explicitInWords(row, view), hollowMeans(months)),
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
