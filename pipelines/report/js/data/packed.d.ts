// Tables as the page carries them. The format is that of ../../packed.py, which describes it.

import type { Scope, TableName } from './tables.js';

export interface Carried {
  /** Whose report it is; the dashboard says so elsewhere. */
  listener?: string;
  /** Cards to share: ../../page.py. */
  cards?: string;
  strings: string[];
  tables: { [T in TableName]?: { [S in Scope | '']?: PackedTable } };
}

export interface PackedTable {
  rows: number;
  columns: Record<string, PackedColumn>;
}

export interface PackedColumn {
  as: 'number' | 'bool' | 'string' | 'date' | 'instant' | 'list';
  of: PackedNumbers;
  by?: number;
  each?: Record<string, PackedColumn>;
}

export type PackedNumbers = string | { runs: string } | { steps: PackedNumbers };
