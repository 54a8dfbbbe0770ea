// The start of a survey's page: its chapters in order. What is in a chapter is in the other modules,
// and in ../charts/survey.

/** @import { View } from '../charts/types.js' */
import { viewOf } from '../charts/draw.js';
import { ownSoundChart } from '../charts/survey/own.js';
import { peopleOf, subjectsOf } from '../charts/survey/profile.js';
import { SURVEY_SECTIONS } from '../charts/survey/sections.js';
import { rows } from '../page/carried.js';
import {
  contents,
  createChapter,
  refreshFigures,
  startPrinting,
  watchScrolling,
} from '../page/chapters.js';
import { byId, element, section } from '../page/dom.js';
import { startTheme, watchScreen } from '../page/screen.js';
import { dayName } from '../text/dates.js';
import { number } from '../text/numbers.js';
import { feedBody } from './feed.js';
import { groupsBody } from './groups.js';
import { madeBody } from './made.js';
import { hasOwn, ownBody, refreshOwn } from './own.js';
import { predictorBody } from './predictor.js';
import { mapInSpace } from './space.js';
import { change, currentChoice, currentOptions, subscribe } from './state.js';

/** What stands in a chapter above its charts, made anew after each change. */
/** @type {Record<string, (view: View) => HTMLElement[]>} */
const WORDS = { groups: groupsBody, predictor: predictorBody };

/** @type {{ element: HTMLElement, body: (view: View) => HTMLElement[] }[]} */
const words = [];

/**
 * @param {(view: View) => HTMLElement[]} body
 */
function wordsOf(body) {
  const made = element('div', { class: 'words' });
  words.push({ element: made, body });
  return made;
}

function startPage() {
  const main = byId('main');
  const view = viewOf(rows, currentOptions());
  main.append(section('new', 'What is new?', wordsOf(feedBody)));
  const titles = [{ id: 'new', title: 'What is new?' }];
  /**
   * @param {string} id
   * @param {string} title
   * @param {HTMLElement} made
   */
  const add = (id, title, made) => {
    main.append(made);
    titles.push({ id, title });
  };
  // Where nothing may be told, chapters of charts would say the same again and again.
  const sections = peopleOf(view) === null ? [] : SURVEY_SECTIONS;
  for (const one of sections) {
    if (one.id === 'predictor') addOwn(add);
    const body = WORDS[one.id];
    add(one.id, one.title, createChapter(one, currentOptions, ...(body ? [wordsOf(body)] : [])));
    if (one.id === 'dna') byId('dna').append(mapInSpace());
  }
  if (!sections.length) addOwn(add);
  add('made', MADE, section('made', MADE, ...madeBody()));
  main.before(contents(titles));
  showPeriod(view);
}

const OWN = 'What of you, and who is your music twin?';
const MADE = 'How was this made, and what can it not tell?';

/** @param {(id: string, title: string, made: HTMLElement) => void} add */
function addOwn(add) {
  if (!hasOwn()) return;
  const own = { id: 'own', title: OWN, charts: [ownSoundChart] };
  add('own', OWN, createChapter(own, currentOptions, ...ownBody()));
}

/** @param {View} view */
function showPeriod(view) {
  const people = peopleOf(view);
  const days = view.rows('survey_feed').map((row) => row.until);
  const last = days.sort().at(-1);
  byId('period').textContent =
    people === null
      ? ''
      : `The favourite songs of ${number(people)} people${last ? `, as answered up to ${dayName(last)}` : ''}`;
}

function startControls() {
  const select = /** @type {HTMLSelectElement} */ (byId('major'));
  const subjects = subjectsOf(viewOf(rows, currentOptions()));
  select.add(new Option('everybody', ''));
  for (const subject of subjects) select.add(new Option(subject, subject));
  select.addEventListener('change', () => change({ major: select.value }));
  byId('controls').hidden = !subjects.length;
}

function refreshAll() {
  const view = viewOf(rows, currentOptions());
  for (const one of words) one.element.replaceChildren(...one.body(view));
  const { major } = currentChoice();
  byId('meaning').textContent = major
    ? `Hours, times, artists, genres and decades are those of ${major}; all else is of everybody.`
    : 'Hours, times, artists, genres and decades can be told of one subject.';
  if (hasOwn()) refreshOwn(view);
  refreshFigures();
  hideUntold();
}

/** Where a chapter's words say that there is nothing, its charts need not say so again. */
function hideUntold() {
  for (const id of Object.keys(WORDS)) {
    /** @type {HTMLElement | null} */
    const grid = document.querySelector(`#${id} .grid`);
    if (grid) grid.hidden = !grid.querySelector('.plot:not([hidden])');
  }
}

startTheme();
startControls();
startPage();
refreshAll();
watchScrolling();
subscribe(refreshAll);
watchScreen(refreshAll);
startPrinting(refreshAll);
