// The sections of the report and their charts, in the order of the page. A new chart is a file in
// the folder of its section, and an entry here.

/** @import { Section } from './types.js' */
import { artistFlowChart } from './artists/flow.js';
import { artistRaceChart } from './artists/race.js';
import { songsChart } from './artists/songs.js';
import { artistsHalfYearChart } from './change/artists-half-year.js';
import { genresChart } from './change/genres.js';
import { tasteOverlapChart } from './change/taste-overlap.js';
import { gapsChart } from './completeness/gaps.js';
import { contextsChart } from './contexts/contexts.js';
import { contextsMonthChart } from './contexts/contexts-month.js';
import { playedFromChart } from './contexts/played-from.js';
import { sessionsChart } from './contexts/sessions.js';
import { calendarChart } from './listening/calendar.js';
import { daysChart } from './listening/days.js';
import { hoursChart } from './listening/hours.js';
import { monthsChart } from './listening/months.js';
import { skipsChart } from './listening/skips.js';
import { playlistArtistsChart } from './playlists/artists.js';
import { playlistDecadesChart } from './playlists/decades.js';
import { duplicatesChart } from './playlists/duplicates.js';
import { playlistGenresChart } from './playlists/genres.js';
import { historyChart } from './playlists/history.js';
import { overAndUnderChart } from './playlists/over-and-under.js';
import { overlapChart } from './playlists/overlap.js';
import { playlistsChart } from './playlists/playlists.js';
import { playlistSoundChart } from './playlists/sound.js';
import { topWeightsChart } from './playlists/top-weights.js';
import { verdictsChart } from './playlists/verdicts.js';
import { weightsChart } from './playlists/weights.js';
import { mainstreamChart } from './popularity/mainstream.js';
import { playsOfTheWorldChart } from './popularity/plays-of-the-world.js';
import { popularityChart } from './popularity/popularity.js';
import { popularityAndPlaysChart } from './popularity/popularity-and-plays.js';
import { decadesChart } from './recordings/decades.js';
import { explicitChart } from './recordings/explicit.js';
import { lengthsChart } from './recordings/lengths.js';
import { releaseYearsChart } from './recordings/release-years.js';
import { releasesChart } from './recordings/releases.js';
import { forgottenChart } from './rotation/forgotten.js';
import { obsessionsChart } from './rotation/obsessions.js';
import { rotationChart } from './rotation/rotation.js';
import { rotationNowChart } from './rotation/rotation-now.js';
import { acousticChart } from './sound/acoustic.js';
import { audioProfileChart } from './sound/audio-profile.js';
import { moodChart } from './sound/mood.js';
import { soundOfFavouritesChart } from './sound/sound-of-favourites.js';
import { artistDiversityChart } from './variety/artist-diversity.js';
import { discoveryChart } from './variety/discovery.js';
import { newAndFamiliarChart } from './variety/new-and-familiar.js';

/** @type {Section[]} */
export const SECTIONS = [
  {
    id: 'when',
    title: 'When do you listen?',
    charts: [hoursChart, calendarChart, daysChart, monthsChart, skipsChart],
  },
  {
    id: 'who',
    title: 'Who do you listen to?',
    charts: [artistFlowChart, artistRaceChart, songsChart],
  },
  {
    id: 'wide',
    title: 'How wide do you listen?',
    charts: [artistDiversityChart, discoveryChart, newAndFamiliarChart],
  },
  {
    id: 'known',
    title: 'How well known is your music?',
    charts: [mainstreamChart, popularityChart, popularityAndPlaysChart],
  },
  {
    id: 'world',
    title: 'How do your plays compare with the world’s?',
    of: 'play_counts',
    charts: [playsOfTheWorldChart],
  },
  {
    id: 'age',
    title: 'What kind of recordings do you play?',
    charts: [releaseYearsChart, decadesChart, releasesChart, explicitChart, lengthsChart],
  },
  {
    id: 'change',
    title: 'How does your taste change?',
    charts: [tasteOverlapChart, artistsHalfYearChart, genresChart],
  },
  {
    id: 'sound',
    title: 'How does it sound?',
    charts: [audioProfileChart, soundOfFavouritesChart, moodChart, acousticChart],
  },
  {
    id: 'contexts',
    title: 'What do you listen for?',
    charts: [contextsChart, contextsMonthChart, sessionsChart, playedFromChart],
  },
  {
    id: 'rotation',
    title: 'What do you keep coming back to?',
    charts: [rotationChart, rotationNowChart, obsessionsChart, forgottenChart],
  },
  {
    id: 'playlists',
    title: 'What is in your playlists?',
    of: 'playlist_summary',
    charts: [playlistsChart, overlapChart],
  },
  {
    id: 'in-a-playlist',
    title: 'What is one playlist made of?',
    of: 'playlist_summary',
    chooser: true,
    charts: [
      weightsChart,
      topWeightsChart,
      verdictsChart,
      overAndUnderChart,
      duplicatesChart,
      historyChart,
      playlistArtistsChart,
      playlistGenresChart,
      playlistDecadesChart,
      playlistSoundChart,
    ],
  },
  { id: 'complete', title: 'How complete is this?', charts: [gapsChart] },
];
