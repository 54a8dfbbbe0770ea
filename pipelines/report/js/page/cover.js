// The cover: whose report it is, three great numbers, what was played most, and one picture.

/** @import { View } from '../charts/types.js' */
/** @import { Totals } from './totals.js' */
import { artistName, songTitle } from '../text/names.js';
import { atLeast, duration, number, plural } from '../text/numbers.js';
import { calendarOf } from './calendar.js';
import { byId, element } from './dom.js';
import { favourites } from './favourites.js';
import { ALL, calendarDays, periodName } from './period.js';
import { totalsOf, valueElement, whyNothing } from './totals.js';

export const NOTHING =
  'No play is known yet. Log in and let the collector run for some hours, or import an export from ' +
  'Spotify; then make the report again.';

export function startCover() {
  const body = element('div', { id: 'cover-body' });
  byId('cover').append(body);
  return body;
}

/**
 * @param {HTMLElement} body
 * @param {string} period
 * @param {View} view
 */
export function showCover(body, period, view) {
  const title = byId('cover-title');
  const whose = title.dataset.whose ?? '';
  title.textContent = `${whose} ${period === ALL || !period ? 'music' : periodName(period)}`;
  document.title = title.textContent;
  const totals = period ? totalsOf(period, view.scope) : undefined;
  if (!totals) {
    body.replaceChildren(element('p', { class: 'empty' }, NOTHING));
    return;
  }
  if (!totals.plays && !totals.minutes) {
    body.replaceChildren(element('p', { class: 'empty' }, whyNothing(period, view.scope)));
    return;
  }
  body.replaceChildren(
    greatNumbers(totals, period),
    element(
      'div',
      { class: 'opening' },
      element('div', { class: 'firsts' }, ...firsts(period, view)),
      element('div', { class: 'picture' }, ...calendarOf(period, view.scope, view.narrow)),
    ),
  );
}

/**
 * @param {Totals} totals
 * @param {string} period
 */
function greatNumbers(totals, period) {
  const least = totals.at_least;
  const { words, unit } = hoursWords(totals.minutes);
  const days = calendarDays(period);
  return element(
    'dl',
    { class: 'great' },
    great(
      { name: 'hours', value: totals.minutes, words, least: least && totals.minutes !== null },
      unit,
    ),
    great(
      { name: 'plays', value: totals.plays, words: number(totals.plays), least },
      totals.plays === 1 ? 'play' : 'plays',
    ),
    great(
      { name: 'days', value: totals.days_heard, words: number(totals.days_heard), least },
      `${totals.days_heard === 1 ? 'day' : 'days'} with music`,
      days > totals.days_heard ? `of ${number(days)}` : days > 1 ? 'no day without' : '',
    ),
  );
}

/**
 * @param {{ name: string, value: number | null, words: string, least: boolean }} figure
 * @param {string} label
 * @param {string} [more]
 */
function great(figure, label, more = '') {
  return element(
    'div',
    {},
    element('dt', {}, label, ...(more ? [' ', element('span', { class: 'more' }, more)] : [])),
    element('dd', {}, valueElement({ ...figure, name: `great-${figure.name}` })),
  );
}

/** @param {number | null} minutes */
function hoursWords(minutes) {
  if (minutes === null) return { words: 'not known', unit: 'hours' };
  if (minutes < 90) {
    const rounded = Math.round(minutes);
    return { words: number(rounded), unit: rounded === 1 ? 'minute' : 'minutes' };
  }
  const hours = minutes / 60;
  return { words: number(hours, hours < 10 ? 1 : 0), unit: 'hours' };
}

/**
 * The artist and the song played most.
 * @param {string} period
 * @param {View} view
 */
function firsts(period, view) {
  const { artists, songs } = favourites(period, view.scope);
  const [artist, song] = [artists[0], songs[0]];
  return [
    ...(artist
      ? [first('artist', 'Most played artist', artistName(artist), '', playsWords(artist))]
      : []),
    ...(song
      ? [
          first(
            'song',
            'Most played song',
            songTitle(song),
            song.artist_name ?? '',
            playsWords(song),
          ),
        ]
      : []),
  ];
}

/** @param {{ plays: number, minutes?: number, at_least: boolean }} row */
function playsWords(row) {
  // Of a month's artists the page has no minutes.
  const time = row.minutes ? `, ${duration(row.minutes)}` : '';
  return atLeast(`${plural(row.plays, 'play')}${time}`, row.at_least);
}

/**
 * @param {string} kind
 * @param {string} label
 * @param {string} name
 * @param {string} by
 * @param {string} words
 */
function first(kind, label, name, by, words) {
  return element(
    'div',
    { class: 'first', 'data-first': kind },
    element('p', { class: 'label' }, label),
    element('p', { class: 'name' }, name),
    ...(by ? [element('p', { class: 'by' }, by)] : []),
    element('p', { class: 'note' }, words),
  );
}
