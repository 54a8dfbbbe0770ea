// Songs that were played often and no more. Those that are still played are in rotation-now.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { dayName } from '../../text/dates.js';
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';

/**
 * Plays, and for how long it was left alone.
 * @param {Row<'forgotten_favourites'>} row
 * @param {View} view
 */
function markOf({ plays, days_since: days }, { narrow }) {
  if (days === null) return ` ${number(plays)}, perhaps`;
  return ` ${number(plays)}, ${plural(days, 'day')}${narrow ? '' : ' before'}`;
}

/** @type {Chart} */
export const forgottenChart = {
  id: 'forgotten',
  title: 'Forgotten favourites',
  needs: ['forgotten_favourites'],
  without:
    'None: every song that you played five times or more in a year was played again in the last ' +
    '60 days that are known, or fewer are known.',
  draw(view) {
    const all = [...view.rows('forgotten_favourites')].sort((one, other) => one.rank - other.rank);
    const isUnknown = all.some((row) => row.days_since === null);
    const shown = all.slice(0, 12);
    const [first] = shown;
    const entries = shown.map((row) => ({
      name: songTitle(row),
      under: artistName(row),
      value: row.plays,
      mark: markOf(row, view),
      text: [
        escaped(songBy(row)),
        `last played on ${dayName(row.last_played_on)}`,
        `${plural(row.plays_ever, 'play')} ever`,
      ].join('<br>'),
    }));
    return {
      ...barList(view, entries, { colour: view.colours.third, room: barRoom(view, entries) }),
      caption: joinSentences(
        first.days_since === null
          ? `Most played, and perhaps left alone: ${songBy(first)},`
          : `Most played, and now left alone: ${songBy(first)},`,
        first.days_since === null
          ? `played ${plural(first.plays, 'time')} in a year.`
          : `played ${plural(first.plays, 'time')} in a year, and last ` +
              `${plural(first.days_since, 'day')} before the last day that is known.`,
        isUnknown
          ? 'A gap is open in the days since: songs marked “perhaps” may have been played in it.'
          : first.in_all > shown.length &&
              `${plural(first.in_all, 'song')} are forgotten; drawn are the ${shown.length} played most.`,
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
