// A chart's numbers as a table. When it is shown is for figure.js.

/** @import { NumbersTable } from '../charts/types.js' */
import { number } from '../text/numbers.js';
import { element } from './dom.js';

/** @param {NumbersTable} numbers */
export function tableOf({ head, rows }) {
  const isNumber = head.map((_, n) => rows.some((cells) => typeof cells[n] === 'number'));
  /**
   * @param {NumbersTable['rows'][number]} cells
   * @param {'th' | 'td'} name
   */
  const line = (cells, name) =>
    element(
      'tr',
      {},
      ...cells.map((cell, n) =>
        element(
          name,
          { ...(isNumber[n] && { class: 'figure' }), ...(name === 'th' && { scope: 'col' }) },
          typeof cell === 'number' ? number(cell, 2) : (cell ?? '–'),
        ),
      ),
    );
  return element(
    'table',
    {},
    element('thead', {}, line(head, 'th')),
    element('tbody', {}, ...rows.map((cells) => line(cells, 'td'))),
  );
}
