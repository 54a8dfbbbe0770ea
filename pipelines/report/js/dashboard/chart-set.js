// A set of charts of the report, as a page of the dashboard shows them. It can leave the page and come
// back as it was. How a chart is drawn is in ../charts, what its figure looks like in
// ../page/figure.js; which sets there are is for charts.js.

/** @import { Chart, Options } from '../charts/types.js' */
/** @import { Carried } from '../data/packed.js' */
/** @import { Rows, Scope } from '../data/tables.js' */
/** @import { Figure } from '../page/figure.js' */
import { DARK, LIGHT } from '../charts/colours.js';
import { monthsOf } from '../charts/draw.js';
import { ITEM_SECTION } from '../charts/item/section.js';
import { monthOf } from '../charts/period.js';
import { playlistsInOrder } from '../charts/playlists/chosen.js';
import { SECTIONS } from '../charts/sections.js';
import { rowsOf } from '../data/unpack.js';
import { element } from '../page/dom.js';
import { createFigure, hideEmpty, paintsWhatIsNear } from '../page/figure.js';
import { reasonList } from '../page/unknown.js';

/**
 * What Python gives.
 * @typedef {object} Given
 * @property {string[]} charts their ids
 * @property {Carried} carried the tables that they read
 * @property {Scope} scope
 * @property {string} period
 * @property {string | null} playlist its id; null is the first
 *
 * @typedef {ReturnType<typeof createChartSet>} ChartSet
 */

// Wider than a phone, narrower than a page with a sidebar on a desk.
const NARROW = 600;
const NEAR = '400px';

const CHARTS = new Map(
  [...SECTIONS, ITEM_SECTION].flatMap(({ charts }) => charts).map((chart) => [chart.id, chart]),
);
const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');

/** A set that shows nothing yet, and is nowhere. */
export function createChartSet() {
  const grid = element('div', { class: 'grid' });
  const lacks = reasonList();
  const root = element('div', { class: 'playledger' }, grid, lacks.element);

  /** @type {Given} */
  let given = {
    charts: [],
    carried: { strings: [], tables: {} },
    scope: 'all',
    period: 'all',
    playlist: null,
  };
  /** @type {Rows} */
  let rows = rowsOf(given.carried);
  /** @type {Map<Element, Figure>} */
  const figures = new Map();
  // What is carried, and what it was last drawn with, as text: what is equal is not drawn again.
  let carried = '';
  let drawnWith = '';

  /** @returns {Options} */
  const options = () => ({
    scope: given.scope,
    month: monthOf(given.period, monthsOf(rows)),
    period: given.period,
    playlist: given.playlist ?? playlistsInOrder(rows)[0]?.playlist_id ?? '',
    colours: isDark(root) ? DARK : LIGHT,
    narrow: root.clientWidth <= NARROW,
    still: prefersStill.matches,
  });

  const observer = paintsWhatIsNear(
    figures,
    // What scrolls is the window on a phone, and on a desk an element of Streamlit's.
    /** @type {any} */ ({ rootMargin: NEAR, scrollMargin: NEAR }),
  );

  function refresh() {
    // Streamlit takes away a page that is left before it says so.
    if (!root.isConnected) return;
    const current = options();
    const wanted = JSON.stringify([current, root.clientWidth]);
    if (wanted === drawnWith) return;
    drawnWith = wanted;
    root.dataset.theme = current.colours.dark ? 'dark' : 'light';
    for (const figure of figures.values()) figure.refresh();
    lacks.show(hideEmpty(figures.values()));
    // Only what is shown by now has a width to be drawn in.
    for (const figure of figures.values()) if (figure.isNear) figure.paint();
  }

  // The sidebar takes width without the window's becoming less.
  const resized = new ResizeObserver(refresh);

  /** @param {string[]} ids */
  function place(ids) {
    forget();
    for (const chart of ids.flatMap((id) => CHARTS.get(id) ?? [])) add(chart);
  }

  /** @param {Chart} chart */
  function add(chart) {
    const figure = createFigure(chart, (table, scope) => rows(table, scope), options);
    figures.set(figure.element, figure);
    grid.append(figure.element);
    observer.observe(figure.element);
  }

  // On paper there is no scrolling.
  function paintAll() {
    for (const figure of figures.values()) figure.paint();
  }

  function forget() {
    observer.disconnect();
    for (const figure of figures.values()) figure.end();
    figures.clear();
    grid.replaceChildren();
  }

  return {
    /** @param {Given} other */
    update(other) {
      const isSame = hasSameCharts(other, given);
      const text = JSON.stringify(other.carried);
      if (text !== carried) {
        carried = text;
        rows = rowsOf(other.carried);
        drawnWith = '';
      }
      given = other;
      if (!isSame) {
        place(given.charts);
        drawnWith = '';
      }
      refresh();
    },

    /** @param {Given} other */
    isOf(other) {
      return hasSameCharts(other, given);
    },

    /** @param {HTMLElement} parent */
    enter(parent) {
      parent.append(root);
      resized.observe(root);
      addEventListener('beforeprint', paintAll);
      for (const one of figures.keys()) observer.observe(one);
    },

    /** Be nowhere, but keep what is drawn. */
    leave() {
      observer.disconnect();
      resized.disconnect();
      removeEventListener('beforeprint', paintAll);
      for (const figure of figures.values()) figure.rest();
      root.remove();
    },

    /** Let go of what drawing it took. */
    end: forget,
  };
}

/**
 * @param {Given} one
 * @param {Given} other
 */
function hasSameCharts(one, other) {
  return one.charts.join() === other.charts.join();
}

/**
 * Whether the page behind is darker than grey: Streamlit tells its colours, not which theme it is.
 * @param {HTMLElement} root
 */
function isDark(root) {
  const [red, green, blue] = getComputedStyle(root)
    .backgroundColor.match(/[\d.]+/g)
    ?.map(Number) ?? [255, 255, 255];
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
