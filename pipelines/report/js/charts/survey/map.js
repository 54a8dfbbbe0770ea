// The map of the group's music, in two and in three dimensions. A dot is never one person, but for
// the reader's own place.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, Layout, View } from '../types.js' */
import { shortened } from '../../text/names.js';
import { plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { componentsOf, whyNoMap } from './components.js';
import { choiceOf } from './profile.js';

/**
 * 'more energy … more acousticness' as an axis has it, in lines.
 * @param {string} words
 * @param {number} length of a line
 */
function inLines(words, length) {
  /** @type {string[]} */
  const lines = [''];
  for (const word of words.split(/\s+/)) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length >= length) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.map((line) => shortened(line, length + 12)).join('<br>');
}

/**
 * @param {View} view
 * @param {number} count of axes
 */
function axisWords(view, count) {
  const components = componentsOf(view);
  return Array.from({ length: count }, (_, at) => components[at]?.words ?? 'nothing');
}

/**
 * What a map says of its dots and axes.
 * @param {View} view
 * @param {number} count of axes
 */
function captionOf(view, count) {
  const { k, own } = choiceOf(view);
  const kept = componentsOf(view).filter((row) => row.kept).length;
  return joinSentences(
    `No dot is a person: each stands for ${k} people or more whose songs sound alike, and lies at their mean.`,
    'The larger it is, the more they are.',
    kept === 0 && 'No direction is larger than chance: what is near or far here means little.',
    kept > 0 &&
      kept < count &&
      `Only the first ${kept === 1 ? 'direction is' : `${kept} directions are`} larger than chance.`,
    own?.place && 'The star is your own place, which nobody else is shown.',
    own && !own.place && 'Too few of your songs are known for a place of your own.',
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
      .map((row) => [row.dot, row.people, ...[row.x, row.y, row.z].slice(0, count)]),
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
    const [across, up] = axisWords(view, 2);
    const length = view.narrow ? 34 : 90;
    /** @type {Layout} */
    const axis = { zeroline: true, showgrid: false, showticklabels: false, ticks: '' };
    return {
      data: [
        {
          type: 'scatter',
          mode: 'markers+text',
          x: dots.map((row) => row.x),
          y: dots.map((row) => row.y),
          text: dots.map((row) => `${row.people}`),
          textfont: { color: ink },
          marker: {
            size: sizesOf(dots, view),
            color: withOpacity(accent, 0.35),
            line: { color: accent, width: 1.5 },
          },
          cliponaxis: false,
          hoverinfo: 'text',
          hovertext: dots.map((row) => plural(row.people, 'person', 'people')),
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
        xaxis: { ...axis, title: { text: inLines(across, length) } },
        yaxis: { ...axis, title: { text: inLines(up, view.narrow ? 30 : 60) } },
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
    const words = axisWords(view, 3);
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
          hovertext: dots.map((row) => plural(row.people, 'person', 'people')),
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
