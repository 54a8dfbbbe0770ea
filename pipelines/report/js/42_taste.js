// How well known and how old what is played is, and what kind of recordings they are. How taste moves
// with time belongs to 47_change.js.

const NO_YEARS = 'Of no song the year of release is known: exports do not tell it. Polls do, and the reference data.';
const NO_REFERENCE = 'Spotify does not tell new apps how popular music is. Fetch the reference data, as the README says, and the songs that are in it get their popularity.';

// Ends a caption that speaks of one month, in whose chart nothing else would say it.
function maybeMissing(row) {
  return row.at_least ? ' Plays may be missing.' : '';
}

// A border that parts what is stacked; none where it would be as broad as the bars.
function parting(view) {
  return { color: view.colours.paper, width: view.months.length > (view.narrow ? 24 : 48) ? 0 : 1 };
}

function ofHow(row) {
  return row.known_share < 1 ? ` Known for ${percent(row.known_share)} of the plays, and told of these.` : '';
}

chart({
  id: 'mainstream',
  section: 'known',
  title: 'How mainstream',
  needs: ['popularity_by_month'],
  draw(view) {
    const months = view.rows('popularity_by_month').filter((row) => row.mainstream_score !== null);
    if (!months.length) return { empty: NO_REFERENCE };
    const row = months.find((one) => one.month === view.month);
    return {
      traces: [lineOver(view, months, {
        name: 'mainstream score', colour: view.colours.accent, value: (one) => one.mainstream_score,
        text: (one) => `${number(one.mainstream_score)} of 100, known for ${percent(one.known_share)} of the plays`,
      })],
      layout: overMonths(view, { range: [0, 101], title: { text: 'obscure 0 – 100 everybody’s' } }),
      caption: (row
        ? `The plays of ${monthName(view.month)} have a mean popularity of ${number(row.mainstream_score)} out of 100; ${percent(row.hits_share)} were hits (75 or more).${ofHow(row)}`
        : `Of no play in ${monthName(view.month)} the popularity is known.`) + hollowMeans(months),
      table: {
        head: ['Month', 'Mainstream score', 'Hits', 'Plays of known popularity'],
        rows: months.map((one) => [monthName(one.month), one.mainstream_score, percent(one.hits_share), percent(one.known_share)]),
      },
    };
  },
});

const TENS = [...Array(10).keys()].map((ten) => ten * 10);

function byTens(tableRows) {
  const plays = TENS.map((low) => total(tableRows.flatMap((row) => row.distribution)
    .filter((bin) => bin.low === low), (bin) => bin.plays));
  const all = total(plays, (one) => one);
  return plays.map((one) => (all ? one / all : 0));
}

chart({
  id: 'popularity',
  section: 'known',
  title: 'From obscure to everybody’s',
  needs: ['popularity_by_month'],
  draw(view) {
    const months = view.rows('popularity_by_month').filter((row) => row.mainstream_score !== null);
    if (!months.length) return { empty: NO_REFERENCE };
    const row = months.find((one) => one.month === view.month);
    if (!row) return { empty: `Of no play in ${monthName(view.month)} the popularity is known. Choose another month.` };
    const [now, ever] = [byTens([row]), byTens(months)];
    const most = now.indexOf(Math.max(...now));
    const area = (name, shares, colour, more) => {
      // Steps as wide as what they count, out to both ends.
      const bins = [0, ...shares.keys(), 9];
      return {
        type: 'scatter', mode: 'lines', name, x: [0, ...TENS.map((low) => low + 5), 100], y: bins.map((at) => shares[at]),
        line: { color: colour, width: 2, shape: 'hvh', dash: more.dash }, fill: more.fill,
        fillcolor: faded(colour, 0.2), hoverinfo: 'text',
        hovertext: bins.map((at) => `${name}<br>popularity ${spanOf(at)}: ${percent(shares[at])} of the plays`),
      };
    };
    return {
      traces: [
        area(monthName(view.month), now, view.colours.accent, { fill: 'tozeroy' }),
        area('all months', ever, view.colours.second, { dash: 'dot' }),
      ],
      layout: {
        showlegend: true, legend: below(view, { y: -0.26 }),
        xaxis: { range: [0, 100], tickvals: [0, 20, 40, 60, 80, 100], showgrid: false, title: { text: 'popularity' } },
        yaxis: { tickformat: '.0%', rangemode: 'tozero', zeroline: false },
      },
      caption: `The largest part of the plays of ${monthName(view.month)}, ${percent(now[most])}, has a popularity of ${spanOf(most)}.${ofHow(row)}${maybeMissing(row)}`,
      table: {
        head: ['Popularity', monthName(view.month), 'All months'],
        rows: TENS.map((_, at) => [spanOf(at), percent(now[at]), percent(ever[at])]),
      },
    };
  },
});

function spanOf(at) {
  return `${TENS[at]} to ${at === 9 ? 100 : TENS[at] + 9}`;
}

// One noise that plays all night has a hundred times the plays of a song: hence powers.
const ROUND = [1, 10, 100, 1000, 10000].flatMap((power) => [1, 2, 5].map((one) => one * power));

chart({
  id: 'popularity-and-plays',
  section: 'known',
  title: 'Your favourites, and everybody’s',
  needs: ['favourite_tracks'],
  draw(view) {
    const songs = view.rows('favourite_tracks');
    const known = songs.filter((row) => row.popularity !== null);
    if (!known.length) return { empty: NO_REFERENCE };
    const mostOf = (rows_, value) => rows_.reduce((best, row) => (value(row) > value(best) ? row : best));
    const own = mostOf(known, (row) => row.plays * (100 - row.popularity));
    return {
      traces: [{
        type: 'scatter', mode: 'markers', x: known.map((row) => row.popularity), y: known.map((row) => row.plays),
        marker: { size: 8, color: faded(view.colours.accent, 0.5), line: { color: view.colours.accent, width: 1 } },
        hoverinfo: 'text',
        hovertext: known.map((row) => `${esc(songBy(row))}<br>${atLeast(plural(row.plays, 'play'), row.at_least)}, popularity ${row.popularity}`),
      }],
      layout: {
        xaxis: { range: [-3, 103], showgrid: false, zeroline: false, title: { text: 'popularity' } },
        yaxis: { type: 'log', tickvals: ROUND, zeroline: false, title: { text: 'your plays' } },
      },
      caption: inWords(
        `Most your own is ${songBy(own)}: ${atLeast(plural(own.plays, 'play'), own.at_least)} at a popularity of ${own.popularity}.`,
        known.length < songs.length && `The popularity of ${number(known.length)} of your ${plural(songs.length, 'most played song')} is known.`,
      ),
      table: {
        head: ['Song', 'Artist', 'Plays', 'Popularity'],
        rows: known.map((row) => [row.track_name, row.artist_name, row.plays, row.popularity]),
      },
    };
  },
});

chart({
  id: 'release-years',
  section: 'age',
  title: 'Year of release',
  needs: ['release_years_by_month'],
  draw(view) {
    const months = view.rows('release_years_by_month').filter((row) => row.avg_release_year !== null);
    if (!months.length) return { empty: NO_YEARS };
    const row = months.find((one) => one.month === view.month);
    const year = (value) => String(Math.round(value));
    return {
      traces: [lineOver(view, months, {
        name: 'mean year of release', colour: view.colours.accent, value: (one) => one.avg_release_year,
        text: (one) => `${year(one.avg_release_year)} on average, from ${one.oldest} to ${one.newest}`,
      })],
      layout: overMonths(view, { ...yearRange(months), tickformat: 'd', rangemode: 'normal' }),
      caption: (row
        ? `The songs of ${monthName(view.month)} are from ${year(row.avg_release_year)} on average, the oldest from ${row.oldest}, the newest from ${row.newest}.${ofHow(row)}`
        : `Of no song in ${monthName(view.month)} the year of release is known.`) + hollowMeans(months),
      table: {
        head: ['Month', 'Mean year', 'Oldest', 'Newest', 'Plays of known year'],
        rows: months.map((one) => [monthName(one.month), year(one.avg_release_year), String(one.oldest), String(one.newest), percent(one.known_share)]),
      },
    };
  },
});

// Never so near that a change of some months looks like one of decades.
function yearRange(months) {
  const years = months.map((row) => row.avg_release_year);
  const [low, high] = [Math.floor(Math.min(...years)) - 2, Math.ceil(Math.max(...years)) + 2];
  const more = Math.max(0, 12 - (high - low)) / 2;
  return { range: [Math.floor(low - more), Math.ceil(high + more)], nticks: 6 };
}

// What is older goes together: there would be more shades than an eye can tell.
const FIRST_DECADE = 1950;

function decadeOf(bin) {
  return Math.max(bin.decade, FIRST_DECADE);
}

function decadeName(decade) {
  return decade === FIRST_DECADE ? '1950s or before' : `${decade}s`;
}

chart({
  id: 'decades',
  section: 'age',
  title: 'Decades',
  needs: ['release_years_by_month'],
  draw(view) {
    const months = view.rows('release_years_by_month').filter((row) => row.decades.length);
    if (!months.length) return { empty: NO_YEARS };
    const row = months.find((one) => one.month === view.month);
    if (!row) return { empty: `Of no song in ${monthName(view.month)} the year of release is known. Choose another month.` };
    const decades = [...new Set(months.flatMap((one) => one.decades.map(decadeOf)))].sort();
    const shareOf = (one, decade) => total(one.decades.filter((bin) => decadeOf(bin) === decade), (bin) => bin.plays)
      / total(one.decades, (bin) => bin.plays);
    const most = decades.reduce((best, one) => (shareOf(row, one) > shareOf(row, best) ? one : best));
    return {
      traces: decades.map((decade, at) => ({
        ...barsOver(view, months, {
          name: decadeName(decade), value: (one) => shareOf(one, decade), colour: view.colours.accent,
          text: (one) => `${percent(shareOf(one, decade))} from the ${decadeName(decade)}`,
        }),
        marker: { color: shade(view.colours.accent, at, decades.length), line: parting(view) },
      })),
      layout: overMonths(view, { tickformat: '.0%', range: [0, 1] }, {
        barmode: 'stack', showlegend: true, shapes: [monthMark(view), ...underMonths(view, months)],
      }),
      caption: `${percent(shareOf(row, most))} of the plays of ${monthName(view.month)} are songs of the ${decadeName(most)}.${ofHow(row)}${underlined(months, 'so shares may differ')}`,
      table: {
        head: ['Month', ...decades.map(decadeName)],
        rows: months.map((one) => [monthName(one.month), ...decades.map((decade) => percent(shareOf(one, decade)))]),
      },
    };
  },
});
