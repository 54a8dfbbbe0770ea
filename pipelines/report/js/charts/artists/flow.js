// How plays move between artists from one month to the next, as a flow. Ranks month by month are in
// race.js.

/** @import { Chart, View } from '../types.js' */
/** @import { Day, Row } from '../../data/tables.js' */
import { monthAfter } from '../../data/dates.js';
import { lastOf } from '../../data/lists.js';
import { monthName } from '../../text/dates.js';
import { artistName, escaped, shortened } from '../../text/names.js';
import { atLeast, number, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { withOpacity } from '../colours.js';
import { knownDaysWords } from '../parts/cut.js';
import { emptyMonth, rowOfMonth, sumOf } from '../parts/rows.js';
import { artistColours } from './colours.js';
import { artistKey, firstN, stayedWords, topArtists } from './top.js';

/**
 * An artist in one month, or, without a row, all who are not among the first.
 * @typedef {object} Node
 * @property {Row<'top_artists_by_month'>} [row]
 * @property {string | null} key
 * @property {string} name
 * @property {number} column
 * @property {Day} month
 * @property {number} index
 */

/**
 * Plays that go from one node to another; kept, if both are the same artist.
 * @typedef {{ from: Node, to: Node, value: number, kept: boolean }} Link
 */

const FLOW_ARTISTS = 8;
const FLOW_HEIGHT = 500;
const FLOW_PAD = 10;

// No artist's key: there are artists without a name, as Spotify tells of what it removed.
const OTHERS = null;

/**
 * The chosen month and those right before it, as far back as something is known.
 * @param {View} view
 */
function flowMonths(view) {
  const months = (view.narrow ? [-1, 0] : [-2, -1, 0]).map((away) => monthAfter(view.month, away));
  const unknown = months.findLastIndex((month) => !topArtists(view, month, 1).length);
  return months.slice(unknown + 1);
}

/**
 * A node for each artist of each month by rank, and below them one for all who are not in the list.
 * @param {View} view
 * @param {Day[]} months
 * @returns {Node[]}
 */
function flowNodes(view, months) {
  return months
    .flatMap((month, column) => [
      ...topArtists(view, month, FLOW_ARTISTS).map((row) => ({
        row,
        key: artistKey(row),
        name: artistName(row),
        column,
        month,
      })),
      { key: OTHERS, name: 'others', column, month },
    ])
    .map((node, index) => ({ ...node, index }));
}

/**
 * What an artist keeps flows on to that artist; what is gained or lost comes from or goes to others.
 * So each artist's node is as high as the plays of the month.
 * @param {Node[]} nodes
 * @param {number} columns
 */
function flowLinks(nodes, columns) {
  /** @type {Link[]} */
  const links = [];
  /**
   * @param {Node} from
   * @param {Node} to
   * @param {number} value
   */
  const flow = (from, to, value) => {
    if (value > 0) links.push({ from, to, value, kept: from.key === to.key });
  };
  for (let column = 1; column < columns; column += 1) {
    const [before, after] = [column - 1, column].map((at) =>
      nodes.filter((node) => node.column === at),
    );
    for (const node of after) {
      const same = before.find((other) => other.key === node.key);
      if (same && node.row) flow(same, node, keptPlays(same, node));
      flow(lastOf(before), node, playsOf(node) - keptPlays(same, node));
    }
    for (const node of before) {
      const same = after.find((other) => other.key === node.key);
      flow(node, lastOf(after), playsOf(node) - keptPlays(node, same));
    }
  }
  return links;
}

/**
 * Of those who are not among the first no plays are counted.
 * @param {Node | undefined} node
 */
function playsOf(node) {
  return node?.row?.plays ?? 0;
}

/**
 * @param {Node | undefined} before
 * @param {Node | undefined} after
 */
function keptPlays(before, after) {
  return Math.min(playsOf(before), playsOf(after));
}

/**
 * Where the middle of each node lies, from 0 at the top to 1: by rank, as Plotly would not do it.
 * @param {Node[]} nodes
 * @param {Link[]} links
 * @param {number} columns
 */
function placeNodes(nodes, links, columns) {
  /**
   * @param {Node} node
   * @param {'from' | 'to'} end
   */
  const through = (node, end) =>
    sumOf(
      links.filter((link) => link[end] === node),
      (link) => link.value,
    );
  const sizes = nodes.map((node) => Math.max(through(node, 'from'), through(node, 'to')));
  /** @param {number} column */
  const inColumn = (column) => nodes.filter((node) => node.column === column);
  const gap = FLOW_PAD / (FLOW_HEIGHT * 0.9);
  // Plotly's own scale, of the fullest column, so that nothing overlaps.
  const scale = Math.min(
    ...Array.from({ length: columns }, (_, at) => inColumn(at)).map(
      (column) => (1 - gap * (column.length - 1)) / sumOf(column, (node) => sizes[node.index]),
    ),
  );
  return nodes.map((node) => {
    const above = inColumn(node.column).filter((other) => other.index < node.index);
    const top = sumOf(above, (other) => sizes[other.index] * scale + gap);
    /** @param {number} value */
    const inside = (value) => Math.min(Math.max(value, 0.001), 0.999);
    return {
      x: inside(node.column / (columns - 1)),
      y: inside(top + (sizes[node.index] * scale) / 2),
    };
  });
}

/**
 * The whole picture.
 * @param {View} view
 * @param {Day[]} months
 */
function flowTrace(view, months) {
  const { quiet, ink } = view.colours;
  const all = flowNodes(view, months);
  const links = flowLinks(all, months.length);
  // Plotly gives the places of nodes that no link touches to those after them.
  const nodes = all.filter((node) => links.some((link) => link.from === node || link.to === node));
  nodes.forEach((node, index) => {
    node.index = index;
  });
  const places = placeNodes(nodes, links, months.length);
  const colourOf = artistColours(view);
  /** @param {Node} node */
  const colour = ({ row }) => (row ? colourOf(row) : quiet);
  /** @param {Node} node */
  const about = ({ row, name, month }) =>
    row
      ? `${escaped(name)}<br>${monthName(month)}: ${atLeast(plural(row.plays, 'play'), row.at_least)}`
      : `${monthName(month)}: what artists outside of the first ${FLOW_ARTISTS} lost or gained`;
  return {
    type: 'sankey',
    arrangement: 'fixed',
    textfont: { color: ink, size: 12 },
    domain: { y: [0, 0.93] },
    node: {
      label: nodes.map(
        ({ row, name }) =>
          shortened(name, view.narrow ? 17 : 26) + (row ? ` · ${number(row.plays)}` : ''),
      ),
      color: nodes.map(colour),
      x: places.map((place) => place.x),
      y: places.map((place) => place.y),
      pad: FLOW_PAD,
      thickness: 10,
      line: { width: 0 },
      customdata: nodes.map(about),
      hovertemplate: '%{customdata}<extra></extra>',
    },
    link: {
      source: links.map((link) => link.from.index),
      target: links.map((link) => link.to.index),
      value: links.map((link) => link.value),
      color: links.map((link) =>
        link.kept ? withOpacity(colour(link.to), 0.38) : withOpacity(quiet, 0.16),
      ),
      customdata: links.map(
        ({ from, to, value }) =>
          `${escaped(from.name)} → ${escaped(to.name)}: ${plural(value, 'play')}`,
      ),
      hovertemplate: '%{customdata}<extra></extra>',
    },
  };
}

/** @type {Chart} */
export const artistFlowChart = {
  id: 'artist-flow',
  title: 'Artists from month to month',
  needs: ['top_artists_by_month'],
  wide: true,
  draw(view) {
    if (!rowOfMonth(view, 'top_artists_by_month')) return emptyMonth(view);
    const months = flowMonths(view);
    if (months.length < 2) {
      return {
        empty: joinSentences(
          `No music is known in the month before ${monthName(view.month)},`,
          'so nobody can have come or gone since. Choose a later month.',
        ),
      };
    }
    const [before, now] = months.slice(-2).map((month) => topArtists(view, month, FLOW_ARTISTS));
    const stayed = now.filter((row) =>
      before.some((other) => artistKey(other) === artistKey(row)),
    ).length;
    return {
      data: [flowTrace(view, months)],
      layout: {
        margin: { l: 2, r: 2, t: 4, b: 14 },
        annotations: months.map((month, at) => ({
          text: `<b>${monthName(month)}</b>`,
          showarrow: false,
          xref: 'paper',
          yref: 'paper',
          y: 1,
          yanchor: 'top',
          x: at / (months.length - 1),
          xanchor: at === 0 ? 'left' : at === months.length - 1 ? 'right' : 'center',
        })),
      },
      height: FLOW_HEIGHT,
      caption: joinSentences(
        stayedWords(
          stayed,
          now,
          monthName(view.month),
          `the ${firstN(before.length)} of ${monthName(months[months.length - 2])}`,
        ),
        'The more plays in a month, the higher the artist’s bar, and the number beside it;',
        'grey is what came from other artists or went to them.',
        now.some((row) => row.at_least) && 'Plays may be missing.',
        ...months.map((month) => knownDaysWords(view, month)),
      ),
      table: {
        head: ['Month', 'Rank', 'Artist', 'Plays', 'Rank before'],
        rows: months.flatMap((month) =>
          topArtists(view, month, FLOW_ARTISTS).map((row) => [
            monthName(month),
            row.rank,
            artistName(row),
            atLeast(number(row.plays), row.at_least),
            row.rank_before ?? 'not played',
          ]),
        ),
      },
    };
  },
};
