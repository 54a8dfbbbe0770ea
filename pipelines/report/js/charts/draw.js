// The one way to draw a chart: rows and options in, what Plotly is called with out. Nothing in this
// folder touches a page: the caller does that, and calls Plotly.

/** @import { Day, Rows } from '../data/tables.js' */
/** @import { Chart, Empty, Options, Plot, View } from './types.js' */
import { CONFIG, withDefaults } from './layout.js';

/**
 * What a chart shows, or a sentence where there is nothing to show.
 * @param {Chart} chart
 * @param {Rows} rows
 * @param {Options} options
 * @returns {Plot | Empty}
 */
export function draw(chart, rows, options) {
  const view = viewOf(rows, options);
  if (chart.needs.some((table) => !view.rows(table).length)) {
    return { empty: chart.without ?? nothingKnown(view) };
  }
  const drawing = chart.draw(view);
  if (drawing.empty !== undefined) return drawing;
  const { layout, height = 300, steps } = drawing;
  /** @param {Record<string, unknown>} own */
  const complete = (own) => withDefaults(own, height, options.colours);
  return {
    ...drawing,
    height,
    layout: complete(layout),
    config: CONFIG,
    steps: steps && {
      ...steps,
      draw: (at) => {
        const step = steps.draw(at);
        return { ...step, layout: complete(step.layout) };
      },
    },
  };
}

/**
 * What charts are given.
 * @param {Rows} rows
 * @param {Options} options
 * @returns {View}
 */
export function viewOf(rows, options) {
  return {
    ...options,
    rows: (table, scope = options.scope) => rows(table, scope),
    months: monthsOf(rows),
  };
}

/**
 * Every month that is known, in order.
 * @param {Rows} rows
 * @returns {Day[]}
 */
export function monthsOf(rows) {
  return rows('listening_by_month', 'all').map((row) => row.month);
}

/** @param {View} view */
function nothingKnown(view) {
  if (!view.months.length) return 'No play is known yet. Collect some, or import an export.';
  if (view.scope === 'mine' && !view.rows('listening_by_month').length) {
    return 'All that was heard counts as left out. Switch to all, or label a session otherwise.';
  }
  return 'The tables have nothing to show here yet.';
}
