// At what hours of the day one artist or song is played.

/** @import { Chart } from '../types.js' */
import { hourName } from '../../text/dates.js';
import { plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { countAxis } from '../parts/axes.js';
import { atLeastCell } from '../parts/missing.js';

/** @type {Chart} */
export const itemHoursChart = {
  id: 'item-hours',
  title: 'Plays by hour of the day',
  needs: ['item_hours'],
  draw(view) {
    const hours = view.rows('item_hours');
    const most = hours.reduce((best, one) => (one.plays > best.plays ? one : best));
    const named = hours.filter(({ hour }) => hour % (view.narrow ? 6 : 3) === 0);
    return {
      caption: joinSentences(
        `Most from ${hourName(most.hour)} to ${hourName(most.hour + 1)}:`,
        `${plural(most.plays, 'play')}.`,
        'A play counts in the hour in which it ended.',
        hours.some((one) => one.at_least) && 'Plays may be missing.',
      ),
      height: 240,
      data: [
        {
          type: 'bar',
          x: hours.map((one) => one.hour),
          y: hours.map((one) => one.plays),
          marker: { color: view.colours.accent },
          hoverinfo: 'text',
          hovertext: hours.map(
            (one) =>
              `${hourName(one.hour)} to ${hourName(one.hour + 1)}: ${plural(one.plays, 'play')}`,
          ),
        },
      ],
      layout: {
        bargap: 0.2,
        showlegend: false,
        yaxis: { rangemode: 'tozero', zeroline: false, ...countAxis(most.plays, 'plays') },
        xaxis: {
          showgrid: false,
          zeroline: false,
          ticks: '',
          range: [-0.6, 23.6],
          tickvals: named.map(({ hour }) => hour),
          ticktext: named.map(({ hour }) => hourName(hour)),
        },
      },
      table: {
        head: ['Hour', 'Plays', ''],
        rows: hours.map((one) => [hourName(one.hour), one.plays, atLeastCell(one)]),
      },
    };
  },
};
