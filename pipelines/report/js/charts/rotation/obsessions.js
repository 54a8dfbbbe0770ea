// Songs that were looped within one week. Songs of several weeks are in rotation.js.

/** @import { Row } from '../../data/tables.js' */
/** @import { Chart } from '../types.js' */
import { dayName } from '../../text/dates.js';
import { artistName, escaped, songBy, songTitle } from '../../text/names.js';
import { atLeast, number, percent, plural } from '../../text/numbers.js';
import { joinSentences } from '../../text/sentences.js';
import { barList, barRoom } from '../parts/bars.js';
import { atLeastCell } from '../parts/missing.js';

/** @type {Record<string, string>} */
const LOOPS = { sleep: ' (to sleep)', kids: ' (by the kids)' };

/**
 * For whom a song was looped, unless it was for the listener.
 * @param {Row<'obsessions'>} row
 */
function loopNote(row) {
  return LOOPS[row.loop ?? ''] ?? '';
}

/** @param {Row<'obsessions'>} row */
function plays(row) {
  return atLeast(plural(row.plays, 'play'), row.at_least);
}

/**
 * Plays in the week, and how many came after.
 * @param {Row<'obsessions'>} row
 */
function playsAfterMark(row) {
  const known = row.at_least ? ' known' : ' so far';
  return ` ${number(row.plays)} → ${number(row.plays_after)}${row.abandoned === null ? known : ''}`;
}

/** @type {Chart} */
export const obsessionsChart = {
  id: 'obsessions',
  title: 'Obsessions of a week',
  needs: ['obsessions'],
  without:
    'No song was looped for a week and hardly ever else: it takes 10 plays on 3 days of a week, ' +
    'and half of all its plays.',
  draw(view) {
    const all = [...view.rows('obsessions')].sort((one, other) => other.plays - one.plays);
    const shown = all.slice(0, 10);
    const [first] = all;
    const decided = all.filter((row) => row.abandoned !== null);
    const abandoned = decided.filter((row) => row.abandoned).length;
    const entries = shown.map((row) => ({
      name: songTitle(row),
      under: artistName(row),
      value: row.plays,
      mark: playsAfterMark(row),
      colour: row.abandoned ? view.colours.second : view.colours.accent,
      text: [
        escaped(songBy(row)),
        `${dayName(row.starts_on)} to ${dayName(row.ends_on)}${loopNote(row)}`,
        `${plays(row)}, ${percent(row.share)} of all its plays`,
      ].join('<br>'),
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
      caption: joinSentences(
        `In the week from ${dayName(first.starts_on)}, ${songBy(first)} had`,
        `${plays(first)}${loopNote(first)}.`,
        `${plural(all.length, 'obsession')} in all.`,
        decided.length
          ? joinSentences(
              `Of the ${plural(decided.length, 'song')} whose next 60 days are known,`,
              `${number(abandoned)} ${abandoned === 1 ? 'was' : 'were'} dropped,`,
              'with at most one play in those days.',
            )
          : 'Whether any was dropped is not known yet: it takes the 60 days after.',
        'Behind a bar: plays in the week → in the 60 days after.',
      ),
      table: {
        head: [
          'Song',
          'Artist',
          'From',
          'To',
          'Plays in the week',
          'In the 60 days after',
          'Ever',
          'Whose',
          '',
        ],
        rows: all.map((row) => [
          row.track_name,
          row.artist_name,
          row.starts_on,
          row.ends_on,
          row.plays,
          row.plays_after,
          row.plays_ever,
          row.loop ?? 'yours',
          atLeastCell(row),
        ]),
      },
    };
  },
};
