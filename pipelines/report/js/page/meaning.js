// What the page shows now, in words: beside the switches, on paper, and for screen readers after a
// change.

import { viewOf } from '../charts/draw.js';
import { chosenPlaylist, playlistName } from '../charts/playlists/chosen.js';
import { dayName, monthName } from '../text/dates.js';
import { joinWords } from '../text/sentences.js';
import { rows } from './carried.js';
import { byId } from './dom.js';
import { currentOptions, currentState } from './state.js';

/** From the first day that is known to the last. */
export function showPeriod() {
  const days = rows('listening_by_day', 'all').map((row) => row.day);
  if (!days.length) return;
  const [first, last] = [days[0], days[days.length - 1]];
  byId('period').textContent =
    first === last ? dayName(first) : `${dayName(first)} to ${dayName(last)}`;
}

export function showMeaning() {
  const { scope, month } = currentState();
  const out = joinWords(contextsLeftOut());
  const meaning =
    scope === 'mine'
      ? `Mine: ${out ? `without ${out}` : 'nothing is left out'}.`
      : `All: ${out ? `with ${out}` : 'the same as mine'}.`;
  byId('meaning').textContent = meaning;
  byId('printed').textContent = month
    ? `${meaning} Figures of a month are those of ${monthName(month)}.`
    : '';
}

/** The contexts that are heard, and are not counted as the listener's own. */
function contextsLeftOut() {
  const mine = new Set(rows('contexts_by_month', 'mine').map((row) => row.context));
  const all = new Set(rows('contexts_by_month', 'all').map((row) => row.context));
  return [...all].filter((context) => !mine.has(context)).sort();
}

/** @param {string[]} changed */
export function announce(changed) {
  if (changed.includes('playlist')) {
    const chosen = chosenPlaylist(viewOf(rows, currentOptions()));
    byId('status').textContent = `Showing the playlist ${playlistName(chosen)}.`;
  }
  if (!changed.includes('scope') && !changed.includes('month')) return;
  const { scope, month } = currentState();
  const plays = scope === 'all' ? 'all plays' : 'my plays';
  byId('status').textContent = `Showing ${plays}, ${monthName(month)}.`;
}
