// Groups of people whose songs sound alike. Which they are is for clusters.py; that there are none
// is an answer.

/** @import { Chart, View } from '../types.js' */
import { number } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { diverging, whyNoMap } from './components.js';
import { signed } from './lines.js';
import { sizeCell } from './profile.js';

/**
 * The groups, the largest first; none where everybody is one.
 * @param {View} view
 */
export function groupsOf(view) {
  return view
    .rows('survey_clusters')
    .filter((row) => row.cluster > 0)
    .sort((one, other) => one.cluster - other.cluster);
}

/**
 * Why there are groups, or none.
 * @param {View} view
 */
export function outcomeOf(view) {
  const [row] = view.rows('survey_clusters');
  return row ? row.outcome : whyNoMap(view);
}

/** @type {Chart} */
export const groupsChart = {
  id: 'groups-sound',
  title: 'How the groups sound',
  needs: [],
  wide: true,
  draw(view) {
    const groups = groupsOf(view);
    if (!groups[0]?.centre.length) return { empty: 'There are no groups to compare.' };
    const features = groups[0].centre.map((one) => one.feature);
    const names = groups.map((row) => `${row.cluster}`);
    return {
      data: [
        {
          type: 'heatmap',
          x: names,
          y: features,
          z: features.map((_, at) => groups.map((row) => row.centre[at].value)),
          zmin: -1.5,
          zmax: 1.5,
          colorscale: diverging(view),
          showscale: false,
          xgap: 3,
          ygap: 3,
          texttemplate: '%{text}',
          text: features.map((_, at) => groups.map((row) => signed(row.centre[at].value))),
          textfont: { color: view.colours.ink },
          hoverinfo: 'skip',
        },
      ],
      layout: {
        xaxis: { type: 'category', showgrid: false, ticks: '', title: { text: 'group' } },
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
        'Means of each group, in standard deviations from the mean of everybody: above 0 is more of it.',
        groups[0].stability !== null &&
          'Stability is how much of a group comes together again when people are drawn anew: ' +
            `${groups.map((row) => number(row.stability, 2)).join(', ')}.`,
      ),
      table: {
        head: ['Group', 'Name', 'People', 'Stability', ...features],
        rows: groups.map((row) => [
          row.cluster,
          row.name,
          sizeCell(row),
          row.stability,
          ...row.centre.map((one) => one.value),
        ]),
      },
    };
  },
};

/**
 * How well the groups are apart, in words; '' where there are none.
 * @param {View} view
 */
export function apartWords(view) {
  const [row] = view.rows('survey_clusters');
  if (!groupsOf(view).length || row.silhouette === null || row.silhouette_by_chance === null)
    return '';
  return (
    `How well groups are apart is ${number(row.silhouette, 2)} on a scale from -1 to 1; in 95 of 100 ` +
    `groups of people made up at random it is less than ${number(row.silhouette_by_chance, 2)}.`
  );
}
