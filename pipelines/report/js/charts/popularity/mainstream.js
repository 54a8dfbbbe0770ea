// Mean popularity of each month. How plays spread around it is in popularity.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { number, percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { knownShareNote } from '../parts/known.js';
import { hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

export const NO_REFERENCE =
  'Spotify does not tell new apps how popular music is. Fetch the reference data, as the README ' +
  'says, and the songs that are in it get their popularity.';

/** @type {Chart} */
export const mainstreamChart = {
  id: 'mainstream',
  title: 'How mainstream',
  needs: ['popularity_by_month'],
  draw(view) {
    const months = view.rows('popularity_by_month').filter((row) => row.mainstream_score !== null);
    if (!months.length) return { empty: NO_REFERENCE };
    const row = months.find((one) => one.month === view.month);
    return {
      data: [
        lineOver(view, months, {
          name: 'mainstream score',
          colour: view.colours.accent,
          value: (one) => one.mainstream_score,
          text: (one) =>
            `${number(one.mainstream_score)} of 100, ` +
            `known for ${percent(one.known_share)} of the plays`,
        }),
      ],
      layout: overMonths(view, { range: [0, 101], title: { text: 'obscure 0 – 100 everybody’s' } }),
      caption: joinSentences(
        row ? scoreInWords(row) : `Of no play in ${monthName(view.month)} the popularity is known.`,
        hollowMeans(months),
      ),
      table: {
        head: ['Month', 'Mainstream score', 'Hits', 'Plays of known popularity'],
        rows: months.map((one) => [
          monthName(one.month),
          one.mainstream_score,
          percent(one.hits_share),
          percent(one.known_share),
        ]),
      },
    };
  },
};

/** @param {Row<'popularity_by_month'>} row */
function scoreInWords(row) {
  return joinSentences(
    `The plays of ${monthName(row.month)} have a mean popularity`,
    `of ${number(row.mainstream_score)} out of 100;`,
    `${percent(row.hits_share)} were hits (75 or more).`,
    knownShareNote(row),
  );
}
