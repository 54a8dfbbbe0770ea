// The sentences at the top of the page. They come from the tables as they are; figures are in
// totals.js.

/** @import { View } from '../charts/types.js' */
import { sumOf } from '../charts/parts/rows.js';
import { plural } from '../text/numbers.js';
import { element } from './dom.js';

export function storiesSection() {
  const list = element('ul', { class: 'stories' });
  return {
    id: 'stories',
    title: 'What is there to tell?',
    body: [list],
    /** @param {View} view */
    refresh(view) {
      const stories = [...view.rows('stories')].sort((one, other) => one.place - other.place);
      const items = stories.map((row) =>
        element(
          'li',
          { 'data-story': row.story },
          row.sentence,
          ...(row.at_least ? [element('span', { class: 'note' }, ' (plays may be missing)')] : []),
        ),
      );
      list.replaceChildren(...(items.length ? items : [element('li', {}, tooFewForStories(view))]));
    },
  };
}

/** @param {View} view */
function tooFewForStories(view) {
  const plays = sumOf(view.rows('listening_by_month'), (row) => row.plays);
  return (
    `${plural(plays, 'play is', 'plays are')} known: too few for a sentence about habits. ` +
    'Let the collector run for some weeks, or import an export.'
  );
}
