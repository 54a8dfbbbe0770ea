// Mean popularity of each month. How plays spread around it is in popularity.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { number, percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ADD_FEATURES, ENOUGH, knownShareNote, tooLittleKnown, wellKnown } from '../parts/known.js';
import { hollowMeans } from '../parts/missing.js';
import { lineOver, overMonths } from '../parts/months.js';

export const NO_REFERENCE = `Spotify does not tell new apps how popular music is. ${ADD_FEATURES}`;

/** @type {Chart} */
export const mainstreamChart = {
  id: 'mainstream',
  title: 'How mainstream',
  needs: ['popularity_by_month'],
  draw(view) {
    const all = view.rows('popularity_by_month');
    const row = all.find((one) => one.month === view.month);
    const months = wellKnown(all);
    if (!months.length) return { empty: popularityUnknown(all) };
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
      caption: joinSentences(scoreInWords(row, view), hollowMeans(months)),
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

/**
 * Why no month has a figure: nothing is known, or too little.
 * @param {Row<'popularity_by_month'>[]} all
 */
export function popularityUnknown(all) {
  if (!all.some((row) => row.known_share)) return NO_REFERENCE;
  return (
    'The popularity of less than half of the plays is known, in every month: too few to speak of ' +
    'one. Fetch fuller reference data.'
  );
}

/**
 * @param {Row<'popularity_by_month'> | undefined} row
 * @param {import('../types.js').View} view
 */
function scoreInWords(row, view) {
  if (!row) return `No music is known in ${monthName(view.month)}.`;
  if (row.known_share < ENOUGH) return tooLittleKnown(row, 'The popularity');
  return joinSentences(
    `The plays of ${monthName(row.month)} have a mean popularity`,
    `of ${number(row.mainstream_score)} out of 100;`,
    `${percent(row.hits_share)} of these plays were of hits (75 or more).`,
    knownShareNote(row),
  );
}
