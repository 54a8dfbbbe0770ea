// Charts of the report in a page of the dashboard. Streamlit calls this with what Python packed, and
// again after each change of it or of the theme. What is drawn is kept when its page is left: who
// comes back to it does not wait for it again.

/** @import { ChartSet, Given } from './chart-set.js' */
/** @import { Component } from './streamlit.js' */
import { createChartSet } from './chart-set.js';

// Sets that are kept drawn: the pages that somebody goes back and forth between.
const MOST_KEPT = 8;

/** @type {WeakMap<HTMLElement, ChartSet>} */
const shownIn = new WeakMap();

/**
 * The last call of each place: Streamlit may end an earlier one after it.
 * @type {WeakMap<HTMLElement, object>}
 */
const lastCall = new WeakMap();

/**
 * Sets that no page shows now, the one left last at the end.
 * @type {ChartSet[]}
 */
const kept = [];

/**
 * What Streamlit calls.
 * @param {Component<Given>} component
 */
export default function showCharts({ data, parentElement }) {
  const set = shownIn.get(parentElement) ?? enter(parentElement, data);
  set.update(data);
  const call = {};
  lastCall.set(parentElement, call);
  return () => {
    if (lastCall.get(parentElement) !== call) return;
    lastCall.delete(parentElement);
    shownIn.delete(parentElement);
    set.leave();
    kept.push(set);
    if (kept.length > MOST_KEPT) kept.shift()?.end();
  };
}

/**
 * @param {HTMLElement} parent
 * @param {Given} given
 */
function enter(parent, given) {
  const at = kept.findLastIndex((one) => one.isOf(given));
  const set = at < 0 ? createChartSet() : kept.splice(at, 1)[0];
  shownIn.set(parent, set);
  set.enter(parent);
  return set;
}
