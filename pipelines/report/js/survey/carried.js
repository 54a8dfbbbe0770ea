// What the page of a survey carries besides tables: its title, the least number of people that it
// tells of, and sealed own parts.

import { byId } from '../page/dom.js';

/**
 * @type {{
 *   survey: { title: string, k: number, keep_until: string | null },
 *   own: { size: number, entries: string, shape: import('./unseal.js').Shape },
 * }}
 */
export const { survey: SURVEY, own: SEALED } = JSON.parse(byId('data').textContent ?? '');
