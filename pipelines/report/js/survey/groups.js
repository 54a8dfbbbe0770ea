// Whether there are groups, in words, and their names.

/** @import { View } from '../charts/types.js' */
import { apartWords, groupsOf, outcomeOf } from '../charts/survey/groups.js';
import { element } from '../page/dom.js';
import { plural } from '../text/numbers.js';
import { answer, remark } from './words.js';

/** @param {number | null} people */
export function sizeWords(people) {
  return people ? plural(people, 'person', 'people') : 'how many is hidden';
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
        ` ${sizeWords(row.people)}${row.cluster === own ? ', you among them' : ''}`,
      ),
    ),
  );
  return [
    answer(outcomeOf(view)),
    ...(items.length ? [element('ol', { class: 'stories named' }, ...items)] : []),
    remark(apartWords(view)),
  ];
}
