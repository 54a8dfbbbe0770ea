// How wide and how new the listening is. Whose names these are belongs to 41_artists.js.

chart({
  id: 'artist-diversity',
  section: 'wide',
  title: 'Artists, and how evenly they are played',
  needs: ['discovery_by_month'],
  draw(view) {
    const months = view.rows('discovery_by_month');
    const { accent, second } = view.colours;
    const row = ofMonth(view, 'discovery_by_month');
    const evenly = (one) => (one.artists === 1 ? 'and no other' : `as varied as ${number(one.effective_artists, 1)} artists played equally`);
    return {
      traces: [
        lineOver(view, months, {
          name: 'artists heard', colour: accent, value: (one) => one.artists,
          text: (one) => atLeast(plural(one.artists, 'artist'), one.at_least),
        }),
        lineOver(view, months, {
          name: 'as varied as so many, played equally', colour: second, dash: 'dot', symbol: 'square',
          value: (one) => one.effective_artists, text: evenly,
        }),
      ],
      layout: overMonths(view, countAxis(Math.max(...months.map((one) => one.artists)), 'artists'), { showlegend: true }),
      caption: (row
        ? `In ${monthName(view.month)}, you heard ${atLeast(plural(row.artists, 'artist'), row.at_least)}, ${evenly(row)}.`
        : `No music is known in ${monthName(view.month)}.`) + hollowMeans(months),
      table: {
        head: ['Month', 'Artists', 'As varied as', 'Evenness', 'Plays', ''],
        rows: months.map((one) => [monthName(one.month), one.artists, one.effective_artists, one.evenness, one.plays, leastMark(one)]),
      },
    };
  },
});

const HABITS = [
  { key: 'artist_diversity', name: 'diversity', meaning: 'artists per play' },
  { key: 'new_artist_share', name: 'new<br>artists', meaning: 'of the plays, by artists new to you' },
  { key: 'new_release_ratio', name: 'new<br>releases', meaning: 'of the plays, released in the year before' },
  { key: 'repeat_rate', name: 'repeats', meaning: 'of the plays, songs played before in the month' },
  { key: 'loyalty', name: 'loyalty', meaning: 'of the plays, by the ten first artists' },
  { key: 'evenness', name: 'evenness', meaning: 'how alike artists are played, 1 is all alike' },
];

// In the month in which the history starts everything is new: it says nothing of habits.
function usualMonths(view, months) {
  const later = months.filter((row) => row.month.slice(0, 7) !== row.history_starts_on.slice(0, 7));
  const over = later.filter((row) => !isUnderway(view, row.month));
  const whole = over.filter((row) => !row.at_least);
  // A month of which days are missing has few plays, and so looks more varied than any whole one.
  return [whole, over].find((some) => some.length >= 3) ?? later;
}

// Whether more days of a month are to come.
function isUnderway(view, month) {
  const last = view.rows('listening_by_day').at(-1)?.day ?? '';
  return last.slice(0, 7) === month.slice(0, 7) && dayAfter(last) < monthAfter(month);
}

function radarWords(view, row, { first, standing, usual }) {
  const rim = `Each spoke ends at the most of any ${usual.some((one) => one.at_least) ? '' : 'whole '}month after the first.`;
  if (first) return `The history starts in this month, so every artist is new in it. ${rim}`;
  const dated = ofMonth(view, 'release_years_by_month')?.known_share ?? 0;
  return inWords(
    `What stands out in ${monthName(view.month)}: ${standing}.`, rim,
    row.new_release_ratio !== null && dated > 0 && dated < 1 && `When a song was released is known for ${percent(dated)} of the plays.`,
    isUnderway(view, row.month) && 'The month is not over: few plays look more varied than many.',
    row.at_least && 'Plays may be missing, so habits may differ.',
  );
}

function plainName({ name }) {
  return name.replace('<br>', ' ');
}

// A share to a tenth of a percent; a little is not nothing.
function inTenths(value) {
  return value > 0 && value < 0.0005 ? '< 0.1 %' : `${number(100 * value, 1)} %`;
}

function mean(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? total(known, (value) => value) / known.length : null;
}

// A habit's own largest value is the rim: their sizes differ a hundredfold.
function habitsOf(row, usual) {
  return HABITS.filter(({ key }) => row[key] !== null).map(({ key, name, meaning }) => {
    const most = Math.max(...usual.map((one) => one[key] ?? 0), 0);
    const usually = mean(usual.map((one) => one[key]));
    return {
      name, meaning, value: row[key], usually, most,
      now: { name, r: most ? Math.min(row[key] / most, 1) : 0, text: `${inTenths(row[key])}, at most ${inTenths(most)}` },
      mean: { name, r: most && usually !== null ? usually / most : 0, text: `usually ${inTenths(usually)}` },
    };
  });
}

// How far from usual, on the radar.
function farFrom(habit) {
  return habit.most ? Math.abs(habit.value - habit.usually) / habit.most : 0;
}

chart({
  id: 'discovery',
  section: 'wide',
  title: 'How you discovered',
  needs: ['discovery_by_month'],
  draw(view) {
    const nothing = nothingIn(view, 'discovery_by_month');
    if (nothing) return nothing;
    const row = ofMonth(view, 'discovery_by_month');
    const usual = usualMonths(view, view.rows('discovery_by_month'));
    if (usual.length < 3) {
      return { empty: 'To say what is usual for you takes three months after the first, in which everything is new. Come back then, or import an export.' };
    }
    const habits = habitsOf(row, usual);
    const first = row.month.slice(0, 7) === row.history_starts_on.slice(0, 7);
    const farthest = habits.reduce((best, one) => (farFrom(one) > farFrom(best) ? one : best));
    const standing = `${plainName(farthest)}, ${inTenths(farthest.value)} against ${inTenths(farthest.usually)} usually (${farthest.meaning})`;
    return {
      traces: [
        radarLine('usually', habits.map((one) => one.mean), view.colours.second, { dash: 'dot' }),
        radarLine(monthName(view.month), habits.map((one) => one.now), view.colours.accent, { filled: true }),
      ],
      layout: radarLayout(view, { showticklabels: false }),
      height: 360,
      caption: radarWords(view, row, { first, standing, usual }),
      table: {
        head: ['Habit', monthName(view.month), 'Usually', 'At most', 'Meaning'],
        rows: habits.map((one) => [plainName(one), ...[one.value, one.usually, one.most].map(inTenths), one.meaning]),
      },
    };
  },
});

// '3 of 12 songs', 'all 12 songs', 'not the one song'.
function partOf(part, all, what) {
  if (all === 1) return `${part ? '' : 'not '}the one ${what}`;
  return part === all ? `all ${number(all)} ${what}s` : `${part ? number(part) : 'none'} of ${number(all)} ${what}s`;
}

chart({
  id: 'new-and-familiar',
  section: 'wide',
  title: 'New songs, and those you knew',
  needs: ['discovery_by_month'],
  wide: true,
  draw(view) {
    const months = view.rows('discovery_by_month');
    const row = ofMonth(view, 'discovery_by_month');
    const { accent, quiet } = view.colours;
    const known = (one) => one.tracks - one.new_tracks;
    const start = months[0].history_starts_on;
    const bars = [
      barsOver(view, months, {
        name: 'heard before', value: known, colour: quiet, text: (one) => `${plural(known(one), 'song')} heard before`,
      }),
      barsOver(view, months, {
        name: 'heard for the first time', value: (one) => one.new_tracks, colour: accent,
        text: (one) => `${plural(one.new_tracks, 'song')} and ${plural(one.new_artists, 'artist')} for the first time`,
      }),
    ];
    return {
      traces: [
        ...bars.map((trace) => ({ ...trace, showlegend: false })),
        ...bars.map(({ name }, at) => inLegend(name, [quiet, accent][at])),
      ],
      layout: overMonths(view, countAxis(Math.max(...months.map((one) => one.tracks)), 'songs'), { barmode: 'stack', showlegend: true }),
      caption: (row
        ? `New to you in ${monthName(view.month)}: ${partOf(row.new_tracks, row.tracks, 'song')} and ${partOf(row.new_artists, row.artists, 'artist')}. `
        : `No music is known in ${monthName(view.month)}. `)
        + `Nothing is known before ${dayName(start)}: at first everything is new.${hatchedMeans(months)}`,
      table: {
        head: ['Month', 'Songs', 'New songs', 'Artists', 'New artists', 'Share of plays by new artists', ''],
        rows: months.map((one) => [monthName(one.month), one.tracks, one.new_tracks, one.artists, one.new_artists, percent(one.new_artist_share), leastMark(one)]),
      },
    };
  },
});
