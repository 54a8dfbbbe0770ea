// The top of the page: how many answered what, and what came in lately.

/** @import { View } from '../charts/types.js' */
import { comparedOf } from '../charts/survey/coverage.js';
import { peopleOf, sizeCell, whyNothing } from '../charts/survey/profile.js';
import { element } from '../page/dom.js';
import { dayName } from '../text/dates.js';
import { number, percent, plural } from '../text/numbers.js';

/** @param {View} view */
export function feedBody(view) {
  if (peopleOf(view) === null) return [element('p', { class: 'empty' }, whyNothing(view))];
  return [figures(view), ...feed(view)];
}

/** @param {View} view */
function figures(view) {
  const everybody = view.rows('survey_coverage').find((row) => !row.major);
  /** @type {[string, string, string][]} */
  const tiles = [
    ['people', 'People', number(everybody?.people)],
    ['songs', 'Songs they named', number(everybody?.songs)],
    ['matched', 'Songs recognised', percent(everybody?.matched)],
    [
      'compared',
      'People compared by sound',
      everybody ? `${sizeCell(comparedOf(everybody))}` : 'not told',
    ],
  ];
  return element(
    'dl',
    { class: 'figures' },
    ...tiles.map(([name, label, words]) =>
      element(
        'div',
        {},
        element('dt', {}, label),
        element('dd', {}, element('span', { class: 'value', 'data-figure': name }, words)),
      ),
    ),
  );
}

const MOST = 8;

/** @param {View} view */
function feed(view) {
  const { k } = view.survey ?? { k: 5 };
  const rows = [...view.rows('survey_feed')].sort((one, other) =>
    other.since.localeCompare(one.since),
  );
  if (!rows.length) {
    return [
      element(
        'p',
        { class: 'empty' },
        'On which days people answered is not known, or is not told.',
      ),
    ];
  }
  const items = rows
    .slice(0, MOST)
    .map((row) =>
      element(
        'li',
        {},
        row.words,
        element(
          'span',
          { class: 'note' },
          ` ${span(row.since, row.until)}, ${plural(row.people, 'person', 'people')}`,
        ),
      ),
    );
  return [
    element('h3', { class: 'group' }, 'The latest answers'),
    element('ul', { class: 'stories feed' }, ...items),
    element(
      'p',
      { class: 'remark' },
      `Days are put together until ${k} people answered in them, and only what ${k} of them have in common is told.`,
    ),
  ];
}

/**
 * @param {string} since
 * @param {string} until
 */
function span(since, until) {
  return since === until ? dayName(since) : `${dayName(since)} to ${dayName(until)}`;
}
