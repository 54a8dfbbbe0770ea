// The start of the page: its sections in order. What is in a section is in the other modules.

import { viewOf } from '../charts/draw.js';
import { SECTIONS } from '../charts/sections.js';
import { MONTHS, rows } from './carried.js';
import {
  contents,
  createChapter,
  refreshFigures,
  startPrinting,
  watchScrolling,
} from './chapters.js';
import { playlistChooser } from './chooser.js';
import { startControls } from './controls.js';
import { byId, element, section } from './dom.js';
import { announce, showMeaning, showPeriod } from './meaning.js';
import { startTheme, watchScreen } from './screen.js';
import { currentOptions, subscribe } from './state.js';
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

function startPage() {
  const main = byId('main');
  if (MONTHS.length) top.push(storiesSection(), figuresSection());
  else main.append(element('p', { class: 'empty' }, NOTHING));
  const sections = SECTIONS.filter(({ of }) => (of ? rows(of, 'all').length : MONTHS.length));
  for (const { id, title, body } of top) main.append(section(id, title, ...body));
  for (const one of sections) {
    main.append(createChapter(one, currentOptions, ...(one.chooser ? [playlistChooser()] : [])));
  }
  if (!sections.length) return;
  main.before(contents([...top, ...sections]));
  showPeriod();
}

function refreshAll() {
  const view = viewOf(rows, currentOptions());
  for (const one of top) one.refresh(view);
  refreshFigures();
}

startTheme();
startControls();
startPage();
showMeaning();
refreshAll();
watchScrolling();
subscribe(refreshAll);
subscribe(showMeaning);
subscribe(announce);
watchScreen(refreshAll);
startPrinting(refreshAll);
