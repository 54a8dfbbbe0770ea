// The tables that this page carries, and their months. How they are unpacked is in
// ../data/unpack.js.

import { monthsOf } from '../charts/draw.js';
import { rowsOf } from '../data/unpack.js';
import { byId } from './dom.js';

export const rows = rowsOf(JSON.parse(byId('data').textContent ?? ''));
export const MONTHS = monthsOf(rows);
