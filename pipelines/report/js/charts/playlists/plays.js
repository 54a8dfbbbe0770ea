// Plays beside weights: the words for the difference, and bars of both. Which songs are shown is for
// the charts that use them.

/** @import { Row } from '../../data/tables.js' */
/** @import { View } from '../types.js' */
/** @import { Playlist } from './chosen.js' */
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { inTenths, number, plural } from '../../text/numbers.js';
import { legendBelow, legendEntry } from '../parts/axes.js';
import { barRoom, nameAxis } from '../parts/bars.js';
import { quoted } from './chosen.js';

/** @typedef {Row<'playlist_weights'>} Weight */

/** @type {Record<string, string>} */
export const VERDICTS = {
  overplayed: 'overplayed',
  as_weighted: 'as weighted',
  underplayed: 'underplayed',
  too_few: 'too few to tell',
  never_played: 'never played',
};

/**
 * @param {{ verdict: string }} row
 * @param {View} view
 */
function verdictColour({ verdict }, { colours }) {
  const { accent, second, quiet } = colours;
  return verdict === 'overplayed' ? accent : verdict === 'underplayed' ? second : quiet;
}

/**
 * Two bars for each song, one over the other: the plays that its weight would make, and its plays.
 * @param {View} view
 * @param {Playlist} playlist
 * @param {Weight[]} songs
 */
export function playsBesideWeights(view, playlist, songs) {
  const { grid, faint, ink } = view.colours;
  const entries = songs.map((row) => ({
    name: `${number(row.occurrences)} × ${songTitle(row)}`,
    under: artistName(row),
    value: Math.max(row.expected_plays, row.plays_since),
    // The colour says it too.
    mark: ` ${number(row.plays_since)}${view.narrow ? '' : `, ${VERDICTS[row.verdict]}`} `,
    text: playsWords(row, playlist).join('<br>'),
  }));
  const most = Math.max(...entries.map((entry) => entry.value)) || 1;
  const y = songs.map((_, at) => at);
  const hover = { hoverinfo: 'text', hovertext: entries.map((entry) => entry.text) };
  const bar = { type: 'bar', orientation: 'h', y, showlegend: false, ...hover };
  return {
    data: [
      {
        ...bar,
        x: songs.map((row) => row.expected_plays),
        width: 0.62,
        marker: { color: grid, line: { color: faint, width: 1 } },
        showlegend: true,
        name: 'plays that its weight would make',
      },
      {
        ...bar,
        x: songs.map((row) => row.plays_since),
        width: 0.3,
        marker: { color: songs.map((row) => verdictColour(row, view)) },
        name: 'plays',
      },
      // Behind the longer of the two bars.
      {
        type: 'scatter',
        mode: 'text',
        x: entries.map((entry) => entry.value),
        y,
        text: entries.map((entry) => entry.mark),
        textposition: 'middle right',
        textfont: { color: ink },
        cliponaxis: false,
        hoverinfo: 'skip',
        showlegend: false,
      },
      ...keys(songs, view),
    ],
    layout: {
      barmode: 'overlay',
      showlegend: true,
      legend: legendBelow({ y: 0 }),
      xaxis: { visible: false, range: [0, most * barRoom(view, entries)] },
      yaxis: nameAxis(
        view,
        entries.map((entry) => entry.name),
        entries.map((entry) => entry.under),
      ),
    },
    height: 110 + 38 * Math.max(songs.length, 2),
  };
}

/**
 * What the colours of the bars mean, as far as they are there.
 * @param {Weight[]} songs
 * @param {View} view
 */
function keys(songs, view) {
  const verdicts = new Set(
    songs.map(({ verdict }) =>
      verdict === 'overplayed' || verdict === 'underplayed' ? verdict : 'others',
    ),
  );
  return [...verdicts].map((verdict) =>
    legendEntry(
      verdict === 'others' ? 'its plays' : `its plays, ${verdict}`,
      verdictColour({ verdict }, view),
    ),
  );
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
