// Of how many songs anything is known, of everybody and by subject.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { shortened } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { legendBelow } from '../parts/axes.js';
import { choiceOf, sizeCell, sizeOf, whyNothing } from './profile.js';

/** @typedef {Row<'survey_coverage'>} Coverage */

/** @type {{ key: 'matched' | 'with_features' | 'with_genres', name: string }[]} */
const KINDS = [
  { key: 'matched', name: 'recognised' },
  { key: 'with_features', name: 'with audio features' },
  { key: 'with_genres', name: 'with genres' },
];

/**
 * How many people can be compared.
 * @param {Coverage} row
 */
export function comparedOf(row) {
  return { people: row.people_compared, at_least: row.compared_at_least };
}

/** @type {Chart} */
export const coverageChart = {
  id: 'survey-coverage',
  title: 'How many songs are known',
  needs: [],
  wide: true,
  draw(view) {
    const { k } = choiceOf(view);
    const all = view.rows('survey_coverage');
    const everybody = all.find((row) => !row.major);
    if (everybody?.matched == null) return { empty: whyNothing(view) };
    const subjects = all.filter((row) => row.major);
    const shown = [everybody, ...subjects.filter((row) => row.matched !== null)];
    const hidden = subjects.filter((row) => row.matched === null).length;
    const { accent, second, third, ink } = view.colours;
    const colours = [accent, second, third];
    const symbols = ['circle', 'diamond', 'square'];
    const names = shown.map((row) => row.major || 'everybody');
    return {
      data: KINDS.map(({ key, name }, at) => ({
        type: 'scatter',
        mode: 'markers',
        name,
        x: shown.map((row) => row[key]),
        y: names.map((_, place) => place),
        marker: { size: 11, color: colours[at], symbol: symbols[at] },
        hoverinfo: 'text',
        hovertext: shown.map((row) => `${name}: ${percent(row[key])}`),
        cliponaxis: false,
      })),
      layout: {
        showlegend: true,
        legend: legendBelow({ y: 1, yanchor: 'bottom' }),
        xaxis: { range: [0, 1.02], tickformat: '.0%', zeroline: false },
        yaxis: {
          tickvals: names.map((_, at) => at),
          ticktext: names.map((name) => `${shortened(name, view.narrow ? 16 : 30)} `),
          range: [names.length - 0.5, -0.5],
          zeroline: false,
          ticks: '',
          tickfont: { color: ink },
        },
      },
      height: 130 + 34 * names.length,
      caption: joinSentences(
        everybody.songs !== null &&
          `Of ${plural(everybody.songs, 'song')}, ${percent(everybody.matched)} are recognised,`,
        `${percent(everybody.with_features)} have audio features and ${percent(everybody.with_genres)} genres in the reference data.`,
        'Songs that it lacks are no chance sample: they are new, rare or in fewer languages.',
        everybody.people_compared !== null &&
          `Of ${sizeOf(comparedOf(everybody))} enough are known to compare them by sound.`,
        `A share in which fewer than ${k} people make the difference is rounded down to a multiple of 5 %.`,
        hidden > 0 &&
          `${plural(hidden, 'subject is', 'subjects are')} left out: fewer than ${k} people, or it would follow.`,
      ),
      table: {
        head: ['Subject', 'People', 'Songs', 'Recognised', 'Features', 'Genres', 'Compared'],
        rows: all.map((row) => [
          row.major || 'everybody',
          row.people === null ? 'not told' : number(row.people),
          row.songs,
          row.matched === null ? null : percent(row.matched),
          row.with_features === null ? null : percent(row.with_features),
          row.with_genres === null ? null : percent(row.with_genres),
          sizeCell(comparedOf(row)),
        ]),
      },
    };
  },
};
