// What the page shows now, in words: below the title, and for screen readers after a change.

import { viewOf } from '../charts/draw.js';
import { chosenPlaylist, playlistName } from '../charts/playlists/chosen.js';
import { joinSentences, joinWords } from '../text/sentences.js';
import { rows } from './carried.js';
import { byId } from './dom.js';
import { periodName, periodSpan } from './period.js';
import { currentOptions, currentState } from './state.js';

export function showMeaning() {
  const { scope, period } = currentState();
  if (!period) return;
  const out = joinWords(contextsLeftOut().map((context) => `“${context}”`));
  const plays =
    out &&
    (scope === 'mine'
      ? `Your own plays: what is labelled ${out} is left out.`
      : `All plays, with what is labelled ${out}.`);
  byId('meaning').textContent = joinSentences(`${periodSpan(period)}.`, plays);
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
  if (!changed.includes('scope') && !changed.includes('period')) return;
  const { scope, period } = currentState();
  const plays = scope === 'all' ? 'all plays' : 'my plays';
  byId('status').textContent = `Showing ${plays}, ${periodName(period)}.`;
}
