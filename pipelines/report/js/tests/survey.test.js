// What the charts of a survey give where there is no page, and what a wrong code opens. That a right
// one opens its part is tested in tests/report, with what seals it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIGHT } from '../charts/colours.js';
import { draw } from '../charts/draw.js';
import { SECTIONS } from '../charts/sections.js';
import { mapChart, mapInSpaceChart } from '../charts/survey/map.js';
import { ownSoundChart } from '../charts/survey/own.js';
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
const COVERAGE = { major: '', people: 45, songs: 450, matched: 0.9, people_compared: 40 };

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
