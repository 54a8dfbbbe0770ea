// What charts give where there is no page: they are drawn in other places too. What they should draw
// of real tables is compared in tests/report.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DARK, LIGHT } from '../charts/colours.js';
import { draw } from '../charts/draw.js';
import { ITEM_SECTION } from '../charts/item/section.js';
import { hoursChart } from '../charts/listening/hours.js';
import { SECTIONS } from '../charts/sections.js';

const OPTIONS = {
  scope: 'all',
  month: '2026-02-01',
  colours: LIGHT,
  narrow: false,
  still: true,
};
const HOURS = [
  { weekday: 0, hour: 8, plays: 3, minutes: 10, share: 0.25, at_least: false },
  { weekday: 6, hour: 20, plays: 9, minutes: 30, share: 0.75, at_least: false },
];
const CHARTS = SECTIONS.flatMap(({ charts }) => charts);

/** Looks up rows as a page does. */
function rowsOf(tables) {
  return (table) => tables[table] ?? [];
}

test('a chart is drawn of rows and options alone', () => {
  assert.equal(globalThis.document, undefined);
  const plot = draw(hoursChart, rowsOf({ listening_by_hour: HOURS }), OPTIONS);
  const [trace] = plot.data;
  assert.equal(trace.z[6][20], 30);
  assert.equal(trace.colorscale, LIGHT.scale);
  assert.match(plot.caption, /^Over all months you heard most on Sundays from 20:00 to 21:00: 75/);
  assert.equal(plot.layout.font.color, LIGHT.ink);
  assert.equal(plot.table.rows.length, 2);
});

test('the same rows and options give the same picture, others another', () => {
  const rows = rowsOf({ listening_by_hour: HOURS });
  const plot = draw(hoursChart, rows, OPTIONS);
  assert.deepEqual(draw(hoursChart, rows, OPTIONS), plot);
  const dark = draw(hoursChart, rows, { ...OPTIONS, colours: DARK });
  assert.notDeepEqual(dark.layout, plot.layout);
});

test('every chart says why it is empty where there are no rows', () => {
  for (const chart of CHARTS) {
    assert.match(draw(chart, rowsOf({}), OPTIONS).empty, /\.$/, chart.id);
  }
});

test('of scrobbles alone no hour of the week is the one in which most was heard', () => {
  const unmeasured = HOURS.map((row) => ({ ...row, minutes: 0, share: 0, at_least: true }));
  const plot = draw(hoursChart, rowsOf({ listening_by_hour: unmeasured }), OPTIONS);
  assert.match(plot.empty, /^No minutes are known/);
  const [calendar] = CHARTS.filter(({ id }) => id === 'calendar');
  const days = [
    { day: '2026-02-01', plays: 2, minutes: 0, streak: 1, at_least: true, known: true },
  ];
  const months = [{ month: '2026-02-01', plays: 2, at_least: true }];
  const squares = draw(
    calendar,
    rowsOf({ listening_by_day: days, listening_by_month: months }),
    OPTIONS,
  );
  assert.match(squares.empty, /^No minutes are known/);
});

test('hours of two listeners are told as those of all time, and none where none are known', () => {
  const [compared] = ITEM_SECTION.charts.filter(({ id }) => id === 'compared-hours');
  const of = (place, name, share) =>
    [...Array(24).keys()].map((hour) => ({ place, name, hour, share, at_least: false }));
  const rows = [...of(0, 'nico', 1 / 24), ...of(1, 'mira', 0)];
  const { caption } = draw(compared, rowsOf({ compared_hours: rows }), OPTIONS);
  assert.match(caption, /^nico: most from 00:00 to 01:00, 4/);
  assert.match(caption, /mira: no minutes are known\./);
  assert.match(caption, /all minutes of each, whatever the period/);
});

test('of a chosen playlist that is not there no other one is shown', () => {
  const [weights] = CHARTS.filter(({ id }) => id === 'playlist-top-weights');
  const song = { track_name: 'Song', artist_name: 'Artist', occurrences: 2, plays: 1, rank: 1 };
  const rows = rowsOf({
    playlist_summary: [{ playlist_id: 'first', rank: 1, name: 'First', items: 2, song_items: 2 }],
    playlist_weights: [{ playlist_id: 'first', ...song, plays_share: 0.1 }],
  });
  assert.equal(draw(weights, rows, { ...OPTIONS, playlist: 'first' }).empty, undefined);
  assert.match(draw(weights, rows, { ...OPTIONS, playlist: 'gone' }).empty, /^Of this playlist no/);
  assert.equal(draw(weights, rows, { ...OPTIONS, playlist: '' }).empty, undefined);
});

test('every chart has an id of its own', () => {
  assert.equal(new Set(CHARTS.map(({ id }) => id)).size, CHARTS.length);
});
