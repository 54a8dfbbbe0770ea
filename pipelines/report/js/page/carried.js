// The tables that this page carries.

import { monthsOf } from '../charts/draw.js';
import { rowsOf } from '../data/unpack.js';
import { byId } from './dom.js';

export const rows = rowsOf(JSON.parse(byId('data').textContent ?? ''));
export const MONTHS = monthsOf(rows);
