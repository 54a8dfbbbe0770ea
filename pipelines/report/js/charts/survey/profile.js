// Figures of the group, and of those of one subject: their rows, and how it is said that a figure is
// hidden. What is drawn of them is in the other modules of this folder.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, SurveyChoice, View } from '../types.js' */
import { escaped } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';

/** @typedef {Row<'group_profile'>} Figure */

/**
 * What the reader of a survey's page chose.
 * @param {View} view
 * @returns {SurveyChoice}
 */
export function choiceOf(view) {
  return view.survey ?? { k: 5, major: '', own: null };
}

/**
 * The subjects of which anything is told.
 * @param {View} view
 */
export function subjectsOf(view) {
  const told = view.rows('group_profile').filter((row) => row.of === 'major' && row.people);
  return [...new Set(told.map((row) => row.major))].sort((one, other) => one.localeCompare(other));
}

/**
 * The figures of one topic, of those who are chosen.
 * @param {View} view
 * @param {string} topic
 * @param {string} major '' is everybody
 */
export function figuresOf(view, topic, major) {
  return view
    .rows('group_profile')
    .filter((row) => row.topic === topic && row.major === major)
    .filter((row) => row.of === (major ? 'major' : 'everybody'));
}

/**
 * How many people answered; null where these are too few to be counted.
 * @param {View} view
 */
export function peopleOf(view) {
  const everybody = view.rows('survey_coverage').find((row) => !row.major);
  return everybody?.people ?? null;
}

/**
 * Why nothing is told.
 * @param {View} view
 */
export function whyNothing(view) {
  const { k, major } = choiceOf(view);
  if (!view.rows('survey_coverage').length) return 'Nobody has answered yet.';
  if (peopleOf(view) === null) {
    return `Fewer than ${k} people have answered. Nothing is told of so few: it would be told of persons.`;
  }
  const whose = major ? ` of those of ${major}` : '';
  return `Nothing of this can be told${whose}: it would tell of fewer than ${k} people, or let that be worked out.`;
}

/**
 * A number of people as it is told: rounded down, it is the least that they are.
 * @typedef {{ people: number | null, at_least: boolean | null }} Size
 */

/**
 * '41 people', 'at least 40 people'; '' where their number is hidden.
 * @param {Size} size
 */
export function sizeOf({ people, at_least: atLeast }) {
  return people ? `${atLeast ? 'at least ' : ''}${plural(people, 'person', 'people')}` : '';
}

/**
 * The same for a cell of a table: '41', 'at least 40', 'not told'.
 * @param {Size} size
 */
export function sizeCell({ people, at_least: atLeast }) {
  if (!people) return 'not told';
  return atLeast ? `at least ${number(people)}` : people;
}

/**
 * 'of 41 people', 'of these people' where their number is hidden.
 * @param {Size} size
 */
export function ofPeople(size) {
  return `of ${sizeOf(size) || 'these people'}`;
}

/** @type {Record<string, (k: number) => string>} */
const HIDDEN = {
  few: (k) => `fewer than ${k}`,
  'nearly all': () => 'nearly all',
  follows: () => 'hidden',
};

/**
 * A number of people, or why it is hidden.
 * @param {Pick<Figure, 'people' | 'hidden'>} row
 * @param {number} k
 */
export function peopleWords(row, k) {
  if (row.people !== null) return plural(row.people, 'person', 'people');
  return (HIDDEN[row.hidden ?? ''] ?? HIDDEN.follows)(k);
}

/**
 * What hidden figures mean, to end a caption with; '' where there is none.
 * @param {Figure[]} rows
 * @param {number} k
 */
export function hiddenMeans(rows, k) {
  const are = new Set(rows.map((row) => row.hidden));
  return joinSentences(
    are.has('few') && `Fewer than ${k} people are not counted.`,
    are.has('nearly all') && `Nearly all: of those who did not, there are fewer than ${k}.`,
    are.has('follows') && 'Hidden: other figures would follow from it.',
  );
}

/** Bands and times come in their own order, everything else by people. */
const TIMES = ['morning', 'noon', 'afternoon', 'evening', 'night'];

/**
 * Where a value stands in the order of its topic.
 * @param {string} value
 */
function placeOf(value) {
  const word = value.toLowerCase();
  const time = TIMES.findIndex((one) => word.includes(one));
  if (time >= 0) return time;
  if (/^(under|less|below|up to|<)/.test(word)) return -1;
  const digits = /\d+/.exec(word);
  return digits ? Number(digits[0]) : 1e6;
}

/**
 * @param {Figure[]} rows
 * @param {boolean} inOrder
 */
function ordered(rows, inOrder) {
  const byPeople = [...rows].sort(
    (one, other) =>
      (other.people ?? -1) - (one.people ?? -1) || one.value.localeCompare(other.value),
  );
  // Sorting keeps the order of what is equal: values that have no place stay by people.
  if (!inOrder) return byPeople;
  return byPeople.sort((one, other) => placeOf(one.value) - placeOf(other.value));
}

/**
 * A chart of one topic: a bar for each value.
 * @param {object} about
 * @param {string} about.id
 * @param {string} about.title
 * @param {string} about.topic
 * @param {string} about.head of the table's first column
 * @param {boolean} [about.inOrder] in an order of their own, not by people
 * @param {boolean} [about.ofEverybody] whoever is chosen
 * @param {string} [about.listed] what is said where all are named without a figure
 * @param {string} [about.note] the caption ends with it
 * @param {(value: string, who: string) => string} about.first what is said of the first value
 * @returns {Chart}
 */
export function topicChart(about) {
  const { id, title, topic, head, first, listed } = about;
  const inOrder = Boolean(about.inOrder);
  return {
    id,
    title,
    needs: [],
    draw(view) {
      const { k, major: chosen } = choiceOf(view);
      const major = about.ofEverybody ? '' : chosen;
      const all = ordered(figuresOf(view, topic, major), inOrder);
      const told = all.filter((row) => row.people !== null);
      if (!all.length || !(told.length || listed)) return { empty: whyNothing(view) };
      // Of what has no order of its own, that it was named by few is for the table.
      const rows = (inOrder || !told.length ? all : told).slice(0, MOST);
      const entries = rows.map((row) => barOf(row, k));
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          told.length ? firstWords(told, major, first) : listed,
          all.length > rows.length &&
            `Drawn are ${number(rows.length)} of ${number(all.length)}; the table has all.`,
          about.note,
          hiddenMeans(rows, k),
        ),
        table: {
          head: [head, 'People', 'Of', 'Share'],
          rows: all.map((row) => [
            named(row.value),
            row.people ?? peopleWords(row, k),
            row.of_people,
            row.share === null ? null : percent(row.share),
          ]),
        },
      };
    },
  };
}

const MOST = 15;

/** @param {string} value */
function named(value) {
  return value === NO_ANSWER ? 'no answer' : value;
}

const NO_ANSWER = 'not told';

// These are many together: none of them says what most have in common.
const MIXED = new Set([NO_ANSWER, 'other']);

/**
 * @param {Figure} row
 * @param {number} k
 */
function barOf(row, k) {
  const words = peopleWords(row, k);
  const share = row.share === null ? '' : `  ${percent(row.share)}`;
  return {
    name: named(row.value),
    value: row.people ?? 0,
    mark: row.people === null ? ` ${words}` : ` ${number(row.people)}${share}`,
    text: `${escaped(named(row.value))}: ${words}`,
  };
}

/**
 * What is said of the value that most people have.
 * @param {Figure[]} told
 * @param {string} major
 * @param {(value: string, who: string) => string} first
 */
function firstWords(told, major, first) {
  const byPeople = ordered(told, false);
  const top = byPeople.find((row) => !MIXED.has(row.value)) ?? byPeople[0];
  const all = plural(top.of_people ?? top.people ?? 0, 'person', 'people');
  const share = top.of_people === null ? all : `${number(top.people)} of ${all}`;
  const who = major ? `Of those of ${major}, ` : '';
  if (top.value === NO_ANSWER) return `${who}${share} gave no answer.`;
  if (MIXED.has(top.value)) return `${who}${share} gave answers that few others gave.`;
  return `${who}${first(top.value, share)}`;
}
