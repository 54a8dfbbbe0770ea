// Texts of charts that take several lines, and numbers with their signs.

import { shortened } from '../../text/names.js';
import { number } from '../../text/numbers.js';

/**
 * Words in lines of at most so many signs, escaped.
 * @param {string} words
 * @param {number} length of a line
 */
export function inLines(words, length) {
  /** @type {string[]} */
  const lines = [''];
  for (const word of words.split(' ')) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length >= length) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.map((line) => shortened(line, length + 12)).join('<br>');
}

/**
 * A number with its sign; what is rounded to nothing has none.
 * @param {number} value
 * @param {number} [decimals]
 */
export function signed(value, decimals = 1) {
  const words = number(Math.abs(value), decimals);
  return words === '0' ? '0' : `${value > 0 ? '+' : '−'}${words}`;
}
