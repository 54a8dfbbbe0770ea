// What the group likes.

import { topicChart } from './profile.js';

export const surveySongsChart = topicChart({
  id: 'survey-songs',
  title: 'Songs that several of us named',
  topic: 'song',
  head: 'Song',
  ofEverybody: true,
  first: (value, people) => `${people} named ${value}.`,
  listed: 'No song was named by more people than these.',
  note: 'A song that fewer than three named is shown to them alone.',
});

export const surveyArtistsChart = topicChart({
  id: 'survey-artists',
  title: 'Artists that several of us named',
  topic: 'artist',
  head: 'Artist',
  listed: 'No artist was named by more people than these.',
  first: (value, people) => `${people} named ${value}.`,
});

export const surveyGenresChart = topicChart({
  id: 'survey-genres',
  title: 'Genres',
  topic: 'genre',
  head: 'Genre',
  first: (value, people) => `${people} named a song of the genre ${value}.`,
  note: 'A person counts once for every genre of their songs; genres are the reference data’s.',
});

export const surveyDecadesChart = topicChart({
  id: 'survey-decades',
  title: 'Decades',
  topic: 'decade',
  head: 'Decade',
  inOrder: true,
  first: (value, people) => `${people} named a song of the ${value}.`,
});
