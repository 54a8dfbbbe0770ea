// Sentences that stand by themselves.

import { element } from '../page/dom.js';

/**
 * The sentence that comes before all figures.
 * @param {string} words
 */
export function answer(words) {
  return element('p', { class: 'answer' }, words);
}

/** @param {string} words */
export function remark(words) {
  const made = element('p', { class: 'remark' }, words);
  made.hidden = !words;
  return made;
}
