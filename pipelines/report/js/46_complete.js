// How complete it is: what tells of each month, and gaps in which plays may have been lost.

const TOLD_BY = {
  export: 'an export: complete',
  lacking: 'an export, with an open gap',
  mixed: 'polls and an export',
  polled: 'polls alone: at least',
  lost: 'nothing: an open gap',
  silent: 'nothing was heard',
};

function toldBy({ coverage, at_least: least }) {
  if (coverage === null) return least ? 'lost' : 'silent';
  return coverage === 'export' && least ? 'lacking' : coverage;
}

chart({
  id: 'gaps',
  section: 'complete',
  title: 'What tells of each month',
  needs: ['listening_by_month'],
  wide: true,
  draw(view) {
    const months = view.rows('listening_by_month', 'all');
    const gaps = view.rows('gaps');
    const open = gaps.filter((gap) => gap.closed_at === null);
    const axis = monthAxis(view);
    return {
      caption: `${coverageWords(months)} ${gapWords(gaps, open)}`,
      height: 200,
      traces: [
        ...Object.keys(TOLD_BY).map((kind) =>
          coverageTrace(months.filter((row) => toldBy(row) === kind), kind, view)),
        gapTrace(open, view),
      ].filter((trace) => trace.x.length),
      layout: {
        barmode: 'overlay', bargap: 0, showlegend: true, legend: { y: -0.42, traceorder: 'normal' },
        yaxis: { visible: false, range: [0, 1.45] },
        xaxis: {
          ...axis, tickvals: axis.tickvals.map(middleOf),
          range: [months[0].month, monthAfter(months.at(-1).month)],
        },
      },
      table: {
        head: ['Month', 'Told by', 'Hours of open gaps'],
        rows: months.map((row) => [monthName(row.month), TOLD_BY[toldBy(row)], hoursLost(open, row.month)]),
      },
    };
  },
});

function coverageTrace(months, kind, view) {
  const { accent, quiet, faint, grid, paper } = view.colours;
  const colour = { polled: quiet, lost: quiet, silent: grid }[kind] ?? accent;
  const pale = kind === 'lost' || kind === 'silent';
  return {
    type: 'bar', name: TOLD_BY[kind], x: months.map((row) => middleOf(row.month)), y: months.map(() => 1),
    width: months.map((row) => daysOf(row.month) * DAY_MS * 0.94),
    marker: {
      color: colour, line: { color: faint, width: pale ? 1 : 0 },
      pattern: {
        shape: { lacking: '\\', mixed: '-', polled: '/', lost: '.' }[kind] ?? '', fillmode: 'replace',
        fgcolor: colour, bgcolor: paper, size: 6, solidity: kind === 'lost' ? 0.3 : 0.72,
      },
    },
    customdata: months.map((row) => monthName(row.month)),
    hovertemplate: `%{customdata}: ${TOLD_BY[kind]}<extra></extra>`,
  };
}

function middleOf(month) {
  return dayAfter(month, daysOf(month) / 2);
}

/** Each gap from its beginning to its end, parted from the next. */
function gapTrace(gaps, view) {
  const told = gaps.map((gap) => `${clock(gap.gap_start)} to ${clock(gap.gap_end)} UTC: ${plural(hoursOf(gap), 'hour')}`);
  return {
    type: 'scatter', mode: 'lines+markers', name: 'an open gap',
    x: gaps.flatMap((gap) => [gap.gap_start, gap.gap_end, null]),
    y: gaps.flatMap(() => [1.2, 1.2, null]),
    line: { color: view.colours.second, width: 4 },
    marker: { symbol: 'line-ns', size: 10, color: view.colours.second, line: { color: view.colours.second, width: 2 } },
    text: told.flatMap((text) => [text, text, null]),
    hovertemplate: '%{text}<extra>an open gap</extra>',
  };
}

function coverageWords(months) {
  const complete = months.filter((row) => !row.at_least).length;
  const skips = months.some((row) => row.skips !== null) ? '' : ' Nothing tells of skips.';
  if (complete === months.length) return `All figures are complete: exports tell of every month.${skips}`;
  if (!complete) return `No month is complete: every figure is “at least”.${skips}`;
  return `${complete} of ${plural(months.length, 'month')} ${complete === 1 ? 'is' : 'are'} complete; figures of the rest are “at least”.${skips}`;
}

function gapWords(gaps, open) {
  const closed = gaps.length - open.length;
  const before = closed ? ` ${sentence(plural(closed, 'gap has', 'gaps have'))} been closed since.` : '';
  if (!open.length) return `No gap is open.${before}`;
  const hours = open.reduce((sum, gap) => sum + hoursOf(gap), 0);
  const first = monthName(monthOf(open[0].gap_start));
  const last = monthName(monthOf(open.at(-1).gap_end));
  const where = first === last ? `in ${first}` : `from ${first} to ${last}`;
  return `${open.length === 1 ? 'One gap is' : `${number(open.length)} gaps are`} open, ${plural(hours, 'hour')} ${where}: what was heard then is not known. Import an export to close ${open.length === 1 ? 'it' : 'them'}.${before}`;
}

function monthOf(instant) {
  return `${instant.slice(0, 7)}-01`;
}

function hoursOf(gap) {
  return Math.max(1, hoursBetween(gap.gap_start, gap.gap_end));
}

/** The hours of gaps that lie in a month. */
function hoursLost(gaps, month) {
  const end = `${monthAfter(month)}T00:00Z`;
  const lost = gaps.map(({ gap_start: from, gap_end: to }) =>
    Math.max(0, hoursBetween(from < month ? `${month}T00:00Z` : from, to < end ? to : end)));
  return lost.reduce((sum, hours) => sum + hours, 0) || '';
}

function hoursBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / 3600000);
}

/** '2026-05-03T08:00Z' as '3 May 2026, 08:00'. */
function clock(instant) {
  return `${dayName(instant.slice(0, 10))}, ${instant.slice(11, 16)}`;
}
