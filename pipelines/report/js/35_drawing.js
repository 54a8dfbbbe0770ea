// Shapes that charts of several sections share: lines and stacks over months, lists of bars, radars.
// What only one chart needs belongs beside that chart. Colours come from the view, never from here.

/** Sentences, one after another; those that are empty are left out. */
function inWords(...sentences) {
  return sentences.filter(Boolean).map((one) => one.trim()).join(' ');
}

/** The table's row of the chosen month, or undefined. */
function ofMonth(view, table) {
  return view.rows(table).find((row) => row.month === view.month);
}

/** An empty chart with a sentence where the chosen month has no row; null where it has. */
function nothingIn(view, table, what = 'No music is known') {
  if (ofMonth(view, table)) return null;
  return { empty: `${what} in ${monthName(view.month)}. Choose another month.` };
}

function total(entries, value) {
  return entries.reduce((sum, entry) => sum + (value(entry) || 0), 0);
}

/** A colour with so much opacity. */
function faded(hex, alpha) {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${parts.join(', ')}, ${alpha})`;
}

/** One colour of a row of them, from pale to full, the last one full. */
function shade(hex, at, count) {
  return faded(hex, count < 2 ? 1 : 0.34 + (0.66 * at) / (count - 1));
}

/** An axis on which each month has its place, and not more of them a name than fit. */
function monthAxis(view, more = {}) {
  const { months } = view;
  const most = view.narrow ? 4 : 6;
  const named = months.length > 40 ? someOf(months.filter((month) => month.slice(5, 7) === '01'), most * 2) : someOf(months, most);
  return {
    type: 'date', showgrid: false, ticks: '', ...more,
    range: [dayAfter(months[0], -18), dayAfter(months.at(-1), 18)],
    tickvals: named,
    ticktext: named.map((month) => (months.length > 40 ? month.slice(0, 4) : monthShort(month).replace(' ', '<br>'))),
  };
}

/** At most so many, equally far apart, the last among them. */
function someOf(values, most) {
  const step = Math.ceil(values.length / most);
  return values.filter((_, at) => (values.length - 1 - at) % step === 0);
}

/** A layout over months: the chosen one is marked. */
function overMonths(view, yaxis, more = {}) {
  return {
    xaxis: monthAxis(view), yaxis: { rangemode: 'tozero', zeroline: false, ...yaxis },
    shapes: [monthMark(view)], legend: below(view), ...more,
  };
}

/** An axis of what is counted: no halves of it. */
function countAxis(most, title) {
  return { ...(most < 8 && { dtick: 1 }), title: { text: title } };
}

function below(view, more = {}) {
  return { orientation: 'h', x: 0, y: -0.2, yanchor: 'top', traceorder: 'normal', ...more };
}

/** A line with a gap where a month has no row; hollow points as everywhere. */
function lineOver(view, tableRows, { name, value, text, colour, dash, symbol = 'circle' }) {
  const byMonth = new Map(tableRows.map((row) => [row.month, row]));
  const places = view.months.map((month) => byMonth.get(month) ?? { month, none: true });
  return {
    type: 'scatter', mode: 'lines+markers', name, x: view.months,
    y: places.map((row) => (row.none ? null : value(row))), connectgaps: false,
    line: { color: colour, width: 2, dash },
    marker: { ...hollow(places, colour, view, view.months.length > 48 ? 4 : 6), symbol },
    hoverinfo: 'text',
    hovertext: places.map((row) => (row.none ? '' : `${monthName(row.month)}: ${text(row)}`)),
  };
}

/** One part of stacked bars by month. */
function barsOver(view, tableRows, { name, value, text, colour }) {
  return {
    type: 'bar', name, x: tableRows.map((row) => row.month), y: tableRows.map(value),
    // Without a width the bar of a history of one month would be as narrow as a millisecond.
    width: 26 * DAY_MS, marker: hatched(tableRows, colour, view), hoverinfo: 'text',
    hovertext: tableRows.map((row) => `${monthName(row.month)}: ${text(row)}`),
  };
}

/**
 * Names to the left, bars to the right, the first on top. An entry is { name, value, mark, text };
 * the mark is written behind its bar, and mark and text are fit for Plotly already.
 */
function barList(view, entries, { colour, marks = view.colours.ink, room = 1.3 }) {
  const most = Math.max(...entries.map((entry) => entry.value)) || 1;
  const places = entries.map((_, at) => at);
  return {
    height: 50 + 30 * Math.max(entries.length, 2),
    traces: [{
      type: 'bar', orientation: 'h', y: places, x: entries.map((entry) => entry.value),
      marker: { color: entries.map((entry) => entry.colour ?? colour) },
      text: entries.map((entry) => entry.mark), textposition: 'outside', cliponaxis: false,
      textfont: { color: marks }, hoverinfo: 'text', hovertext: entries.map((entry) => entry.text),
    }],
    layout: {
      bargap: 0.4, xaxis: { range: [0, most * room], visible: false },
      yaxis: namedPlaces(view, entries.map((entry) => entry.name)),
    },
  };
}

/** An axis with a name at 0, 1, 2… from the top. Places, not categories: two songs may share a name. */
function namedPlaces(view, names) {
  return {
    type: 'linear', tickvals: names.map((_, at) => at), zeroline: false, showgrid: false, ticks: '',
    ticktext: names.map((name) => `${short(name, view.narrow ? 18 : 32)} `),
    tickfont: { color: view.colours.ink }, range: [names.length - 0.4, -0.6],
  };
}

/** A song for a list; the artist only where there is room. */
function songName(row, view) {
  if (view.narrow || !row.artist_name) return row.track_name ?? 'an unnamed song';
  return `${row.track_name ?? 'an unnamed song'} · ${row.artist_name}`;
}

/** One line of a radar, closed: its last point joins its first. A spoke is { name, r, text }. */
function radarLine(name, spokes, colour, { dash, filled } = {}) {
  const closed = [...spokes, spokes[0]];
  return {
    type: 'scatterpolar', mode: 'lines+markers', name,
    r: closed.map((spoke) => spoke.r), theta: closed.map((spoke) => spoke.name),
    line: { color: colour, width: 2, dash }, marker: { color: colour, size: dash ? 4 : 6 },
    fill: filled ? 'toself' : 'none', fillcolor: faded(colour, 0.14),
    hoverinfo: 'text', hovertext: closed.map((spoke) => spoke.text),
  };
}

function radarLayout(view, radial) {
  const { grid, faint, ink } = view.colours;
  return {
    showlegend: true, legend: { orientation: 'h', x: 0.5, xanchor: 'center', y: -0.1, yanchor: 'top' },
    margin: { l: view.narrow ? 64 : 90, r: view.narrow ? 64 : 90, t: 40, b: 30 },
    polar: {
      bgcolor: 'rgba(0, 0, 0, 0)',
      radialaxis: {
        range: [0, 1.02], gridcolor: grid, linecolor: grid, tickvals: [0.25, 0.5, 0.75, 1],
        tickfont: { color: faint, size: 10 }, showline: false, ticks: '',
        // Angles of ticks are told from that of the axis: as many degrees back, and they are level.
        angle: 64, tickangle: 64, ...radial,
      },
      angularaxis: {
        gridcolor: grid, linecolor: grid, rotation: 90, direction: 'clockwise', ticks: '',
        tickfont: { color: ink },
      },
    },
  };
}

/** Lines below months around whose first day they are drawn, where plays may be missing. */
function underMonths(view, tableRows) {
  return leastLines(tableRows, 'month', view)
    .map((line) => ({ ...line, x0: dayAfter(line.x0, -15), x1: dayAfter(line.x1, -15) }));
}

/** What hollow points mean, to end a caption with; '' where there is none. */
function hollowMeans(tableRows) {
  return tableRows.some((row) => row.at_least) ? ' Hollow: plays may be missing.' : '';
}

/** For the last column of tables. */
function leastMark(row) {
  return row.at_least ? 'at least' : '';
}
