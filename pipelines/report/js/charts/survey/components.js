// The directions in which people's songs differ: principal components, in words.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { escaped } from '../../text/names.js';
import { percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { blend } from '../colours.js';
import { legendBelow } from '../parts/axes.js';
import { signed } from './lines.js';
import { ofPeople, peopleOf, whyNothing } from './profile.js';

/** @typedef {Row<'music_dna_components'>} Component */

/**
 * The components, the largest first.
 * @param {View} view
 */
export function componentsOf(view) {
  return [...view.rows('music_dna_components')].sort(
    (one, other) => one.component - other.component,
  );
}

/**
 * How many components are kept, and so how many dimensions a map has.
 * @param {View} view
 */
export function keptOf(view) {
  return view.rows('music_dna_components').filter((row) => row.kept).length;
}

/**
 * What lies at the lower end of a component and at the upper one; all words at the upper one where
 * they are not of two ends.
 * @param {string} words
 */
export function endsOf(words) {
  const [, upper, lower] = /^(.*) at one end; (.*) at the other$/.exec(words) ?? [];
  return upper ? { lower, upper } : { lower: '', upper: words };
}

/**
 * Why there is no map, and nothing that follows from it.
 * @param {View} view
 */
export function whyNoMap(view) {
  if (peopleOf(view) === null) return whyNothing(view);
  if (view.rows('music_dna_components').length) {
    return 'No direction in which our songs differ is larger than chance makes it: a map would show noise.';
  }
  return (
    'Reference data knows the sound of too few of these songs to compare people by it. What we like ' +
    'and what we share is told above.'
  );
}

/** @type {Chart} */
export const componentsChart = {
  id: 'components',
  title: 'How much each direction explains',
  needs: [],
  draw(view) {
    const components = componentsOf(view);
    if (!components.length) return { empty: whyNoMap(view) };
    const kept = components.filter((row) => row.kept);
    const names = components.map((row) => `${row.component}`);
    const { accent, paper, second } = view.colours;
    const pale = blend(accent, paper, 0.6);
    return {
      data: [
        {
          type: 'bar',
          name: 'explains',
          x: names,
          y: components.map((row) => row.explained),
          marker: { color: components.map((row) => (row.kept ? accent : pale)) },
          hoverinfo: 'text',
          hovertext: components.map((row) => `${percent(row.explained)}: ${escaped(row.words)}`),
        },
        {
          type: 'scatter',
          mode: 'lines+markers',
          name: 'what chance explains',
          x: names,
          y: components.map((row) => row.explained_by_chance),
          line: { color: second, dash: 'dot', width: 2 },
          marker: { color: second, size: 6 },
          hoverinfo: 'text',
          hovertext: components.map((row) => `by chance ${percent(row.explained_by_chance)}`),
        },
      ],
      layout: {
        bargap: 0.4,
        showlegend: true,
        legend: legendBelow({ y: -0.26 }),
        xaxis: { type: 'category', showgrid: false, title: { text: 'direction' } },
        yaxis: { tickformat: '.0%', rangemode: 'tozero', zeroline: false },
      },
      caption: joinSentences(
        kept.length
          ? `${plural(kept.length, 'direction is', 'directions are')} larger than chance makes them, ` +
              `and ${kept.length === 1 ? 'explains' : 'explain'} ` +
              `${percent(kept.reduce((sum, row) => sum + row.explained, 0))} of the differences ` +
              `${ofPeople(components[0])}.`
          : `No direction is larger than chance makes it: the songs ${ofPeople(components[0])} differ in no common way.`,
        kept.length < components.length && 'Pale: no larger than chance.',
      ),
      table: {
        head: ['Direction', 'Explains', 'By chance', 'Kept', 'Its two ends'],
        rows: components.map((row) => [
          row.component,
          percent(row.explained),
          percent(row.explained_by_chance),
          row.kept ? 'yes' : 'no',
          row.words,
        ]),
      },
    };
  },
};

/** @type {Chart} */
export const loadingsChart = {
  id: 'loadings',
  title: 'What the directions are made of',
  needs: [],
  draw(view) {
    const all = componentsOf(view);
    if (!all.length) return { empty: whyNoMap(view) };
    const kept = all.filter((row) => row.kept);
    const components = (kept.length ? kept : all).slice(0, 3);
    const features = components[0].loadings.map((one) => one.feature);
    const cells = components.map((row) => row.loadings);
    return {
      data: [
        {
          type: 'heatmap',
          x: components.map((row) => `${row.component}`),
          y: features,
          z: features.map((_, at) => cells.map((loadings) => loadings[at].loading)),
          zmin: -1,
          zmax: 1,
          colorscale: diverging(view),
          showscale: false,
          xgap: 3,
          ygap: 3,
          texttemplate: '%{text}',
          text: features.map((_, at) =>
            cells.map(
              (loadings) => `${signed(loadings[at].loading, 2)}${loadings[at].stable ? '' : ' ?'}`,
            ),
          ),
          textfont: { color: view.colours.ink },
          hoverinfo: 'skip',
        },
      ],
      layout: {
        xaxis: { type: 'category', showgrid: false, ticks: '', title: { text: 'direction' } },
        yaxis: {
          type: 'category',
          autorange: 'reversed',
          showgrid: false,
          ticks: '',
          tickfont: { color: view.colours.ink },
        },
      },
      height: 70 + 30 * features.length,
      caption: joinSentences(
        ...components.map((row) => `Direction ${row.component}: ${row.words}.`),
        cells.some((loadings) => loadings.some((one) => !one.stable)) &&
          'With a question mark: which way it points changes when a few people are left out.',
      ),
      table: {
        head: ['Feature', ...components.map((row) => `Direction ${row.component}`)],
        rows: features.map((feature, at) => [
          feature,
          ...cells.map((loadings) => loadings[at].loading),
        ]),
      },
    };
  },
};

/**
 * A scale from less to more, with paper in its middle.
 * @param {View} view
 */
export function diverging(view) {
  const { accent, second, paper } = view.colours;
  return [
    [0, blend(second, paper, 0.25)],
    [0.5, blend(view.colours.grid, paper, 0.3)],
    [1, blend(accent, paper, 0.25)],
  ];
}
