// The chapters of a page: their figures are drawn when they come near, and again after a change.
// What a chapter shows is in ../charts, and which there are is for the page.

/** @import { Chart, Options } from '../charts/types.js' */
/** @import { Figure } from './figure.js' */
import { element, section } from './dom.js';
import { createFigure } from './figure.js';
import { setPrinting } from './screen.js';

/** @type {Figure[][]} */
const figuresOfChapters = [];

/**
 * A chapter with a figure for each of its charts.
 * @param {{ id: string, title: string, charts: Chart[] }} chapter
 * @param {() => Options} options what charts are drawn with now
 * @param {HTMLElement[]} before what stands above them
 */
export function createChapter({ id, title, charts }, options, ...before) {
  const figures = charts.map((chart) => createFigure(chart, options));
  const grid = element('div', { class: 'grid' }, ...figures.map((figure) => figure.element));
  figuresOfChapters.push(figures);
  return section(id, title, ...before, grid);
}

/** @param {{ id: string, title: string }[]} titles */
export function contents(titles) {
  const links = titles.map(({ id, title }) =>
    element('li', {}, element('a', { href: `#${id}` }, title)),
  );
  return element(
    'nav',
    { class: 'contents', 'aria-label': 'Contents' },
    element('ol', {}, ...links),
  );
}

export function refreshFigures() {
  for (const figure of figuresOfChapters.flat()) figure.refresh();
  for (const figures of figuresOfChapters) shortenReasons(figures);
  paintAll((figure) => figure.isNear);
}

/** @param {(figure: Figure) => boolean} which */
function paintAll(which) {
  for (const figure of figuresOfChapters.flat()) if (which(figure)) figure.paint();
}

/**
 * A chapter says only once why there is nothing.
 * @param {Figure[]} figures
 */
function shortenReasons(figures) {
  const said = new Set();
  for (const figure of figures) {
    const why = figure.whyEmpty();
    if (why === undefined) continue;
    if (said.has(why)) figure.shortenWhyEmpty();
    said.add(why);
  }
}

/** @type {Map<Element, Figure>} */
const byElement = new Map();
/** @type {IntersectionObserver | undefined} */
let observer;

/**
 * A figure that comes after the page was made.
 * @param {Chart} chart
 * @param {() => Options} options
 */
export function addFigure(chart, options) {
  const figure = createFigure(chart, options);
  figuresOfChapters.push([figure]);
  figure.refresh();
  byElement.set(figure.element, figure);
  observer?.observe(figure.element);
  return figure;
}

/** Draw each chart when it comes near. */
export function watchScrolling() {
  for (const figure of figuresOfChapters.flat()) byElement.set(figure.element, figure);
  observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const figure = byElement.get(target);
        if (!figure) continue;
        figure.isNear = isIntersecting;
        if (isIntersecting) figure.paint();
      }
    },
    { rootMargin: '400px' },
  );
  for (const target of byElement.keys()) observer.observe(target);
}

/**
 * On paper all charts are drawn, in light colours and as wide as the sheet.
 * @param {() => void} refresh the whole page
 */
export function startPrinting(refresh) {
  /** @param {boolean} now */
  const print = (now) => {
    setPrinting(now);
    refresh();
    if (now) paintAll(() => true);
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
}
