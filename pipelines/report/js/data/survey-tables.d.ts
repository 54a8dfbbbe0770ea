// The rows of the tables that the page of a survey carries, and what a person's code opens. They are
// the columns that ../../survey.py names; a test compares the two. What a column means is in
// docs/tables.md.

import type { Day } from './tables.js';

export interface SurveyTables {
  group_profile: {
    of: string;
    major: string;
    topic: string;
    value: string;
    people: number | null;
    of_people: number | null;
    share: number | null;
    hidden: string | null;
  };
  survey_coverage: {
    major: string;
    people: number | null;
    songs: number | null;
    matched: number | null;
    with_features: number | null;
    with_genres: number | null;
    people_compared: number | null;
    compared_at_least: boolean | null;
  };
  survey_feed: {
    since: Day;
    until: Day;
    people: number;
    words: string;
  };
  music_dna_components: {
    component: number;
    kept: boolean;
    explained: number;
    explained_by_chance: number;
    words: string;
    loadings: { feature: string; loading: number; stable: boolean }[];
    people: number;
    at_least: boolean;
  };
  music_dna_map: {
    dot: number;
    people: number;
    at_least: boolean;
    x: number;
    y: number;
    z: number;
  };
  survey_clusters: {
    cluster: number;
    people: number;
    at_least: boolean;
    name: string;
    centre: { feature: string; value: number }[];
    silhouette: number | null;
    silhouette_by_chance: number | null;
    stability: number | null;
    outcome: string;
  };
  major_predictor: {
    speaks: boolean;
    outcome: string;
    people: number;
    at_least: boolean;
    classes: number;
    balanced_accuracy: number | null;
    low: number | null;
    high: number | null;
    by_guessing: number | null;
    p: number | null;
    permutations: number;
    importances: { feature: string; importance: number; spread: number }[];
    confusion: { major: string; told: string; people: number | null }[];
  };
}

/** One person's own part: ../../../listening/survey/own_parts.py. */
export interface OwnPart {
  /** What is kept of their answer. */
  answer: {
    answered_on: Day | null;
    age_band: string | null;
    major: string | null;
    year: string | null;
    hours_band: string | null;
    listening_time: string | null;
  };
  /** Whether they agreed that others see how alike their songs are. */
  agreed: boolean;
  songs: OwnSong[];
  /** How many songs they are compared by. */
  compared: number;
  /** On the map; null where these are too few, or where there is no map. */
  place: number[] | null;
  group: number | null;
  /** In standard deviations from the mean of the group; null where their songs are too few. */
  sound: Record<string, number> | null;
  twins: Twin[];
}

export interface OwnSong {
  artist: string | null;
  title: string | null;
  state: string;
  source: string | null;
  similarity: number | null;
  year: number | null;
  genres: string[];
  /** Whether reference data has its audio features. */
  features: boolean;
}

export interface Twin {
  /** The beginning of their pseudonym. */
  name: string;
  similarity: number;
  percentile: number;
  by_chance: number;
  /** The same among those whom dealing songs out at random makes likest. */
  of_likest: number;
  songs: string[];
  artists: string[];
  genres: string[];
}
