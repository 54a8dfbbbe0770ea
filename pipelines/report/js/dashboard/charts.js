// Charts of the report in a page of the dashboard. Streamlit calls this with what Python packed, and
// again after each change of it or of the theme. How a chart is drawn is in ../charts, what its
// figure looks like in ../page/figure.js.

/** @import { Chart, Options } from '../charts/types.js' */
/** @import { Carried } from '../data/packed.js' */
/** @import { Rows, Scope } from '../data/tables.js' */
/** @import { Figure } from '../page/figure.js' */
/** @import { Component } from './streamlit.js' */
import { DARK, LIGHT } from '../charts/colours.js';
import { monthsOf } from '../charts/draw.js';
import { ITEM_SECTION } from '../charts/item/section.js';
import { monthOf } from '../charts/period.js';
import { playlistsInOrder } from '../charts/playlists/chosen.js';
import { SECTIONS } from '../charts/sections.js';
import { rowsOf } from '../data/unpack.js';
import { element } from '../page/dom.js';
import { createFigure, shortenReasons } from '../page/figure.js';

/**
 * What Python gives.
 * @typedef {object} Given
 * @property {string[]} charts their ids
 * @property {Carried} carried the tables that they read
 * @property {Scope} scope
 * @property {string} period
 * @property {string | null} playlist its id; null is the first
 *
 * @typedef {{ update(given: Given): void, end(): void }} Shown
 */

// Wider than a phone, narrower than a page with a sidebar on a desk.
const NARROW = 600;
const NEAR = '400px';

const CHARTS = new Map(
  [...SECTIONS, ITEM_SECTION].flatMap(({ charts }) => charts).map((chart) => [chart.id, chart]),
);
const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');

/** @type {WeakMap<HTMLElement, Shown>} */
const shownIn = new WeakMap();

/**
 * What Streamlit calls.
 * @param {Component<Given>} component
 */
export default function showCharts({ data, parentElement }) {
  const shown = shownIn.get(parentElement) ?? showIn(parentElement);
  shownIn.set(parentElement, shown);
  shown.update(data);
  return () => {
    shown.end();
    shownIn.delete(parentElement);
  };
}

/**
 * @param {HTMLElement} parent
 * @returns {Shown}
 */
function showIn(parent) {
  const grid = element('div', { class: 'grid' });
  const root = element('div', { class: 'playledger' }, grid);
  parent.append(root);

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
  let width = 0;

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

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const figure = figures.get(target);
        if (!figure) continue;
        figure.isNear = isIntersecting;
        if (isIntersecting) figure.paint();
      }
    },
    // What scrolls is the window on a phone, and on a desk an element of Streamlit's.
    /** @type {any} */ ({ rootMargin: NEAR, scrollMargin: NEAR }),
  );

  function refresh() {
    const { colours } = options();
    root.dataset.theme = colours.dark ? 'dark' : 'light';
    for (const figure of figures.values()) {
      figure.refresh();
      if (figure.isNear) figure.paint();
    }
    shortenReasons([...figures.values()]);
  }

  // The sidebar takes width without the window's becoming less.
  const resized = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    refresh();
  });
  resized.observe(root);

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

  function forget() {
    observer.disconnect();
    for (const figure of figures.values()) figure.end();
    figures.clear();
    grid.replaceChildren();
  }

  return {
    update(other) {
      const isSame = other.charts.join() === given.charts.join();
      if (other.carried !== given.carried) rows = rowsOf(other.carried);
      given = other;
      if (!isSame) place(given.charts);
      width = root.clientWidth;
      refresh();
    },
    end() {
      forget();
      resized.disconnect();
      root.remove();
    },
  };
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
