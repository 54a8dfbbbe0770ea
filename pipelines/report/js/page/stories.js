// The sentences of the report. They come from the tables as they are; figures are in totals.js.

/** @import { View } from '../charts/types.js' */
import { sumOf } from '../charts/parts/rows.js';
import { plural } from '../text/numbers.js';
import { element } from './dom.js';

/** @param {View} view */
export function storiesOf(view) {
  const stories = [...view.rows('stories')].sort((one, other) => one.place - other.place);
  const items = stories.map((row) =>
    element(
      'li',
      { 'data-story': row.story },
      row.sentence,
      ...(row.at_least ? [element('span', { class: 'note' }, ' (plays may be missing)')] : []),
    ),
  );
  if (!items.length) items.push(element('li', {}, tooFewForStories(view)));
  return [element('ul', { class: 'stories' }, ...items)];
}

/** @param {View} view */
function tooFewForStories(view) {
  const plays = sumOf(view.rows('listening_by_month'), (row) => row.plays);
  return (
    `${plural(plays, 'play is', 'plays are')} known: too few for a sentence about habits. ` +
    'Let the collector run for some weeks, or import an export.'
  );
}
