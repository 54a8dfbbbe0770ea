// Figures of the group, and of those of one subject: their rows, and how it is said that a figure is
// hidden. What is drawn of them is in the other modules of this folder.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart, SurveyChoice, View } from '../types.js' */
import { escaped } from '../../text/names.js';
import { number, percent, plural } from '../../text/numbers.js';
import { capitalized, joinSentences, joinWords } from '../../text/sentences.js';
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
  return `Nothing was answered alike by ${k} people or more${whose}, and of fewer nothing is told.`;
}

/**
 * A number of people, or why it is hidden.
 * @param {Pick<Figure, 'people' | 'hidden'>} row
 * @param {number} k
 */
export function peopleWords(row, k) {
  if (row.people !== null) return plural(row.people, 'person', 'people');
  return row.hidden === 'follows' ? 'not told' : `fewer than ${k}`;
}

/**
 * What hidden figures mean, to end a caption with; '' where there is none.
 * @param {Figure[]} rows
 * @param {number} k
 */
export function hiddenMeans(rows, k) {
  const few = rows.some((row) => row.hidden === 'few');
  const follows = rows.some((row) => row.hidden === 'follows');
  return joinSentences(
    few && `Fewer than ${k} people are not counted.`,
    follows && 'What is not told would let another figure be worked out.',
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
 * @param {number} [about.most] at most so many
 * @param {string} [about.note] the caption ends with it
 * @param {(value: string) => string} [about.named]
 * @param {(value: string, who: string) => string} about.first what is said of the first value
 * @returns {Chart}
 */
export function topicChart(about) {
  const { id, title, topic, head, first, most = 15, named = (value) => value } = about;
  return {
    id,
    title,
    needs: [],
    draw(view) {
      const { k, major: chosen } = choiceOf(view);
      const major = about.ofEverybody ? '' : chosen;
      const all = figuresOf(view, topic, major);
      const told = all.filter((row) => row.people !== null);
      if (!told.length) return { empty: whyNothing(view) };
      const known = about.inOrder ? all : all.filter((row) => row.people !== null || row.hidden);
      const rows = ordered(known, Boolean(about.inOrder)).slice(0, most);
      const [top] = ordered(told, false);
      const entries = rows.map((row) => ({
        name: named(row.value),
        value: row.people ?? 0,
        mark:
          row.people === null
            ? ` ${peopleWords(row, k)}`
            : ` ${number(row.people)}${row.share === null ? '' : `  ${percent(row.share)}`}`,
        text: `${escaped(named(row.value))}: ${peopleWords(row, k)}`,
      }));
      const who = major ? `Of those of ${major}, ` : '';
      const share =
        top.of_people === null
          ? `${plural(top.people ?? 0, 'person', 'people')}`
          : `${number(top.people)} of ${plural(top.of_people, 'person', 'people')}`;
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          capitalized(`${who}${first(named(top.value), share)}`),
          known.length > rows.length &&
            `Drawn are ${number(rows.length)} of ${number(known.length)}.`,
          about.note,
          hiddenMeans(rows, k),
        ),
        table: {
          head: [head, 'People', 'Of', 'Share'],
          rows: ordered(known, Boolean(about.inOrder)).map((row) => [
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

/**
 * 'a, b and c' of at most so many, and how many more there are.
 * @param {string[]} words
 * @param {number} [most]
 */
export function someOf(words, most = 3) {
  if (words.length <= most) return joinWords(words);
  return `${words.slice(0, most).join(', ')} and ${plural(words.length - most, 'more', 'more')}`;
}
