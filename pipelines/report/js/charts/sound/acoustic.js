// Shares of acoustic and of instrumental plays by month. How such lines are drawn is in over-
// months.js.

/** @import { Chart } from '../types.js' */
import { monthName } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { NO_SOUND } from './known.js';
import { soundOverMonths } from './over-months.js';

/** @type {Chart} */
export const acousticChart = {
  id: 'acoustic',
  title: 'Acoustic and instrumental',
  needs: ['audio_profile_by_month'],
  without: NO_SOUND,
  draw(view) {
    const { accent, second } = view.colours;
    return soundOverMonths(
      view,
      [
        { key: 'acoustic_share', name: 'acoustic', colour: accent, format: percent },
        {
          key: 'instrumental_share',
          name: 'instrumental',
          colour: second,
          dash: 'dot',
          symbol: 'square',
          format: percent,
        },
      ],
      { range: [0, 1], tickformat: '.0%' },
      (row) =>
        joinSentences(
          `Of the plays of ${monthName(view.month)} whose sound is known,`,
          row.acoustic_share === null
            ? 'it is not known how many are acoustic;'
            : `${percent(row.acoustic_share)} are acoustic, the others electronic;`,
          row.instrumental_share === null
            ? 'how many are instrumental is not known.'
            : `${percent(row.instrumental_share)} are instrumental, the others sung or spoken.`,
        ),
    );
  },
};
