// Plays beside weights: the words for the difference, and bars of both. Which songs are shown is for
// the charts that use them.

/** @import { Row } from '../../data/tables.js' */
/** @import { View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { escaped, songBy, songLabel } from '../../text/names.js';
import { inTenths, number, plural } from '../../text/numbers.js';
import { legendBelow, legendEntry } from '../parts/axes.js';
import { nameAxis } from '../parts/bars.js';
import { quoted } from './chosen.js';

/** @typedef {Row<'playlist_weights'>} Weight */

/** @type {Record<string, string>} */
export const VERDICTS = {
  overplayed: 'overplayed',
  as_weighted: 'as often as it weighs',
  underplayed: 'underplayed',
  too_few: 'too few to tell',
  never_played: 'never played',
};

/**
 * @param {Weight} row
 * @param {View} view
 */
export function verdictColour({ verdict }, { colours }) {
  const { accent, second, quiet } = colours;
  return verdict === 'overplayed' ? accent : verdict === 'underplayed' ? second : quiet;
}

/**
 * Two bars for each song: how many plays its weight would make, and how many there are.
 * @param {View} view
 * @param {Playlist} playlist
 * @param {Weight[]} songs
 */
export function playsBesideWeights(view, playlist, songs) {
  const places = songs.map((_, at) => at);
  const most = Math.max(...songs.flatMap((row) => [row.expected_plays, row.plays_since]), 1);
  const marks = songs.map((row) => ` ${number(row.plays_since)}, ${VERDICTS[row.verdict]} `);
  const { grid, faint, ink } = view.colours;
  const by = { type: 'bar', orientation: 'h', y: places, cliponaxis: false, hoverinfo: 'text' };
  const hovertext = songs.map((row) => playsWords(row, playlist).join('<br>'));
  return {
    data: [
      {
        ...by,
        name: 'plays that its weight would make',
        x: songs.map((row) => row.expected_plays),
        marker: { color: grid, line: { color: faint, width: 1 } },
        hovertext,
      },
      {
        ...by,
        name: 'plays',
        x: songs.map((row) => row.plays_since),
        marker: { color: songs.map((row) => verdictColour(row, view)) },
        text: marks,
        textposition: 'outside',
        textfont: { color: ink },
        hovertext,
        showlegend: false,
      },
      ...['overplayed', 'underplayed', 'too_few']
        .filter((verdict) => songs.some((row) => sameColour(row.verdict, verdict)))
        .map((verdict) =>
          legendEntry(
            verdict === 'too_few' ? 'plays' : `plays, ${VERDICTS[verdict]}`,
            verdictColour({ ...songs[0], verdict }, view),
          ),
        ),
    ],
    layout: {
      bargap: 0.35,
      showlegend: true,
      legend: legendBelow({ y: 0 }),
      xaxis: { visible: false, range: [0, most * (view.narrow ? 2.2 : 1.5)] },
      yaxis: nameAxis(
        view,
        songs.map((row) => `${number(row.occurrences)} × ${songLabel(row, view)}`),
      ),
    },
    height: 100 + 40 * Math.max(songs.length, 2),
  };
}

/**
 * @param {string} one
 * @param {string} other
 */
function sameColour(one, other) {
  return one === other || (other === 'too_few' && !['overplayed', 'underplayed'].includes(one));
}

/**
 * @param {Weight} row
 * @param {Playlist} playlist
 */
function playsWords(row, playlist) {
  return [
    escaped(songBy(row)),
    `${plural(row.occurrences, 'time')} in the playlist: ${shuffleShare(row, playlist)} of a true shuffle`,
    `${plural(row.plays_since, 'play')} since it was added; its weight would make ` +
      number(row.expected_plays, 1),
  ];
}

/** The same as a table. */
export const PLAYS_HEAD = [
  ...['Song', 'Artist', 'Times in the playlist', 'Of a shuffle', 'Plays since it was added'],
  ...['Of these plays', 'Plays that its weight would make', 'Plays ever', ''],
];

/**
 * @param {Weight} row
 * @param {Playlist} playlist
 */
export function playsCells(row, playlist) {
  return [
    row.track_name,
    row.artist_name,
    row.occurrences,
    shuffleShare(row, playlist),
    row.plays_since,
    row.plays_share === null ? '–' : inTenths(row.plays_share),
    number(row.expected_plays, 1),
    row.plays,
    VERDICTS[row.verdict] ?? row.verdict,
  ];
}

/**
 * What there is to say where no song is played.
 * @param {Playlist} playlist
 */
export function neverPlayed(playlist) {
  return `No play of a song in ${quoted(playlist)} is known.`;
}

/**
 * What part of the plays of a true shuffle is a song's.
 * @param {Weight} row
 * @param {Playlist} playlist
 */
export function shuffleShare(row, playlist) {
  return inTenths(row.occurrences / playlist.song_items);
}

/**
 * Where plays may be missing; '' where none may.
 * @param {{ at_least: boolean }[]} rows
 */
export function playsMissing(rows) {
  return rows.some((row) => row.at_least) && 'Plays may be missing.';
}
