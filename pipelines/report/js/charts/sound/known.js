// The measures of sound. Where enough of them is known is in ../parts/known.js.

import { ADD_FEATURES } from '../parts/known.js';

/**
 * The columns of what a song sounds like, each from 0 to 1.
 * @typedef {'energy' | 'danceability' | 'valence' | 'liveness' | 'speechiness' | 'acousticness'
 *   | 'instrumentalness'} Sound
 */

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

export const NO_SOUND = `The sound of no song is known. ${ADD_FEATURES}`;
