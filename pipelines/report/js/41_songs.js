// The songs of a month. Artists are in 41_artists.js, what comes back over months in 45_rotation.js.

chart({
  id: 'songs',
  section: 'who',
  title: 'The ten most played songs',
  needs: ['top_tracks_by_month'],
  draw(view) {
    const songs = view.rows('top_tracks_by_month').filter((row) => row.month === view.month);
    if (!songs.length) return nothingIn(view, 'top_tracks_by_month');
    const entries = songs.map((row) => ({
      name: row.track_name ?? 'an unnamed song', value: row.plays,
      mark: `${number(row.plays)}  ${moved(row)}`,
      text: `${esc(songBy(row))}<br>${atLeast(plural(row.plays, 'play'), row.at_least)}, ${duration(row.minutes)}`,
    }));
    const [first] = songs;
    const list = barList(view, entries, { colour: view.colours.accent });
    list.traces[0].marker = hatched(songs, view.colours.accent, view);
    return {
      ...list,
      caption: `In ${monthName(view.month)} ${songBy(first)} came first with ${atLeast(plural(first.plays, 'play'), first.at_least)}. Behind the plays: how many ranks up or down since the month before; + was not played then.${hatchedMeans(songs)}`,
      table: {
        head: ['Rank', 'Song', 'Artist', 'Plays', 'Minutes', 'Rank before', ''],
        rows: songs.map((row) => [row.rank, row.track_name, row.artist_name, row.plays, row.minutes, row.rank_before, leastMark(row)]),
      },
    };
  },
});
