// The most played songs of a month. Songs that return over months are in ../rotation.

/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { atLeast, duration, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { knownDaysWords } from '../parts/cut.js';
import { atLeastCell, hatched, hatchedMeans } from '../parts/missing.js';
import { emptyMonth } from '../parts/rows.js';
import { artistColours } from './colours.js';
import { moveSigns, moveSignsMean } from './moves.js';

/** @type {Chart} */
export const songsChart = {
  id: 'songs',
  title: 'The ten most played songs',
  needs: ['top_tracks_by_month'],
  draw(view) {
    const songs = view.rows('top_tracks_by_month').filter((row) => row.month === view.month);
    if (!songs.length) return emptyMonth(view);
    const colourOf = artistColours(view);
    const mark = moveSigns(songs);
    const entries = songs.map((row) => ({
      name: songTitle(row),
      under: artistName(row),
      value: row.plays,
      mark: ` ${number(row.plays)}  ${mark(row)}`.trimEnd(),
      text:
        `${escaped(songBy(row))}<br>${atLeast(plural(row.plays, 'play'), row.at_least)}, ` +
        duration(row.minutes),
    }));
    const [first] = songs;
    const list = barList(view, entries, {
      colour: view.colours.accent,
      room: barRoom(view, entries),
    });
    const [bars] = list.data;
    return {
      ...list,
      data: [{ ...bars, marker: hatched(songs, songs.map(colourOf), view) }],
      caption: joinSentences(
        `In ${monthName(view.month)}, ${songBy(first)} came first`,
        `with ${atLeast(plural(first.plays, 'play'), first.at_least)}.`,
        moveSignsMean(songs),
        knownDaysWords(view),
        hatchedMeans(songs),
      ),
      table: {
        head: ['Rank', 'Song', 'Artist', 'Plays', 'Minutes', 'Rank before', ''],
        rows: songs.map((row) => [
          row.rank,
          row.track_name,
          row.artist_name,
          row.plays,
          row.minutes,
          row.rank_before,
          atLeastCell(row),
        ]),
      },
    };
  },
};
