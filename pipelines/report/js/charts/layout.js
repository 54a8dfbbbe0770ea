// Plotly's layout and configuration that all charts share: fonts, axes, margins. What only one
// chart needs stays with that chart.

/** @import { Colours, Layout } from './types.js' */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const CONFIG = {
  displayModeBar: false,
  responsive: true,
  doubleClick: false,
  showTips: false,
};

/**
 * A chart's layout in the page's fonts and colours.
 * @param {Layout} layout
 * @param {number} height
 * @param {Colours} colours
 */
export function withDefaults(layout, height, colours) {
  const { ink, faint, grid, paper } = colours;
  const font = { family: FONT, size: 12, color: ink };
  const axis = {
    gridcolor: grid,
    linecolor: grid,
    zerolinecolor: grid,
    tickcolor: grid,
    tickfont: { color: faint },
    title: { font: { color: faint, size: 12 } },
    fixedrange: true,
    automargin: true,
  };
  /** @type {Layout} */
  const base = {
    height,
    autosize: true,
    dragmode: false,
    hovermode: 'closest',
    showlegend: false,
    font,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    separators: '.,',
    margin: { l: 8, r: 8, t: 8, b: 8 },
    legend: { orientation: 'h', y: -0.15, x: 0, itemclick: false, itemdoubleclick: false },
    hoverlabel: { bgcolor: paper, bordercolor: faint, font, align: 'left', namelength: -1 },
  };
  for (const key of ['xaxis', 'yaxis', ...Object.keys(layout)]) {
    if (/^[xy]axis\d*$/.test(key)) base[key] = axis;
  }
  return mergedLayout(base, layout);
}

/**
 * The one layout with the values of the other, at any depth.
 * @param {Layout} base
 * @param {Layout} over
 */
function mergedLayout(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = base[key];
    result[key] = isObject(value) ? mergedLayout(isObject(under) ? under : {}, value) : value;
  }
  return result;
}

/**
 * @param {unknown} value
 * @returns {value is Layout}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
