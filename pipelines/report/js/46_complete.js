// How complete it is: what tells of each month, and gaps in which plays may have been lost.

const COVERAGES = [
  ['export', 'an export: complete'], ['mixed', 'polls and an export'],
  ['polled', 'polls alone: at least'], [null, 'nothing was heard'],
];

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
        ...COVERAGES.map(([coverage, name]) => coverageTrace(
          months.filter((row) => row.coverage === coverage), coverage, name, view)),
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
        head: ['From', 'To (UTC)', 'Hours', ''],
        rows: gaps.map((gap) => [clock(gap.gap_start), clock(gap.gap_end), hoursOf(gap), gap.closed_at ? 'closed since' : 'open']),
      },
    };
  },
});

function coverageTrace(months, coverage, name, view) {
  const { accent, quiet, paper } = view.colours;
  const colour = { export: accent, mixed: accent, polled: quiet }[coverage] ?? view.colours.grid;
  return {
    type: 'bar', name, x: months.map((row) => middleOf(row.month)), y: months.map(() => 1),
    width: months.map((row) => daysOf(row.month) * DAY_MS * 0.94),
    marker: {
      color: colour,
      pattern: {
        shape: { mixed: '-', polled: '/' }[coverage] ?? '', fillmode: 'replace', fgcolor: colour,
        bgcolor: paper, size: 6, solidity: 0.72,
      },
    },
    customdata: months.map((row) => monthName(row.month)),
    hovertemplate: `%{customdata}: ${name}<extra></extra>`,
  };
}

function middleOf(month) {
  return dayAfter(month, daysOf(month) / 2);
}

function gapTrace(gaps, view) {
  return {
    type: 'scatter', mode: 'markers', name: 'an open gap', x: gaps.map((gap) => gap.gap_start),
    y: gaps.map(() => 1.2), marker: { symbol: 'triangle-down', size: 12, color: view.colours.second },
    text: gaps.map((gap) => `${clock(gap.gap_start)}: ${plural(hoursOf(gap), 'hour')}`),
    hovertemplate: '%{text}<extra>an open gap</extra>',
  };
}

function coverageWords(months) {
  const known = months.filter((row) => row.coverage !== null);
  const told = known.filter((row) => row.coverage === 'export').length;
  if (!told) return 'No month is covered by an export: every figure is “at least”, and skips are not known.';
  if (told === known.length) return 'An export tells of every month: figures are complete, skips are known.';
  return `Exports alone tell of ${told} of ${plural(known.length, 'month')}; of the others polls do, which may miss plays.`;
}

function gapWords(gaps, open) {
  const closed = gaps.length - open.length;
  const before = closed ? ` ${sentence(plural(closed, 'gap has', 'gaps have'))} been closed since.` : '';
  if (!open.length) return `No gap is open.${before}`;
  const hours = open.reduce((sum, gap) => sum + hoursOf(gap), 0);
  const months = [...new Set(open.map((gap) => monthName(`${gap.gap_start.slice(0, 7)}-01`)))];
  const where = months.length > 4 ? `${months.length} months` : listed(months);
  return `${open.length === 1 ? 'One gap is' : `${number(open.length)} gaps are`} open, ${plural(hours, 'hour')} in ${where}: what was heard then is not known, and what it touches is told as “at least”. Import an export to close it.${before}`;
}

function hoursOf(gap) {
  return Math.max(1, Math.round((Date.parse(gap.gap_end) - Date.parse(gap.gap_start)) / 3600000));
}

/** '2026-05-03T08:00Z' as '3 May 2026, 08:00'. */
function clock(instant) {
  return `${dayName(instant.slice(0, 10))}, ${instant.slice(11, 16)}`;
}
