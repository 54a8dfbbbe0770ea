// What the reader of a survey's page chose: a subject, and the code that opens their own part.

/** @import { Options, SurveyChoice } from '../charts/types.js' */
import { currentScreen } from '../page/screen.js';
import { SURVEY } from './carried.js';

/** @type {SurveyChoice} */
const state = { k: SURVEY.k, major: '', own: null };

/** @type {(() => void)[]} */
const subscribers = [];

/** @returns {Readonly<SurveyChoice>} */
export function currentChoice() {
  return state;
}

/** @param {() => void} whenChanged */
export function subscribe(whenChanged) {
  subscribers.push(whenChanged);
}

/** @param {Partial<SurveyChoice>} changes */
export function change(changes) {
  Object.assign(state, changes);
  for (const whenChanged of subscribers) whenChanged();
}

/**
 * What charts are drawn with; a survey has no months and no playlists.
 * @returns {Options}
 */
export function currentOptions() {
  return { scope: 'all', month: '', playlist: '', survey: { ...state }, ...currentScreen() };
}
