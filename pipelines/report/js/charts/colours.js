// The two palettes, light and dark, and mixtures of colours. Charts get a palette in their view:
// only the page chooses one.

/** @import { Colours } from './types.js' */

/** @type {Colours} */
export const LIGHT = {
  dark: false,
  paper: '#fbfaf7',
  ink: '#1d2125',
  faint: '#5b6269',
  grid: '#e3e0d8',
  accent: '#17607a',
  second: '#a35607',
  third: '#7a4a8c',
  quiet: '#868c92',
  scale: [
    [0, '#efece4'],
    [0.25, '#bdd5da'],
    [0.5, '#74a9b6'],
    [0.75, '#2f7890'],
    [1, '#0e465a'],
  ],
  contexts: {
    sleep: '#4b4f95',
    kids: '#c07a0a',
    workout: '#bd4334',
    focus: '#2a70ae',
    party: '#a43c86',
    relaxation: '#23806d',
    everyday: '#7d848b',
  },
  artists: [
    '#901c2b',
    '#c65e24',
    '#6e4605',
    '#94800f',
    '#455801',
    '#2c984a',
    '#055e4d',
    '#0d9298',
    '#065871',
    '#2d83d6',
    '#3f419f',
    '#9366c9',
    '#792878',
    '#c25486',
  ],
  series: ['#2a70ae', '#c07a0a', '#23806d', '#a43c86', '#4b4f95', '#bd4334', '#7d848b'],
};

/** @type {Colours} */
export const DARK = {
  dark: true,
  paper: '#15181b',
  ink: '#ebe8e1',
  faint: '#a4a9ae',
  grid: '#2c3135',
  accent: '#74bcd6',
  second: '#e6a03c',
  third: '#c79bdc',
  quiet: '#6f767c',
  scale: [
    [0, '#1f2428'],
    [0.25, '#1f4856'],
    [0.5, '#2c7389'],
    [0.75, '#5ba9c1'],
    [1, '#c0e6f0'],
  ],
  contexts: {
    sleep: '#8f94e6',
    kids: '#eeb04c',
    workout: '#f0867a',
    focus: '#6fb0ee',
    party: '#dc86c6',
    relaxation: '#5cc6b0',
    everyday: '#9ea5ac',
  },
  artists: [
    '#da6b6e',
    '#fdaf8a',
    '#c68108',
    '#dec44c',
    '#839f30',
    '#7fdd90',
    '#02aa8d',
    '#22dee6',
    '#06a1cc',
    '#99c9fd',
    '#7e88e6',
    '#d1b4fd',
    '#c071bc',
    '#ffa4c9',
  ],
  series: ['#6fb0ee', '#eeb04c', '#5cc6b0', '#dc86c6', '#8f94e6', '#f0867a', '#9ea5ac'],
};

/**
 * A colour so pale that it can be written on.
 * @param {string} colour
 * @param {Colours} colours
 */
export function writable(colour, { dark, paper }) {
  return blend(colour, paper, dark ? 0.55 : 0.5);
}

/**
 * A colour with so much opacity.
 * @param {string} hex
 * @param {number} alpha
 */
export function withOpacity(hex, alpha) {
  return `rgba(${channels(hex).join(', ')}, ${alpha})`;
}

/**
 * One colour of a row of them, from pale to full, the last one full.
 * @param {string} hex
 * @param {number} at
 * @param {number} count
 */
export function shade(hex, at, count) {
  return withOpacity(hex, count < 2 ? 1 : 0.34 + (0.66 * at) / (count - 1));
}

/**
 * A colour with so much of another in it; both as '#rrggbb'.
 * @param {string} colour
 * @param {string} other
 * @param {number} share
 */
export function blend(colour, other, share) {
  const others = channels(other);
  const mixed = channels(colour).map((one, n) => Math.round(one * (1 - share) + others[n] * share));
  return `rgb(${mixed})`;
}

/** @param {string} hex */
function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
