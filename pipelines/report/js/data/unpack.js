// Rows from the packed tables that a page carries; ../../packed.py packs them. The types of rows
// are in tables.d.ts. Nothing here knows where the packed tables come from.

/** @import { Carried, PackedColumn, PackedNumbers, PackedTable } from './packed.js' */
/** @import { Rows, Scope } from './tables.js' */
import { isoDay, isoInstant } from './dates.js';

/**
 * Rows of the carried tables as plain objects, each table unpacked when it is first asked for. What
 * is not known is null. A table without scopes is the same in both.
 * @param {Carried} carried
 * @returns {Rows}
 */
export function rowsOf(carried) {
  /** @type {Map<PackedTable, any[]>} */
  const unpacked = new Map();
  return (table, scope) => {
    /** @type {Partial<Record<Scope | '', PackedTable>>} */
    const scopes = carried.tables[table] ?? {};
    const packed = scopes[scope] ?? scopes[''];
    if (!packed) return [];
    const rows = unpacked.get(packed) ?? unpackTable(packed, carried.strings);
    unpacked.set(packed, rows);
    return rows;
  };
}

/**
 * @param {PackedTable} table
 * @param {string[]} strings
 */
function unpackTable({ rows, columns }, strings) {
  const unpacked = Object.entries(columns).map(([name, column]) => ({
    name,
    values: unpackColumn(column, strings),
  }));
  return Array.from({ length: rows }, (_, n) =>
    Object.fromEntries(unpacked.map(({ name, values }) => [name, values[n]])),
  );
}

/**
 * @param {PackedColumn} column
 * @param {string[]} strings
 * @returns {unknown[]}
 */
function unpackColumn({ as, of, by, each }, strings) {
  const numbers = unpackNumbers(of);
  /** @param {(number: number) => unknown} value */
  const known = (value) => numbers.map((one) => (one === null ? null : value(one)));
  switch (as) {
    case 'number':
      return by ? known((one) => one / by) : numbers;
    case 'bool':
      return known(Boolean);
    case 'string':
      return known((place) => strings[place]);
    case 'date':
      return known(isoDay);
    case 'instant':
      return known(isoInstant);
    case 'list':
      return lists(numbers.map(Number), each ?? {}, strings);
    default:
      throw new Error(`no such column: ${as}`);
  }
}

/**
 * @param {PackedNumbers} packed
 * @returns {(number | null)[]}
 */
function unpackNumbers(packed) {
  if (typeof packed === 'string') return decode(packed);
  return 'runs' in packed ? fromRuns(decode(packed.runs)) : summedUp(unpackNumbers(packed.steps));
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DIGITS = new Map([...SIGNS].map((sign, digit) => [sign, digit]));

/**
 * Numbers to the base of 32, the lowest digit first; the last bit is the sign.
 * @param {string} text
 */
function decode(text) {
  /** @type {(number | null)[]} */
  const numbers = [];
  let number = 0;
  let times = 1;
  for (const sign of text) {
    const digit = DIGITS.get(sign);
    if (digit === undefined) {
      // A dot: not known
      numbers.push(null);
      continue;
    }
    number += (digit % 32) * times;
    times *= 32;
    if (digit < 32) continue;
    numbers.push(number % 2 ? -(number - 1) / 2 : number / 2);
    number = 0;
    times = 1;
  }
  return numbers;
}

/**
 * Values from pairs of a value and how often it comes.
 * @param {(number | null)[]} runs
 */
function fromRuns(runs) {
  const values = [];
  for (let n = 0; n < runs.length; n += 2) {
    for (let times = runs[n + 1] ?? 0; times > 0; times -= 1) values.push(runs[n]);
  }
  return values;
}

/** @param {(number | null)[]} steps */
function summedUp(steps) {
  let sum = 0;
  return steps.map((step) => {
    if (step === null) return null;
    sum += step;
    return sum;
  });
}

/**
 * The entries of each row.
 * @param {number[]} lengths
 * @param {Record<string, PackedColumn>} columns
 * @param {string[]} strings
 */
function lists(lengths, columns, strings) {
  const count = lengths.reduce((sum, length) => sum + length, 0);
  const entries = unpackTable({ rows: count, columns }, strings);
  let from = 0;
  return lengths.map((length) => {
    from += length;
    return entries.slice(from - length, from);
  });
}
