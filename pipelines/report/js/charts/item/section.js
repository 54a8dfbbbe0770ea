// The charts of one artist's or one song's page, and of the page that compares two listeners. They are
// drawn from rows that only the dashboard has; so they are no section of the report.

/** @import { Section } from '../types.js' */
import { comparedHoursChart } from './compared-hours.js';
import { itemHoursChart } from './hours.js';
import { itemPlaysChart } from './plays.js';
import { itemRankChart } from './rank.js';

/** @type {Section} */
export const ITEM_SECTION = {
  id: 'item',
  title: 'One artist or song',
  charts: [itemPlaysChart, itemRankChart, itemHoursChart, comparedHoursChart],
};
