// That an artist's colour is always the same, can be told from those beside it, and can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artistColours } from '../charts/artists/colours.js';
import { artistFlowChart } from '../charts/artists/flow.js';
import { artistRaceChart } from '../charts/artists/race.js';
import { songsChart } from '../charts/artists/songs.js';
import { artistsHalfYearChart } from '../charts/change/artists-half-year.js';
import { DARK, LIGHT, writable } from '../charts/colours.js';
import { draw, viewOf } from '../charts/draw.js';
import { monthOf } from '../charts/period.js';
import { monthAfter } from '../data/dates.js';
import { shortened } from '../text/names.js';

const MONTHS = Array.from({ length: 24 }, (_, at) => monthAfter('2024-01-01', at));
// Ten of forty a month, three of them other ones than the month before.
const ARTISTS = MONTHS.flatMap((month, at) =>
  Array.from({ length: 30 }, (_, n) => ({
    month,
    rank: n + 1,
    artist_name: `Artist ${(3 * at + n) % 40}`,
    artist_id: `id${(3 * at + n) % 40}`,
    plays: 90 - n,
    rank_before: null,
    change: null,
    at_least: false,
  })),
);
const SONGS = ARTISTS.filter(({ rank }) => rank <= 10).map(({ artist_id, ...row }) => ({
  ...row,
  track_name: `Song of ${row.artist_name}`,
  minutes: 3,
}));
const TABLES = {
  listening_by_month: MONTHS.map((month) => ({ month, plays: 9, known_days: 31, whole: true })),
  top_artists_by_month: ARTISTS,
  top_tracks_by_month: SONGS,
};
const rows = (table) => TABLES[table] ?? [];
const options = (colours, month = MONTHS.at(-1)) => ({
  scope: 'all',
  month,
  playlist: '',
  colours,
  narrow: false,
  still: true,
});

/** @param {string} colour '#rrggbb' or 'rgb(…)' */
function light(colour) {
  const channels = colour.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    : colour.match(/\d+/g).map(Number);
  const [red, green, blue] = channels
    .map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

test('an artist has one colour in the race, in the flow, of songs and after half a year', () => {
  const month = MONTHS.at(-1);
  const colourOf = artistColours(viewOf(rows, options(LIGHT)));
  const now = ARTISTS.filter((row) => row.month === month && row.rank <= 10);
  const race = draw(artistRaceChart, rows, options(LIGHT)).data[0];
  for (const row of now) {
    const at = race.y.indexOf(row.rank);
    assert.equal(race.marker.color[at], writable(colourOf(row), LIGHT));
  }
  const [songs] = draw(songsChart, rows, options(LIGHT)).data;
  assert.deepEqual(songs.marker.color, now.map(colourOf));
  const { node } = draw(artistFlowChart, rows, options(LIGHT)).data[0];
  for (const [at, label] of node.label.entries()) {
    const [name] = label.split(' · ');
    const expected = name === 'others' ? LIGHT.quiet : colourOf({ artist_name: name });
    assert.equal(node.color[at], expected);
  }
  const lines = draw(artistsHalfYearChart, rows, options(LIGHT)).data;
  assert.deepEqual(
    lines.map(({ line }) => line.color),
    now.map(colourOf),
  );
});

test('no two of the ten of a month have the same colour', () => {
  const colourOf = artistColours(viewOf(rows, options(DARK)));
  for (const month of MONTHS) {
    const ten = ARTISTS.filter((row) => row.month === month && row.rank <= 10);
    assert.equal(new Set(ten.map(colourOf)).size, ten.length, month);
  }
});

test('an artist keeps their colour in another scope and another month', () => {
  const views = [MONTHS[3], MONTHS[9]].flatMap((month) =>
    ['all', 'mine'].map((scope) => viewOf(rows, { ...options(LIGHT, month), scope })),
  );
  const [first, ...others] = views.map((view) => ARTISTS.map(artistColours(view)));
  for (const other of others) assert.deepEqual(other, first);
});

test('colours of artists stand out from the page, and can be written on', () => {
  for (const colours of [LIGHT, DARK]) {
    for (const colour of colours.artists) {
      assert.ok(contrast(colour, colours.paper) >= 3, colour);
      assert.ok(contrast(writable(colour, colours), colours.ink) >= 4.5, colour);
    }
    assert.equal(new Set(colours.artists).size, colours.artists.length);
  }
});

test('the race begins at the chosen month, with the ranks of that month', () => {
  const race = draw(artistRaceChart, rows, options(LIGHT, MONTHS[5]));
  assert.equal(race.steps.at, 5);
  assert.deepEqual(race.steps.draw(5).table, race.table);
  assert.match(race.table.rows[0][1], /^Artist 15$/);
});

test('the month of a period is the last that is known in it', () => {
  assert.equal(monthOf('2024-03', MONTHS), '2024-03-01');
  assert.equal(monthOf('2024', MONTHS), '2024-12-01');
  assert.equal(monthOf('all', MONTHS), '2025-12-01');
  assert.equal(monthOf('2019', MONTHS), '2025-12-01');
  assert.equal(monthOf('all', []), '');
});

test('a name is cut between words, and so that one sees it', () => {
  assert.equal(shortened('Just Banco', 9), 'Just…');
  assert.equal(shortened('Just Banco', 10), 'Just Banco');
  assert.equal(shortened('Anticonstitutionally', 9), 'Anticons…');
  assert.equal(shortened('I Anticonstitutionally', 9), 'I Antico…');
});
