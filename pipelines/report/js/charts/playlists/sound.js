// How a playlist sounds, beside what is played. The sound of months is in ../sound.

/** @import { Sound } from '../sound/known.js' */
/** @import { Chart } from '../types.js' */
import { number, percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { wellKnown } from '../parts/known.js';
import { radarLayout, radarLine } from '../parts/radar.js';
import { meanSound, soundSpokes } from '../sound/audio-profile.js';
import { SOUNDS } from '../sound/known.js';
import { ofPlaylist, quoted } from './chosen.js';
import { aspectOf, isEnough, UNKNOWN } from './dna.js';

/** @type {Chart} */
export const playlistSoundChart = {
  id: 'playlist-sound',
  title: 'Its sound',
  needs: ['playlist_summary'],
  draw: ofPlaylist((view, playlist) => {
    const means = new Map(aspectOf(view, playlist, 'average').map((row) => [row.value, row]));
    const known = means.get('energy');
    if (!known || !isEnough(playlist, known.songs_coverage)) return { empty: UNKNOWN };
    const months = wellKnown(view.rows('audio_profile_by_month'));
    /** @param {Sound | 'tempo'} key */
    const here = (key) => means.get(key)?.items_mean ?? null;
    /** @param {Sound | 'tempo'} key */
    const played = (key) => (months.length ? meanSound(months, key) : null);
    /** @param {Sound} key */
    const apart = (key) => Math.abs((here(key) ?? 0) - (played(key) ?? 0));
    const [farthest] = [...SOUNDS].sort((one, other) => apart(other.key) - apart(one.key));
    const { accent, second } = view.colours;
    return {
      data: [
        ...(months.length
          ? [radarLine('what you play', soundSpokes(played), second, { dash: 'dot' })]
          : []),
        radarLine('the playlist', soundSpokes(here), accent, { filled: true }),
      ],
      layout: radarLayout(view, {}),
      height: 380,
      caption: joinSentences(
        months.length > 0
          ? `What stands out in ${quoted(playlist)}: ${farthest.name}, ${number(here(farthest.key), 2)} against ${number(played(farthest.key), 2)} in what you play.`
          : `In ${quoted(playlist)}: energy ${number(here('energy'), 2)}, valence ${number(here('valence'), 2)}.`,
        `Known for ${percent(known.items_coverage)} of its items.`,
      ),
      table: {
        head: ['Sound', 'The playlist', 'What you play', 'Known of its items'],
        rows: [
          ...SOUNDS.map(({ key, name }) => [
            name,
            number(here(key), 2),
            number(played(key), 2),
            percent(means.get(key)?.items_coverage),
          ]),
          [
            'beats per minute',
            number(here('tempo')),
            number(played('tempo')),
            percent(means.get('tempo')?.items_coverage),
          ],
        ],
      },
    };
  }),
};
