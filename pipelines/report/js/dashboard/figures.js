// Draws what pages of the dashboard are made of beside charts: a cover, figures, rankings, lines of
// text. pipelines/dashboard/figures.py gives it; whatever is shown is put in as text, never as HTML.

/** @import { Follow, Link } from './link.js' */
/** @import { Component } from './streamlit.js' */
import { element } from '../page/dom.js';
import { linked } from './link.js';

/**
 * @typedef {{ label: string, value: string, note: string, at_least: boolean }} Figure
 * @typedef {{ rank: number, name: string, by: string, figure: string, part: number, move: string,
 *   tone: string, link: Link | null }} Entry
 * @typedef {{ text: string, note: string }} Line
 * @typedef {{ kind: 'cover', over: string, title: string, below: string, figures: Figure[] }
 *   | { kind: 'figures', figures: Figure[] }
 *   | { kind: 'ranking', title: string, unit: string, entries: Entry[], empty: string }
 *   | { kind: 'lines', title: string, lines: Line[] }
 *   | { kind: 'notice', lines: Line[] }} Part
 */

const IN_A_LINE = 6;

/**
 * What Streamlit calls, again after each change.
 * @param {Component<Part>} component
 */
export default function showPart({ data, parentElement, setTriggerValue }) {
  const follow = (/** @type {Link} */ link) => setTriggerValue('go', link);
  parentElement.querySelector('.pl')?.replaceChildren(drawn(data, follow));
}

/**
 * @param {Part} part
 * @param {Follow} follow
 */
function drawn(part, follow) {
  switch (part.kind) {
    case 'cover':
      return element(
        'header',
        { class: 'pl-cover' },
        element('p', { class: 'pl-over' }, part.over),
        element('h1', { class: 'pl-title' }, part.title),
        element('p', { class: 'pl-below' }, part.below),
        figureList(part.figures),
      );
    case 'figures':
      return figureList(part.figures);
    case 'ranking': {
      const unit = element('span', { class: 'pl-unit' }, part.unit);
      const rows = part.entries.map((entry) => entryRow(entry, follow));
      return element(
        'section',
        { class: 'pl-ranking' },
        element('h2', { class: 'pl-head' }, part.title, unit),
        rows.length
          ? element('ol', { class: 'pl-list' }, ...rows)
          : element('p', { class: 'pl-empty' }, part.empty),
      );
    }
    case 'notice':
      return element('aside', { class: 'pl-notice', role: 'note' }, lineList(part.lines));
    case 'lines':
      return element(
        'section',
        { class: 'pl-told' },
        element('h2', { class: 'pl-head' }, part.title),
        lineList(part.lines),
      );
  }
}

/** @param {Figure[]} figures */
function figureList(figures) {
  const groups = figures.map(({ label, value, note, at_least: atLeast }) =>
    element(
      'div',
      { class: 'pl-figure', 'data-figure': label },
      element('dt', {}, label),
      element(
        'dd',
        { class: 'pl-value' },
        ...(atLeast ? [element('span', { class: 'pl-least' }, 'at least'), ' '] : []),
        element('span', {}, value),
      ),
      ...(note ? [element('dd', { class: 'pl-note' }, note)] : []),
    ),
  );
  // More than one line holds: two of the same length, not a full one and a rest.
  const several = groups.length > IN_A_LINE;
  const list = element(
    'dl',
    { class: several ? 'pl-figures pl-two-lines' : 'pl-figures' },
    ...groups,
  );
  if (several) list.style.setProperty('--columns', String(Math.ceil(groups.length / 2)));
  return list;
}

/**
 * @param {Entry} entry
 * @param {Follow} follow
 */
function entryRow({ rank, name, by, figure, part, move, tone, link }, follow) {
  const bar = element('div', { class: 'pl-bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--part', String(part));
  return element(
    'li',
    { class: 'pl-entry' },
    element('span', { class: 'pl-rank' }, String(rank)),
    element(
      'div',
      { class: 'pl-words' },
      linked(name, link, follow, 'pl-name'),
      ...(by ? [element('span', { class: 'pl-by' }, by)] : []),
    ),
    element('span', { class: tone ? `pl-move pl-${tone}` : 'pl-move' }, move),
    element('span', { class: 'pl-count' }, figure),
    bar,
  );
}

/** @param {Line[]} lines */
function lineList(lines) {
  const items = lines.map(({ text, note }) =>
    element(
      'li',
      {},
      element('span', {}, text),
      ...(note ? [element('span', { class: 'pl-note' }, note)] : []),
    ),
  );
  return element('ul', { class: 'pl-lines' }, ...items);
}
