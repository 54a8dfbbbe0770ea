// The figures at the top of the page, of the chosen month and of all months. Sentences are in
// stories.js.

/** @import { TopSection } from './main.js' */
/** @import { View } from '../charts/types.js' */
/** @import { Row } from '../data/tables.js' */
import { knownDaysWords } from '../charts/parts/cut.js';
import { emptyMonthWords, rowOfMonth, sumOf } from '../charts/parts/rows.js';
import { daysOf, monthAfter } from '../data/dates.js';
import { lastOf } from '../data/lists.js';
import { dayName, monthName } from '../text/dates.js';
import { duration, number, percent, plural } from '../text/numbers.js';
import { element } from './dom.js';

/**
 * One figure with its label. It says 'at least' where least is true.
 * @typedef {object} Total
 * @property {string} name
 * @property {string} label
 * @property {number | null} value
 * @property {string} words the value as it is shown
 * @property {boolean} [least]
 * @property {string | null} [note]
 */

/** @returns {TopSection} */
export function figuresSection() {
  const month = figureGroup('month');
  const ever = figureGroup('ever');
  return {
    id: 'figures',
    title: 'How much did you listen?',
    body: [...month.parts, ...ever.parts],
    refresh(view) {
      const row = rowOfMonth(view, 'listening_by_month');
      month.show(
        view.month ? `In ${monthName(view.month)}` : '',
        monthFigures(row, view),
        monthRemark(row, view),
      );
      ever.show('In all', everFigures(view), '');
    },
  };
}

/**
 * A heading, a list of figures and a remark below it.
 * @param {string} name
 */
function figureGroup(name) {
  const heading = element('h3', { class: 'group' });
  const list = element('dl', { class: 'figures' });
  const remark = element('p', { class: 'remark' });
  return {
    parts: [heading, list, remark],
    /**
     * @param {string} title
     * @param {Total[]} figures
     * @param {string} words
     */
    show(title, figures, words) {
      heading.textContent = title;
      heading.hidden = !figures.length && !words;
      list.replaceChildren(...figures.map((figure) => figureTile(name, figure)));
      remark.textContent = words;
      remark.hidden = !words;
    },
  };
}

/**
 * @param {string} group
 * @param {Total} figure
 */
function figureTile(group, { name, label, value, words, least, note }) {
  const output = element(
    'span',
    {
      class: 'value',
      'data-figure': `${group}-${name}`,
      'data-value': value ?? '',
    },
    ...(least ? [element('span', { class: 'least' }, 'at least ')] : []),
    words,
  );
  return element(
    'div',
    {},
    element('dt', {}, label),
    element('dd', {}, output, ...(note ? [element('span', { class: 'note' }, note)] : [])),
  );
}

/**
 * @param {Row<'listening_by_month'> | undefined} row
 * @param {View} view
 * @returns {Total[]}
 */
function monthFigures(row, view) {
  if (!row) return [];
  const least = row.at_least;
  // Of no play it is known for how long it was heard.
  const timeless = row.unknown_lengths > 0 && !row.minutes;
  /**
   * @param {'plays' | 'days_heard' | 'artists' | 'tracks' | 'sessions'} name
   * @param {string} label
   */
  const count = (name, label) => ({
    name,
    label,
    value: row[name],
    words: number(row[name]),
    least,
  });
  return [
    {
      name: 'minutes',
      label: 'Time',
      value: timeless ? null : row.minutes,
      words: timeless ? 'not known' : duration(row.minutes),
      least: least && !timeless,
      note: comparedToMonthBefore(row, view),
    },
    count('plays', 'Plays of 30 seconds or more'),
    {
      name: 'minutes_per_day',
      label: 'Each day',
      value: row.minutes_per_day,
      words: row.minutes_per_day === null ? 'not known' : duration(row.minutes_per_day),
      // Of the days that are known: an open gap takes nothing from them.
      least:
        (POORLY_TOLD.has(row.coverage ?? '') || row.unknown_lengths > 0) &&
        row.minutes_per_day !== null,
      note: row.whole ? null : `on the ${plural(row.known_days, 'day')} known`,
    },
    { ...count('days_heard', 'Days with a play'), note: `of ${daysOf(row.month)} in the month` },
    count('artists', 'Artists'),
    count('tracks', 'Songs'),
    { ...count('sessions', 'Sessions'), note: 'that began in the month' },
    skippedFigure(row),
  ];
}

// Of fewer days nothing can be said of a month.
const DAYS_TO_COMPARE = 7;

/**
 * More or less than in the month before; null where that is not known. Months of which not all days
 * are known are compared by the day.
 * @param {Row<'listening_by_month'>} row
 * @param {View} view
 */
function comparedToMonthBefore(row, view) {
  const before = view
    .rows('listening_by_month')
    .find((one) => one.month === monthAfter(row.month, -1));
  // Where plays may be missing in either month, which of them was fuller is not known.
  if (!before?.minutes || before.at_least || row.at_least) return null;
  const months = [before, row];
  if (months.some((one) => one.known_days < DAYS_TO_COMPARE)) return null;
  const whole = months.every((one) => one.whole);
  const [was, is] = months.map((one) => (whole ? one.minutes : (one.minutes_per_day ?? 0)));
  const change = is / was - 1;
  const daily = whole ? '' : ' a day';
  if (Math.abs(change) < 0.005) return `as much${daily} as in ${monthName(before.month)}`;
  const more = change > 0 ? 'more' : 'less';
  return `${percent(Math.abs(change))} ${more}${daily} than in ${monthName(before.month)}`;
}

/**
 * @param {Row<'listening_by_month'>} row
 * @returns {Total}
 */
function skippedFigure(row) {
  const known = row.skip_share !== null;
  return {
    name: 'skip_share',
    label: 'Skipped',
    value: row.skip_share,
    words: known ? percent(row.skip_share) : 'not known',
    note: known
      ? `${plural(row.skips ?? 0, 'play')} of music, as exports tell`
      : 'only an export tells of skips',
  };
}

/** @type {Record<string, string>} */
const COVERAGES = {
  export: 'An export tells of this month',
  mixed: 'Polls and an export tell of this month',
  polled:
    'Polls alone tell of this month: a play that no poll saw is missing, ' +
    'so figures are at least as high',
  scrobbled:
    'Scrobbles alone tell of this month: plays may be missing, and nobody knows for how long they ' +
    'were heard, so figures are at least as high',
};

// Of the time between what such sources tell, nothing is known.
const POORLY_TOLD = new Set(['polled', 'scrobbled']);

/**
 * What tells of the month, or why there is nothing.
 * @param {Row<'listening_by_month'> | undefined} row
 * @param {View} view
 */
function monthRemark(row, view) {
  if (!row || (!row.plays && !row.minutes)) return emptyMonthWords(view);
  const sources = COVERAGES[row.coverage ?? ''];
  const days = knownDaysWords(view);
  if (row.unknown_lengths && row.coverage !== 'scrobbled') {
    const some = plural(row.unknown_lengths, 'play');
    return `${sources}. Of ${some} nobody knows the length, so the time is at least as long.${days}`;
  }
  if (!POORLY_TOLD.has(row.coverage ?? '') && row.at_least) {
    return `${sources}, but not of all of it: a gap is open.${days}`;
  }
  const all = row.coverage === 'export' && row.whole;
  const more = all ? ': nothing that Spotify counted is missing' : '';
  return `${sources}${more}.${days}`;
}

/**
 * @param {View} view
 * @returns {Total[]}
 */
function everFigures(view) {
  const months = view.rows('listening_by_month');
  const days = view.rows('listening_by_day');
  if (!days.length) return [];
  const least = months.some((row) => row.at_least);
  const minutes = sumOf(months, (row) => row.minutes);
  const plays = sumOf(months, (row) => row.plays);
  const streak = days.reduce((best, row) => (row.streak > best.streak ? row : best));
  const now = lastOf(days);
  const heard = days.filter((row) => row.plays > 0).length;
  return [
    {
      name: 'minutes',
      label: 'Time',
      value: minutes,
      words: duration(minutes),
      least,
    },
    { name: 'plays', label: 'Plays', value: plays, words: number(plays), least },
    {
      name: 'days',
      label: 'Days with a play',
      value: heard,
      words: number(heard),
      least,
      note: `of ${plural(days.filter((row) => row.known || row.plays > 0).length, 'day')} known`,
    },
    {
      name: 'streak',
      label: 'Longest streak',
      value: streak.streak,
      words: plural(streak.streak, 'day'),
      least,
      note:
        now.streak === streak.streak
          ? 'and it lasts'
          : `up to ${dayName(streak.day)}; now ${number(now.streak)}`,
    },
  ];
}
