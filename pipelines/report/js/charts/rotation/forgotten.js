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
    '60 days, or less than 60 days are known.',
  draw(view) {
    const all = [...view.rows('forgotten_favourites')].sort((one, other) => one.rank - other.rank);
    const shown = all.slice(0, 12);
    const [first] = shown;
    const entries = shown.map((row) => ({
      name: songTitle(row),
      value: row.plays,
      mark: ` ${number(row.plays)}, ${plural(row.days_since, 'day')}${view.narrow ? '' : ' ago'}`,
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
        `played ${plural(first.plays, 'time')} in a year`,
        `and last ${plural(first.days_since, 'day')} ago.`,
        all.length > shown.length && `${all.length} songs are forgotten; these were played most.`,
        all.some((row) => row.at_least) &&
          'Plays of the last 60 days may be missing: some may not be forgotten.',
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
