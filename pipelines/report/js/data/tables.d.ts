// The rows of the tables that the page carries, as unpack.js gives them. They are the columns that
// ../../packed.py names; a test compares the two. What a column means is in docs/tables.md.

import type { ItemTables } from './item-tables.js';
import type { SurveyTables } from './survey-tables.js';

/** 'YYYY-MM-DD'; a month is its first day. */
export type Day = string;

/** 'YYYY-MM-DDTHH:MMZ' */
export type Instant = string;

/** All plays, or the listener's own: without what was on for others or for sleep. */
export type Scope = 'all' | 'mine';

export type TableName = keyof Tables;
export type Row<T extends TableName> = Tables[T];

/** Looks up the rows of a table in one scope; a table that is not there has none. */
export type Rows = <T extends TableName>(table: T, scope: Scope) => Row<T>[];

/** The tables of which a row is about a month. */
export type MonthTable = {
  [T in TableName]: Tables[T] extends { month: Day } ? T : never;
}[TableName];

export interface Tables extends ItemTables, SurveyTables {
  stories: {
    place: number;
    story: string;
    sentence: string;
    at_least: boolean;
  };
  listening_by_hour: {
    weekday: number;
    hour: number;
    plays: number;
    minutes: number;
    share: number;
    at_least: boolean;
  };
  listening_by_day: {
    day: Day;
    plays: number;
    minutes: number;
    streak: number;
    at_least: boolean;
    known: boolean;
  };
  listening_by_month: {
    month: Day;
    plays: number;
    minutes: number;
    spoken_minutes: number;
    unknown_lengths: number;
    short_plays: number;
    skips: number | null;
    skip_share: number | null;
    tracks: number;
    artists: number;
    sessions: number;
    days_heard: number;
    known_days: number;
    whole: boolean;
    minutes_per_day: number | null;
    coverage: string | null;
    at_least: boolean;
  };
  top_artists_by_month: {
    month: Day;
    rank: number;
    artist_name: string;
    artist_id: string | null;
    plays: number;
    rank_before: number | null;
    move: string | null;
    away_months: number | null;
    at_least: boolean;
  };
  top_tracks_by_month: {
    month: Day;
    rank: number;
    track_name: string | null;
    artist_name: string | null;
    plays: number;
    minutes: number;
    rank_before: number | null;
    move: string | null;
    away_months: number | null;
    at_least: boolean;
  };
  listening_by_year: {
    year: number;
    plays: number;
    minutes: number;
    unknown_lengths: number;
    tracks: number;
    artists: number;
    new_artists: number | null;
    new_tracks: number | null;
    days_heard: number;
    known_days: number;
    longest_streak: number;
    streak_from: Day | null;
    streak_to: Day | null;
    busiest_day: Day | null;
    busiest_day_minutes: number;
    coverage: string | null;
    at_least: boolean;
  };
  top_artists_by_year: {
    year: number;
    rank: number;
    artist_name: string;
    artist_id: string | null;
    plays: number;
    minutes: number;
    rank_before: number | null;
    move: string | null;
    away_years: number | null;
    at_least: boolean;
  };
  top_tracks_by_year: {
    year: number;
    rank: number;
    track_name: string | null;
    artist_name: string | null;
    plays: number;
    minutes: number;
    rank_before: number | null;
    move: string | null;
    away_years: number | null;
    at_least: boolean;
  };
  phases: {
    rank: number;
    starts_on: Day;
    ends_on: Day;
    kind: string;
    name: string;
    title: string;
    share: number;
    usual_share: number;
    plays: number;
    at_least: boolean;
  };
  discovery_by_month: {
    month: Day;
    plays: number;
    artists: number;
    tracks: number;
    artist_diversity: number;
    effective_artists: number;
    evenness: number | null;
    repeat_rate: number;
    new_artists: number;
    new_tracks: number;
    new_artist_share: number;
    new_release_ratio: number | null;
    loyalty: number;
    history_starts_on: Day;
    at_least: boolean;
  };
  popularity_by_month: {
    month: Day;
    plays: number;
    known_share: number;
    mainstream_score: number | null;
    hits_share: number | null;
    distribution: { low: number; plays: number }[];
    at_least: boolean;
  };
  favourite_tracks: {
    track_name: string | null;
    artist_name: string | null;
    plays: number;
    popularity: number | null;
    danceability: number | null;
    energy: number | null;
    speechiness: number | null;
    acousticness: number | null;
    instrumentalness: number | null;
    liveness: number | null;
    valence: number | null;
    at_least: boolean;
  };
  play_counts: {
    track_name: string | null;
    artist_name: string | null;
    local_plays: number;
    lastfm_user_plays: number | null;
    lastfm_global_plays: number | null;
    lastfm_global_listeners: number | null;
    lastfm_as_of: Instant | null;
    lastfm_corrected: boolean;
    spotify_global_plays: number | null;
    agreement: number | null;
    at_least: boolean;
  };
  release_years_by_month: {
    month: Day;
    plays: number;
    known_share: number;
    avg_release_year: number | null;
    oldest: number | null;
    newest: number | null;
    decades: { decade: number; plays: number }[];
    at_least: boolean;
  };
  content_by_month: {
    month: Day;
    plays: number;
    explicit_share: number | null;
    explicit_known_share: number;
    album_plays: number;
    single_plays: number;
    compilation_plays: number;
    album_known_share: number;
    avg_length_minutes: number | null;
    lengths: { minutes: number; plays: number }[];
    at_least: boolean;
  };
  taste_overlap: {
    month: Day;
    kind: string;
    told_by: string;
    short_entries: number;
    long_entries: number;
    in_both: number;
    overlap: number;
    at_least: boolean;
  };
  genres_by_month: {
    month: Day;
    rank: number;
    genre: string;
    plays: number;
    share: number;
    known_share: number;
    at_least: boolean;
  };
  audio_profile_by_month: {
    month: Day;
    plays: number;
    known_share: number;
    danceability: number | null;
    energy: number | null;
    speechiness: number | null;
    acousticness: number | null;
    instrumentalness: number | null;
    liveness: number | null;
    valence: number | null;
    tempo: number | null;
    mood_score: number | null;
    acoustic_share: number | null;
    instrumental_share: number | null;
    at_least: boolean;
  };
  contexts_by_month: {
    month: Day;
    context: string;
    plays: number;
    minutes: number;
    share: number;
    sessions: number;
    avg_confidence: number;
    at_least: boolean;
  };
  heavy_rotation: {
    track_name: string | null;
    artist_name: string | null;
    entered_on: Day;
    left_on: Day | null;
    state: string;
    peak_rank: number;
    plays: number;
    at_least: boolean;
  };
  obsessions: {
    track_name: string | null;
    artist_name: string | null;
    starts_on: Day;
    ends_on: Day;
    plays: number;
    share: number;
    plays_ever: number;
    plays_after: number;
    abandoned: boolean | null;
    loop: string | null;
    at_least: boolean;
  };
  forgotten_favourites: {
    rank: number;
    track_name: string | null;
    artist_name: string | null;
    plays: number;
    plays_ever: number;
    last_played_on: Day;
    days_since: number | null;
    in_all: number;
    at_least: boolean;
  };
  played_from_by_month: {
    month: Day;
    played_from_type: string | null;
    played_from_name: string | null;
    plays: number;
    minutes: number;
    share: number;
    at_least: boolean;
  };
  sessions: {
    local_date: Day;
    minutes: number;
    context: string;
    mine: boolean;
  };
  gaps: {
    gap_start: Instant;
    gap_end: Instant;
    closed_at: Instant | null;
  };
  playlist_summary: {
    rank: number;
    playlist_id: string;
    name: string | null;
    owned: boolean | null;
    state: string;
    items: number | null;
    read_on: Day | null;
    minutes: number;
    episodes: number;
    local_files: number;
    gone: number;
    song_items: number;
    songs: number;
    heaviest: number;
    songs_for_half: number;
    weights: { occurrences: number; songs: number }[];
    same_id: number;
    same_isrc: number;
    probable: number;
    overplayed: number;
    as_weighted: number;
    underplayed: number;
    too_few: number;
    never_played: number;
    changes: { read_on: Day; came: number; went: number }[];
  };
  playlist_weights: {
    playlist_id: string;
    rank: number;
    track_name: string | null;
    artist_name: string | null;
    occurrences: number;
    plays: number;
    plays_since: number;
    plays_share: number | null;
    expected_plays: number;
    verdict: string;
    at_least: boolean;
  };
  playlist_duplicates: {
    playlist_id: string;
    group_id: number;
    position: number;
    match: string;
    track_name: string | null;
    artist_name: string | null;
    reason: string;
    kept_first_added: boolean;
    kept_last_added: boolean;
    kept_best: boolean;
    kept_reason: string;
  };
  playlist_overlap: {
    playlist_a: string;
    playlist_b: string;
    in_both: number;
    only_in_a: number;
    only_in_b: number;
    jaccard: number | null;
    containment_a: number | null;
    containment_b: number | null;
  };
  playlist_dna: {
    playlist_id: string;
    aspect: string;
    rank: number;
    value: string;
    values: number;
    items: number;
    items_share: number | null;
    items_mean: number | null;
    items_coverage: number;
    songs: number;
    songs_share: number | null;
    songs_coverage: number;
  };
  playlist_history: {
    playlist_id: string;
    read_on: Day;
    track_name: string | null;
    artist_name: string | null;
    change: string;
    before: number;
    after: number;
    exchanged: boolean;
  };
}
