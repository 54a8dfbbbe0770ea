// Signs behind the plays: how a rank changed since the month before. For artists and songs; looking
// up ranks is in top.js.

/** @typedef {{ rank: number, rank_before: number | null }} Ranked */

/** Ranks beyond are not worth counting. */
const COUNTED = 100;

/**
 * What stands behind the plays; nothing in a month of which all are new, such as the first.
 * @param {Ranked[]} rows
 */
export function moveSigns(rows) {
  const known = rows.some((row) => row.rank_before !== null);
  /** @param {Ranked} row */
  return (row) => (known ? moveSign(row) : '');
}

/**
 * What these signs mean, to end a caption with; '' where there is none.
 * @param {Ranked[]} rows
 */
export function moveSignsMean(rows) {
  if (!rows.some((row) => row.rank_before !== null)) return '';
  const far = rows.some((row) => (row.rank_before ?? 0) > COUNTED)
    ? `; ▲ alone was outside the first ${COUNTED}`
    : '';
  return ` Behind the plays: how many ranks up or down since the month before; + was not played then${far}.`;
}

/**
 * How many ranks up or down.
 * @param {Ranked} row
 */
export function moveSign(row) {
  if (row.rank_before === null) return '+';
  if (row.rank_before > COUNTED && row.rank <= COUNTED) return '▲';
  const change = row.rank_before - row.rank;
  if (change === 0) return '=';
  return change > 0 ? `▲ ${change}` : `▼ ${-change}`;
}
