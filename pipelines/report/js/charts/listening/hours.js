// Minutes by weekday and hour, over all months. It is the only chart here that knows hours.

/** @import { Day } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { lastOf } from '../../data/lists.js';
import { hourName, monthName, WEEKDAYS } from '../../text/dates.js';
import { percent } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { atLeastCell } from '../parts/missing.js';
import { NO_MINUTES } from '../parts/rows.js';

const NOTHING = 'Nothing was heard here for any time.';
const HOURS = [...Array(24).keys()];

/** @param {Day[]} months */
function periodWords(months) {
  if (months.length < 2) return months.length ? `In ${monthName(months[0])}` : 'Over all months';
  return `From ${monthName(months[0])} to ${monthName(lastOf(months))}`;
}

/** @type {Chart} */
export const hoursChart = {
  id: 'hours',
  title: 'Hours of the week',
  needs: ['listening_by_hour'],
  wide: true,
  draw(view) {
    const hours = view.rows('listening_by_hour');
    const most = hours.reduce((best, row) => (row.minutes > best.minutes ? row : best));
    if (!most.minutes) return { empty: hours.some((row) => row.plays) ? NO_MINUTES : NOTHING };
    const minutes = WEEKDAYS.map(() => Array(24).fill(0));
    for (const row of hours) minutes[row.weekday][row.hour] = row.minutes;
    return {
      caption: joinSentences(
        periodWords(view.months),
        `you heard most on ${WEEKDAYS[most.weekday]}s`,
        `from ${hourName(most.hour)} to ${hourName(most.hour + 1)}:`,
        `${percent(most.share)} of all minutes.`,
        `${view.colours.dark ? 'Light' : 'Dark'} is much; a play counts in the hour in which it ended.`,
        hours.some((row) => row.at_least) && 'Plays may be missing.',
      ),
      height: 280,
      data: [
        {
          type: 'heatmap',
          x: HOURS,
          y: WEEKDAYS.map((name) => name.slice(0, 3)),
          z: minutes,
          colorscale: view.colours.scale,
          zmin: 0,
          showscale: false,
          xgap: 2,
          ygap: 2,
          hovertemplate: '%{y}, %{x}:00 to %{x}:59<br>%{z:,.0f} minutes<extra></extra>',
        },
      ],
      layout: {
        yaxis: { autorange: 'reversed', type: 'category', showgrid: false, ticks: '' },
        xaxis: {
          showgrid: false,
          ticks: '',
          tickvals: HOURS.filter((hour) => hour % 3 === 0),
          ticktext: HOURS.filter((hour) => hour % 3 === 0).map(hourName),
        },
      },
      table: {
        head: ['Weekday', 'Hour', 'Minutes', 'Plays', ''],
        rows: hours.map((row) => [
          WEEKDAYS[row.weekday],
          row.hour,
          row.minutes,
          row.plays,
          atLeastCell(row),
        ]),
      },
    };
  },
};
