// What the report cannot tell, and what would tell it: a line for each reason, at the end.

/** @import { Folded } from './chapters.js' */
import { element, section } from './dom.js';

export const UNKNOWN = { id: 'unknown', title: 'What is not known, and what would tell it' };

/** @param {Folded[]} chapters */
export function unknownSection(chapters) {
  const list = element('ul', { class: 'lacks' });
  const made = section(UNKNOWN.id, UNKNOWN.title, list);
  return {
    element: made,
    refresh() {
      /** @type {Map<string, string[]>} */
      const byReason = new Map();
      for (const { title, why } of chapters.flatMap((chapter) => chapter.lacks())) {
        byReason.set(why, [...(byReason.get(why) ?? []), title]);
      }
      const lines = [...byReason].map(([why, titles]) =>
        element('li', {}, element('strong', {}, `${titles.join(' · ')}: `), why),
      );
      list.replaceChildren(...lines);
      made.hidden = !lines.length;
    },
  };
}
