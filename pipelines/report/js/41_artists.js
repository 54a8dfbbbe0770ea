// Whom the listener plays, from month to month. How wide and how new that is belongs to
// 48_width.js, songs by name to 45_rotation.js.

const FLOW_ARTISTS = 8;
const FLOW_HEIGHT = 500;
const FLOW_PAD = 10;
const KEY = (row) => row.artist_name.toLowerCase();
// No artist's key: there are artists without a name, as Spotify tells of what it removed.
const OTHERS = null;

function artistName(row) {
  return row.artist_name || 'an unnamed artist';
}

function topOf(view, month, ranks) {
  return view.rows('top_artists_by_month').filter((row) => row.month === month && row.rank <= ranks);
}

// The chosen month and those right before it, as far back as something is known.
function flowMonths(view) {
  const months = (view.narrow ? [-1, 0] : [-2, -1, 0]).map((away) => monthAfter(view.month, away));
  const unknown = months.findLastIndex((month) => !topOf(view, month, 1).length);
  return months.slice(unknown + 1);
}

// A node for each artist of each month by rank, and below them one for all who are not in the list.
function flowNodes(view, months) {
  return months.flatMap((month, column) => [
    ...topOf(view, month, FLOW_ARTISTS).map((row) => ({ row, key: KEY(row), name: artistName(row), column, month })),
    { key: OTHERS, name: 'others', column, month },
  ]).map((node, index) => ({ ...node, index }));
}

// What an artist keeps flows on to that artist; what is gained or lost comes from or goes to others.
// So each artist's node is as high as the plays of the month.
function flowLinks(nodes, columns) {
  const links = [];
  const flow = (from, to, value) => value > 0 && links.push({ from, to, value, kept: from.key === to.key });
  for (let column = 1; column < columns; column += 1) {
    const [before, after] = [column - 1, column].map((at) => nodes.filter((node) => node.column === at));
    const kept = (node, others) => {
      const same = others.find((other) => other.key === node.key);
      return same ? Math.min(same.row.plays, node.row.plays) : 0;
    };
    after.slice(0, -1).forEach((node) => {
      const same = before.find((other) => other.key === node.key);
      if (same) flow(same, node, kept(node, before));
      flow(before.at(-1), node, node.row.plays - kept(node, before));
    });
    before.slice(0, -1).forEach((node) => flow(node, after.at(-1), node.row.plays - kept(node, after)));
  }
  return links;
}

// Where the middle of each node lies, from 0 at the top to 1: by rank, as Plotly would not do it.
function placeNodes(nodes, links, columns) {
  const through = (node, end) => total(links.filter((link) => link[end] === node), (link) => link.value);
  const sizes = nodes.map((node) => Math.max(through(node, 'from'), through(node, 'to')));
  const inColumn = (column) => nodes.filter((node) => node.column === column);
  const gap = FLOW_PAD / (FLOW_HEIGHT * 0.9);
  // Plotly's own scale, of the fullest column, so that nothing overlaps.
  const scale = Math.min(...Array.from({ length: columns }, (_, at) => inColumn(at)).map((column) =>
    (1 - gap * (column.length - 1)) / total(column, (node) => sizes[node.index])));
  return nodes.map((node) => {
    const above = inColumn(node.column).filter((other) => other.index < node.index);
    const top = total(above, (other) => sizes[other.index] * scale + gap);
    const inside = (value) => Math.min(Math.max(value, 0.001), 0.999);
    return { x: inside(node.column / (columns - 1)), y: inside(top + (sizes[node.index] * scale) / 2) };
  });
}

function flowTrace(view, months) {
  const { series, quiet, ink } = view.colours;
  const all = flowNodes(view, months);
  const links = flowLinks(all, months.length);
  // Plotly gives the places of nodes that no link touches to those after them.
  const nodes = all.filter((node) => links.some((link) => link.from === node || link.to === node));
  nodes.forEach((node, index) => { node.index = index; });
  const places = placeNodes(nodes, links, months.length);
  // Colours are for those who stayed: there are too few of them for all.
  const stayed = [...new Set(links.filter((link) => link.kept).map((link) => link.from.key))];
  const colour = (node) => (stayed.includes(node.key) ? series[stayed.indexOf(node.key) % series.length] : quiet);
  const about = (node) => (node.row
    ? `${esc(node.name)}<br>${monthName(node.month)}: ${atLeast(plural(node.row.plays, 'play'), node.row.at_least)}`
    : `${monthName(node.month)}: what artists outside of the first ${FLOW_ARTISTS} lost or gained`);
  return {
    type: 'sankey', arrangement: 'fixed', textfont: { color: ink, size: 12 }, domain: { y: [0, 0.93] },
    node: {
      label: nodes.map((node) => short(node.name, view.narrow ? 17 : 26)), color: nodes.map(colour),
      x: places.map((place) => place.x), y: places.map((place) => place.y),
      pad: FLOW_PAD, thickness: 10, line: { width: 0 },
      customdata: nodes.map(about), hovertemplate: '%{customdata}<extra></extra>',
    },
    link: {
      source: links.map((link) => link.from.index), target: links.map((link) => link.to.index),
      value: links.map((link) => link.value),
      color: links.map((link) => (link.kept ? faded(colour(link.to), 0.38) : faded(quiet, 0.16))),
      customdata: links.map(({ from, to, value }) => `${esc(from.name)} → ${esc(to.name)}: ${plural(value, 'play')}`),
      hovertemplate: '%{customdata}<extra></extra>',
    },
  };
}

chart({
  id: 'artist-flow',
  section: 'who',
  title: 'Artists from month to month',
  needs: ['top_artists_by_month'],
  wide: true,
  draw(view) {
    const nothing = nothingIn(view, 'top_artists_by_month');
    if (nothing) return nothing;
    const months = flowMonths(view);
    if (months.length < 2) {
      return { empty: `No music is known in the month before ${monthName(view.month)}, so nobody can have come or gone since. Choose a later month.` };
    }
    const [before, now] = months.slice(-2).map((month) => topOf(view, month, FLOW_ARTISTS));
    const stayed = now.filter((row) => before.some((other) => KEY(other) === KEY(row))).length;
    return {
      traces: [flowTrace(view, months)],
      layout: {
        margin: { l: 2, r: 2, t: 4, b: 14 },
        annotations: months.map((month, at) => ({
          text: `<b>${monthName(month)}</b>`, showarrow: false, xref: 'paper', yref: 'paper', y: 1, yanchor: 'top',
          x: at / (months.length - 1),
          xanchor: at === 0 ? 'left' : at === months.length - 1 ? 'right' : 'center',
        })),
      },
      height: FLOW_HEIGHT,
      caption: inWords(
        stayedWords(stayed, now, monthName(view.month), `the ${numbered(before.length)} of ${monthName(months.at(-2))}`),
        'The more plays in a month, the higher the artist’s bar; grey is what came from other artists or went to them.',
        now.some((row) => row.at_least) && 'Plays may be missing.',
      ),
      table: {
        head: ['Month', 'Rank', 'Artist', 'Plays', 'Rank before'],
        rows: months.flatMap((month) => topOf(view, month, FLOW_ARTISTS).map((row) => [
          monthName(month), row.rank, artistName(row), atLeast(number(row.plays), row.at_least),
          row.rank_before ?? 'not played',
        ])),
      },
    };
  },
});

// How many of those most played now were so before.
function stayedWords(stayed, now, month, before) {
  if (now.length === 1) return `The one artist of ${month} was ${stayed ? '' : 'not '}among ${before}.`;
  const were = stayed === 1 ? 'was' : 'were';
  return `Of the ${now.length} most played artists of ${month}, ${stayed || 'none'} ${were} among ${before}${stayed ? ' too' : ''}.`;
}

function numbered(count) {
  return count === 1 ? 'first' : `first ${count}`;
}

// What stands behind the plays; nothing in a month of which all are new, such as the first.
function movesOf(tableRows) {
  const told = tableRows.some((row) => row.rank_before !== null);
  return (row) => (told ? moved(row) : '');
}

function movesMean(tableRows) {
  return tableRows.some((row) => row.rank_before !== null)
    ? ' Behind the plays: how many ranks up or down since the month before; + was not played then.'
    : '';
}

function moved(row) {
  if (row.rank_before === null) return '+';
  if (row.change === 0) return '=';
  return row.change > 0 ? `▲ ${row.change}` : `▼ ${-row.change}`;
}

// More runners than this would be slow: then each step shows only those it is about, and none glides.
const MOST_RUNNERS = 200;

// All who were ever among the ten, in an order that stays, so that each keeps a bar and a colour.
function runnersOf(view) {
  const all = view.rows('top_artists_by_month').filter((row) => row.rank <= 10);
  const runners = new Map(all.map((row) => [KEY(row), row]));
  const { series, paper } = view.colours;
  return {
    all: [...runners].map(([key, row], at) => ({
      key, name: artistName(row), colour: blend(series[at % series.length], paper, view.dark ? 0.55 : 0.68),
    })),
    places: Math.max(...all.map((row) => row.rank)), most: Math.max(...all.map((row) => row.plays)),
    glide: runners.size <= MOST_RUNNERS && !view.still,
  };
}

function raceOf(view, month, { all, places, most, glide }) {
  const top = new Map(topOf(view, month, 10).map((row) => [KEY(row), row]));
  const shown = all.map((one) => ({ ...one, row: top.get(one.key) })).filter(({ row }) => glide || row);
  const named = (name) => short(name, view.narrow ? 22 : 34);
  const mark = movesOf([...top.values()]);
  return {
    traces: [{
      type: 'bar', orientation: 'h', marker: { color: shown.map(({ colour }) => colour) },
      // Who is not among the ten waits below the picture, named already: a new text would fly in.
      y: shown.map(({ row }) => row?.rank ?? places + 3), x: shown.map(({ row }) => row?.plays ?? most / 10),
      text: shown.map(({ row, name }) => ` ${named(name)}   ${row ? `${number(row.plays)}   ${mark(row)} ` : ''}`),
      textposition: 'inside', insidetextanchor: 'start', constraintext: 'none', textangle: 0,
      textfont: { color: view.colours.ink }, insidetextfont: { color: view.colours.ink }, hoverinfo: 'text',
      hovertext: shown.map(({ row }) => (row
        ? `${esc(artistName(row))}: ${atLeast(plural(row.plays, 'play'), row.at_least)}` : '')),
    }],
    layout: {
      bargap: 0.22, ...(glide && !printing && { transition: { duration: 450, easing: 'cubic-in-out' } }),
      xaxis: { range: [0, most], visible: false },
      yaxis: { range: [places + 0.6, 0.4], tickvals: [...Array(places).keys()].map((at) => at + 1), showgrid: false, zeroline: false, ticks: '' },
    },
  };
}

function raceTold(view, month) {
  const now = topOf(view, month, 10);
  if (!now.length) return { caption: `No music is known in ${monthName(month)}.`, table: { head: [], rows: [] } };
  const [first] = now;
  return {
    caption: `In ${monthName(month)}, ${artistName(first)} came first with ${atLeast(plural(first.plays, 'play'), first.at_least)}.${movesMean(now)}`,
    table: {
      head: ['Rank', 'Artist', 'Plays', 'Moved'],
      rows: now.map((row) => [row.rank, artistName(row), atLeast(number(row.plays), row.at_least), moved(row)]),
    },
  };
}

chart({
  id: 'artist-race',
  section: 'who',
  title: 'The ten most played artists',
  needs: ['top_artists_by_month'],
  draw(view) {
    if (!topOf(view, view.month, 10).length) return nothingIn(view, 'top_artists_by_month');
    const race = runnersOf(view);
    const step = (month) => ({ ...raceOf(view, month, race), ...raceTold(view, month) });
    return {
      // With one month there is nothing to play.
      ...step(view.month),
      steps: view.months.length > 1 && {
        labels: view.months.map(monthName), at: view.months.indexOf(view.month), interval: 900,
        draw: (at) => step(view.months[at]),
      },
      height: 40 + 36 * race.places,
    };
  },
});
