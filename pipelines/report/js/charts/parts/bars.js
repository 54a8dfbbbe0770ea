// Horizontal bars with names. What the entries are is for the chart that lists them.

/** @import { Bar, View } from '../types.js' */
import { shortened } from '../../text/names.js';

/**
 * Names to the left, bars to the right, the first on top. A colour of an
 * entry's own comes before that of the list.
 * @param {View} view
 * @param {Bar[]} entries
 * @param {{ colour: string, marks?: string, room?: number }} look
 */
export function barList(view, entries, { colour, marks = view.colours.ink, room = 1.3 }) {
  const most = Math.max(...entries.map((entry) => entry.value)) || 1;
  const places = entries.map((_, at) => at);
  return {
    height: 50 + (entries.some(({ under }) => under) ? 38 : 30) * Math.max(entries.length, 2),
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: places,
        x: entries.map((entry) => entry.value),
        marker: { color: entries.map((entry) => entry.colour ?? colour) },
        text: entries.map((entry) => entry.mark),
        textposition: 'outside',
        cliponaxis: false,
        textfont: { color: marks },
        hoverinfo: 'text',
        hovertext: entries.map((entry) => entry.text),
      },
    ],
    layout: {
      bargap: 0.4,
      xaxis: { range: [0, most * room], visible: false },
      yaxis: nameAxis(
        view,
        entries.map((entry) => entry.name),
        entries.map((entry) => entry.under),
      ),
    },
  };
}

/**
 * An axis with a name at 0, 1, 2… from the top. Places, not categories: two songs may share a name.
 * @param {View} view
 * @param {(string | null)[]} names
 * @param {(string | undefined)[]} [under] second lines, such as whose song it is
 */
export function nameAxis(view, names, under = []) {
  /** @param {string | null | undefined} name */
  const fitting = (name) => shortened(name, view.narrow ? 18 : 32);
  return {
    type: 'linear',
    tickvals: names.map((_, at) => at),
    zeroline: false,
    showgrid: false,
    ticks: '',
    ticktext: names.map((name, at) =>
      under[at]
        ? `${fitting(name)} <br><span style="color:${view.colours.faint}">${fitting(under[at])} </span>`
        : `${fitting(name)} `,
    ),
    tickfont: { color: view.colours.ink },
    range: [names.length - 0.4, -0.6],
  };
}

/**
 * Room behind the bars of a list, so that the longest mark fits; 1 is none.
 * @param {View} view
 * @param {Bar[]} entries
 */
export function barRoom(view, entries) {
  const most = Math.max(...entries.map((entry) => entry.value)) || 1;
  // Where bars and marks have this many pixels, and a sign eight.
  const width = view.narrow ? 160 : 320;
  const rooms = entries.map(
    ({ value, mark }) => (value / most) * (width / (width - 8 * mark.length - 8)),
  );
  return Math.max(...rooms, 1.1);
}
