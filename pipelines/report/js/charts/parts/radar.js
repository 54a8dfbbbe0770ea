// Radar charts: one spoke for each measure. What is measured is for the chart that uses them.

/** @import { Layout, Spoke, View } from '../types.js' */
import { withOpacity } from '../colours.js';

/**
 * One line of a radar, closed: its last point joins its first.
 * @param {string} name
 * @param {Spoke[]} spokes
 * @param {string} colour
 * @param {{ dash?: string, filled?: boolean }} [look]
 */
export function radarLine(name, spokes, colour, { dash, filled } = {}) {
  const closed = [...spokes, spokes[0]];
  return {
    type: 'scatterpolar',
    mode: 'lines+markers',
    name,
    r: closed.map((spoke) => spoke.r),
    theta: closed.map((spoke) => spoke.name),
    line: { color: colour, width: 2, dash },
    marker: { color: colour, size: dash ? 4 : 6 },
    fill: filled ? 'toself' : 'none',
    fillcolor: withOpacity(colour, 0.14),
    hoverinfo: 'text',
    hovertext: closed.map((spoke) => spoke.text),
  };
}

/**
 * The layout of a radar; radial is what its axis has of its own.
 * @param {View} view
 * @param {Layout} radial
 */
export function radarLayout(view, radial) {
  const { grid, faint, ink } = view.colours;
  return {
    showlegend: true,
    legend: { orientation: 'h', x: 0.5, xanchor: 'center', y: -0.1, yanchor: 'top' },
    margin: { l: view.narrow ? 64 : 90, r: view.narrow ? 64 : 90, t: 40, b: 30 },
    polar: {
      bgcolor: 'rgba(0, 0, 0, 0)',
      radialaxis: {
        range: [0, 1.02],
        gridcolor: grid,
        linecolor: grid,
        tickvals: [0.25, 0.5, 0.75, 1],
        tickfont: { color: faint, size: 10 },
        showline: false,
        ticks: '',
        // Plotly turns ticks with their axis: turned back by as much, they are level.
        angle: 64,
        tickangle: 64,
        ...radial,
      },
      angularaxis: {
        gridcolor: grid,
        linecolor: grid,
        rotation: 90,
        direction: 'clockwise',
        ticks: '',
        tickfont: { color: ink },
      },
    },
  };
}
