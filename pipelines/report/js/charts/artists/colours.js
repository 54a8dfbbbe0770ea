// One colour for each artist, the same in every chart, month and scope. Colours themselves are in
// ../colours.js.

/** @import { View } from '../types.js' */
/** @import { Day, Row } from '../../data/tables.js' */
import { monthAfter } from '../../data/dates.js';
import { artistKey } from './top.js';

/**
 * An artist, as rows about artists and about songs name one.
 * @typedef {{ artist_name: string | null, artist_id?: string | null }} Named
 *
 * @typedef {Map<string, Map<string, number>>} Meetings
 */

const COLOURS = 14;
const RANKS = 10;

/**
 * How bad it is for two artists to have one colour, by how many months before the other one is among
 * the first: they are drawn in one picture, or in one that shows both months.
 */
const MEETINGS = [
  { months: 0, weight: 100 },
  { months: 1, weight: 10 },
  { months: 2, weight: 5 },
  { months: 6, weight: 5 },
];

/** @type {WeakMap<Row<'top_artists_by_month'>[], Map<string, number>>} */
const numbersOf = new WeakMap();

/**
 * The colour of each artist.
 * @param {View} view
 * @returns {(artist: Named) => string}
 */
export function artistColours(view) {
  const all = view.rows('top_artists_by_month', 'all');
  const rows = [...all, ...view.rows('top_artists_by_month', 'mine')];
  const numbers = numbersOf.get(all) ?? numbersFor(rows);
  numbersOf.set(all, numbers);
  // A song's row has its artist's name alone.
  const keys = new Map(rows.map((row) => [row.artist_name?.toLowerCase(), artistKey(row)]));
  const { artists, quiet } = view.colours;
  return ({ artist_name, artist_id }) => {
    if (!artist_id && !artist_name) return quiet;
    const name = (artist_name ?? '').toLowerCase();
    const key = artist_id ?? keys.get(name) ?? name;
    return artists[numbers.get(key) ?? preferred(key)];
  };
}

/**
 * A number for everybody who was ever among the first, so that who meets in a picture differs.
 * @param {Row<'top_artists_by_month'>[]} rows
 */
function numbersFor(rows) {
  const first = rows.filter((row) => row.rank <= RANKS);
  const meetings = meetingsOf(first);
  /** @type {Map<string, number>} */
  const numbers = new Map();
  // Once more at the end: those who came first did not know whom they would meet.
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [key, others] of meetings) numbers.set(key, leastMet(key, others, numbers));
  }
  return numbers;
}

/**
 * The number that an artist shares with the fewest of those whom they meet.
 * @param {string} key
 * @param {Map<string, number>} others
 * @param {Map<string, number>} numbers
 */
function leastMet(key, others, numbers) {
  const met = Array(COLOURS).fill(0);
  for (const [other, weight] of others) {
    const number = numbers.get(other);
    if (number !== undefined) met[number] += weight;
  }
  const start = numbers.get(key) ?? preferred(key);
  let best = start;
  for (let step = 1; step < COLOURS; step += 1) {
    const number = (start + step) % COLOURS;
    if (met[number] < met[best]) best = number;
  }
  return best;
}

/**
 * Who is drawn together with whom, in the order in which they first came.
 * @param {Row<'top_artists_by_month'>[]} rows
 * @returns {Meetings}
 */
function meetingsOf(rows) {
  /** @type {Map<Day, Set<string>>} */
  const months = new Map();
  for (const row of rows) {
    const keys = months.get(row.month) ?? new Set();
    months.set(row.month, keys.add(artistKey(row)));
  }
  /** @type {Meetings} */
  const meetings = new Map();
  for (const month of [...months.keys()].sort()) {
    for (const one of months.get(month) ?? []) {
      if (!meetings.has(one)) meetings.set(one, new Map());
      for (const { months: ago, weight } of MEETINGS) {
        for (const other of months.get(monthAfter(month, -ago)) ?? []) {
          if (other === one) continue;
          add(meetings, one, other, weight);
          add(meetings, other, one, weight);
        }
      }
    }
  }
  return meetings;
}

/**
 * @param {Meetings} meetings
 * @param {string} one
 * @param {string} other
 * @param {number} weight
 */
function add(meetings, one, other, weight) {
  const met = meetings.get(one) ?? new Map();
  met.set(other, (met.get(other) ?? 0) + weight);
  meetings.set(one, met);
}

/**
 * A number that follows from an artist alone.
 * @param {string} key
 */
function preferred(key) {
  let hash = 7;
  for (const sign of key) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) % 1000003;
  return hash % COLOURS;
}
