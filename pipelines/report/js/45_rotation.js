// Songs that the listener keeps coming back to, looped, or forgot.

const STATES = {
  new: { sign: '+', means: 'new' },
  rising: { sign: '▲', means: 'rising' },
  heavy: { sign: '=', means: 'steady' },
  cooling: { sign: '▼', means: 'cooling' },
};
const IT_TAKES = 'It takes 8 plays on 4 different days within four weeks.';
const NO_ROTATION = `No song was in heavy rotation yet. ${IT_TAKES}`;

// Stays within so many months that end with the chosen one, cut at both ends.
function staysUpTo(view, count) {
  const days = view.rows('listening_by_day');
  const known = dayAfter(days.at(-1).day);
  const [from, to] = [monthAfter(view.month, 1 - count), [monthAfter(view.month), known].sort()[0]];
  return view.rows('heavy_rotation')
    .map((row) => ({ ...row, from: [row.entered_on, from].sort()[1], to: [row.left_on ?? known, to].sort()[0] }))
    .filter((row) => row.from < row.to);
}

function lengthOfStay(stay) {
  return dayNumber(stay.to) - dayNumber(stay.from);
}

// A line for each song. Stays that overlap are of songs that share their name, so they get two.
function songLines(stays) {
  const lines = [];
  [...stays].sort((one, other) => (one.from < other.from ? -1 : 1)).forEach((stay) => {
    const same = lines.find((line) => songBy(line[0]) === songBy(stay) && line.at(-1).to <= stay.from);
    if (same) same.push(stay);
    else lines.push([stay]);
  });
  return lines;
}

function stayWords(stay) {
  const until = stay.left_on ? `to ${dayName(dayAfter(stay.left_on, -1))}` : `on, now ${STATES[stay.state].means}`;
  return `from ${dayName(stay.entered_on)} ${until}`;
}

function stayBars(view, lines, name, lasting, colour) {
  const placed = lines.flatMap((line, at) => line.map((stay) => ({ stay, at })))
    .filter(({ stay }) => (stay.left_on === null) === lasting);
  const stays = placed.map(({ stay }) => stay);
  return {
    type: 'bar', orientation: 'h', name, showlegend: false, y: placed.map(({ at }) => at), base: stays.map((stay) => stay.from),
    x: stays.map((stay) => lengthOfStay(stay) * DAY_MS), marker: hatched(stays, colour, view), width: 0.55, hoverinfo: 'text',
    hovertext: stays.map((stay) => `${esc(songBy(stay))}<br>${stayWords(stay)}<br>${atLeast(plural(stay.plays, 'play'), stay.at_least)}, best rank ${stay.peak_rank}`),
  };
}

// A sign in the legend alone: that of a trace would be its first bar's, which may be hatched.
function inLegend(name, colour) {
  return { type: 'bar', name, x: [null], y: [null], marker: { color: colour }, hoverinfo: 'skip' };
}

chart({
  id: 'rotation',
  section: 'rotation',
  title: 'Heavy rotation',
  needs: ['heavy_rotation', 'listening_by_day'],
  without: NO_ROTATION,
  wide: true,
  draw(view) {
    const count = view.narrow ? 6 : 12;
    const stays = staysUpTo(view, count);
    const these = `the ${count} months up to ${monthName(view.month)}`;
    if (!stays.length) return { empty: `No song was in heavy rotation for a week in ${these}. ${IT_TAKES} Choose another month.` };
    const longest = (line) => total(line, lengthOfStay);
    const all = songLines(stays);
    const lines = [...all].sort((one, other) => longest(other) - longest(one)).slice(0, 16)
      .sort((one, other) => (one[0].from < other[0].from ? -1 : 1));
    const best = stays.reduce((most, stay) => (lengthOfStay(stay) > lengthOfStay(most) ? stay : most));
    const shown = lines.flat();
    const from = shown.reduce((first, stay) => (stay.from < first ? stay.from : first), shown[0].from);
    const to = shown.reduce((last, stay) => (stay.to > last ? stay.to : last), shown[0].to);
    const { quiet, accent } = view.colours;
    const bars = [
      stayBars(view, lines, 'left again', false, quiet), stayBars(view, lines, 'lasts to this day', true, accent),
    ].filter((trace) => trace.y.length);
    return {
      traces: [...bars, ...bars.map(({ name }) => inLegend(name, name === 'left again' ? quiet : accent))],
      layout: {
        barmode: 'overlay', showlegend: true, legend: { y: 1.02, yanchor: 'bottom', traceorder: 'normal' },
        xaxis: { ...dayAxis([from, to], view), showgrid: true },
        yaxis: namedPlaces(view, lines.map((line) => songName(line[0], view))),
      },
      height: 110 + 26 * Math.max(lines.length, 2),
      caption: inWords(
        `The longest stay of ${these} is that of ${songBy(best)}: ${plural(lengthOfStay(best), 'day')} of it,`,
        `with ${atLeast(plural(best.plays, 'play'), best.at_least)} in the whole stay.`,
        all.length === 1 && 'It is the only song.', all.length > lines.length && `Drawn are the ${lines.length} songs that stayed longest.`,
        'Stays of less than a week that are over are left out.', hatchedMeans(shown, 'so a stay may have been longer'),
      ),
      table: {
        head: ['Song', 'Artist', 'Entered on', 'Left on', 'Days', 'Plays', 'Best rank', ''],
        rows: shown.map((stay) => [stay.track_name, stay.artist_name, stay.entered_on, stay.left_on ?? 'lasts', stay.days, stay.plays, stay.peak_rank, leastMark(stay)]),
      },
    };
  },
});

chart({
  id: 'rotation-now',
  section: 'rotation',
  title: 'In heavy rotation now',
  needs: ['heavy_rotation', 'listening_by_day'],
  without: NO_ROTATION,
  draw(view) {
    const lasting = view.rows('heavy_rotation').filter((row) => row.left_on === null).sort((one, other) => other.plays - one.plays);
    const last = view.rows('listening_by_day').at(-1).day;
    if (!lasting.length) return { empty: `On ${dayName(last)}, the last day that is known, no song was in heavy rotation. ${IT_TAKES}` };
    const shown = lasting.slice(0, 12);
    const counts = Object.entries(STATES).map(([state_, { sign, means }]) => ({ told: `${means} (${sign})`, count: lasting.filter((row) => row.state === state_).length }));
    const entries = shown.map((row) => ({
      name: titleOf(row), value: row.plays, mark: ` ${number(row.plays)}  ${STATES[row.state].sign}`,
      text: `${esc(songBy(row))}<br>${stayWords(row)}<br>${atLeast(plural(row.plays, 'play'), row.at_least)} since`,
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: roomFor(view, entries) }),
      caption: inWords(
        `On ${dayName(last)}, ${plural(lasting.length, 'song was', 'songs were')} in heavy rotation:`,
        `${listed(counts.filter((one) => one.count).map((one) => `${one.count} ${one.told}`))}.`,
        lasting.length > shown.length && `Drawn are the ${shown.length} with the most plays.`,
        `Plays are those since it entered${shown.some((row) => row.at_least) ? ', at least' : ''}.`,
      ),
      table: {
        head: ['Song', 'Artist', 'State', 'Since', 'Days', 'Plays', 'Best rank', ''],
        rows: lasting.map((row) => [row.track_name, row.artist_name, STATES[row.state].means, row.entered_on, row.days, row.plays, row.peak_rank, leastMark(row)]),
      },
    };
  },
});

const LOOPS = { sleep: ' (to sleep)', kids: ' (by the kids)' };

function afterwards(row) {
  return ` ${number(row.plays)} → ${number(row.plays_after)}${row.abandoned === null ? ' so far' : ''}`;
}

chart({
  id: 'obsessions',
  section: 'rotation',
  title: 'Obsessions of a week',
  needs: ['obsessions'],
  without: 'No song was looped for a week and hardly ever else: it takes 10 plays on 3 days of a week, and half of all its plays.',
  draw(view) {
    const all = [...view.rows('obsessions')].sort((one, other) => other.plays - one.plays);
    const shown = all.slice(0, 10);
    const [first] = all;
    const abandoned = all.filter((row) => row.abandoned).length;
    const entries = shown.map((row) => ({
      name: titleOf(row), value: row.plays, mark: afterwards(row),
      colour: row.abandoned ? view.colours.second : view.colours.accent,
      text: `${esc(songBy(row))}<br>${dayName(row.starts_on)} to ${dayName(row.ends_on)}${LOOPS[row.loop] ?? ''}<br>${atLeast(plural(row.plays, 'play'), row.at_least)}, ${percent(row.share)} of all its plays`,
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: roomFor(view, entries) }),
      caption: inWords(
        `In the week from ${dayName(first.starts_on)}, ${songBy(first)} had ${atLeast(plural(first.plays, 'play'), first.at_least)}${LOOPS[first.loop] ?? ''}.`,
        `${plural(all.length, 'obsession')} in all; dropped, with at most one play in the 60 days after: ${number(abandoned)}.`,
        'Behind a bar: plays in the week → in the 60 days after.',
      ),
      table: {
        head: ['Song', 'Artist', 'From', 'To', 'Plays in the week', 'In the 60 days after', 'Ever', 'Whose', ''],
        rows: all.map((row) => [row.track_name, row.artist_name, row.starts_on, row.ends_on, row.plays, row.plays_after, row.plays_ever, row.loop ?? 'yours', leastMark(row)]),
      },
    };
  },
});

chart({
  id: 'forgotten',
  section: 'rotation',
  title: 'Forgotten favourites',
  needs: ['forgotten_favourites'],
  without: 'None: every song that you played five times or more in a year was played again in the last 60 days, or less than 60 days are known.',
  draw(view) {
    const all = [...view.rows('forgotten_favourites')].sort((one, other) => one.rank - other.rank);
    const shown = all.slice(0, 12);
    const [first] = shown;
    const entries = shown.map((row) => ({
      name: titleOf(row), value: row.plays, mark: ` ${number(row.plays)}, ${plural(row.days_since, 'day')}${view.narrow ? '' : ' ago'}`,
      text: `${esc(songBy(row))}<br>last played on ${dayName(row.last_played_on)}<br>${plural(row.plays_ever, 'play')} ever`,
    }));
    return {
      ...barList(view, entries, { colour: view.colours.third, room: roomFor(view, entries) }),
      caption: inWords(
        `Most played, and now left alone: ${songBy(first)}, played ${plural(first.plays, 'time')} in a year`,
        `and last ${plural(first.days_since, 'day')} ago.`,
        all.length > shown.length && `${all.length} songs are forgotten; these were played most.`,
        all.some((row) => row.at_least) && 'Plays of the last 60 days may be missing: some may not be forgotten.',
      ),
      table: {
        head: ['Song', 'Artist', 'Plays in a year', 'Plays ever', 'Last played on', 'Days since'],
        rows: all.map((row) => [row.track_name, row.artist_name, row.plays, row.plays_ever, row.last_played_on, row.days_since]),
      },
    };
  },
});
