// Plotly's core without what no chart of ours has: menus, sliders and buttons of its own, pictures,
// selections. It does what `src/core.js` of plotly.js does, which always takes all of them along.

import 'plotly.js/build/plotcss';
import annotations from 'plotly.js/src/components/annotations';
import colorbar from 'plotly.js/src/components/colorbar';
import colorscale from 'plotly.js/src/components/colorscale';
import errorbars from 'plotly.js/src/components/errorbars';
import fx from 'plotly.js/src/components/fx';
import grid from 'plotly.js/src/components/grid';
import legend from 'plotly.js/src/components/legend';
import modebar from 'plotly.js/src/components/modebar';
import shapes from 'plotly.js/src/components/shapes';
import english from 'plotly.js/src/locale-en';
import american from 'plotly.js/src/locale-en-us';
import api from 'plotly.js/src/plot_api';
import { register } from 'plotly.js/src/registry';
import scatter from 'plotly.js/src/traces/scatter';

/**
 * Plotly with the traces of a page.
 * @param {object[]} traces of `plotly.js/lib`; lines and dots are there anyway
 */
export function plotlyWith(traces) {
  // Its own parts call each other by these names.
  register(Object.entries(api).map(([name, fn]) => ({ moduleType: 'apiMethod', name, fn })));
  // A legend asks for shapes, and hovering for legends: in this order.
  const parts = [annotations, shapes, grid, errorbars, colorscale, colorbar, legend, fx, modebar];
  register([scatter, ...parts, ...traces, english, american]);
  return { react: api.react, purge: api.purge };
}
