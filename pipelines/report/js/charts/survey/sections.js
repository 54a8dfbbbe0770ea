// The sections of a survey's page that are charts, in their order. Sections of words are in
// ../../survey.

/** @import { Section } from '../types.js' */
import { componentsChart, loadingsChart } from './components.js';
import { coverageChart } from './coverage.js';
import { groupsChart } from './groups.js';
import {
  surveyArtistsChart,
  surveyDecadesChart,
  surveyGenresChart,
  surveySongsChart,
} from './likes.js';
import { mapChart } from './map.js';
import { confusionChart, importancesChart, scoreChart } from './predictor.js';
import { agesChart, hoursADayChart, listeningTimesChart, majorsChart, yearsChart } from './who.js';

/** @type {Section[]} */
export const SURVEY_SECTIONS = [
  { id: 'who', title: 'Who are we?', charts: [majorsChart, agesChart, yearsChart] },
  {
    id: 'when',
    title: 'How much do we listen, and when?',
    charts: [hoursADayChart, listeningTimesChart],
  },
  {
    id: 'likes',
    title: 'What do we like?',
    charts: [surveySongsChart, surveyArtistsChart, surveyGenresChart, surveyDecadesChart],
  },
  {
    id: 'dna',
    title: 'In which ways do our songs differ?',
    charts: [mapChart, componentsChart, loadingsChart],
  },
  { id: 'groups', title: 'Are there groups among us?', charts: [groupsChart] },
  {
    id: 'predictor',
    title: 'Do songs tell what somebody studies?',
    charts: [scoreChart, importancesChart, confusionChart],
  },
  { id: 'coverage', title: 'How much of this is known?', charts: [coverageChart] },
];
