// Shares of albums, singles and compilations over all months. From what a play was started is in
// ../contexts.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { inTenths, percent } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { ENOUGH, knownShareWords, tooLittleKnown } from '../parts/known.js';
import { atLeastCell, underlinedMeans } from '../parts/missing.js';
import { barsOver, sharesOverMonths, stackBorder } from '../parts/months.js';
import { sumOf } from '../parts/rows.js';

/** @typedef {'album_plays' | 'single_plays' | 'compilation_plays'} Release */

/** @type {{ key: Release, name: string }[]} */
const RELEASES = [
  { key: 'album_plays', name: 'albums' },
  { key: 'single_plays', name: 'singles' },
  { key: 'compilation_plays', name: 'compilations' },
];

/**
 * The plays of which it is known on what they were released.
 * @param {Row<'content_by_month'>} row
 */
function releasedPlays(row) {
  return sumOf(RELEASES, ({ key }) => row[key]);
}

/**
 * Tenths where whole percents would not make a hundred.
 * @param {Row<'content_by_month'>} row
 */
function releaseWords(row) {
  const parts = RELEASES.filter(({ key }) => row[key]).map(({ key, name }) => ({
    name,
    share: row[key] / releasedPlays(row),
  }));
  const whole = sumOf(parts, ({ share }) => Math.round(share * 100)) === 100;
  return joinWords(
    parts.map(({ name, share }) => `${whole ? percent(share) : inTenths(share)} are from ${name}`),
  );
}

/** @type {Chart} */
export const releasesChart = {
  id: 'releases',
  title: 'Albums, singles, compilations',
  needs: ['content_by_month'],
  draw(view) {
    const all = view.rows('content_by_month');
    const months = all.filter((row) => row.album_known_share >= ENOUGH);
    const row = all.find((one) => one.month === view.month);
    if (!row?.album_known_share) {
      const words = `Of no song in ${monthName(view.month)} it is known on what it was released.`;
      return { empty: `${words} Polls tell it; exports do not.` };
    }
    const { month, album_known_share: known } = row;
    if (known < ENOUGH) {
      return { empty: tooLittleKnown({ month, known_share: known }, 'The kind of release') };
    }
    const colours = [view.colours.accent, view.colours.second, view.colours.third];
    /**
     * @param {Row<'content_by_month'>} one
     * @param {Release} key
     */
    const share = (one, key) => one[key] / releasedPlays(one);
    return {
      data: RELEASES.map(({ key, name }, at) => ({
        ...barsOver(view, months, {
          name,
          colour: colours[at],
          value: (one) => share(one, key),
          text: (one) => `${percent(share(one, key))} from ${name}`,
        }),
        marker: { color: colours[at], line: stackBorder(view) },
      })),
      layout: sharesOverMonths(view, months),
      caption: joinSentences(
        `Of the plays of ${monthName(view.month)}, ${releaseWords(row)}.`,
        knownShareWords(known, 'The kind of release'),
        underlinedMeans(months, 'so shares may differ'),
      ),
      table: {
        head: ['Month', ...RELEASES.map(({ name }) => `Plays from ${name}`), 'Known of', ''],
        rows: months.map((one) => [
          monthName(one.month),
          ...RELEASES.map(({ key }) => one[key]),
          percent(one.album_known_share),
          atLeastCell(one),
        ]),
      },
    };
  },
};
