// How the page was made, and what it cannot tell.

import { element } from '../page/dom.js';
import { dayName } from '../text/dates.js';
import { SURVEY } from './carried.js';

export function madeBody() {
  const { k, keep_until: until } = SURVEY;
  const sentences = [
    [
      'Who is who',
      'Names and mails are replaced by pseudonyms while answers are read, with a key that is kept apart, and home towns are dropped. A pseudonym is not anonymity: whoever has the key could work out whose it is. Once the key is deleted, nobody can.',
    ],
    [
      'How long it is kept',
      `${until ? `Until ${dayName(until)}` : 'Until whoever runs the survey deletes it'}; single answers earlier, if their owners ask. Copies of this page stay what they are: a code opens its part of them as long as they exist.`,
    ],
    [
      `Fewer than ${k}`,
      `No figure here is of fewer than ${k} people, and none lets such a figure be worked out from others: for that some larger ones are hidden, and some numbers of people rounded down, which then says “at least”. A song or an artist that fewer than three people named is shown to these alone.`,
    ],
    [
      'Where sound and genres come from',
      'From reference data, never from Spotify’s answers: its developer policy forbids feeding them to machine learning. Spotify is asked only which song was meant. What the reference data lacks stays unknown; nothing is made up.',
    ],
    [
      'How people are compared',
      'A person is the mean of at least three of their songs, or of fewer where most people named fewer, in nine audio features, each in standard deviations of this group. Directions and groups are told of only where they are stronger than in shuffled data, and a twin with how often chance makes two people as alike. In a small group most of it is chance, and then the page says so.',
    ],
    [
      'What it cannot tell',
      'Who somebody is, what they are worth, or what they study: favourite songs of some people at one moment are no test of anything. Those who answered are not all, and songs that are new, rare or in fewer languages are known less often.',
    ],
  ];
  return [
    element(
      'dl',
      { class: 'made' },
      ...sentences.flatMap(([title, words]) => [
        element('dt', {}, title),
        element('dd', {}, words),
      ]),
    ),
  ];
}
