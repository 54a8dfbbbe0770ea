// The choice of a playlist, at the top of the chapter about playlists. What follows from it is in
// the charts; switches of the whole page are in controls.js.

import { optionName, playlistsInOrder } from '../charts/playlists/chosen.js';
import { rows } from './carried.js';
import { element } from './dom.js';
import { change, currentState } from './state.js';

/** A list to choose from; hidden where there is nothing to choose. */
export function playlistChooser() {
  const playlists = playlistsInOrder(rows);
  const select = element('select', { id: 'playlist' });
  for (const one of playlists) select.add(new Option(optionName(one), one.playlist_id));
  select.value = currentState().playlist;
  select.addEventListener('change', () => change({ playlist: select.value }));
  const label = element('label', { for: 'playlist' }, 'Playlist');
  const chooser = element('p', { class: 'chooser' }, label, select);
  chooser.hidden = playlists.length < 2;
  return chooser;
}
