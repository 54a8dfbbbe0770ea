// Who answered, and when they listen.

import { topicChart } from './profile.js';

export const majorsChart = topicChart({
  id: 'majors',
  title: 'What we study',
  topic: 'major',
  head: 'Subject',
  ofEverybody: true,
  first: (value, people) => `${people} answered ${value}.`,
});

export const agesChart = topicChart({
  id: 'ages',
  title: 'How old we are',
  topic: 'age_band',
  head: 'Age',
  inOrder: true,
  ofEverybody: true,
  first: (value, people) => `${people} are ${value}.`,
});

export const yearsChart = topicChart({
  id: 'years',
  title: 'In which year of it we are',
  topic: 'year',
  head: 'Year',
  inOrder: true,
  ofEverybody: true,
  first: (value, people) => `${people} answered ${value}.`,
});

export const hoursADayChart = topicChart({
  id: 'hours-a-day',
  title: 'Hours of music a day',
  topic: 'hours_band',
  head: 'Hours a day',
  inOrder: true,
  first: (value, people) => `${people} answered ${value}.`,
});

export const listeningTimesChart = topicChart({
  id: 'listening-times',
  title: 'When we mostly listen',
  topic: 'listening_time',
  head: 'When',
  inOrder: true,
  first: (value, people) => `${people} answered ${value}.`,
});
