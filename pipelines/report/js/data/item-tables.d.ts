// The rows of what the page of one artist or one song, or that of two listeners, is drawn from;
// ../../../dashboard/item_charts.py packs them. What a column means is in docs/tables.md.

import type { Day } from './tables.js';

export interface ItemTables {
  item_months: {
    month: Day;
    plays: number;
    minutes: number;
    rank: number | null;
    at_least: boolean;
  };
  item_hours: {
    hour: number;
    plays: number;
    at_least: boolean;
  };
  compared_hours: {
    /** 0 is the reader. */
    place: number;
    name: string;
    hour: number;
    share: number;
    at_least: boolean;
  };
}
