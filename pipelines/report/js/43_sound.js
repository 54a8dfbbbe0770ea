// How the music sounds, by reference data. Nothing is drawn of a month, or of the favourites, where the
// sound of less than half is known: a mean over so few would be a guess.

const ENOUGH = 0.5;
const SOUNDS = [
  { key: 'energy', name: 'energy' },
  { key: 'danceability', name: 'danceability' },
  { key: 'valence', name: 'valence' },
  { key: 'liveness', name: 'liveness' },
  { key: 'speechiness', name: 'speech' },
  { key: 'acousticness', name: 'acoustic' },
  { key: 'instrumentalness', name: 'instrumental' },
];
const NO_SOUND = 'The sound of no song is known. Fetch the reference data, as the README says, and the songs that are in it get theirs.';

function wellKnown(view) {
  return view.rows('audio_profile_by_month').filter((row) => row.known_share >= ENOUGH);
}

// Why the month has no picture of its sound; null where it has one.
function unheard(view) {
  const row = ofMonth(view, 'audio_profile_by_month');
  if (!row) return nothingIn(view, 'audio_profile_by_month');
  if (row.known_share >= ENOUGH) return null;
  if (!row.known_share) return { empty: NO_SOUND };
  return {
    empty: inWords(
      `The sound of ${percent(row.known_share)} of the plays of ${monthName(view.month)} is known, by reference data:`,
      'too few to say how it sounds. From 50 % on it is drawn; choose another month, or fetch fuller reference data.',
    ),
  };
}

// The mean over all plays of these months whose sound is known.
function meanSound(months, key) {
  const weigh = (row) => row.plays * row.known_share;
  return total(months, (row) => row[key] * weigh(row)) / total(months, weigh);
}

function spokes(told) {
  return SOUNDS.map(({ key, name }) => ({ name, r: told(key), text: `${name}: ${number(told(key), 2)}` }));
}

chart({
  id: 'audio-profile',
  section: 'sound',
  title: 'The sound of the month',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    const nothing = unheard(view);
    if (nothing) return nothing;
    const row = ofMonth(view, 'audio_profile_by_month');
    const months = wellKnown(view);
    const ever = (key) => meanSound(months, key);
    const farthest = SOUNDS.reduce((best, one) => (
      Math.abs(row[one.key] - ever(one.key)) > Math.abs(row[best.key] - ever(best.key)) ? one : best));
    const { accent, second } = view.colours;
    return {
      traces: [
        ...(months.length > 1 ? [radarLine('all months', spokes(ever), second, { dash: 'dot' })] : []),
        radarLine(monthName(view.month), spokes((key) => row[key]), accent, { filled: true }),
      ],
      layout: radarLayout(view, {}),
      height: 380,
      caption: (months.length > 1
        ? `What stands out in ${monthName(view.month)}: ${farthest.name}, ${number(row[farthest.key], 2)} against ${number(ever(farthest.key), 2)} in all months.`
        : `In ${monthName(view.month)}: energy ${number(row.energy, 2)}, valence ${number(row.valence, 2)}, ${number(row.tempo)} beats per minute.`)
        + ` Known for ${percent(row.known_share)} of the plays.${maybeMissing(row)}`,
      table: {
        head: ['Sound', monthName(view.month), 'All months'],
        rows: [...SOUNDS, { key: 'tempo', name: 'beats per minute' }]
          .map(({ key, name }) => [name, number(row[key], key === 'tempo' ? 0 : 2), number(ever(key), key === 'tempo' ? 0 : 2)]),
      },
    };
  },
});

function quantile(sorted, at) {
  const place = (sorted.length - 1) * at;
  const low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

chart({
  id: 'sound-of-favourites',
  section: 'sound',
  title: 'The sound of your favourites',
  needs: ['favourite_tracks'],
  draw(view) {
    const songs = view.rows('favourite_tracks');
    const known = songs.filter((row) => row.energy !== null);
    if (!known.length) return { empty: NO_SOUND };
    if (known.length < 5 || known.length < songs.length * ENOUGH) {
      return { empty: `The sound of ${number(known.length)} of your ${plural(songs.length, 'most played song')} is known, by reference data: too few to draw. It takes half of them, and five.` };
    }
    const values = ({ key }) => known.map((row) => row[key]).filter((one) => one !== null).sort((a, b) => a - b);
    const energy = values(SOUNDS[0]);
    return {
      traces: SOUNDS.map((sound) => ({
        type: 'violin', orientation: 'h', x: values(sound), y0: sound.name, name: sound.name, points: false,
        spanmode: 'hard', line: { color: view.colours.accent, width: 1.5 }, fillcolor: faded(view.colours.accent, 0.2),
        meanline: { visible: true, color: view.colours.second, width: 2 }, hoverinfo: 'skip', width: 0.9,
      })),
      layout: {
        xaxis: { range: [0, 1], zeroline: false }, yaxis: { type: 'category', autorange: 'reversed', showgrid: false, ticks: '' },
        violingap: 0,
      },
      height: 380,
      caption: inWords(
        `Half of your favourites have an energy between ${number(quantile(energy, 0.25), 2)} and ${number(quantile(energy, 0.75), 2)}.`,
        'Broad is frequent; the line across is the mean.',
        known.length < songs.length && `The sound of ${number(known.length)} of ${number(songs.length)} is known.`,
      ),
      table: {
        head: ['Sound', 'A quarter is below', 'Half is below', 'Three quarters are below'],
        rows: SOUNDS.map((sound) => [sound.name, ...[0.25, 0.5, 0.75].map((at) => number(quantile(values(sound), at), 2))]),
      },
    };
  },
});

// A chart of lines over those months whose sound is well enough known.
function soundOverMonths(view, lines, axis, words) {
  const months = wellKnown(view);
  if (!months.length) {
    const all = view.rows('audio_profile_by_month');
    const best = all.reduce((most, row) => (row.known_share > most.known_share ? row : most));
    if (!best.known_share) return { empty: NO_SOUND };
    return {
      empty: inWords(
        `The sound of ${percent(best.known_share)} of the plays is known at most, in ${monthName(best.month)}: too few for a line.`,
        'From 50 % on a month is drawn; fuller reference data would help.',
      ),
    };
  }
  const row = months.find((one) => one.month === view.month);
  const left = view.rows('audio_profile_by_month').length - months.length;
  return {
    traces: lines.map(({ key, ...line }) => lineOver(view, months, {
      ...line, value: (one) => one[key], text: (one) => `${line.name} ${line.told(one[key])}`,
    })),
    layout: overMonths(view, axis, { showlegend: lines.length > 1 }),
    caption: (row ? words(row) : `Too little of the sound of ${monthName(view.month)} is known.`)
      + (left ? ` Left out: ${plural(left, 'month')} of which the sound of less than half is known.` : '') + hollowMeans(months),
    table: {
      head: ['Month', ...lines.map((line) => line.name), 'Known of', ''],
      rows: months.map((one) => [monthName(one.month), ...lines.map(({ key, told }) => told(one[key])), percent(one.known_share), leastMark(one)]),
    },
  };
}

chart({
  id: 'mood',
  section: 'sound',
  title: 'Mood',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    const told = (value) => number(value, 2);
    const { accent } = view.colours;
    return soundOverMonths(view, [{ key: 'mood_score', name: 'mood', colour: accent, told }],
      { range: [0, 1], title: { text: 'dark and calm 0 – 1 bright and lively' } },
      (row) => `The mood of ${monthName(view.month)} is ${told(row.mood_score)}, from 0, dark and calm, to 1, bright and lively; ${number(row.tempo)} beats per minute.`);
  },
});

chart({
  id: 'acoustic',
  section: 'sound',
  title: 'Acoustic and instrumental',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    const { accent, second } = view.colours;
    return soundOverMonths(view, [
      { key: 'acoustic_share', name: 'acoustic', colour: accent, told: percent },
      { key: 'instrumental_share', name: 'instrumental', colour: second, dash: 'dot', symbol: 'square', told: percent },
    ], { range: [0, 1], tickformat: '.0%' },
    (row) => `In ${monthName(view.month)}, ${percent(row.acoustic_share)} of the plays are acoustic, the others electronic, and ${percent(row.instrumental_share)} instrumental, the others sung or spoken.`);
  },
});
