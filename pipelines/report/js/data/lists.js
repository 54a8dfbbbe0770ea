// What JavaScript's arrays lack. Nothing here knows what is in a list.

/**
 * The last value of a list that has one.
 * @template T
 * @param {readonly T[]} values
 */
export function lastOf(values) {
  return values[values.length - 1];
}
