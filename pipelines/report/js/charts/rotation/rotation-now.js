// Songs in heavy rotation on the last known day. When others were is in rotation.js.

/** @import { Chart } from '../types.js' */
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences, joinWords } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { atLeastCell } from '../parts/missing.js';
import { daysOf, IT_TAKES, NO_ROTATION, STATES, stayDates } from './stays.js';

/** @type {Chart} */
export const rotationNowChart = {
  id: 'rotation-now',
  title: 'In heavy rotation now',
  needs: ['heavy_rotation', 'listening_by_day'],
  without: NO_ROTATION,
  draw(view) {
    const lasting = view
      .rows('heavy_rotation')
      .filter((row) => row.left_on === null)
      .sort((one, other) => other.plays - one.plays);
    if (!lasting.length) {
      return {
        empty: `On the last day that is known, no song was in heavy rotation. ${IT_TAKES}`,
      };
    }
    const shown = lasting.slice(0, 12);
    const counts = Object.entries(STATES).flatMap(([state, { sign, means }]) => {
      const count = lasting.filter((row) => row.state === state).length;
      return count ? [`${count} ${means} (${sign})`] : [];
    });
    const entries = shown.map((row) => ({
      name: songTitle(row),
      under: artistName(row),
      value: row.plays,
      mark: ` ${number(row.plays)}  ${STATES[row.state].sign}`,
      text: [
        escaped(songBy(row)),
        stayDates(row),
        `${atLeast(plural(row.plays, 'play'), row.at_least)} since`,
      ].join('<br>'),
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
      caption: joinSentences(
        'In heavy rotation on the last day that is known, as far as they are among the most',
        `played: ${joinWords(counts)}.`,
        lasting.length > shown.length && `Drawn are the ${shown.length} with the most plays.`,
        'Plays are those since a song came into heavy rotation' +
          `${shown.some((row) => row.at_least) ? ', at least' : ''}.`,
      ),
      table: {
        head: ['Song', 'Artist', 'State', 'Since', 'Days', 'Plays', 'Best rank', ''],
        rows: lasting.map((row) => [
          row.track_name,
          row.artist_name,
          STATES[row.state].means,
          row.entered_on,
          daysOf(view, row),
          row.plays,
          row.peak_rank,
          atLeastCell(row),
        ]),
      },
    };
  },
};
