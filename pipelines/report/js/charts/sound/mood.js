// The mood score by month. How such a line is drawn is in over-months.js.

/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { number } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { NO_SOUND } from './known.js';
import { soundOverMonths } from './over-months.js';

/** @type {Chart} */
export const moodChart = {
  id: 'mood',
  title: 'Mood',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    /** @param {number | null} value */
    const format = (value) => number(value, 2);
    const { accent } = view.colours;
    return soundOverMonths(
      view,
      [{ key: 'mood_score', name: 'mood', colour: accent, format }],
      { range: [0, 1], title: { text: 'dark and calm 0 – 1 bright and lively' } },
      (row) =>
        joinSentences(
          `The mood of ${monthName(view.month)} is ${format(row.mood_score)},`,
          'from 0, dark and calm, to 1, bright and lively;',
          `${number(row.tempo)} beats per minute.`,
        ),
    );
  },
};
