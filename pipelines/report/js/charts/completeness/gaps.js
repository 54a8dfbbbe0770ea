// The source of each month's plays, and gaps in which plays may be missing. How other charts mark
// such months is in ../parts/missing.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Day, Instant, Row } from '../../data/tables.js' */
import { DAY_MS, dayAfter, daysOf, monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { clock, monthName } from '../../text/dates.js';
import { number, plural } from '../../text/numbers.js';
import { capitalized, joinSentences, joinWords } from '../../text/sentences.js';
import { monthAxis } from '../parts/months.js';
import { sumOf } from '../parts/rows.js';

/** @typedef {'export' | 'cut' | 'lacking' | 'mixed' | 'polled' | 'scrobbled' | 'lost' | 'silent'} Source of a month */

/** @type {Record<Source, string>} */
const SOURCES = {
  export: 'an export: complete',
  cut: 'an export, of a part of the month',
  lacking: 'an export, with an open gap',
  mixed: 'polls and an export',
  polled: 'polls alone: at least',
  scrobbled: 'scrobbles alone: at least',
  lost: 'nothing: an open gap',
  silent: 'nothing was heard',
};

/**
 * What tells of a month, as far as the picture tells them apart.
 * @param {{ coverage: string | null, at_least: boolean, whole: boolean }} row
 * @returns {Source}
 */
function sourceOf({ coverage, at_least: least, whole }) {
  if (coverage === null) return least ? 'lost' : 'silent';
  if (coverage === 'export' && least) return 'lacking';
  if (coverage === 'export' && !whole) return 'cut';
  return /** @type {Source} */ (coverage);
}

/** @type {Chart} */
export const gapsChart = {
  id: 'gaps',
  title: 'What tells of each month',
  needs: ['listening_by_month'],
  wide: true,
  draw(view) {
    const months = view.rows('listening_by_month', 'all');
    const gaps = view.rows('gaps');
    const open = gaps.filter((gap) => gap.closed_at === null);
    const axis = monthAxis(view);
    return {
      caption: joinSentences(coverageWords(months), gapWords(gaps, open)),
      height: 200,
      data: [...coverageTraces(months, view), ...(open.length ? [gapTrace(open, view)] : [])],
      layout: {
        barmode: 'overlay',
        bargap: 0,
        showlegend: true,
        legend: { y: -0.42, traceorder: 'normal' },
        yaxis: { visible: false, range: [0, 1.45] },
        xaxis: {
          ...axis,
          tickvals: axis.tickvals.map(middleOfMonth),
          range: [months[0].month, monthAfter(lastOf(months).month)],
        },
      },
      table: {
        head: ['Month', 'Told by', 'Hours of open gaps', 'Days known'],
        rows: months.map((row) => [
          monthName(row.month),
          SOURCES[sourceOf(row)],
          hoursLost(open, row.month),
          `${row.known_days} of ${daysOf(row.month)}`,
        ]),
      },
    };
  },
};

/**
 * A trace for each source that there is.
 * @param {Row<'listening_by_month'>[]} months
 * @param {View} view
 */
function coverageTraces(months, view) {
  return /** @type {Source[]} */ (Object.keys(SOURCES)).flatMap((kind) => {
    const same = months.filter((row) => sourceOf(row) === kind);
    return same.length ? [coverageTrace(same, kind, view)] : [];
  });
}

/** @type {Partial<Record<Source, string>>} */
const PATTERNS = { cut: '.', lacking: '\\', mixed: '-', polled: '/', scrobbled: '.', lost: '.' };

/**
 * @param {Row<'listening_by_month'>[]} months
 * @param {Source} kind
 * @param {View} view
 */
function coverageTrace(months, kind, view) {
  const { accent, quiet, faint, grid, paper } = view.colours;
  /** @type {Partial<Record<Source, string>>} */
  const colours = { polled: quiet, scrobbled: quiet, lost: quiet, silent: grid };
  const colour = colours[kind] ?? accent;
  const pale = kind === 'lost' || kind === 'silent';
  return {
    type: 'bar',
    name: SOURCES[kind],
    x: months.map((row) => middleOfMonth(row.month)),
    y: months.map(() => 1),
    width: months.map((row) => daysOf(row.month) * DAY_MS * 0.94),
    marker: {
      color: colour,
      line: { color: faint, width: pale ? 1 : 0 },
      pattern: {
        shape: PATTERNS[kind] ?? '',
        fillmode: 'replace',
        fgcolor: colour,
        bgcolor: paper,
        size: 6,
        solidity: kind === 'lost' ? 0.3 : 0.72,
      },
    },
    customdata: months.map((row) => monthName(row.month)),
    hovertemplate: `%{customdata}: ${SOURCES[kind]}<extra></extra>`,
  };
}

/** @param {Day} month */
function middleOfMonth(month) {
  return dayAfter(month, daysOf(month) / 2);
}

/**
 * Each gap from its beginning to its end, parted from the next.
 * @param {Row<'gaps'>[]} gaps
 * @param {View} view
 */
function gapTrace(gaps, view) {
  const texts = gaps.map(
    (gap) =>
      `${clock(gap.gap_start)} to ${clock(gap.gap_end)} UTC: ${plural(hoursOfGap(gap), 'hour')}`,
  );
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: 'an open gap',
    x: gaps.flatMap((gap) => [gap.gap_start, gap.gap_end, null]),
    y: gaps.flatMap(() => [1.2, 1.2, null]),
    line: { color: view.colours.second, width: 4 },
    marker: {
      symbol: 'line-ns',
      size: 10,
      color: view.colours.second,
      line: { color: view.colours.second, width: 2 },
    },
    text: texts.flatMap((text) => [text, text, null]),
    hovertemplate: '%{text}<extra>an open gap</extra>',
  };
}

/** @param {Row<'listening_by_month'>[]} months */
function coverageWords(months) {
  const complete = months.filter((row) => !row.at_least && row.whole).length;
  const skips = months.some((row) => row.skips !== null) ? '' : ' Nothing tells of skips.';
  if (complete === months.length) {
    return `All figures are complete: exports tell of every month.${skips}`;
  }
  const cut = months.filter((row) => !row.whole && !row.at_least);
  const are = complete === 1 ? 'is' : 'are';
  return joinSentences(
    complete
      ? `${complete} of ${plural(months.length, 'month')} ${are} complete.`
      : 'No month is complete.',
    months.some((row) => row.at_least) && 'Where plays may be missing, figures are “at least”.',
    cut.length > 0 &&
      `${joinWords(cut.map((row) => monthName(row.month)))} ` +
        `${cut.length === 1 ? 'begins or ends' : 'begin or end'} in the middle of what is known.`,
    skips,
  );
}

/**
 * @param {Row<'gaps'>[]} gaps
 * @param {Row<'gaps'>[]} open
 */
function gapWords(gaps, open) {
  const closed = gaps.length - open.length;
  const before = closed
    ? ` ${capitalized(plural(closed, 'gap has', 'gaps have'))} been closed since.`
    : '';
  if (!open.length) return `No gap is open.${before}`;
  const hours = plural(sumOf(open, hoursOfGap), 'hour');
  const first = monthName(monthOf(open[0].gap_start));
  const last = monthName(monthOf(lastOf(open).gap_end));
  const where = first === last ? `in ${first}` : `from ${first} to ${last}`;
  return joinSentences(
    open.length === 1 ? 'One gap is open,' : `${number(open.length)} gaps are open,`,
    `${hours} ${where}: what was heard then is not known.`,
    `Import an export to close ${open.length === 1 ? 'it' : 'them'}.`,
    before,
  );
}

/** @param {Instant} instant */
function monthOf(instant) {
  return `${instant.slice(0, 7)}-01`;
}

/** @param {Row<'gaps'>} gap */
function hoursOfGap(gap) {
  return Math.max(1, hoursBetween(gap.gap_start, gap.gap_end));
}

/**
 * The hours of gaps that lie in a month.
 * @param {Row<'gaps'>[]} gaps
 * @param {Day} month
 */
function hoursLost(gaps, month) {
  const end = `${monthAfter(month)}T00:00Z`;
  const lost = gaps.map(({ gap_start: from, gap_end: to }) =>
    Math.max(0, hoursBetween(from < month ? `${month}T00:00Z` : from, to < end ? to : end)),
  );
  return sumOf(lost, (hours) => hours) || '';
}

/**
 * @param {Instant} from
 * @param {Instant} to
 */
function hoursBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / 3600000);
}
