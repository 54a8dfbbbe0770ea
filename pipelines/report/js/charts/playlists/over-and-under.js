// The songs of a playlist that are played much more or less than they weigh. How many these are is in
// verdicts.js.

/** @import { Chart } from '../types.js' */
/** @import { Weight } from './plays.js' */
import { songBy } from '../../text/names.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { ofPlaylist, quoted, rowsOfPlaylist } from './chosen.js';
import { neverPlayed, PLAYS_HEAD, playsBesideWeights, playsCells, playsMissing } from './plays.js';

const EACH = 6;

/** @type {Chart} */
export const overAndUnderChart = {
  id: 'playlist-over-and-under',
  title: 'Overplayed and underplayed',
  needs: ['playlist_summary', 'playlist_weights'],
  draw: ofPlaylist((view, playlist) => {
    const all = rowsOfPlaylist(view.rows('playlist_weights'), playlist);
    /** @param {Weight} row */
    const beyond = (row) => row.plays_since - row.expected_plays;
    const over = all
      .filter((row) => row.verdict === 'overplayed')
      .sort((one, other) => beyond(other) - beyond(one))
      .slice(0, EACH);
    const under = all
      .filter((row) => row.verdict === 'underplayed')
      .sort((one, other) => beyond(one) - beyond(other))
      .slice(0, EACH);
    const songs = [...over, ...under];
    if (playlist.never_played === playlist.songs) return { empty: neverPlayed(playlist) };
    if (!songs.length) {
      return {
        empty: `No song in ${quoted(playlist)} is played so much more or less than it weighs that chance would not explain it.`,
      };
    }
    return {
      ...playsBesideWeights(view, playlist, songs),
      caption: joinSentences(
        over.length > 0 &&
          `${songBy(over[0])} is overplayed: ${plural(over[0].plays_since, 'play')}, where its weight would make ${number(over[0].expected_plays, 1)}.`,
        under.length > 0 &&
          `${songBy(under[0])} is underplayed: ${plural(under[0].plays_since, 'play')}, where its weight would make ${number(under[0].expected_plays, 1)}.`,
        `Shown are up to ${EACH} of each, those that are farthest from their weight.`,
        playsMissing(songs),
      ),
      table: { head: PLAYS_HEAD, rows: songs.map((row) => playsCells(row, playlist)) },
    };
  }),
};
