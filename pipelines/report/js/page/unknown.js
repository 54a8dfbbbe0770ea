// What a page cannot draw, and what would tell it: a line for each reason, at the end.

/** @import { Folded } from './chapters.js' */
/** @import { Lack } from './figure.js' */
import { element, section } from './dom.js';

export const UNKNOWN = { id: 'unknown', title: 'What is not known, and what would tell it' };

/** A list with a line for each reason; without any it is hidden. */
export function reasonList() {
  // A list without marks is one for a screen reader only if it says so.
  const list = element('ul', { class: 'lacks', role: 'list', 'aria-label': 'Not drawn' });
  return {
    element: list,
    /** @param {Lack[]} lacks */
    show(lacks) {
      /** @type {Map<string, string[]>} */
      const byReason = new Map();
      for (const { title, why } of lacks) byReason.set(why, [...(byReason.get(why) ?? []), title]);
      const lines = [...byReason].map(([why, titles]) =>
        element('li', {}, element('strong', {}, `${titles.join(' · ')}: `), why),
      );
      list.replaceChildren(...lines);
      list.hidden = !lines.length;
    },
  };
}

/** @param {Folded[]} chapters */
export function unknownSection(chapters) {
  const list = reasonList();
  const made = section(UNKNOWN.id, UNKNOWN.title, list.element);
  return {
    element: made,
    refresh() {
      list.show(chapters.flatMap((chapter) => chapter.lacks()));
      made.hidden = list.element.hidden;
    },
  };
}
