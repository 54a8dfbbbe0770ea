// What the charts of a survey give where there is no page, and what a wrong code opens. That a right
// one opens its part is tested in tests/report, with what seals it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIGHT } from '../charts/colours.js';
import { draw } from '../charts/draw.js';
import { SECTIONS } from '../charts/sections.js';
import { coverageChart } from '../charts/survey/coverage.js';
import { mapChart, mapInSpaceChart } from '../charts/survey/map.js';
import { ownSoundChart } from '../charts/survey/own.js';
import { ofPeople, sizeCell, sizeOf } from '../charts/survey/profile.js';
import { SURVEY_SECTIONS } from '../charts/survey/sections.js';
import { unseal } from '../survey/unseal.js';

const OPTIONS = {
  scope: 'all',
  month: '',
  playlist: '',
  colours: LIGHT,
  narrow: false,
  still: true,
  survey: { k: 5, major: '', own: null },
};
const CHARTS = [...SURVEY_SECTIONS.flatMap(({ charts }) => charts), mapInSpaceChart, ownSoundChart];
const COVERAGE = {
  major: '',
  people: 45,
  songs: 450,
  matched: 0.9,
  people_compared: 40,
  compared_at_least: true,
};

/** Looks up rows as a page does. */
function rowsOf(tables) {
  return (table) => tables[table] ?? [];
}

test('every chart of a survey says why it is empty', () => {
  for (const people of [null, 45]) {
    const rows = rowsOf({ survey_coverage: [{ ...COVERAGE, people, matched: null }] });
    for (const chart of CHARTS) {
      assert.match(draw(chart, rows, OPTIONS).empty, /\.$/, chart.id);
      assert.match(draw(chart, rowsOf({}), OPTIONS).empty, /\.$/, chart.id);
    }
  }
});

test('every chart has an id of its own, among those of the report too', () => {
  const all = [...CHARTS, ...SECTIONS.flatMap(({ charts }) => charts)].map(({ id }) => id);
  assert.equal(new Set(all).size, all.length);
});

test('the reader is on the map only once their code is known', () => {
  const dots = [{ dot: 1, people: 7, x: 0.5, y: 1, z: 0 }];
  const rows = rowsOf({ survey_coverage: [COVERAGE], music_dna_map: dots });
  assert.equal(draw(mapChart, rows, OPTIONS).data.length, 1);
  const survey = { ...OPTIONS.survey, own: { place: [1, 2, 3] } };
  const [, star] = draw(mapChart, rows, { ...OPTIONS, survey }).data;
  assert.deepEqual([star.x, star.y], [[1], [2]]);
});

test('a wrong code opens nothing', () => {
  const entries = btoa('x'.repeat(200));
  assert.equal(unseal('wrong', { size: 100, entries, shape: null }), null);
  assert.equal(unseal('', { size: 100, entries, shape: null }), null);
});

test('a number of people that is rounded down is told as at least so many', () => {
  const dots = [true, false].map((rounded) => ({
    dot: 1,
    people: 5,
    at_least: rounded,
    x: 0,
    y: 0,
  }));
  const rows = rowsOf({ survey_coverage: [COVERAGE], music_dna_map: dots });
  const map = draw(mapChart, rows, OPTIONS);
  assert.deepEqual(map.data[0].text, ['5+', '5']);
  assert.match(map.caption, /at least so many/);
  assert.match(
    draw(coverageChart, rows, OPTIONS).caption,
    /Of at least 40 people enough are known/,
  );
  assert.deepEqual(
    dots.map((one) => [sizeOf(one), sizeCell(one), ofPeople(one)]),
    [
      ['at least 5 people', 'at least 5', 'of at least 5 people'],
      ['5 people', 5, 'of 5 people'],
    ],
  );
  const hidden = { people: 0, at_least: false };
  assert.deepEqual([sizeCell(hidden), ofPeople(hidden)], ['not told', 'of these people']);
});

test('who is not compared is not told that three songs are needed where they have none or one', () => {
  const empty = (compared) => {
    const survey = { ...OPTIONS.survey, own: { compared, sound: null } };
    return draw(ownSoundChart, rowsOf({}), { ...OPTIONS, survey }).empty;
  };
  assert.match(empty(0), /^Of none of your songs/);
  assert.match(empty(1), /as many as most people named.* 5 people/);
  assert.match(empty(3), /^Nobody is compared/);
});
