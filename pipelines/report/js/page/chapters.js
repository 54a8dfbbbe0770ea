// The chapters of a page: their figures are drawn when they come near, and again after a change.
// What a chapter shows is in ../charts, and which there are is for the page.

/** @import { Chart, Options } from '../charts/types.js' */
/** @import { Figure, Lack } from './figure.js' */
import { rows } from './carried.js';
import { element, section } from './dom.js';
import { createFigure, hideEmpty, paintsWhatIsNear, shortenReasons } from './figure.js';
import { setPrinting } from './screen.js';

/** @type {Figure[][]} */
const figuresOfChapters = [];

/**
 * Hide what a folded chapter has nothing to draw of.
 * @type {(() => void)[]}
 */
const settleFolded = [];

/**
 * A chapter with a figure for each of its charts.
 * @param {{ id: string, title: string, charts: Chart[] }} chapter
 * @param {() => Options} options what charts are drawn with now
 * @param {HTMLElement[]} before what stands above them
 */
export function createChapter({ id, title, charts }, options, ...before) {
  const figures = charts.map((chart) => createFigure(chart, rows, options));
  const grid = element('div', { class: 'grid' }, ...figures.map((figure) => figure.element));
  figuresOfChapters.push(figures);
  return section(id, title, ...before, grid);
}

/**
 * A chapter that is folded until somebody opens it, with a line that says what is in it. Charts
 * without data are not in it: what they lack is said elsewhere.
 * @typedef {object} Folded
 * @property {HTMLDetailsElement} element
 * @property {() => Lack[]} lacks its charts without data
 */

/**
 * @param {{ id: string, title: string, charts: Chart[] }} chapter
 * @param {() => Options} options what charts are drawn with now
 * @param {HTMLElement[]} before what stands above them
 * @returns {Folded}
 */
export function createFoldedChapter({ id, title, charts }, options, ...before) {
  const figures = charts.map((chart) => createFigure(chart, rows, options, 'h4'));
  figuresOfChapters.push(figures);
  const gist = element('p', { class: 'gist' });
  const details = element(
    'details',
    { id, class: 'chapter' },
    element('summary', {}, element('h3', { id: `${id}-title`, class: 'title' }, title), gist),
    ...before,
    element('div', { class: 'grid' }, ...figures.map((figure) => figure.element)),
  );
  /** @type {Lack[]} */
  let lacks = [];
  settleFolded.push(() => {
    lacks = hideEmpty(figures);
    const drawn = figures.find((figure) => figure.whyEmpty() === undefined);
    details.hidden = !drawn;
    gist.textContent = firstSentence(drawn?.caption() ?? '');
  });
  return { element: details, lacks: () => lacks };
}

/** @param {string} words */
function firstSentence(words) {
  return words.match(/^.*?[.!?](?=\s+[A-Z“]|$)/)?.[0] ?? words;
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
  for (const settle of settleFolded) settle();
  for (const figures of figuresOfChapters) shortenReasons(figures);
  // Only what is shown by now has a width to be drawn in.
  paintAll((figure) => figure.isNear);
}

/** @param {(figure: Figure) => boolean} which */
function paintAll(which) {
  for (const figure of figuresOfChapters.flat()) if (which(figure)) figure.paint();
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
  const figure = createFigure(chart, rows, options);
  figuresOfChapters.push([figure]);
  figure.refresh();
  byElement.set(figure.element, figure);
  observer?.observe(figure.element);
  return figure;
}

/** Draw each chart when it comes near. */
export function watchScrolling() {
  for (const figure of figuresOfChapters.flat()) byElement.set(figure.element, figure);
  observer = paintsWhatIsNear(byElement, { rootMargin: '400px' });
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
    unfold(now);
    refresh();
    if (now) paintAll(() => true);
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
}

/** @type {HTMLDetailsElement[]} */
let unfolded = [];

/**
 * On paper nothing is folded; afterwards it is as it was.
 * @param {boolean} now
 */
function unfold(now) {
  if (now) {
    unfolded = [...document.querySelectorAll('details.chapter')]
      .map((one) => /** @type {HTMLDetailsElement} */ (one))
      .filter((one) => !one.open);
  }
  for (const one of unfolded) one.open = now;
}
