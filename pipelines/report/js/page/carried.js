// The tables that this page carries, and their months. How they are unpacked is in
// ../data/unpack.js.

/** @import { Carried } from '../data/packed.js' */
import { monthsOf } from '../charts/draw.js';
import { rowsOf } from '../data/unpack.js';
import { byId } from './dom.js';

/** @type {Carried} */
const carried = JSON.parse(byId('data').textContent ?? '');

export const rows = rowsOf(carried);
export const MONTHS = monthsOf(rows);

/** Cards to share, packed by ../../page.py; a survey has none. */
export const carriedCards = carried.cards ?? '';
