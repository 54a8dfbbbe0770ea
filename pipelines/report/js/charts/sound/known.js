// The measures of sound, and where enough of them is known. Nothing is drawn of a month, or of the
// favourites, where the sound of less than half is known: a mean of so few would be a guess.

/** @import { View } from '../types.js' */

/**
 * The columns of what a song sounds like, each from 0 to 1.
 * @typedef {'energy' | 'danceability' | 'valence' | 'liveness' | 'speechiness' | 'acousticness'
 *   | 'instrumentalness'} Sound
 */

/** What share has to be known. */
export const ENOUGH = 0.5;

/** @type {{ key: Sound, name: string }[]} */
export const SOUNDS = [
  { key: 'energy', name: 'energy' },
  { key: 'danceability', name: 'danceability' },
  { key: 'valence', name: 'valence' },
  { key: 'liveness', name: 'liveness' },
  { key: 'speechiness', name: 'speech' },
  { key: 'acousticness', name: 'acoustic' },
  { key: 'instrumentalness', name: 'instrumental' },
];

export const NO_SOUND =
  'The sound of no song is known. Fetch the reference data, as the README says, and the songs ' +
  'that are in it get theirs.';

/**
 * The months of which enough is known.
 * @param {View} view
 */
export function wellKnownMonths(view) {
  return view.rows('audio_profile_by_month').filter((row) => row.known_share >= ENOUGH);
}
