// How taste moves: what is liked now against what is liked for long, who climbed, which genres came and
// went.

// How far apart two circles lie that share so much of their area; found by halving.
function apart(one, other, shared) {
  const common = (distance) => {
    if (distance >= one + other) return 0;
    if (distance <= Math.abs(one - other)) return Math.PI * Math.min(one, other) ** 2;
    const wedge = (r, s) => {
      const angle = Math.acos((distance ** 2 + r ** 2 - s ** 2) / (2 * distance * r));
      return r ** 2 * (angle - Math.sin(2 * angle) / 2);
    };
    return wedge(one, other) + wedge(other, one);
  };
  let [near, far] = [0, one + other];
  for (let halving = 0; halving < 40; halving += 1) {
    const middle = (near + far) / 2;
    if (common(middle) > shared) near = middle;
    else far = middle;
  }
  return far;
}

// Two circles around (0, y), with areas in the proportion of what they hold.
function venn(view, row, y) {
  const radius = (entries) => Math.sqrt(entries / Math.PI);
  const unit = 1 / radius(Math.max(row.short_entries, row.long_entries, 1));
  const [left, right] = [radius(row.short_entries) * unit, radius(row.long_entries) * unit];
  const distance = apart(left, right, row.in_both * unit ** 2);
  const start = -(left + distance + right) / 2;
  const [x, x2] = [start + left, start + left + distance];
  const circle = (middle, r, colour) => ({
    type: 'circle', x0: middle - r, x1: middle + r, y0: y - r, y1: y + r,
    fillcolor: faded(colour, 0.22), line: { color: colour, width: 2 },
  });
  const { accent, second } = view.colours;
  const parts = [
    { from: start, to: Math.max(x2 - right, start), count: row.short_entries - row.in_both, outside: start - 0.15 },
    { from: Math.max(x2 - right, start), to: Math.min(x + left, x2 + right), count: row.in_both, outside: 0 },
    { from: Math.min(x + left, x2 + right), to: x2 + right, count: row.long_entries - row.in_both, outside: x2 + right + 0.15 },
  ];
  return {
    shapes: [circle(x, left, accent), circle(x2, right, second)],
    annotations: parts.filter((part) => part.count).map((part) => ({
      // Beside the circles where its part is too thin for a number.
      x: part.to - part.from < 0.3 ? part.outside : (part.from + part.to) / 2, y,
      text: number(part.count), showarrow: false, font: { size: 15 },
    })),
  };
}

function overlapWords({ kind, in_both: both, short_entries: all }) {
  return partOf(both, all, kind === 'tracks' ? 'song' : 'artist');
}

// Where all are in both lists, Spotify's own say nothing of a change.
function spotifyWords(row) {
  if (!row || row.in_both === row.short_entries) return '';
  return ` Of the ${plural(row.short_entries, 'song')} first in Spotify’s own list of four weeks, ${number(row.in_both)} are in its list of a year.`;
}

chart({
  id: 'taste-overlap',
  section: 'change',
  title: 'Now, and for long',
  needs: ['taste_overlap'],
  draw(view) {
    const all = view.rows('taste_overlap').filter((row) => row.month === view.month);
    if (view.month === view.months[0]) return { empty: `Nothing is known before ${monthName(view.month)}, so what you like now is all that you like for long. Choose a later month.` };
    const kinds = ['tracks', 'artists'].map((kind) => all.find((row) => row.kind === kind && row.told_by === 'plays')).filter(Boolean);
    if (!kinds.length) return { empty: `No music is known in ${monthName(view.month)}. Choose another month.` };
    const spotify = all.find((row) => row.kind === 'tracks' && row.told_by === 'spotify');
    const drawings = kinds.map((row, at) => venn(view, row, -at * 2.7));
    const { accent, second, ink } = view.colours;
    const titles = kinds.map((row, at) => ({
      x: 0, y: 1.12 - at * 2.7, yanchor: 'bottom', showarrow: false, font: { color: ink },
      text: row.kind === 'tracks' ? '<b>songs</b>' : '<b>artists</b>',
    }));
    const keyed = (name, colour) => ({
      type: 'scatter', mode: 'markers', x: [null], y: [null], name,
      marker: { size: 12, color: faded(colour, 0.22), line: { color: colour, width: 2 } },
    });
    return {
      traces: [keyed(`most played in ${monthShort(view.month)}`, accent), keyed('in the twelve months up to it', second)],
      layout: {
        showlegend: true, legend: below(view, { y: 0, x: 0.5, xanchor: 'center' }),
        xaxis: { range: [-2.2, 2.2], visible: false },
        yaxis: { range: [-1.15 - (kinds.length - 1) * 2.7, 1.5], visible: false, scaleanchor: 'x' },
        shapes: drawings.flatMap((one) => one.shapes),
        annotations: [...titles, ...drawings.flatMap((one) => one.annotations)],
      },
      height: 90 + (view.narrow ? 190 : 210) * kinds.length,
      caption: `Most played in ${monthName(view.month)}, and in the twelve months up to it too: ${listed(kinds.map(overlapWords))}.${spotifyWords(spotify)}${maybeMissing(kinds[0])}`,
      table: {
        head: ['What', 'Told by', 'Now', 'For long', 'In both', 'In both, of all in either'],
        rows: all.map((row) => [row.kind, row.told_by, row.short_entries, row.long_entries, row.in_both, percent(row.overlap)]),
      },
    };
  },
});

const FURTHER = 11.4;

// A line from an artist's rank then to the one now; dotted from below where it was not among the ten.
function climb({ row, was }, colour) {
  const inTen = was && was.rank <= 10;
  return {
    type: 'scatter', mode: 'lines+markers', x: [0, 1], y: [inTen ? was.rank : FURTHER, row.rank],
    line: { color: colour, width: inTen ? 2.5 : 1, dash: inTen ? 'solid' : 'dot' },
    marker: { color: colour, size: 7, opacity: [inTen ? 1 : 0, 1] }, hoverinfo: 'text',
    hovertext: `${esc(row.artist_name)}: ${was ? `rank ${was.rank}` : 'below rank 30 or not played'} then, ${row.rank} now`,
  };
}

function ranksBeside(view, tableRows, x) {
  return tableRows.map((row) => ({
    x, y: row.rank, xanchor: x ? 'left' : 'right', xshift: x ? 8 : -8, showarrow: false,
    text: short(artistName(row), view.narrow ? 14 : 26),
  }));
}

chart({
  id: 'artists-half-year',
  section: 'change',
  title: 'Artists now, and six months ago',
  needs: ['top_artists_by_month'],
  draw(view) {
    const nothing = nothingIn(view, 'top_artists_by_month');
    if (nothing) return nothing;
    const ago = monthAfter(view.month, -6);
    const [now, then] = [topOf(view, view.month, 10), topOf(view, ago, 30)];
    if (!then.length) return { empty: `No music is known in ${monthName(ago)}, six months before ${monthName(view.month)}. Choose a later month.` };
    const climbers = now.map((row) => ({ row, was: then.find((one) => KEY(one) === KEY(row)) }));
    const stayed = climbers.filter(({ was }) => was && was.rank <= 10);
    const { series, quiet, faint } = view.colours;
    const colour = (one) => (stayed.includes(one) ? series[stayed.indexOf(one) % series.length] : quiet);
    const aside = (x, y, text) => ({ x, y, xanchor: x ? 'left' : 'right', xshift: x ? 8 : -8, text, showarrow: false, font: { color: faint } });
    return {
      traces: climbers.map((one) => climb(one, colour(one))),
      layout: {
        xaxis: { range: view.narrow ? [-1.7, 2.7] : [-0.95, 1.95], visible: false },
        yaxis: { range: [12, -0.3], visible: false },
        annotations: [
          aside(0, 0, `<b>${monthShort(ago)}</b>`), aside(1, 0, `<b>${monthShort(view.month)}</b>`), aside(0, FURTHER, 'further down'),
          ...ranksBeside(view, then.filter((row) => row.rank <= 10), 0), ...ranksBeside(view, now, 1),
        ],
      },
      height: 400,
      caption: inWords(
        stayedWords(stayed.length, now, monthName(view.month), `the ${numbered(Math.min(then.length, 10))} of ${monthName(ago)}`),
        (now[0].at_least || then[0].at_least) && 'Plays may be missing, so ranks may differ.',
      ),
      table: {
        head: ['Artist', `Rank in ${monthName(view.month)}`, `Rank in ${monthName(ago)}`],
        rows: climbers.map(({ row, was }) => [artistName(row), row.rank, was?.rank ?? 'below 30 or not played']),
      },
    };
  },
});
