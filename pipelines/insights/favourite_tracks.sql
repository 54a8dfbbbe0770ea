-- Which songs did I play most of all, and what is known of them?
--
-- One row: one of the 200 most played recordings of all time, in one scope; podcasts are left out.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   rank              int32*   1 is the most played; of equal plays the one heard longer comes first
--   recording_id      string*  as in unique_tracks
--   track_name        string   title, as the latest of all plays spells it
--   artist_name       string   first artist, likewise
--   track_id          string   Spotify's id, likewise
--   plays             int32*   plays of 30 seconds or more
--   minutes           double*  minutes heard, of all plays
--   first_played_on   date*    day of the first play of 30 seconds or more
--   last_played_on    date*    day of the last one
--   release_year      int16    year of release, as the latest play says that has one, else as
--                              reference data say
--   popularity        int16    0 to 100, as Spotify told when it still did, else by reference data
--   danceability      double   0 to 1, by reference data, as all that follows
--   energy            double   0 to 1
--   speechiness       double   0 to 1
--   acousticness      double   0 to 1
--   instrumentalness  double   0 to 1
--   liveness          double   0 to 1
--   valence           double   0 to 1
--   tempo             double   beats per minute
--   mood_score        double   0 dark and calm to 1 bright and lively
--   at_least          bool*    plays or minutes may be missing: there is an open gap, or nobody knows
--                              for how long one of its plays was heard
--
-- Key: scope, rank.
WITH summed AS (
    SELECT scope, recording, sum(plays) AS plays, sum(ms) AS ms,
        bool_or(unmeasured) AS unmeasured,
        min(day) FILTER (plays > 0) AS first_played_on,
        max(day) FILTER (plays > 0) AS last_played_on
    FROM daily GROUP BY ALL HAVING sum(plays) > 0
),
ranked AS (
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY scope ORDER BY plays DESC, ms DESC, recording
        ) AS rank
        FROM summed
    ) WHERE rank <= 200
)
SELECT * EXCLUDE (release_year, unmeasured),
    coalesce(recordings.release_year, sounds.release_year) AS release_year, ms / 60000 AS minutes,
    unmeasured OR EXISTS (FROM lost) AS at_least
FROM ranked JOIN recordings USING (recording) LEFT JOIN sounds USING (recording)
