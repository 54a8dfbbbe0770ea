// What the page carries of the tables, as rows. The format is that of packed.py.

const CARRIED = JSON.parse(document.getElementById('data').textContent);
const UNPACKED = new Map();

/**
 * The rows of a table in one scope, 'all' or 'mine', as plain objects: dates are 'YYYY-MM-DD',
 * instants 'YYYY-MM-DDTHH:MMZ', what is not known is null. A table without scopes is the same in
 * both; a table that the page does not carry has no rows.
 */
function rows(table, scope) {
  const scopes = CARRIED.tables[table] ?? {};
  const packed = scopes[scope] ?? scopes[''];
  if (!packed) return [];
  if (!UNPACKED.has(packed)) UNPACKED.set(packed, unpackedTable(packed.rows, packed.columns));
  return UNPACKED.get(packed);
}

function unpackedTable(count, columns) {
  const unpacked = Object.entries(columns).map(([name, column]) => [name, unpackedColumn(column)]);
  return Array.from({ length: count }, (_, n) =>
    Object.fromEntries(unpacked.map(([name, values]) => [name, values[n]])));
}

function unpackedColumn(column) {
  const numbers = unpackedNumbers(column.of);
  const known = (told) => numbers.map((one) => (one === null ? null : told(one)));
  switch (column.as) {
    case 'number': return column.by ? known((one) => one / column.by) : numbers;
    case 'bool': return known(Boolean);
    case 'string': return known((place) => CARRIED.strings[place]);
    case 'date': return known(isoDay);
    case 'instant': return known(isoInstant);
    case 'list': return lists(numbers, column.each);
    default: throw new Error(`no such column: ${column.as}`);
  }
}

function unpackedNumbers(packed) {
  if (typeof packed === 'string') return written(packed);
  return packed.runs ? fromRuns(written(packed.runs)) : summed(unpackedNumbers(packed.steps));
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DIGITS = new Map([...SIGNS].map((sign, digit) => [sign, digit]));

function written(text) {
  const numbers = [];
  let number = 0;
  let times = 1;
  for (const sign of text) {
    if (sign === '.') {
      numbers.push(null);
      continue;
    }
    const digit = DIGITS.get(sign);
    number += (digit % 32) * times;
    times *= 32;
    if (digit < 32) continue;
    numbers.push(number % 2 ? -(number - 1) / 2 : number / 2);
    number = 0;
    times = 1;
  }
  return numbers;
}

function fromRuns(runs) {
  const values = [];
  for (let n = 0; n < runs.length; n += 2) {
    for (let times = runs[n + 1]; times > 0; times -= 1) values.push(runs[n]);
  }
  return values;
}

function summed(steps) {
  let sum = 0;
  return steps.map((step) => {
    if (step === null) return null;
    sum += step;
    return sum;
  });
}

function lists(lengths, each) {
  const entries = unpackedTable(lengths.reduce((sum, n) => sum + n, 0), each);
  let from = 0;
  return lengths.map((length) => {
    from += length;
    return entries.slice(from - length, from);
  });
}

function isoDay(days) {
  return new Date(days * 86400000).toISOString().slice(0, 10);
}

function isoInstant(minutes) {
  return `${new Date(minutes * 60000).toISOString().slice(0, 16)}Z`;
}

/** Days since 1970 of 'YYYY-MM-DD'. */
function dayNumber(day) {
  return Date.parse(`${day}T00:00Z`) / 86400000;
}

/** The day so many days after another. */
function dayAfter(day, days = 1) {
  return isoDay(dayNumber(day) + days);
}

/** The month so many months after another, both as their first days. */
function monthAfter(month, months = 1) {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 10);
}
