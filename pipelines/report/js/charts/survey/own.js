// What the reader's own songs sound like, beside the group. It is drawn once their code has opened
// their part.

/** @import { OwnPart } from '../../data/survey-tables.js' */
/** @import { Chart, View } from '../types.js' */
import { plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { signed } from './lines.js';
import { choiceOf } from './profile.js';

const ALWAYS_ENOUGH = 3;

/**
 * Why the reader is not compared with others.
 * @param {OwnPart} own
 * @param {View} view
 */
export function whyNotCompared(own, view) {
  if (!own.compared) {
    return 'Of none of your songs the sound is known, so you cannot be compared with others.';
  }
  return own.compared < ALWAYS_ENOUGH
    ? `It takes three songs of which the sound is known, or as many as most people named, to compare you with others, and ${choiceOf(view).k} people who have them: yours are too few, or the people are.`
    : `Nobody is compared: there are too few songs of which the sound is known, or fewer than ${choiceOf(view).k} people.`;
}

/** @type {Chart} */
export const ownSoundChart = {
  id: 'own-sound',
  title: 'How your songs sound, beside everybody’s',
  needs: [],
  wide: true,
  draw(view) {
    const { own } = choiceOf(view);
    if (!own) return { empty: 'Your code opens this.' };
    if (!own.sound) return { empty: whyNotCompared(own, view) };
    const features = Object.entries(own.sound).map(([feature, value]) => ({ feature, value }));
    const { accent, second, ink } = view.colours;
    const [most] = [...features].sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
    const reach = 1.25 * Math.max(1, ...features.map((one) => Math.abs(one.value)));
    return {
      data: [
        {
          type: 'bar',
          orientation: 'h',
          y: features.map((one) => one.feature),
          x: features.map((one) => one.value),
          marker: { color: features.map((one) => (one.value < 0 ? second : accent)) },
          text: features.map((one) => signed(one.value)),
          textposition: 'outside',
          cliponaxis: false,
          textfont: { color: ink },
          hoverinfo: 'skip',
        },
      ],
      layout: {
        bargap: 0.4,
        xaxis: {
          range: [-reach, reach],
          zeroline: true,
          showgrid: false,
          title: { text: 'less than the mean – more' },
        },
        yaxis: {
          type: 'category',
          autorange: 'reversed',
          showgrid: false,
          ticks: '',
          tickfont: { color: ink },
        },
      },
      height: 80 + 30 * features.length,
      caption: joinSentences(
        `Furthest from the group’s mean you are in ${most.feature}: ${signed(most.value)} standard deviations.`,
        `It is the mean of ${plural(own.compared, 'song')}.`,
      ),
      table: {
        head: ['Feature', 'Standard deviations from the mean'],
        rows: features.map((one) => [one.feature, one.value]),
      },
    };
  },
};
