// Draws a list that pipelines/dashboard/listing.py describes. Whatever is in it gets into the page as
// text.

/** @import { Follow, Link } from './link.js' */
/** @import { Component } from './streamlit.js' */
import { element } from '../page/dom.js';
import { linked } from './link.js';

/**
 * @typedef {{ title: string, kind: 'figures' | 'wide' | 'text', phone: boolean }} Column
 * @typedef {{ text: string, link?: Link, share?: number, note?: string, noteLink?: Link }} Cell
 * @typedef {{ caption: string, columns: Column[], rows: Cell[][] }} Listing
 */

/**
 * What Streamlit calls, again after each change.
 * @param {Component<Listing>} component
 */
export default function showListing({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.listing') ?? element('div', { class: 'listing' });
  const follow = (/** @type {Link} */ link) => setTriggerValue('go', link);
  const rows = data.rows.map((cells) => row(cells, data.columns, follow));
  const hasTitles = data.columns.some(({ title }) => title);
  const table = element(
    'table',
    {},
    element('caption', {}, data.caption),
    ...(hasTitles ? [head(data.columns)] : []),
    element('tbody', {}, ...rows),
  );
  root.replaceChildren(table);
  if (!root.parentElement) parentElement.append(root);
}

/** @param {Column[]} columns */
function head(columns) {
  const titles = columns.map((column) =>
    element('th', { scope: 'col', class: classes(column) }, column.title),
  );
  return element('thead', {}, element('tr', {}, ...titles));
}

/**
 * @param {Cell[]} cells
 * @param {Column[]} columns
 * @param {Follow} follow
 */
function row(cells, columns, follow) {
  const made = cells.map(({ text, link, share, note, noteLink }, at) => {
    const cell = element('td', { class: classes(columns[at]) });
    // A link without text could neither be seen nor clicked.
    cell.append(linked(text || (link ? 'untitled' : ''), link, follow));
    if (note) cell.append(linked(note, noteLink, follow, 'note'));
    if (share !== undefined) {
      const bar = element('i');
      bar.style.width = `${100 * share}%`;
      cell.append(bar);
      cell.classList.add('barred');
    }
    return cell;
  });
  return element('tr', {}, ...made);
}

/** @param {Column} column */
function classes({ kind, phone }) {
  return phone ? kind : `${kind} desk`;
}
