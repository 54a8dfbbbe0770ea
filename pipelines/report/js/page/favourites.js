// The artists and songs played most in a period, and how they moved since the one before, in words.

/** @import { Row, Scope } from '../data/tables.js' */
import { artistName, songTitle } from '../text/names.js';
import { number, plural } from '../text/numbers.js';
import { rows } from './carried.js';
import { element } from './dom.js';
import { ALL, kindOf } from './period.js';

/**
 * @typedef {Row<'top_artists_by_month'> | Row<'top_artists_by_year'>} TopArtist
 * @typedef {Row<'top_tracks_by_month'> | Row<'top_tracks_by_year'>} TopSong
 */

/**
 * @param {string} period
 * @param {Scope} scope
 * @returns {{ artists: TopArtist[], songs: TopSong[] }} the one played most first
 */
export function favourites(period, scope) {
  /** @param {{ rank: number }} one @param {{ rank: number }} other */
  const byRank = (one, other) => one.rank - other.rank;
  if (kindOf(period) === 'month') {
    /** @param {{ month: string }} row */
    const isNow = (row) => row.month === `${period}-01`;
    return {
      artists: rows('top_artists_by_month', scope).filter(isNow).sort(byRank),
      songs: rows('top_tracks_by_month', scope).filter(isNow).sort(byRank),
    };
  }
  const year = period === ALL ? 0 : Number(period);
  /** @param {{ year: number }} row */
  const isOf = (row) => row.year === year;
  return {
    artists: rows('top_artists_by_year', scope).filter(isOf).sort(byRank),
    songs: rows('top_tracks_by_year', scope).filter(isOf).sort(byRank),
  };
}

// Beyond these ranks nobody counts places.
const COUNTED = 100;

/**
 * How an entry moved since the period before: 'new', 'back after 14 months', 'up 3'; '' where there
 * is nothing to say.
 * @param {TopArtist | TopSong} row
 */
export function moveWords(row) {
  const before = row.rank_before;
  const moved = before === null ? 0 : before - row.rank;
  switch (row.move) {
    case 'new':
      return 'new';
    case 'back':
      return backWords(row);
    case 'up':
      return before !== null && before > COUNTED
        ? 'from outside the top 100'
        : `up ${number(moved)}`;
    case 'down':
      return `down ${number(-moved)}`;
    case 'same':
      return row.rank === 1 ? 'still first' : '';
    default:
      return '';
  }
}

/** @param {TopArtist | TopSong} row */
function backWords(row) {
  const [away, unit] = 'away_months' in row ? [row.away_months, 'month'] : [row.away_years, 'year'];
  return away ? `back after ${plural(away, unit)}` : 'back';
}

const SHOWN = 10;

/**
 * Two lists, the first ten of each at once, the others when asked for.
 * @param {string} period
 * @param {Scope} scope
 */
export function favouriteLists(period, scope) {
  const { artists, songs } = favourites(period, scope);
  return [
    ...list('artists', 'Top artists', artists, (row) => ({ name: artistName(row), by: '' })),
    ...list('songs', 'Top songs', songs, (row) => ({
      name: songTitle(row),
      by: row.artist_name ?? 'artist not known',
    })),
  ];
}

/**
 * @template {TopArtist | TopSong} R
 * @param {string} kind
 * @param {string} title
 * @param {R[]} entries
 * @param {(row: R) => { name: string, by: string }} names
 */
function list(kind, title, entries, names) {
  if (!entries.length) return [];
  /** @param {R} row */
  const item = (row) => {
    const { name, by } = names(row);
    const move = moveWords(row);
    return element(
      'li',
      { value: row.rank },
      element('span', { class: 'rank', 'aria-hidden': 'true' }, String(row.rank)),
      element(
        'span',
        { class: 'who' },
        element('span', { class: 'name' }, name),
        ...(by ? [element('span', { class: 'by' }, by)] : []),
      ),
      element(
        'span',
        { class: 'amount' },
        `${row.at_least ? 'at least ' : ''}${plural(row.plays, 'play')}`,
        ...(move ? [element('span', { class: 'move' }, move)] : []),
      ),
    );
  };
  const [first, others] = [entries.slice(0, SHOWN), entries.slice(SHOWN)];
  const more = element(
    'details',
    { class: 'more-ranks' },
    element('summary', {}, `${SHOWN + 1} to ${entries.length}`),
    element('ol', { class: 'ranks', start: SHOWN + 1 }, ...others.map(item)),
  );
  return [
    element(
      'div',
      { class: 'favourites', 'data-list': kind },
      element('h3', { class: 'group' }, title),
      element('ol', { class: 'ranks' }, ...first.map(item)),
      ...(others.length ? [more] : []),
    ),
  ];
}
