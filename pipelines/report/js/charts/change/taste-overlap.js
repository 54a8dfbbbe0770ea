// What is most played now against what is most played in a year, as overlapping circles. Who moved
// is in artists-half-year.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, View } from '../types.js' */
import { monthAfter } from '../../data/dates.js';
import { monthName, monthShort } from '../../text/dates.js';
import { number, percent, plural } from '../../text/numbers.js';
import { capitalized, joinSentences, joinWords } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { legendBelow } from '../parts/axes.js';
import { missingNote } from '../parts/missing.js';
import { emptyMonth } from '../parts/rows.js';

/**
 * How far apart two circles lie that share so much of their area; found by halving.
 * @param {number} one
 * @param {number} other
 * @param {number} shared
 */
function circleDistance(one, other, shared) {
  /** @param {number} distance */
  const common = (distance) => {
    if (distance >= one + other) return 0;
    if (distance <= Math.abs(one - other)) return Math.PI * Math.min(one, other) ** 2;
    /**
     * @param {number} r
     * @param {number} s
     */
    const wedge = (r, s) => {
      const angle = Math.acos((distance ** 2 + r ** 2 - s ** 2) / (2 * distance * r));
      return r ** 2 * (angle - Math.sin(2 * angle) / 2);
    };
    return wedge(one, other) + wedge(other, one);
  };
  let [near, far] = [0, one + other];
  for (let halving = 0; halving < 40; halving += 1) {
    const middle = (near + far) / 2;
    if (common(middle) > shared) near = middle;
    else far = middle;
  }
  return far;
}

/**
 * Two circles around (0, y), with areas in the proportion of what they hold.
 * @param {View} view
 * @param {Row<'taste_overlap'>} row
 * @param {number} y
 */
function venn(view, row, y) {
  /** @param {number} entries */
  const radius = (entries) => Math.sqrt(entries / Math.PI);
  const unit = 1 / radius(Math.max(row.short_entries, row.long_entries, 1));
  const [left, right] = [radius(row.short_entries) * unit, radius(row.long_entries) * unit];
  const distance = circleDistance(left, right, row.in_both * unit ** 2);
  const start = -(left + distance + right) / 2;
  const [x, x2] = [start + left, start + left + distance];
  /**
   * @param {number} middle
   * @param {number} r
   * @param {string} colour
   */
  const circle = (middle, r, colour) => ({
    type: 'circle',
    x0: middle - r,
    x1: middle + r,
    y0: y - r,
    y1: y + r,
    fillcolor: withOpacity(colour, 0.22),
    line: { color: colour, width: 2 },
  });
  const { accent, second } = view.colours;
  const parts = [
    {
      from: start,
      to: Math.max(x2 - right, start),
      count: row.short_entries - row.in_both,
      outside: start - 0.15,
    },
    {
      from: Math.max(x2 - right, start),
      to: Math.min(x + left, x2 + right),
      count: row.in_both,
      outside: 0,
    },
    {
      from: Math.min(x + left, x2 + right),
      to: x2 + right,
      count: row.long_entries - row.in_both,
      outside: x2 + right + 0.15,
    },
  ];
  return {
    shapes: [circle(x, left, accent), circle(x2, right, second)],
    annotations: parts
      .filter((part) => part.count)
      .map((part) => ({
        // Beside the circles where its part is too thin for a number.
        x: part.to - part.from < 0.3 ? part.outside : (part.from + part.to) / 2,
        y,
        text: number(part.count),
        showarrow: false,
        font: { size: 15 },
      })),
  };
}

/** @param {Row<'taste_overlap'>} row */
function overlapWords({ kind, in_both: both, short_entries: all }) {
  const many = both ? number(both) : 'none';
  return `${many} of the ${number(all)} most played ${kind === 'tracks' ? 'songs' : 'artists'}`;
}

/**
 * Where all are in both lists, Spotify's own say nothing of a change.
 * @param {Row<'taste_overlap'> | undefined} row
 */
function spotifyWords(row) {
  if (!row || row.in_both === row.short_entries) return '';
  return joinSentences(
    `Of the ${plural(row.short_entries, 'song')} first in Spotify’s own list of four weeks,`,
    `${number(row.in_both)} are in its list of a year.`,
  );
}

/**
 * The months up to the chosen one with which it is compared: twelve, or as many as are known.
 * @param {View} view
 */
function yearWords(view) {
  const from = monthAfter(view.month, -11);
  const known = view.months.filter((month) => month >= from && month <= view.month).length;
  return known === 12 ? 'the twelve months up to it' : `the ${known} months known up to it`;
}

/** @type {Chart} */
export const tasteOverlapChart = {
  id: 'taste-overlap',
  title: 'Now, and for long',
  needs: ['taste_overlap'],
  draw(view) {
    const all = view.rows('taste_overlap').filter((row) => row.month === view.month);
    if (view.month === view.months[0]) {
      return {
        empty: joinSentences(
          `Nothing is known before ${monthName(view.month)},`,
          'so what you like now is all that you like for long. Choose a later month.',
        ),
      };
    }
    const kinds = ['tracks', 'artists']
      .map((kind) => all.find((row) => row.kind === kind && row.told_by === 'plays'))
      .filter((row) => row !== undefined);
    if (!kinds.length) return emptyMonth(view);
    const spotify = all.find((row) => row.kind === 'tracks' && row.told_by === 'spotify');
    const drawings = kinds.map((row, at) => venn(view, row, -at * 2.7));
    const { accent, second, ink } = view.colours;
    const titles = kinds.map((row, at) => ({
      x: 0,
      y: 1.12 - at * 2.7,
      yanchor: 'bottom',
      showarrow: false,
      font: { color: ink },
      text: row.kind === 'tracks' ? '<b>songs</b>' : '<b>artists</b>',
    }));
    /**
     * @param {string} name
     * @param {string} colour
     */
    const keyed = (name, colour) => ({
      type: 'scatter',
      mode: 'markers',
      x: [null],
      y: [null],
      name,
      marker: { size: 12, color: withOpacity(colour, 0.22), line: { color: colour, width: 2 } },
    });
    return {
      data: [
        keyed(`most played in ${monthShort(view.month)}`, accent),
        keyed(`in ${yearWords(view)}`, second),
      ],
      layout: {
        showlegend: true,
        legend: legendBelow({ y: 0, x: 0.5, xanchor: 'center' }),
        xaxis: { range: [-2.2, 2.2], visible: false },
        yaxis: { range: [-1.15 - (kinds.length - 1) * 2.7, 1.5], visible: false, scaleanchor: 'x' },
        shapes: drawings.flatMap((one) => one.shapes),
        annotations: [...titles, ...drawings.flatMap((one) => one.annotations)],
      },
      height: 90 + (view.narrow ? 190 : 210) * kinds.length,
      caption: joinSentences(
        capitalized(`${joinWords(kinds.map(overlapWords))} of ${monthName(view.month)}`),
        `are also among the most played of ${yearWords(view)}.`,
        spotifyWords(spotify),
        missingNote(kinds[0]),
      ),
      table: {
        head: ['What', 'Told by', 'Now', 'For long', 'In both', 'In both, of all in either'],
        rows: all.map((row) => [
          row.kind,
          row.told_by,
          row.short_entries,
          row.long_entries,
          row.in_both,
          percent(row.overlap),
        ]),
      },
    };
  },
};
