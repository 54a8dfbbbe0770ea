// Whether there are groups, in words, and their names.

/** @import { View } from '../charts/types.js' */
import { apartWords, groupsOf, outcomeOf } from '../charts/survey/groups.js';
import { sizeOf } from '../charts/survey/profile.js';
import { element } from '../page/dom.js';
import { answer, remark } from './words.js';

/** @param {import('../charts/survey/profile.js').Size} size */
export function sizeWords(size) {
  return sizeOf(size) || 'how many is hidden';
}

/** @param {View} view */
export function groupsBody(view) {
  const groups = groupsOf(view);
  const own = view.survey?.own?.group;
  const items = groups.map((row) =>
    element(
      'li',
      {},
      `${row.cluster}: ${row.name}`,
      element(
        'span',
        { class: 'note' },
        ` ${sizeWords(row)}${row.cluster === own ? ', you among them' : ''}`,
      ),
    ),
  );
  return [
    answer(outcomeOf(view)),
    ...(items.length ? [element('ol', { class: 'stories named' }, ...items)] : []),
    remark(apartWords(view)),
  ];
}
