// Whether songs tell the subject any better than guessing: the score, what it goes by, and for whom
// it errs.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { shortened } from '../../text/names.js';
import { number, percent } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { inLines } from './lines.js';
import { choiceOf, peopleOf, whyNothing } from './profile.js';

/**
 * @param {View} view
 * @returns {Row<'major_predictor'> | undefined}
 */
export function predictorOf(view) {
  return view.rows('major_predictor')[0];
}

/**
 * The answer, or why there is none.
 * @param {View} view
 */
export function predictorAnswer(view) {
  const row = predictorOf(view);
  if (row) return row.outcome;
  return peopleOf(view) === null
    ? whyNothing(view)
    : 'It was not tried: it takes forty people, and two subjects of eight each.';
}

const NOTHING_TO_NAME = 'It tells no better than guessing, so there is nothing that it goes by.';

const NOT_TRIED = 'Too few people or subjects: it was not tried.';

/**
 * How often chance did as well.
 * @param {Row<'major_predictor'>} row
 */
function chanceWords(row) {
  if (row.p === null || !row.permutations) return '';
  const times = Math.max(Math.round(row.p * (row.permutations + 1)) - 1, 0);
  const tries = `${number(row.permutations)} tries`;
  const how = times === 0 ? 'in none of' : `in ${number(times)} of`;
  return `With the subjects shuffled among people it was as good ${how} ${tries} (p ${pWords(row.p)}).`;
}

/** @param {number} p */
function pWords(p) {
  return p < 0.001 ? '< 0.001' : `= ${number(p, 3)}`;
}

/** @type {Chart} */
export const scoreChart = {
  id: 'predictor-score',
  title: 'Told right, against guessing',
  needs: [],
  draw(view) {
    const row = predictorOf(view);
    if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
    const { accent, second, quiet, ink } = view.colours;
    const { balanced_accuracy: score, by_guessing: guessed, low, high } = row;
    const colour = row.speaks ? accent : quiet;
    return {
      data: [
        {
          type: 'scatter',
          mode: 'markers',
          x: [score],
          y: [0],
          marker: { size: 14, color: colour },
          error_x: {
            type: 'data',
            symmetric: false,
            array: [(high ?? score) - score],
            arrayminus: [score - (low ?? score)],
            color: colour,
            thickness: 4,
            width: 10,
          },
          hoverinfo: 'text',
          hovertext: [`told right: ${percent(score)}`],
        },
      ],
      layout: {
        xaxis: { range: [-0.03, 1.03], tickformat: '.0%', zeroline: false },
        yaxis: { visible: false, range: [-1, 1.4] },
        shapes:
          guessed === null
            ? []
            : [
                {
                  type: 'line',
                  x0: guessed,
                  x1: guessed,
                  yref: 'paper',
                  y0: 0,
                  y1: 1,
                  line: { color: second, width: 2, dash: 'dot' },
                },
              ],
        annotations: [
          ...(guessed === null
            ? []
            : [
                {
                  x: guessed,
                  y: 1.3,
                  text: `guessing: ${percent(guessed)}`,
                  font: { color: second },
                  showarrow: false,
                  xanchor: guessed > 0.5 ? 'right' : 'left',
                  xshift: guessed > 0.5 ? -6 : 6,
                },
              ]),
          {
            x: score,
            y: 0,
            text: `songs: ${percent(score)}`,
            font: { color: ink },
            showarrow: false,
            yshift: -24,
          },
        ],
      },
      height: 190,
      caption: joinSentences(
        `The mean over subjects of how many were told right is ${percent(score)};`,
        `guessing gets ${percent(guessed)}.`,
        low !== null &&
          high !== null &&
          `With 90 % certainty it is between ${percent(low)} and ${percent(high)}.`,
        chanceWords(row),
      ),
      table: {
        head: ['What', 'Value'],
        rows: [
          ['Told right, mean over subjects', percent(score)],
          ['Lower bound', percent(low)],
          ['Upper bound', percent(high)],
          ['By guessing', percent(guessed)],
          ['p', row.p === null ? null : pWords(row.p).replace('= ', '')],
          ['Shuffled so often', number(row.permutations)],
          ['People', row.people ? number(row.people) : 'hidden'],
          ['Subjects', number(row.classes)],
        ],
      },
    };
  },
};

/** @type {Chart} */
export const importancesChart = {
  id: 'predictor-importances',
  title: 'What it goes by',
  needs: [],
  draw(view) {
    const row = predictorOf(view);
    if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
    if (!row.importances.length) {
      return { empty: NOTHING_TO_NAME };
    }
    const features = [...row.importances].sort((one, other) => other.importance - one.importance);
    const { accent, quiet, ink } = view.colours;
    const [first] = features;
    return {
      data: [
        {
          type: 'bar',
          orientation: 'h',
          y: features.map((one) => `${inLines(one.feature, view.narrow ? 20 : 34)} `),
          x: features.map((one) => one.importance),
          marker: { color: row.speaks ? accent : quiet },
          error_x: {
            type: 'data',
            array: features.map((one) => one.spread),
            color: ink,
            thickness: 1.2,
            width: 4,
          },
          hoverinfo: 'text',
          hovertext: features.map((one) => `${number(100 * one.importance, 1)} points`),
        },
      ],
      layout: {
        bargap: 0.4,
        xaxis: { tickformat: '.0%', zeroline: true },
        yaxis: {
          type: 'category',
          autorange: 'reversed',
          showgrid: false,
          ticks: '',
          tickfont: { color: ink },
        },
      },
      height: 80 + 36 * features.length,
      caption: joinSentences(
        'How many fewer are told right with a feature shuffled, or several that go together, on people it was not fitted to.',
        row.speaks
          ? `Most is lost without ${joinWords(first.feature.split(', '))}.`
          : 'As it tells no better than guessing, these figures are noise.',
      ),
      table: {
        head: ['Feature', 'Points lost', 'Spread'],
        rows: features.map((one) => [one.feature, 100 * one.importance, 100 * one.spread]),
      },
    };
  },
};

/** @type {Chart} */
export const confusionChart = {
  id: 'predictor-confusion',
  title: 'Whom it takes for whom',
  needs: [],
  wide: true,
  draw(view) {
    const row = predictorOf(view);
    if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
    if (!row.confusion.length) return { empty: NOTHING_TO_NAME };
    const { k } = choiceOf(view);
    if (!row.confusion.some((one) => one.people !== null)) {
      return {
        empty: `Some of its cells tell of fewer than ${k} people, and would follow from the others: none is told.`,
      };
    }
    const majors = [...new Set(row.confusion.map((one) => one.major))];
    const told = [...new Set(row.confusion.map((one) => one.told))];
    /**
     * @param {string} major
     * @param {string} as
     */
    const people = (major, as) =>
      row.confusion.find((one) => one.major === major && one.told === as)?.people ?? null;
    const cut = view.narrow ? 12 : 20;
    return {
      data: [
        {
          type: 'heatmap',
          x: told.map((_, at) => at),
          y: majors.map((_, at) => at),
          z: majors.map((major) => told.map((as) => people(major, as) ?? 0)),
          zmin: 0,
          colorscale: view.colours.scale.slice(0, 3).map(([, colour], at) => [at / 2, colour]),
          showscale: false,
          xgap: 3,
          ygap: 3,
          texttemplate: '%{text}',
          text: majors.map((major) =>
            told.map((as) => {
              const one = people(major, as);
              return one === null ? '·' : number(one);
            }),
          ),
          textfont: { color: view.colours.ink },
          hoverinfo: 'skip',
        },
      ],
      layout: {
        xaxis: {
          tickvals: told.map((_, at) => at),
          ticktext: told.map((one) => shortened(one, cut)),
          showgrid: false,
          zeroline: false,
          ticks: '',
          tickangle: view.narrow ? -60 : undefined,
          title: { text: 'told' },
        },
        yaxis: {
          tickvals: majors.map((_, at) => at),
          ticktext: majors.map((one) => `${shortened(one, cut)} `),
          autorange: 'reversed',
          showgrid: false,
          zeroline: false,
          ticks: '',
          tickfont: { color: view.colours.ink },
        },
      },
      height: 110 + 42 * majors.length,
      caption: joinSentences(
        'People by what they study and by what their songs told; nobody is told from what was learnt of them.',
        row.confusion.some((one) => one.people === null) &&
          `A dot: fewer than ${k} people, or a figure from which these would follow.`,
      ),
      table: {
        head: ['Studies', 'Told', 'People'],
        rows: row.confusion.map((one) => [one.major, one.told, one.people ?? 'not told']),
      },
    };
  },
};
