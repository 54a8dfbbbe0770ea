// At what hours of the day two listeners listen, as shares of what each of them hears.

/** @import { Chart } from '../types.js' */
import { hourName } from '../../text/dates.js';
import { escaped } from '../../text/names.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { legendBelow } from '../parts/axes.js';
import { atLeastCell } from '../parts/missing.js';

/** @type {Chart} */
export const comparedHoursChart = {
  id: 'compared-hours',
  title: 'Hours of the day',
  needs: ['compared_hours'],
  wide: true,
  draw(view) {
    const all = view.rows('compared_hours');
    const both = [0, 1].map((place) => all.filter((one) => one.place === place));
    const colours = [view.colours.accent, view.colours.second];
    const named = both[0].filter(({ hour }) => hour % (view.narrow ? 6 : 3) === 0);
    return {
      caption: joinSentences(
        ...both.map((hours) => {
          const most = hours.reduce((best, one) => (one.share > best.share ? one : best));
          if (!most.share) return `${most.name}: no minutes are known.`;
          return `${most.name}: most from ${hourName(most.hour)} to ${hourName(most.hour + 1)}, ${percent(most.share)}.`;
        }),
        'Shares of all minutes of each, whatever the period, on their own clocks.',
        all.some((one) => one.at_least) && 'Plays may be missing.',
      ),
      height: 280,
      data: both.map((hours, at) => ({
        type: 'bar',
        name: escaped(hours[0].name),
        x: hours.map((one) => one.hour),
        y: hours.map((one) => one.share),
        marker: { color: colours[at] },
        hoverinfo: 'text',
        hovertext: hours.map(
          (one) => `${escaped(one.name)}, ${hourName(one.hour)}: ${percent(one.share)}`,
        ),
      })),
      layout: {
        bargap: 0.25,
        bargroupgap: 0,
        showlegend: true,
        legend: legendBelow(),
        yaxis: { rangemode: 'tozero', zeroline: false, tickformat: '.0%' },
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
        head: ['Hour', ...both.map((hours) => hours[0].name), ''],
        rows: both[0].map((one, at) => [
          hourName(one.hour),
          percent(one.share),
          percent(both[1][at].share),
          atLeastCell({ at_least: one.at_least || both[1][at].at_least }),
        ]),
      },
    };
  },
};
