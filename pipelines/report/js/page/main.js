// The start of the page: its sections in order, drawn when they come near, and again after a
// change. What is in a section is in the other modules.

/** @import { Figure } from './figure.js' */
import { viewOf } from '../charts/draw.js';
import { SECTIONS } from '../charts/sections.js';
import { MONTHS, rows } from './carried.js';
import { playlistChooser } from './chooser.js';
import { startControls } from './controls.js';
import { byId, element, section } from './dom.js';
import { createFigure } from './figure.js';
import { announce, showMeaning, showPeriod } from './meaning.js';
import { currentOptions, currentState, setPrinting, subscribe, watchScreen } from './state.js';
import { storiesSection } from './stories.js';
import { figuresSection } from './totals.js';

const NOTHING =
  'No play is known yet. Log in and let the collector run for some hours, or import an export of ' +
  'Spotify; then make the report anew.';

/**
 * A section at the top, of words and figures.
 * @typedef {object} TopSection
 * @property {string} id
 * @property {string} title
 * @property {HTMLElement[]} body
 * @property {(view: import('../charts/types.js').View) => void} refresh
 */

/** @type {TopSection[]} */
const top = [];
/** @type {Figure[][]} */
const figuresOfSections = [];

function startPage() {
  const main = byId('main');
  if (MONTHS.length) top.push(storiesSection(), figuresSection());
  else main.append(element('p', { class: 'empty' }, NOTHING));
  const sections = SECTIONS.filter(({ of }) => (of ? rows(of, 'all').length : MONTHS.length));
  for (const { id, title, body } of top) main.append(section(id, title, ...body));
  for (const { id, title, charts, chooser } of sections) {
    const figures = charts.map(createFigure);
    const grid = element('div', { class: 'grid' }, ...figures.map((figure) => figure.element));
    main.append(section(id, title, ...(chooser ? [playlistChooser()] : []), grid));
    figuresOfSections.push(figures);
  }
  if (!sections.length) return;
  main.before(contents([...top, ...sections]));
  showPeriod();
}

/** @param {{ id: string, title: string }[]} titles */
function contents(titles) {
  const links = titles.map(({ id, title }) =>
    element('li', {}, element('a', { href: `#${id}` }, title)),
  );
  return element(
    'nav',
    { class: 'contents', 'aria-label': 'Contents' },
    element('ol', {}, ...links),
  );
}

function refreshAll() {
  const view = viewOf(rows, currentOptions());
  for (const one of top) one.refresh(view);
  for (const figure of figuresOfSections.flat()) figure.refresh();
  for (const figures of figuresOfSections) shortenReasons(figures);
  paintAll((figure) => figure.isNear);
}

/** @param {(figure: Figure) => boolean} which */
function paintAll(which) {
  for (const figure of figuresOfSections.flat()) if (which(figure)) figure.paint();
}

/**
 * A section says only once why there is nothing.
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

/** Draw each chart when it comes near. */
function watchScrolling() {
  const byElement = new Map(
    figuresOfSections.flat().map((figure) => [/** @type {Element} */ (figure.element), figure]),
  );
  const observer = new IntersectionObserver(
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

/** On paper all charts are drawn, in light colours and as wide as the sheet. */
function startPrinting() {
  /** @param {boolean} now */
  const print = (now) => {
    setPrinting(now);
    document.documentElement.classList.toggle('printing', now);
    document.documentElement.dataset.theme = now ? 'light' : currentState().theme;
    refreshAll();
    if (now) paintAll(() => true);
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
}

startControls();
startPage();
showMeaning();
refreshAll();
watchScrolling();
subscribe(refreshAll);
subscribe(showMeaning);
subscribe(announce);
watchScreen(refreshAll);
startPrinting();
