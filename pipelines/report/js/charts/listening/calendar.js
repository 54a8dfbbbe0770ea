// Minutes of each day as a calendar: a column for each week. Minutes over time are in days.js.

/** @import { Day, Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { dayAfter, dayNumber, monday, monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { dayName, monthShort, WEEKDAYS } from '../../text/dates.js';
import { atLeast, duration, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { atLeastCell, missingLines, underlinedMeans } from '../parts/missing.js';
import { emptyMonthWords, NO_MINUTES } from '../parts/rows.js';

/** @type {Chart} */
export const calendarChart = {
  id: 'calendar',
  title: 'Day by day',
  needs: ['listening_by_day'],
  wide: true,
  draw(view) {
    const days = daysUpTo(view, view.narrow ? 6 : 12);
    if (!days.some((row) => row.minutes > 0)) {
      return { empty: days.some((row) => row.plays) ? NO_MINUTES : emptyMonthWords(view) };
    }
    const most = days.reduce((best, row) => (row.minutes > best.minutes ? row : best));
    const silent = days.filter((row) => row.minutes === 0 && row.known).length;
    const unknown = days.filter(isSilentUnknown).length;
    const least = days.some((row) => row.at_least) ? ', as far as is known' : '';
    return {
      caption: joinSentences(
        `Of the ${plural(days.length, 'day')} up to ${dayName(lastOf(days).day)}`,
        `the fullest was ${dayName(most.day)},`,
        `with ${atLeast(duration(most.minutes), most.at_least)};`,
        silent
          ? `on ${plural(silent, 'day')} nothing was heard${least}.`
          : 'on every day that is known something was heard.',
        unknown > 0 && `Of ${plural(unknown, 'day')} nothing is known.`,
        underlinedMeans(days),
        unknown > 0 && 'A dot: nothing is known.',
      ),
      height: 220,
      data: [calendarTrace(days, view)],
      layout: {
        shapes: missingWeeks(days, view),
        yaxis: { autorange: 'reversed', type: 'category', showgrid: false, ticks: '' },
        xaxis: { type: 'date', showgrid: false, ticks: '', ...namedWeeks(days) },
      },
      table: {
        head: ['Day', 'Minutes', 'Plays', 'Streak in days', ''],
        rows: days.map((row) => [row.day, row.minutes, row.plays, row.streak, atLeastCell(row)]),
      },
    };
  },
};

/**
 * The days of so many months that end with the chosen one, as far as they are known.
 * @param {View} view
 * @param {number} months
 */
function daysUpTo(view, months) {
  const [from, to] = [monthAfter(view.month, 1 - months), monthAfter(view.month)];
  return view.rows('listening_by_day').filter((row) => row.day >= from && row.day < to);
}

/**
 * A day without a play, which an open gap touches: what was heard is not known.
 * @param {Row<'listening_by_day'>} row
 */
function isSilentUnknown(row) {
  return !row.known && row.minutes === 0;
}

/**
 * Names of months at the weeks of their first days; a week is where its Monday is.
 * @param {Row<'listening_by_day'>[]} days
 */
function namedWeeks(days) {
  const firsts = days.filter((row, n) => n === 0 || row.day.endsWith('-01')).map((row) => row.day);
  // What is left of a month before the next needs room for its name.
  const named = firsts.filter(
    (day, n) => n > 0 || !firsts[1] || dayNumber(firsts[1]) - dayNumber(day) > 20,
  );
  /**
   * @param {Day} day
   * @param {number} n
   */
  const year = (day, n) => (n === 0 || day.slice(5, 7) === '01' ? `<br>${day.slice(0, 4)}` : '');
  return {
    tickvals: named.map(monday),
    ticktext: named.map((day, n) => `${monthShort(day).split(' ')[0]}${year(day, n)}`),
  };
}

/**
 * Lines below weeks in which plays may be missing; a week's cells are centred on its Monday.
 * @param {Row<'listening_by_day'>[]} days
 * @param {View} view
 */
function missingWeeks(days, view) {
  const weeks = days.map((row) => ({ week: monday(row.day), at_least: row.at_least }));
  const touched = weeks.filter((row) => row.at_least);
  const once = touched.filter((row, n) => row.week !== touched[n - 1]?.week);
  /** @param {Day} week */
  const half = (week) => `${dayAfter(week, -4)} 12:00`;
  return missingLines(once, 'week', view).map((line) => ({
    ...line,
    x0: half(line.x0),
    x1: half(line.x1),
  }));
}

/**
 * @param {Row<'listening_by_day'>[]} days
 * @param {View} view
 */
function calendarTrace(days, view) {
  const last = monday(lastOf(days).day);
  const known = (dayNumber(last) - dayNumber(monday(days[0].day))) / 7 + 1;
  // Half a year at least, so that a few days are not drawn as wide as a page.
  const count = Math.max(known, view.narrow ? 13 : 26);
  const weeks = Array.from({ length: count }, (_, n) => dayAfter(last, 7 * (n + 1 - count)));
  const place = new Map(weeks.map((week, n) => [week, n]));
  /**
   * A row for each weekday, a column for each week.
   * @template T
   * @param {(row: Row<'listening_by_day'>) => T} value
   * @param {T | null} none
   */
  const grid = (value, none) => {
    const cells = WEEKDAYS.map(() => Array(weeks.length).fill(none));
    for (const row of days) {
      const week = place.get(monday(row.day)) ?? 0;
      cells[(dayNumber(row.day) + 3) % 7][week] = value(row);
    }
    return cells;
  };
  /** @param {Row<'listening_by_day'>} row */
  const heard = (row) =>
    isSilentUnknown(row) ? 'nothing is known' : atLeast(duration(row.minutes), row.at_least);
  return {
    type: 'heatmap',
    x: weeks,
    y: WEEKDAYS.map((name) => name.slice(0, 3)),
    z: grid((row) => row.minutes, null),
    zmin: 0,
    hoverongaps: false,
    customdata: grid((row) => `${dayName(row.day)}<br>${heard(row)}`, null),
    text: grid((row) => (isSilentUnknown(row) ? '·' : ''), ''),
    texttemplate: '%{text}',
    textfont: { color: view.colours.faint, size: 14 },
    colorscale: view.colours.scale,
    showscale: false,
    xgap: 2,
    ygap: 2,
    hovertemplate: '%{customdata}<extra></extra>',
  };
}
