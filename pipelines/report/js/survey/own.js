// The reader's own part: a code is typed, and what it opens is shown. Names of songs and artists are
// text, never markup; nothing of it leaves the page.

/** @import { OwnPart, OwnSong, Twin } from '../data/survey-tables.js' */
/** @import { View } from '../charts/types.js' */
import { groupsOf } from '../charts/survey/groups.js';
import { whyNotCompared } from '../charts/survey/own.js';
import { byId, element } from '../page/dom.js';
import { dayName } from '../text/dates.js';
import { songBy } from '../text/names.js';
import { number, percent, plural } from '../text/numbers.js';
import { joinSentences, joinWords } from '../text/sentences.js';
import { SEALED } from './carried.js';
import { sizeWords } from './groups.js';
import { change, currentChoice } from './state.js';
import { unseal } from './unseal.js';
import { remark } from './words.js';

const WRONG =
  'This code opens nothing here. Look whether it is whole: it has 26 letters and digits. Whoever runs ' +
  'the survey can tell you yours.';

/** Whether anybody has a part of their own. */
export function hasOwn() {
  return SEALED.size > 0;
}

/** The form, and below it what the code opened. */
export function ownBody() {
  const input = element('input', {
    id: 'code',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    'aria-describedby': 'code-said',
  });
  const said = element('p', { id: 'code-said', class: 'remark', role: 'status' });
  const form = element(
    'form',
    { class: 'chooser' },
    element('label', { for: 'code' }, 'Your code'),
    input,
    element('button', { type: 'submit' }, 'Open'),
  );
  const close = element('button', { type: 'button', id: 'close' }, 'Close it again');
  close.hidden = true;
  form.append(close);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const own = opened(input.value);
    input.value = '';
    said.textContent = own ? 'Open. Only this window shows it.' : WRONG;
    close.hidden = !own;
    change({ own });
  });
  close.addEventListener('click', () => {
    said.textContent = 'Closed.';
    close.hidden = true;
    change({ own: null });
    input.focus();
  });
  return [
    element(
      'p',
      { class: 'answer' },
      'Your code shows your own songs, your place among the others, and your music twins.',
    ),
    form,
    said,
    remark(
      'It is opened here, in your browser, and nothing is sent. Whoever has your code sees this too, so keep it to yourself.',
    ),
    element('div', { id: 'own-part' }),
  ];
}

/**
 * @param {string} code
 * @returns {OwnPart | null}
 */
function opened(code) {
  try {
    return unseal(code, SEALED);
  } catch {
    // Whatever is wrong with an entry, the code opens nothing.
    return null;
  }
}

/**
 * Show what is open now.
 * @param {View} view
 */
export function refreshOwn(view) {
  const { own } = currentChoice();
  byId('own-part').replaceChildren(...(own ? partOf(own, view) : []));
  byId('chart-own-sound').hidden = !own;
}

/**
 * @param {OwnPart} own
 * @param {View} view
 */
function partOf(own, view) {
  return [
    heading('Your songs'),
    songsList(own.songs),
    remarkOf(songsWords(own)),
    heading('Your place'),
    remarkOf(placeWords(own, view)),
    heading('Your music twins'),
    ...twinsOf(own),
    heading('What is kept of your answer'),
    remarkOf(answerWords(own)),
  ];
}

/** @param {string} words */
function heading(words) {
  return element('h3', { class: 'group' }, words);
}

/** @param {string} words */
function remarkOf(words) {
  return element('p', { class: 'told' }, words);
}

/** @type {Record<string, string>} */
const SOURCES = {
  link: 'by the link that you gave',
  lake: 'among songs that were listened to here',
  reference: 'in the reference data',
  search: 'by searching Spotify',
};

/** @type {Record<string, string>} */
const STATES = {
  doubtful: 'not sure which it is: a person will choose',
  unmatched: 'not found',
  waiting: 'still to be searched for',
};

/** @param {OwnSong} song */
function foundWords(song) {
  if (song.state === 'chosen') return 'chosen by a person';
  if (song.state !== 'matched') return STATES[song.state] ?? song.state;
  const how = SOURCES[song.source ?? ''] ?? '';
  // That all of a name is the same needs no figure.
  const isSame = song.similarity === null || song.similarity === 1;
  const sure = isSame ? '' : `, names alike by ${percent(song.similarity)}`;
  return `found ${how}${sure}`;
}

/** @param {OwnSong[]} songs */
function songsList(songs) {
  const items = songs.map((song) => {
    const note = [
      foundWords(song),
      song.year === null ? '' : String(song.year),
      ...song.genres,
      song.features ? '' : 'its sound is not known',
    ];
    return element(
      'li',
      {},
      songBy({ track_name: song.title, artist_name: song.artist }),
      element('span', { class: 'note' }, note.filter(Boolean).join(' · ')),
    );
  });
  return element('ol', { class: 'stories named' }, ...items);
}

/** @param {OwnPart} own */
function songsWords(own) {
  const found = own.songs.filter((song) => song.state === 'matched' || song.state === 'chosen');
  if (!own.songs.length) return 'You named no song that could be read.';
  return joinSentences(
    `${number(found.length)} of ${plural(own.songs.length, 'song')} are recognised,`,
    `and of ${number(own.compared)} the reference data knows how they sound.`,
  );
}

/**
 * @param {OwnPart} own
 * @param {View} view
 */
function placeWords(own, view) {
  if (!own.sound) return whyNotCompared(own, view);
  const isOnMap = own.place && view.rows('music_dna_map').length;
  const group = groupsOf(view).find((row) => row.cluster === own.group);
  return joinSentences(
    isOnMap
      ? 'You are the star on the map above.'
      : 'There is no map to be on: people differ in no direction more than by chance.',
    group
      ? `You are in group ${group.cluster}, ${group.name} (${sizeWords(group)}).`
      : 'You are in no group: none is told of.',
  );
}

/** @param {OwnPart} own */
function twinsOf(own) {
  if (!own.agreed) {
    return [
      remarkOf(
        'You did not agree that others see how alike your songs are, so nobody is your twin, and you are nobody’s.',
      ),
    ];
  }
  if (!own.twins.length) {
    return [
      remarkOf(
        'Nobody is compared with you: too few of your songs are known, or nobody else agreed to it.',
      ),
    ];
  }
  return [
    element(
      'ol',
      { class: 'twins' },
      ...own.twins.map((twin) => element('li', {}, ...twinWords(twin))),
    ),
    element(
      'p',
      { class: 'remark' },
      'Somebody is always the likest. What counts is whether you are more alike than chance makes two people, and what you both named. ' +
        'A twin is known by the first signs of a pseudonym, and they know no more of you.',
    ),
  ];
}

const CHANCE = 95;

/** @param {Twin} twin */
function twinWords(twin) {
  const { songs, artists, genres } = twin;
  const both = [
    songs.length && `the ${songs.length === 1 ? 'song' : 'songs'} ${joinWords(songs)}`,
    artists.length && `the ${artists.length === 1 ? 'artist' : 'artists'} ${joinWords(artists)}`,
  ].filter((one) => typeof one === 'string');
  const beyond = twin.of_likest >= CHANCE;
  return [
    element('strong', {}, twin.name),
    ' ',
    element(
      'span',
      {},
      joinSentences(
        `is alike by ${number(twin.similarity, 2)} on a scale from -1 to 1.`,
        `Of all pairs here ${number(Math.floor(twin.percentile))} in a hundred are less alike;`,
        `where songs are dealt out at random ${number(Math.floor(twin.by_chance))} are.`,
        `A twin is picked out of many: where songs are dealt out, that of ${number(Math.floor(twin.of_likest))} in a hundred people is less alike,`,
        beyond ? 'so this is more than chance.' : 'so this may well be chance.',
        both.length
          ? `You both named ${joinWords(both)}.`
          : 'You named no song and no artist in common.',
        genres.length ? `Genres of both: ${joinWords(genres.slice(0, 6))}.` : '',
      ),
    ),
  ];
}

/** @type {[keyof OwnPart['answer'], string][]} */
const KEPT = [
  ['answered_on', 'the day'],
  ['age_band', 'age'],
  ['major', 'subject'],
  ['year', 'year'],
  ['hours_band', 'hours a day'],
  ['listening_time', 'when you listen'],
];

/** @param {OwnPart} own */
function answerWords({ answer }) {
  const kept = KEPT.flatMap(([key, name]) => {
    const value = answer[key];
    return value ? [`${name}: ${key === 'answered_on' ? dayName(value) : value}`] : [];
  });
  return joinSentences(
    kept.length ? `Besides your songs, ${kept.join('; ')}.` : 'Nothing besides your songs.',
    'Your name, your mail and your home town are not. To have it deleted, ask whoever runs the survey.',
  );
}
