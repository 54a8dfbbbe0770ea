-- How often did I play each recording, by my own count and by Last.fm's, and how often did everyone?
--
-- One row: one recording of music that was ever played. The counts are of different things and stand
-- beside each other: nothing adds them up. Last.fm knows tracks by their names alone, so its counts are
-- null where nobody is named, and where another recording that was played more often has the same names
-- and therefore the counts.
--
--   recording_id             string*  as in unique_tracks
--   track_name               string   title, as the latest of all plays spells it
--   artist_name              string   first artist, likewise
--   track_id                 string   Spotify's id, likewise
--   kind                     string*  track, local or unknown, likewise
--   local_plays              int32*   plays of 30 seconds or more in this ledger
--   local_plays_all          int32*   plays of any length in this ledger, and of unknown length
--   first_played_on          date*    day of the first play of any length
--   last_played_on           date*    day of the last one
--   contexts                 list<context:string,plays:int32>*  its plays of 30 seconds or more by
--                                     context, the most frequent first
--   lastfm_user_plays        int64    how often the listener scrobbled it to Last.fm, under all its
--                                     names; 0 where their list has none of them
--   lastfm_user_as_of        instant  when their list was read
--   lastfm_global_plays      int64    how often everyone scrobbled it, under all its names; null where
--                                     Last.fm was not asked yet, or knows none of them
--   lastfm_global_listeners  int64    how many people did; who knows it under two names counts twice
--   lastfm_as_of             instant  when Last.fm was asked: the oldest answer that is counted
--   lastfm_names             strings*  what was counted, "artist - title" as Last.fm spells them
--   lastfm_url               string   its page at Last.fm, of the name that most scrobbles have
--   lastfm_corrected         bool*    a count of everyone's is that of a spelling that Last.fm takes one
--                                     of its names for, and may be another song's
--   lastfm_shared            bool*    another recording has one of its names too: Last.fm counts both as
--                                     one, here at the one that was played more often
--   spotify_global_plays     int64    how often it was played on Spotify by everyone, by a file that was
--                                     added to the reference data: the largest of its tracks' counts,
--                                     since Spotify gives all tracks of a recording the same one
--   spotify_as_of            date     of when the file says that this was
--   spotify_reason           string   why spotify_global_plays is null
--   agreement                double   local_plays / lastfm_user_plays: 1 where both counted alike, less
--                                     where Last.fm has plays that are missing here (heard elsewhere, or
--                                     before), more where plays here were not scrobbled; null where
--                                     either is unknown or nothing was scrobbled
--   at_least                 bool*    plays may be missing here: there is an open gap
--
-- Key: recording_id.
WITH counted AS (
    SELECT recording, arg_max(kind, place) AS kind,
        count(*) FILTER (counts) AS local_plays, count(*) AS local_plays_all,
        min(local_date) AS first_played_on, max(local_date) AS last_played_on
    FROM labelled_plays GROUP BY recording
),
in_contexts AS (
    SELECT recording, context, count(*) AS plays FROM labelled_plays WHERE counts GROUP BY ALL
),
by_context AS (
    SELECT recording,
        list({'context': context, 'plays': plays} ORDER BY plays DESC, context) AS contexts
    FROM in_contexts GROUP BY recording
),
names AS (
    SELECT DISTINCT recording, name_key FROM named_tracks JOIN recordings USING (recording_id)
    WHERE name_key IS NOT NULL
),
-- Each name is that of one recording.
owners AS (
    SELECT name_key, count(*) > 1 AS shared,
        first(recording ORDER BY local_plays DESC, local_plays_all DESC, recording) AS recording
    FROM names JOIN counted USING (recording) GROUP BY name_key
),
named AS (
    SELECT names.recording, bool_or(shared) AS shared,
        bool_or(owners.recording = names.recording) AS owns
    FROM names JOIN owners USING (name_key) GROUP BY names.recording
),
listed AS (
    SELECT recording, artist_name || ' - ' || track_name AS name, plays
    FROM lastfm_user_tracks JOIN owners USING (name_key)
),
by_user AS (SELECT recording, sum(plays)::BIGINT AS plays FROM listed GROUP BY recording),
whole_list AS (SELECT max(as_of) AS as_of FROM lastfm_user_tracks),
-- Two names that were asked for may have one page, which is counted once.
pages AS (
    SELECT recording, lower(artist_name) AS artist, lower(track_name) AS title,
        arg_max(
            {'name': artist_name || ' - ' || track_name, 'url': url, 'plays': plays,
             'listeners': listeners, 'as_of': as_of},
            (as_of, asked_artist, asked_title)
        ) AS told,
        bool_and(corrected) AS corrected
    FROM lastfm_tracks JOIN owners USING (name_key) WHERE artist_name IS NOT NULL GROUP BY ALL
),
by_everyone AS (
    SELECT recording, sum(told.plays)::BIGINT AS plays, sum(told.listeners)::BIGINT AS listeners,
        min(told.as_of) AS as_of, bool_or(corrected) AS corrected,
        first(told.url ORDER BY told.plays DESC NULLS LAST, told.name) AS url
    FROM pages GROUP BY recording
),
called AS (
    SELECT recording, list(name ORDER BY name) AS names FROM (
        SELECT recording, min(name) AS name FROM (
            SELECT recording, name FROM listed UNION ALL SELECT recording, told.name FROM pages
        ) GROUP BY recording, lower(name)
    ) GROUP BY recording
),
brought AS (
    SELECT recording, 1 AS rank, spotify_play_counts.plays, as_of
    FROM spotify_play_counts JOIN named_tracks USING (track_id) JOIN recordings USING (recording_id)
    UNION ALL
    SELECT recording, 2, spotify_play_counts.plays, as_of
    FROM spotify_play_counts JOIN named_tracks ON spotify_play_counts.isrc = named_tracks.isrc
        JOIN recordings USING (recording_id)
    UNION ALL
    SELECT recording, 3, plays, as_of FROM spotify_play_counts JOIN owners USING (name_key)
),
by_spotify AS (
    SELECT recording, first({'plays': plays, 'as_of': as_of} ORDER BY rank, plays DESC, as_of DESC) AS told
    FROM brought GROUP BY recording
)
SELECT recording_id, track_name, artist_name, track_id, counted.* EXCLUDE (recording),
    coalesce(contexts, []) AS contexts,
    if(owns, coalesce(by_user.plays, if(whole_list.as_of IS NULL, NULL, 0)), NULL)
        AS lastfm_user_plays,
    if(owns, whole_list.as_of, NULL) AS lastfm_user_as_of,
    by_everyone.plays AS lastfm_global_plays,
    by_everyone.listeners AS lastfm_global_listeners,
    by_everyone.as_of AS lastfm_as_of,
    coalesce(called.names, []) AS lastfm_names,
    by_everyone.url AS lastfm_url,
    coalesce(by_everyone.corrected, false) AS lastfm_corrected,
    coalesce(named.shared, false) AS lastfm_shared,
    by_spotify.told.plays AS spotify_global_plays,
    by_spotify.told.as_of AS spotify_as_of,
    if(spotify_global_plays IS NULL, 'Spotify''s Web API does not tell it', NULL) AS spotify_reason,
    local_plays / nullif(lastfm_user_plays, 0) AS agreement,
    EXISTS (FROM lost) AS at_least
FROM counted JOIN recordings USING (recording)
    LEFT JOIN by_context USING (recording)
    LEFT JOIN named USING (recording)
    LEFT JOIN by_user USING (recording)
    LEFT JOIN by_everyone USING (recording)
    LEFT JOIN called USING (recording)
    LEFT JOIN by_spotify USING (recording)
    CROSS JOIN whole_list
WHERE kind NOT IN ('episode', 'audiobook')
