// Charts: how they are declared, and what they are given. How they get into the page is for the
// shell in 80_shell.js.

const SECTIONS = [
  { id: 'when', title: 'When do you listen?' },
  { id: 'who', title: 'Who do you listen to?' },
  { id: 'wide', title: 'How wide do you listen?' },
  { id: 'known', title: 'How well known is your music?' },
  { id: 'age', title: 'What kind of recordings do you play?' },
  { id: 'change', title: 'How does your taste change?' },
  { id: 'sound', title: 'How does it sound?' },
  { id: 'contexts', title: 'What do you listen for?' },
  { id: 'rotation', title: 'What do you keep coming back to?' },
  { id: 'complete', title: 'How complete is this?' },
];

const CHARTS = [];

/**
 * Declare a chart.
 *
 * id: of the figure, 'chart-' before it. section: of SECTIONS. title: a noun phrase.
 * needs: tables without whose rows there is nothing to draw. without: the sentence that is shown
 * where one of them has no rows (else a general one). wide: over both columns.
 * draw(view): { traces, layout, caption, table: { head, rows }, height } or { empty: 'sentence' }.
 *   caption, head, rows and empty are plain text; whatever is in traces and layout goes through
 *   esc() or short() where it is somebody else's.
 *   steps: { labels, at, interval, draw(n) } instead of traces and layout, for a chart that plays:
 *   draw(n) gives { traces, layout } of the n-th label, and its caption and table where they change
 *   with it; interval in milliseconds.
 */
function chart(declared) {
  CHARTS.push(declared);
}

const LIGHT = {
  paper: '#fbfaf7', ink: '#1d2125', faint: '#5b6269', grid: '#e3e0d8', accent: '#17607a',
  second: '#a35607', third: '#7a4a8c', quiet: '#868c92',
  scale: [[0, '#efece4'], [0.25, '#bdd5da'], [0.5, '#74a9b6'], [0.75, '#2f7890'], [1, '#0e465a']],
  contexts: {
    sleep: '#4b4f95', kids: '#c07a0a', workout: '#bd4334', focus: '#2a70ae', party: '#a43c86',
    relaxation: '#23806d', everyday: '#7d848b',
  },
};
const DARK = {
  paper: '#15181b', ink: '#ebe8e1', faint: '#a4a9ae', grid: '#2c3135', accent: '#74bcd6',
  second: '#e6a03c', third: '#c79bdc', quiet: '#6f767c',
  scale: [[0, '#1f2428'], [0.25, '#1f4856'], [0.5, '#2c7389'], [0.75, '#5ba9c1'], [1, '#c0e6f0']],
  contexts: {
    sleep: '#8f94e6', kids: '#eeb04c', workout: '#f0867a', focus: '#6fb0ee', party: '#dc86c6',
    relaxation: '#5cc6b0', everyday: '#9ea5ac',
  },
};
for (const colours of [LIGHT, DARK]) {
  // Seven of them for whatever has no colours of its own, neighbours well apart.
  const { focus, kids, relaxation, party, sleep, workout, everyday } = colours.contexts;
  colours.series = [focus, kids, relaxation, party, sleep, workout, everyday];
}

const CONTEXT_ORDER = ['everyday', 'focus', 'relaxation', 'party', 'workout', 'kids', 'sleep'];

/** What a chart may look at. */
function viewNow() {
  const { scope, month } = state;
  const dark = isDark();
  return {
    scope, month, dark,
    months: MONTHS,
    rows: (table, of = scope) => rows(table, of),
    colours: dark ? DARK : LIGHT,
    narrow: !printing && NARROW.matches,
    still: STILL.matches,
  };
}

/** What a chart shows now, with a sentence instead where there is nothing. */
function drawn(declared, view) {
  const missing = (declared.needs ?? []).find((table) => !view.rows(table).length);
  if (missing) return { empty: declared.without ?? nothingFor(view) };
  try {
    return declared.draw(view);
  } catch (error) {
    // One chart that fails must not take the others with it.
    console.error(declared.id, error);
    return { empty: 'This could not be drawn. The numbers are in the tables.' };
  }
}

function nothingFor(view) {
  if (!MONTHS.length) return 'No play is known yet. Collect some, or import an export.';
  if (view.scope === 'mine' && !view.rows('listening_by_month').length) {
    return 'All that was heard counts as left out. Switch to all, or label a session otherwise.';
  }
  return 'The tables have nothing to show here yet.';
}

/** Marks of bars, of one colour or of as many as there are: hatched where plays may be missing. */
function hatched(tableRows, colour, view) {
  return {
    color: colour,
    pattern: {
      shape: tableRows.map((row) => (row.at_least ? '/' : '')),
      // Colour is drawn as broad lines: Plotly lets each bar have its own only in those.
      fillmode: 'replace', fgcolor: colour, bgcolor: view.colours.paper, size: 6, solidity: 0.72,
    },
  };
}

/** What hatched bars or hollow points mean, to end a caption with; '' where there is none. */
function hatchedMeans(tableRows, hence = 'so it is at least that much') {
  return tableRows.some((row) => row.at_least) ? ` Hatched: plays may be missing, ${hence}.` : '';
}

/** Points on a line: hollow where plays may be missing. */
function hollow(tableRows, colour, view, size = 6) {
  return {
    size, color: tableRows.map((row) => (row.at_least ? view.colours.paper : colour)),
    line: { color: colour, width: 1.5 },
  };
}

// The chosen month, on top of every colour: a line with a rim.
function markAcross(view) {
  const { ink, paper } = view.colours;
  const line = (color, width) => ({ ...monthMark(view), layer: 'above', line: { color, width } });
  return [line(paper, 5), line(ink, 1.5)];
}

/** A line that marks the chosen month on an axis of dates. */
function monthMark(view) {
  return {
    type: 'line', xref: 'x', yref: 'paper', x0: view.month, x1: view.month, y0: 0, y1: 1,
    line: { color: view.colours.faint, width: 1, dash: 'dot' }, layer: 'below',
  };
}

/** A band that marks the chosen month on an axis of days. */
function monthBand(view) {
  return {
    type: 'rect', xref: 'x', yref: 'paper', x0: view.month, x1: monthAfter(view.month), y0: 0, y1: 1,
    fillcolor: view.colours.grid, line: { width: 0 }, layer: 'below',
  };
}

/** Colours of bars of months: that of the chosen one is full, the others are paler. */
function chosen(tableRows, colour, view) {
  const pale = blend(colour, view.colours.paper, 0.34);
  return tableRows.map((row) => (row.month === view.month ? colour : pale));
}

/** A colour with so much of another in it; both as '#rrggbb'. */
function blend(colour, other, share) {
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const others = parts(other);
  return `rgb(${parts(colour).map((part, n) => Math.round(part * (1 - share) + others[n] * share))})`;
}

/** Lines below a chart of a 'day', 'week' or 'month' a row, where plays may be missing. */
function leastLines(tableRows, key, view) {
  const after = key === 'month' ? monthAfter : (day) => dayAfter(day, key === 'week' ? 7 : 1);
  const spans = [];
  tableRows.filter((row) => row.at_least).forEach((row) => {
    if (spans.length && spans.at(-1)[1] === row[key]) spans.at(-1)[1] = after(row[key]);
    else spans.push([row[key], after(row[key])]);
  });
  return spans.map(([x0, x1]) => ({
    type: 'line', xref: 'x', yref: 'paper', x0, x1, y0: 0, y1: 0,
    line: { color: view.colours.second, width: 3 },
  }));
}

/** What these lines mean, to end a caption with; '' where there is none. */
function underlined(tableRows, hence = 'so it is at least that much') {
  return tableRows.some((row) => row.at_least) ? ` Underlined: plays may be missing, ${hence}.` : '';
}

const DAY_MS = 86400000;

/** An axis of days that is wide enough for one of them. */
function dayAxis(days, view) {
  const [first, last] = [days[0], days.at(-1)];
  const count = dayNumber(last) - dayNumber(first) + 1;
  const pad = Math.max(1, Math.ceil(count / 200));
  return {
    type: 'date', showgrid: false, nticks: view.narrow ? 4 : 9,
    tickformat: count > 270 ? '%b\n%Y' : '%-d %b\n%Y',
    range: [dayAfter(first, -pad), dayAfter(last, pad + 1)],
    ...(count < 8 && { tickvals: days }),
  };
}
