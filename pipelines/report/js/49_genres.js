// Which genres are played, and how they come and go.

const NO_GENRES = 'Of no play the genre is known. Spotify does not tell apps genres any more; fetch the reference data, as the README says, and the songs that are in it get theirs.';

// The genres with the most plays over all months, the largest first.
function mainGenres(tableRows, count) {
  const plays = new Map();
  tableRows.forEach((row) => plays.set(row.genre, (plays.get(row.genre) ?? 0) + row.plays));
  return [...plays].sort((one, other) => other[1] - one[1]).slice(0, count).map(([genre]) => genre);
}

// A stream lies around its middle: half of what a month has of these genres is above, half below.
function streamTraces(view, months, genres, shareOf) {
  const heights = months.map((month) => total(genres, (genre) => shareOf(genre, month)));
  const bed = {
    type: 'scatter', mode: 'lines', stackgroup: 'stream', x: months, y: heights.map((height) => 1 - height / 2),
    line: { width: 0 }, fillcolor: 'rgba(0, 0, 0, 0)', hoverinfo: 'skip', showlegend: false,
  };
  return [bed, ...genres.map((genre, at) => {
    const colour = view.colours.series[at];
    return {
      type: 'scatter', mode: 'lines', stackgroup: 'stream', name: short(genre, 20), x: months,
      y: months.map((month) => shareOf(genre, month)), hoveron: 'points+fills', hoverinfo: 'text',
      line: { color: view.colours.paper, width: 1.5 }, fillcolor: faded(colour, 0.8),
      hovertext: months.map((month) => `${esc(genre)}, ${monthName(month)}: ${percent(shareOf(genre, month))} of the plays of a known genre`),
    };
  })];
}

chart({
  id: 'genres',
  section: 'change',
  title: 'The flow of genres',
  needs: ['genres_by_month'],
  without: NO_GENRES,
  wide: true,
  draw(view) {
    const all = view.rows('genres_by_month');
    const months = view.months.filter((month) => all.some((row) => row.month === month));
    const genres = mainGenres(all, 7);
    const shares = new Map(all.map((row) => [`${row.month} ${row.genre}`, row.share]));
    const shareOf = (genre, month) => shares.get(`${month} ${genre}`) ?? 0;
    const [first] = all.filter((row) => row.month === view.month && row.rank === 1);
    if (months.length < 2) return fewGenres(view, all);
    return {
      traces: streamTraces(view, months, genres, shareOf),
      layout: {
        xaxis: monthAxis(view), showlegend: true, legend: below(view, { y: -0.14 }),
        shapes: [...markAcross(view), ...underMonths(view, all.filter((row) => row.rank === 1))],
        yaxis: streamAxis(months, genres, shareOf),
      },
      height: 360,
      caption: `${genreWords(view, first)} The seven most played genres are drawn; a play counts for up to three. The wider, the more plays.${underlined(all, 'so shares may differ')}`,
      table: {
        head: ['Month', ...genres],
        rows: months.map((month) => [monthName(month), ...genres.map((genre) => percent(shareOf(genre, month)))]),
      },
    };
  },
});

function streamAxis(months, genres, shareOf) {
  const widest = Math.max(...months.map((month) => total(genres, (genre) => shareOf(genre, month))));
  return { visible: false, range: [1 - widest * 0.52, 1 + widest * 0.52] };
}

function genreWords(view, first) {
  if (!first) return `Of no play in ${monthName(view.month)} the genre is known.`;
  const known = first.known_share < 1 ? `; the genre of ${percent(first.known_share)} of the plays is known` : '';
  return `In ${monthName(view.month)}, ${first.genre} came first, with ${percent(first.share)} of the plays, among ${plural(first.genres, 'genre')}${known}.`;
}

// One month has no flow: then a list.
function fewGenres(view, all) {
  const shown = all.filter((row) => row.month === view.month).slice(0, 10);
  if (!shown.length) return { empty: `${genreWords(view)} Choose another month.` };
  return {
    ...barList(view, shown.map((row) => ({
      name: row.genre, value: row.share, mark: percent(row.share), text: `${esc(row.genre)}: ${plural(row.plays, 'play')}`,
    })), { colour: view.colours.accent }),
    caption: `${genreWords(view, shown[0])}${maybeMissing(shown[0])}`,
    table: { head: ['Genre', 'Plays', 'Share'], rows: shown.map((row) => [row.genre, row.plays, percent(row.share)]) },
  };
}
