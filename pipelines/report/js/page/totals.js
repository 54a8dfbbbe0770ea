// How much was heard in a period, the same for a month, a year and all time, and the figures that
// say so. The three great ones are in cover.js.

/** @import { View } from '../charts/types.js' */
/** @import { Day, Row, Scope } from '../data/tables.js' */
import { dayAfter, daysOf, monthAfter } from '../data/dates.js';
import { dayName } from '../text/dates.js';
import { duration, number, percent, plural } from '../text/numbers.js';
import { joinSentences, joinWords } from '../text/sentences.js';
import { rows } from './carried.js';
import { contextsOf } from './contexts.js';
import { element } from './dom.js';
import { ALL, daysOfPeriod, kindOf, likePeriods, periodName, spanOfDays } from './period.js';

/**
 * What is heard in a period. What is not known is null.
 * @typedef {object} Totals
 * @property {number} plays of 30 seconds or more
 * @property {number | null} minutes null where of no play it is known for how long it was heard
 * @property {number} unknown_lengths
 * @property {number} tracks
 * @property {number} artists
 * @property {number | null} new_artists
 * @property {number | null} new_tracks
 * @property {number} days_heard
 * @property {number} known_days
 * @property {number} longest_streak
 * @property {Day | null} streak_from
 * @property {Day | null} streak_to
 * @property {Day | null} busiest_day
 * @property {number | null} busiest_day_minutes
 * @property {string | null} coverage
 * @property {boolean} at_least
 */

/**
 * One figure with its label. It says 'at least' where least is true.
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} label
 * @property {number | null} value
 * @property {string} words the value as it is shown
 * @property {boolean} [least]
 * @property {string | null} [note]
 */

/**
 * @param {string} period
 * @param {Scope} scope
 * @returns {Totals | undefined}
 */
export function totalsOf(period, scope) {
  return kindOf(period) === 'month'
    ? totalsOfMonth(`${period}-01`, scope)
    : totalsOfYear(period === ALL ? 0 : Number(period), scope);
}

/**
 * @param {number} year
 * @param {Scope} scope
 * @returns {Totals | undefined}
 */
function totalsOfYear(year, scope) {
  const row = rows('listening_by_year', scope).find((one) => one.year === year);
  return row && { ...row, minutes: known(row) };
}

/**
 * @param {Day} month
 * @param {Scope} scope
 * @returns {Totals | undefined}
 */
function totalsOfMonth(month, scope) {
  const row = rows('listening_by_month', scope).find((one) => one.month === month);
  if (!row) return undefined;
  const found = rows('discovery_by_month', scope).find((one) => one.month === month);
  const days = daysOfPeriod(month.slice(0, 7), scope);
  const fullest = days.reduce(
    (best, day) => (day.minutes > (best?.minutes ?? 0) ? day : best),
    /** @type {Row<'listening_by_day'> | undefined} */ (undefined),
  );
  return {
    ...row,
    minutes: known(row),
    new_artists: found?.new_artists ?? null,
    new_tracks: found?.new_tracks ?? null,
    ...longestStreak(days),
    busiest_day: fullest?.day ?? null,
    busiest_day_minutes: fullest?.minutes ?? null,
  };
}

/** @param {{ minutes: number, unknown_lengths: number }} row */
function known(row) {
  return row.unknown_lengths > 0 && !row.minutes ? null : row.minutes;
}

/**
 * The most days in a row with a play, within these days; of equally long ones the first.
 * @param {Row<'listening_by_day'>[]} days
 */
function longestStreak(days) {
  let [length, longest] = [0, 0];
  /** @type {Day | null} */
  let to = null;
  for (const { day, plays } of days) {
    length = plays > 0 ? length + 1 : 0;
    if (length > longest) [longest, to] = [length, day];
  }
  return {
    longest_streak: longest,
    streak_from: to && dayAfter(to, 1 - longest),
    streak_to: to,
  };
}

/**
 * The figures of a period, below the cover.
 * @param {string} period
 * @param {View} view
 */
export function figuresOf(period, view) {
  const totals = totalsOf(period, view.scope);
  if (!totals) return [];
  const list = element('dl', { class: 'figures' }, ...figures(totals, period, view).map(tile));
  return [list, element('p', { class: 'remark' }, remark(totals, period, view.scope))];
}

/** @param {Figure} figure */
function tile({ name, label, value, words, least, note }) {
  return element(
    'div',
    {},
    element('dt', {}, label),
    element('dd', {}, valueElement({ name, value, words, least }), ...noteOf(note)),
  );
}

/** @param {string | null} [note] */
function noteOf(note) {
  return note ? [element('span', { class: 'note' }, note)] : [];
}

/**
 * A value that says 'at least' where plays may be missing.
 * @param {Pick<Figure, 'name' | 'value' | 'words' | 'least'>} figure
 */
export function valueElement({ name, value, words, least }) {
  return element(
    'span',
    { class: 'value', 'data-figure': name, 'data-value': value ?? '' },
    ...(least ? [element('span', { class: 'least' }, 'at least ')] : []),
    words,
  );
}

/**
 * @param {Totals} totals
 * @param {string} period
 * @param {View} view
 * @returns {Figure[]}
 */
function figures(totals, period, view) {
  const least = totals.at_least;
  const { minutes, longest_streak: streak, busiest_day_minutes: most } = totals;
  return [
    {
      name: 'minutes',
      label: 'Minutes',
      value: minutes,
      words: minutes === null ? 'not known' : number(Math.round(minutes)),
      least: least && minutes !== null,
      note: comparedToBefore(totals, period, view.scope),
    },
    {
      name: 'streak',
      label: 'Longest streak',
      value: streak,
      words: plural(streak, 'day'),
      least,
      note: streakWords(totals),
    },
    {
      name: 'busiest',
      label: 'Fullest day',
      value: most,
      words: most && totals.busiest_day ? duration(most) : 'not known',
      least: least && Boolean(most),
      note: most && totals.busiest_day ? dayName(totals.busiest_day) : null,
    },
    {
      name: 'artists',
      label: 'Artists',
      value: totals.artists,
      words: number(totals.artists),
      least,
      note: newWords(totals.new_artists, period),
    },
    {
      name: 'tracks',
      label: 'Songs',
      value: totals.tracks,
      words: number(totals.tracks),
      least,
      note: newWords(totals.new_tracks, period),
    },
    ...(kindOf(period) === 'month' ? figuresOfMonth(`${period}-01`, view) : []),
  ];
}

/**
 * @param {number | null} count
 * @param {string} period
 */
function newWords(count, period) {
  // Of all time, everything was new once.
  if (count === null || period === ALL) return null;
  return count ? `${number(count)} of them heard for the first time` : 'none for the first time';
}

/** @param {Totals} totals */
function streakWords({ streak_from: from, streak_to: to }) {
  return from && to ? spanOfDays(from, to) : null;
}

/**
 * What is known of months alone.
 * @param {Day} month
 * @param {View} view
 * @returns {Figure[]}
 */
function figuresOfMonth(month, view) {
  const row = view.rows('listening_by_month').find((one) => one.month === month);
  if (!row) return [];
  return [
    {
      name: 'sessions',
      label: 'Sessions',
      value: row.sessions,
      words: number(row.sessions),
      least: row.at_least,
      note: 'stretches of listening that began in the month',
    },
    ...(row.skip_share === null
      ? []
      : [
          {
            name: 'skip_share',
            label: 'Skipped',
            value: row.skip_share,
            words: percent(row.skip_share),
            note: plural(row.skips ?? 0, 'play'),
          },
        ]),
  ];
}

// Of fewer days nothing can be said of a period.
const DAYS_TO_COMPARE = 7;

/**
 * More or less than in the month or the year before, by the day where not all days are known; null
 * where it is not known which of them was fuller.
 * @param {Totals} totals
 * @param {string} period
 * @param {Scope} scope
 */
function comparedToBefore(totals, period, scope) {
  const earlier = periodBefore(period);
  if (!earlier) return null;
  const before = totalsOf(earlier, scope);
  if (!before?.minutes || totals.minutes === null) return null;
  if (before.at_least || totals.at_least) return null;
  if (Math.min(before.known_days, totals.known_days) < DAYS_TO_COMPARE) return null;
  const whole = wholeDays(earlier) === before.known_days && wholeDays(period) === totals.known_days;
  const was = whole ? before.minutes : before.minutes / before.known_days;
  const is = whole ? totals.minutes : totals.minutes / totals.known_days;
  const ratio = is / was;
  const daily = whole ? '' : ' a day';
  const than = periodName(earlier);
  if (Math.abs(ratio - 1) < 0.005) return `as much${daily} as in ${than}`;
  if (ratio >= 2) return `${number(ratio, 1)} times as much${daily} as in ${than}`;
  const more = ratio > 1 ? 'more' : 'less';
  return `${percent(Math.abs(ratio - 1))} ${more}${daily} than in ${than}`;
}

/** @param {string} period */
function periodBefore(period) {
  const like = likePeriods(period);
  const before = like[like.indexOf(period) - 1];
  if (kindOf(period) === 'month') {
    return before === monthAfter(`${period}-01`, -1).slice(0, 7) ? before : undefined;
  }
  return Number(before) === Number(period) - 1 ? before : undefined;
}

/** @param {string} period a month or a year */
function wholeDays(period) {
  if (kindOf(period) === 'month') return daysOf(`${period}-01`);
  const year = Number(period);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365;
}

/** @type {Record<string, string>} */
const SOURCES = {
  export: 'an export from Spotify',
  mixed: 'exports and what Spotify showed from day to day',
  polled: 'what Spotify showed from day to day',
  scrobbled: 'scrobbles',
};

/**
 * What a figure counts, and why it may be more.
 * @param {Totals} totals
 * @param {string} period
 * @param {Scope} scope
 */
function remark(totals, period, scope) {
  if (!totals.plays && !totals.minutes) return whyNothing(period, scope);
  const source = SOURCES[totals.coverage ?? ''];
  const silent = totals.unknown_lengths;
  return joinSentences(
    'A play is 30 seconds or more of a song.',
    source && `These figures come from ${source}.`,
    totals.at_least && '“At least” stands where plays may be missing.',
    silent > 0 && `Nobody knows how long ${plural(silent, 'play')} lasted.`,
  );
}

/**
 * Why there is nothing to count.
 * @param {string} period
 * @param {Scope} scope
 */
export function whyNothing(period, scope) {
  const all = totalsOf(period, 'all');
  const when = period === ALL ? 'so far' : `in ${periodName(period)}`;
  if (scope === 'mine' && all?.plays) {
    const contexts = joinWords(contextsOf(period, 'all').map(({ context }) => context));
    return `All that was heard ${when} was ${contexts || 'left out'}: switch to All to see it.`;
  }
  return all?.at_least
    ? `No play is known ${when}, and some may be missing. An export from Spotify would tell.`
    : `Nothing was heard ${when}.`;
}
