// Habits of a month against what is usual for the listener, as a radar. New songs are counted in
// new-and-familiar.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Row } from '../../data/tables.js' */
import { monthAfter } from '../../data/dates.js';
import { monthName } from '../../text/dates.js';
import { inTenths, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { isWhole, knownDaysWords } from '../parts/cut.js';
import { ENOUGH } from '../parts/known.js';
import { radarLayout, radarLine } from '../parts/radar.js';
import { emptyMonth, rowOfMonth, sumOf } from '../parts/rows.js';

/**
 * @typedef {'artist_diversity' | 'new_artist_share' | 'new_release_ratio' | 'repeat_rate' | 'loyalty'
 *   | 'evenness'} HabitKey
 * @typedef {ReturnType<typeof habitsOf>[number]} Habit
 */

/** @type {{ key: HabitKey, name: string, meaning: string }[]} */
const HABITS = [
  { key: 'artist_diversity', name: 'diversity', meaning: 'artists per play' },
  {
    key: 'new_artist_share',
    name: 'new<br>artists',
    meaning: 'of the plays, by artists new to you',
  },
  {
    key: 'new_release_ratio',
    name: 'new<br>releases',
    meaning: 'of the plays, released in the year before',
  },
  {
    key: 'repeat_rate',
    name: 'repeats',
    meaning: 'of the plays, songs played before in the month',
  },
  { key: 'loyalty', name: 'loyalty', meaning: 'of the plays, by the ten first artists' },
  { key: 'evenness', name: 'evenness', meaning: 'how alike artists are played, 1 is all alike' },
];

/**
 * Whether nearly everything is new in a month because nothing is known before: no whole month is.
 * @param {Row<'discovery_by_month'>} row
 */
function isBeginning(row) {
  return row.history_starts_on > monthAfter(row.month, -1);
}

/**
 * The months that say what is usual: whole ones, and none in which everything is new.
 * @param {View} view
 * @param {Row<'discovery_by_month'>[]} months
 */
function usualMonths(view, months) {
  // A month of which days are missing has few plays, and so looks more varied than any whole one.
  const whole = months.filter(
    (row) => !isBeginning(row) && row.new_artists < row.artists && isWhole(view, row.month),
  );
  const told = whole.filter((row) => !row.at_least);
  return told.length >= 3 ? told : whole;
}

/**
 * What the radar shows; first, if it is the month in which the history starts.
 * @param {View} view
 * @param {Row<'discovery_by_month'>} row
 * @param {{ first: boolean, standing: string, usual: Row<'discovery_by_month'>[] }} words
 */
function radarWords(view, row, { first, standing, usual }) {
  const rim = joinSentences(
    `Each spoke ends at the most of any of ${plural(usual.length, 'whole month')};`,
    'those in which everything is new, as at the beginning, are left out.',
  );
  if (first) {
    return joinSentences(
      `Little or nothing is known before ${monthName(view.month)},`,
      'so nearly every artist is new in it.',
      rim,
    );
  }
  const dated = rowOfMonth(view, 'release_years_by_month')?.known_share ?? 0;
  return joinSentences(
    `What stands out in ${monthName(view.month)}: ${standing}.`,
    rim,
    dated >= ENOUGH &&
      dated < 1 &&
      `When a song was released is known for ${percent(dated)} of the plays.`,
    knownDaysWords(view),
    !isWhole(view, row.month) && 'Fewer plays look more varied.',
    row.at_least && 'Plays may be missing, so habits may differ.',
  );
}

/**
 * A habit's name in one line.
 * @param {{ name: string }} habit
 */
function plainName({ name }) {
  return name.replace('<br>', ' ');
}

/**
 * The mean of what is known; null where nothing is.
 * @param {(number | null)[]} values
 */
function mean(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? sumOf(known, (value) => value) / known.length : null;
}

/**
 * A habit's own largest value is the rim: their sizes differ a hundredfold.
 * @param {Row<'discovery_by_month'>} row
 * @param {Row<'discovery_by_month'>[]} usual
 * @param {boolean} isDated whether it is known of enough plays when their songs were released
 */
function habitsOf(row, usual, isDated) {
  return HABITS.flatMap(({ key, name, meaning }) => {
    const value = row[key];
    if (value === null || (key === 'new_release_ratio' && !isDated)) return [];
    const most = Math.max(...usual.map((one) => one[key] ?? 0), 0);
    const usually = mean(usual.map((one) => one[key]));
    const habit = {
      name,
      meaning,
      value,
      usually,
      most,
      now: {
        name,
        r: most ? Math.min(value / most, 1) : 0,
        text: `${inTenths(value)}, at most ${inTenths(most)}`,
      },
      mean: {
        name,
        r: most && usually !== null ? usually / most : 0,
        text: `usually ${inTenths(usually)}`,
      },
    };
    return [habit];
  });
}

/**
 * How far from usual, on the radar.
 * @param {Habit} habit
 */
function distanceFromUsual(habit) {
  return habit.most ? Math.abs(habit.value - (habit.usually ?? 0)) / habit.most : 0;
}

/** @type {Chart} */
export const discoveryChart = {
  id: 'discovery',
  title: 'How you discovered',
  needs: ['discovery_by_month'],
  draw(view) {
    const row = rowOfMonth(view, 'discovery_by_month');
    if (!row) return emptyMonth(view);
    const usual = usualMonths(view, view.rows('discovery_by_month'));
    if (usual.length < 3) {
      return {
        empty: joinSentences(
          'To say what is usual for you takes three whole months,',
          'besides those in which everything is new, as at the beginning.',
          'Come back then, or import an export.',
        ),
      };
    }
    const dated = rowOfMonth(view, 'release_years_by_month')?.known_share ?? 0;
    const habits = habitsOf(row, usual, dated >= ENOUGH);
    const now = habits.map((one) => one.now);
    const usually = habits.map((one) => one.mean);
    const first = isBeginning(row);
    const farthest = habits.reduce((best, one) =>
      distanceFromUsual(one) > distanceFromUsual(best) ? one : best,
    );
    const standing = joinSentences(
      `${plainName(farthest)}, ${inTenths(farthest.value)} against`,
      `${inTenths(farthest.usually)} usually (${farthest.meaning})`,
    );
    return {
      data: [
        radarLine('usually', usually, view.colours.second, { dash: 'dot' }),
        radarLine(monthName(view.month), now, view.colours.accent, { filled: true }),
      ],
      layout: radarLayout(view, { showticklabels: false }),
      height: 360,
      caption: radarWords(view, row, { first, standing, usual }),
      table: {
        head: ['Habit', monthName(view.month), 'Usually', 'At most', 'Meaning'],
        rows: habits.map((one) => [
          plainName(one),
          ...[one.value, one.usually, one.most].map(inTenths),
          one.meaning,
        ]),
      },
    };
  },
};
