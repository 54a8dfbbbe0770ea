// Songs that were played often and no more. Those that are still played are in rotation-now.js.

/** @import { Chart } from '../types.js' */
import { dayName } from '../../text/dates.js';
import { escaped, songBy, songTitle } from '../../text/names.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';

/** @type {Chart} */
export const forgottenChart = {
  id: 'forgotten',
  title: 'Forgotten favourites',
  needs: ['forgotten_favourites'],
  without:
    'None: every song that you played five times or more in a year was played again in the last ' +
    '60 days that are known, or fewer are known.',
  draw(view) {
    const ranked = [...view.rows('forgotten_favourites')].sort(
      (one, other) => one.rank - other.rank,
    );
    // Where a gap is open since its last play, nobody knows whether a song is forgotten.
    const all = ranked.filter((row) => row.days_since !== null);
    const unknown = ranked.length - all.length;
    if (!all.length) {
      return {
        empty: joinSentences(
          'Which songs you have forgotten is not known:',
          'a gap is open since you last played them, in which you may have played them again.',
        ),
      };
    }
    const shown = all.slice(0, 12);
    const [first] = shown;
    const entries = shown.map((row) => ({
      name: songTitle(row),
      value: row.plays,
      mark: ` ${number(row.plays)}, ${plural(row.days_since ?? 0, 'day')}${view.narrow ? '' : ' before'}`,
      text: [
        escaped(songBy(row)),
        `last played on ${dayName(row.last_played_on)}`,
        `${plural(row.plays_ever, 'play')} ever`,
      ].join('<br>'),
    }));
    return {
      ...barList(view, entries, { colour: view.colours.third, room: barRoom(view, entries) }),
      caption: joinSentences(
        `Most played, and now left alone: ${songBy(first)},`,
        `played ${plural(first.plays, 'time')} in a year,`,
        `and last ${plural(first.days_since ?? 0, 'day')} before the last day that is known.`,
        !unknown &&
          first.in_all > shown.length &&
          `${plural(first.in_all, 'song')} are forgotten; drawn are the ${shown.length} played most.`,
        unknown > 0 &&
          'Songs after whose last play a gap is open are left out: they may have been played in it.',
      ),
      table: {
        head: ['Song', 'Artist', 'Plays in a year', 'Plays ever', 'Last played on', 'Days since'],
        rows: all.map((row) => [
          row.track_name,
          row.artist_name,
          row.plays,
          row.plays_ever,
          row.last_played_on,
          row.days_since,
        ]),
      },
    };
  },
};
