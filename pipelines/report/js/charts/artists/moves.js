// Signs behind the plays: how a rank changed since the month before. For artists and songs; looking
// up ranks is in top.js.

/** @typedef {{ rank_before: number | null, change: number | null }} Ranked */

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
  return rows.some((row) => row.rank_before !== null)
    ? ' Behind the plays: how many ranks up or down since the month before; + was not played then.'
    : '';
}

/**
 * How many ranks up or down.
 * @param {Ranked} row
 */
export function moveSign(row) {
  if (row.rank_before === null) return '+';
  const change = row.change ?? 0;
  if (change === 0) return '=';
  return change > 0 ? `▲ ${change}` : `▼ ${-change}`;
}
