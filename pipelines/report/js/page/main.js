// The start of the page: its cover, then what is heard in the chosen period, then chapters. What is in
// a part is in the other modules.

/** @import { View } from '../charts/types.js' */
import { viewOf } from '../charts/draw.js';
import { SECTIONS } from '../charts/sections.js';
import { readAddress, writeAddress } from './address.js';
import { cardBody } from './card.js';
import { MONTHS, rows } from './carried.js';
import {
  contents,
  createFoldedChapter,
  refreshFigures,
  startPrinting,
  watchScrolling,
} from './chapters.js';
import { playlistChooser } from './chooser.js';
import { contextBars } from './contexts.js';
import { startControls } from './controls.js';
import { showCover, startCover } from './cover.js';
import { byId, element, section } from './dom.js';
import { favouriteLists } from './favourites.js';
import { announce, showMeaning } from './meaning.js';
import { momentsOf } from './moments.js';
import { startTheme, watchScreen } from './screen.js';
import { currentOptions, currentState, subscribe, watchAddress } from './state.js';
import { storiesOf } from './stories.js';
import { figuresOf } from './totals.js';
import { UNKNOWN, unknownSection } from './unknown.js';

/**
 * A part of the chosen period; where it has no elements it is not shown.
 * @typedef {object} Part
 * @property {string} id
 * @property {string} title
 * @property {string} [layout] the class of its body
 * @property {(period: string, view: View) => HTMLElement[]} body
 */

/** @type {Part[]} */
const PARTS = [
  {
    id: 'favourites',
    title: 'Played most',
    layout: 'columns',
    body: (period, { scope }) => favouriteLists(period, scope),
  },
  { id: 'figures', title: 'In figures', body: figuresOf },
  {
    id: 'moments',
    title: 'What stood out',
    layout: 'columns three',
    body: (period, { scope }) => momentsOf(period, scope),
  },
  {
    id: 'for',
    title: 'What it was for',
    body: (period, { scope }) => contextBars(period, scope),
  },
  { id: 'stories', title: 'Habits, in a few sentences', body: (_, view) => storiesOf(view) },
  { id: 'card', title: 'A card to share', body: (period, { scope }) => cardBody(period, scope) },
];

const cover = startCover();
const parts = PARTS.map((part) => {
  const body = element('div', { class: part.layout ?? '' });
  return { ...part, body, made: part.body, element: section(part.id, part.title, body) };
});
const sections = SECTIONS.filter(({ of }) => (of ? rows(of, 'all').length : MONTHS.length));
const chapters = sections.map((one) =>
  createFoldedChapter(one, currentOptions, ...(one.chooser ? [playlistChooser()] : [])),
);
const unknown = unknownSection(chapters);

function startPage() {
  if (!sections.length) return;
  byId('cover').append(foldedContents());
  const depth = section('depth', 'In depth', ...chapters.map((chapter) => chapter.element));
  byId('main').append(...parts.map((part) => part.element), depth, unknown.element);
}

/** The contents take a line until somebody wants them. */
function foldedContents() {
  const depth = { id: 'depth', title: 'In depth' };
  const titles = MONTHS.length ? [...parts, depth, ...sections, UNKNOWN] : sections;
  return element(
    'details',
    { class: 'folded-contents' },
    element('summary', {}, 'Contents'),
    contents(titles),
  );
}

/** Links to what is not shown now would go nowhere. */
function refreshContents() {
  for (const link of document.querySelectorAll('.contents a')) {
    const target = document.getElementById(link.getAttribute('href')?.slice(1) ?? '');
    /** @type {HTMLElement} */ (link.parentElement).hidden = !target || target.hidden;
  }
}

function refreshTop() {
  const { period } = currentState();
  const view = viewOf(rows, currentOptions());
  showMeaning();
  showCover(cover, period, view);
  for (const part of parts) {
    const body = period ? part.made(period, view) : [];
    part.body.replaceChildren(...body);
    part.element.hidden = !body.length;
  }
}

let isDeep = false;

function refreshChapters() {
  isDeep = true;
  refreshFigures();
  unknown.refresh();
  refreshContents();
}

function refreshAll() {
  refreshTop();
  refreshChapters();
}

/**
 * Open a chapter and go there.
 * @param {string} id
 */
function goTo(id) {
  const target = document.getElementById(id);
  if (!target) return;
  const chapter = target.closest('details.chapter');
  if (chapter) /** @type {HTMLDetailsElement} */ (chapter).open = true;
  target.scrollIntoView();
  const summary = target.querySelector('summary');
  summary?.focus({ preventScroll: true });
}

function followLinks() {
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[href^="#"]:not(.skip)');
    if (!link) return;
    event.preventDefault();
    const id = link.getAttribute('href')?.slice(1) ?? '';
    writeAddress(currentState(), id);
    goTo(id);
  });
  addEventListener('hashchange', () => goTo(readAddress().at ?? ''));
}

startTheme();
startControls();
startPage();
refreshTop();
// What is folded can wait until the cover is painted.
requestAnimationFrame(() => setTimeout(startDepth));
subscribe(refreshAll);
subscribe(announce);
watchAddress();
watchScreen(refreshAll);
startPrinting(refreshAll);
followLinks();

function startDepth() {
  if (!isDeep) refreshChapters();
  watchScrolling();
  goTo(readAddress().at ?? '');
}
