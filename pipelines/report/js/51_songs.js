// The songs of a month. Artists are in 41_artists.js, what comes back over months in 45_rotation.js.

function titleOf(row) {
  return row.track_name || 'an unnamed song';
}

// Room behind the bars of a list, so that the longest mark fits; 1 is none.
function roomFor(view, entries) {
  const most = Math.max(...entries.map((entry) => entry.value)) || 1;
  // Where bars and marks have this many pixels, and a sign eight.
  const width = view.narrow ? 160 : 320;
  const rooms = entries.map(({ value, mark }) => (value / most) * (width / (width - 8 * mark.length - 8)));
  return Math.max(...rooms, 1.1);
}

chart({
  id: 'songs',
  section: 'who',
  title: 'The ten most played songs',
  needs: ['top_tracks_by_month'],
  draw(view) {
    const songs = view.rows('top_tracks_by_month').filter((row) => row.month === view.month);
    if (!songs.length) return nothingIn(view, 'top_tracks_by_month');
    const mark = movesOf(songs);
    const entries = songs.map((row) => ({
      name: titleOf(row), value: row.plays,
      mark: ` ${number(row.plays)}  ${mark(row)}`.trimEnd(),
      text: `${esc(songBy(row))}<br>${atLeast(plural(row.plays, 'play'), row.at_least)}, ${duration(row.minutes)}`,
    }));
    const [first] = songs;
    const list = barList(view, entries, { colour: view.colours.accent, room: roomFor(view, entries) });
    list.traces[0].marker = hatched(songs, view.colours.accent, view);
    return {
      ...list,
      caption: `In ${monthName(view.month)}, ${songBy(first)} came first with ${atLeast(plural(first.plays, 'play'), first.at_least)}.${movesMean(songs)}${hatchedMeans(songs)}`,
      table: {
        head: ['Rank', 'Song', 'Artist', 'Plays', 'Minutes', 'Rank before', ''],
        rows: songs.map((row) => [row.rank, row.track_name, row.artist_name, row.plays, row.minutes, row.rank_before, leastMark(row)]),
      },
    };
  },
});
