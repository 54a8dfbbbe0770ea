// The map of the group's music, in two and in three dimensions. A dot is never one person, but for
// the reader's own place.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, Layout, View } from '../types.js' */
import { shortened } from '../../text/names.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { componentsOf, endsOf, keptOf, whyNoMap } from './components.js';
import { inLines } from './lines.js';
import { choiceOf, sizeCell, sizeOf } from './profile.js';

/**
 * In how many directions dots lie apart.
 * @param {View} view
 */
export function dimensionsOf(view) {
  const dots = view.rows('music_dna_map');
  const isUsed = [
    dots.length > 0,
    dots.some((row) => row.y !== 0),
    dots.some((row) => row.z !== 0),
  ];
  return isUsed.lastIndexOf(true) + 1;
}

/**
 * Each axis in words: from what lies at its lower end to what lies at its upper one.
 * @param {View} view
 * @param {number} count of axes
 * @param {number} length of a line
 */
function axisWords(view, count, length) {
  const components = componentsOf(view);
  return Array.from({ length: count }, (_, at) => {
    if (!components[at] || at >= dimensionsOf(view)) return '';
    const { lower, upper } = endsOf(components[at].words);
    if (!lower) return inLines(upper, length);
    const one = `← ${lower}`;
    const other = `${upper} →`;
    const fits = one.length + other.length + 8 <= length;
    if (fits) return `${shortened(one, 200)}${'\u00a0'.repeat(8)}${shortened(other, 200)}`;
    return [one, other].map((words) => inLines(words, length)).join('<br>');
  });
}

/**
 * What a map says of its dots and axes.
 * @param {View} view
 * @param {number} count of axes
 */
function captionOf(view, count) {
  const { k, own } = choiceOf(view);
  const kept = keptOf(view);
  return joinSentences(
    `No dot is a person: each stands for ${k} people or more whose songs sound alike, and lies at their mean.`,
    'The larger it is, the more they are.',
    view.rows('music_dna_map').some((row) => row.at_least) && 'A plus: at least so many.',
    dimensionsOf(view) < 2 && 'Only one direction is larger than chance, so they lie on one line.',
    kept < count &&
      kept < dimensionsOf(view) &&
      `Only the first ${kept === 1 ? 'direction is' : `${kept} directions are`} larger than chance.`,
    own?.place && 'The star is your own place, which nobody else is shown.',
    own && !own.place && 'Of too few of your songs the sound is known for a place of your own.',
    own === null && 'Type your code below to see your own place.',
  );
}

/**
 * @param {View} view
 * @param {number} count of axes
 */
function tableOf(view, count) {
  const names = ['First direction', 'Second', 'Third'].slice(0, count);
  return {
    head: ['Dot', 'People', ...names],
    rows: view
      .rows('music_dna_map')
      .map((row) => [row.dot, sizeCell(row), ...[row.x, row.y, row.z].slice(0, count)]),
  };
}

/** @type {Chart} */
export const mapChart = {
  id: 'map',
  title: 'Where we are',
  needs: [],
  wide: true,
  draw(view) {
    const dots = view.rows('music_dna_map');
    if (!dots.length) return { empty: whyNoMap(view) };
    const { accent, second, ink } = view.colours;
    const { own } = choiceOf(view);
    const place = own?.place;
    const [across] = axisWords(view, 1, view.narrow ? 40 : 110);
    const [, up] = axisWords(view, 2, view.narrow ? 44 : 70);
    /** @type {Layout} */
    const axis = { zeroline: true, showgrid: false, showticklabels: false, ticks: '' };
    return {
      data: [
        {
          type: 'scatter',
          mode: 'markers+text',
          x: dots.map((row) => row.x),
          y: dots.map((row) => row.y),
          text: dots.map((row) => `${row.people}${row.at_least ? '+' : ''}`),
          textfont: { color: ink },
          marker: {
            size: sizesOf(dots, view),
            color: withOpacity(accent, 0.35),
            line: { color: accent, width: 1.5 },
          },
          cliponaxis: false,
          hoverinfo: 'text',
          hovertext: dots.map((row) => sizeOf(row)),
        },
        ...(place
          ? [
              {
                type: 'scatter',
                mode: 'markers+text',
                x: [place[0]],
                y: [place[1]],
                text: ['you'],
                textposition: 'top center',
                textfont: { color: second, size: 14 },
                marker: { symbol: 'star', size: 18, color: second },
                cliponaxis: false,
                hoverinfo: 'text',
                hovertext: ['you'],
              },
            ]
          : []),
      ],
      layout: {
        xaxis: { ...axis, title: { text: across } },
        yaxis: { ...axis, title: { text: up } },
      },
      height: view.narrow ? 420 : 520,
      caption: captionOf(view, 2),
      table: tableOf(view, 2),
    };
  },
};

/** @type {Chart} */
export const mapInSpaceChart = {
  id: 'map-in-space',
  title: 'Where we are, in three dimensions',
  needs: [],
  wide: true,
  draw(view) {
    const dots = view.rows('music_dna_map');
    if (!dots.length) return { empty: whyNoMap(view) };
    const { accent, second, ink, grid, faint, paper } = view.colours;
    const place = choiceOf(view).own?.place;
    const words = axisWords(view, 3, view.narrow ? 18 : 26);
    const axes = ['xaxis', 'yaxis', 'zaxis'].map((name, at) => [
      name,
      {
        title: {
          text: inLines(words[at], view.narrow ? 18 : 26),
          font: { color: faint, size: 11 },
        },
        showticklabels: false,
        showspikes: false,
        gridcolor: grid,
        zerolinecolor: faint,
        linecolor: faint,
        backgroundcolor: paper,
      },
    ]);
    return {
      data: [
        {
          type: 'scatter3d',
          mode: 'markers',
          x: dots.map((row) => row.x),
          y: dots.map((row) => row.y),
          z: dots.map((row) => row.z),
          marker: {
            size: sizesOf(dots, view).map((size) => size / 2),
            color: accent,
            opacity: 0.75,
            line: { color: paper, width: 1 },
          },
          hoverinfo: 'text',
          hovertext: dots.map((row) => sizeOf(row)),
        },
        ...(place
          ? [
              {
                type: 'scatter3d',
                mode: 'markers+text',
                x: [place[0]],
                y: [place[1]],
                z: [place[2]],
                text: ['you'],
                textfont: { color: second, size: 14 },
                marker: { symbol: 'diamond', size: 9, color: second },
                hoverinfo: 'text',
                hovertext: ['you'],
              },
            ]
          : []),
      ],
      layout: {
        dragmode: 'orbit',
        margin: { l: 0, r: 0, t: 0, b: 0 },
        scene: {
          ...Object.fromEntries(axes),
          camera: { eye: { x: 1.5, y: 1.5, z: 0.9 } },
          aspectmode: 'cube',
          bgcolor: 'rgba(0,0,0,0)',
          hoverlabel: { font: { color: ink } },
        },
      },
      height: view.narrow ? 400 : 560,
      caption: joinSentences(captionOf(view, 3), 'Drag it to turn it.'),
      table: tableOf(view, 3),
    };
  },
};

/**
 * Sizes of dots: their areas go with how many people they stand for, and many dots are smaller.
 * @param {Row<'music_dna_map'>[]} dots
 * @param {View} view
 */
function sizesOf(dots, view) {
  const unit = Math.min(view.narrow ? 9 : 14, (view.narrow ? 60 : 110) / Math.sqrt(dots.length));
  return dots.map((row) => Math.min(Math.sqrt(row.people) * unit, 90));
}
