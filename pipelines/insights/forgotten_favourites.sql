-- Which songs did I love, and have not heard lately?
--
-- One row: one of the 50 recordings most played in the 365 days before the last 60, with 5 plays or
-- more, of which no play in the last 60 days is known, in one scope. The last day is the last that is
-- known.
--
--   scope           string*  all, or mine: contexts in exclude left out
--   rank            int32*   1 was the most played; of equal plays the one heard longer comes first
--   recording_id    string*  as in unique_tracks
--   track_name      string   title, as the latest of all plays spells it
--   artist_name     string   first artist, likewise
--   track_id        string   Spotify's id, likewise
--   plays           int32*   plays of 30 seconds or more in these 365 days
--   plays_ever      int32*   all its plays of 30 seconds or more
--   last_played_on  date*    day of the last of them
--   days_since      int32    days from then to the last day that is known; null where an open gap
--                            touches these days: it may have been played in them
--   in_all          int32*   all such recordings in this scope, those beyond the 50 too
--   at_least        bool*    plays may be missing: an open gap touches the last 60 days, so that it may
--                            not be forgotten
--
-- Key: scope, rank.
WITH summed AS (
    SELECT scope, recording,
        sum(plays) AS plays_ever,
        sum(plays) FILTER (day > through - 425 AND day <= through - 60) AS plays,
        sum(ms) FILTER (day > through - 425 AND day <= through - 60) AS ms,
        max(day) FILTER (plays > 0) AS last_played_on
    FROM daily CROSS JOIN settings GROUP BY ALL
),
ranked AS (
    SELECT *, count(*) OVER (PARTITION BY scope) AS in_all,
        row_number() OVER (PARTITION BY scope ORDER BY plays DESC, ms DESC, recording) AS rank
    FROM summed CROSS JOIN settings WHERE plays >= 5 AND last_played_on <= through - 60
)
SELECT scope, rank, recording_id, track_name, artist_name, track_id, plays, plays_ever,
    last_played_on,
    CASE WHEN NOT EXISTS (
        FROM lost WHERE gap_end::DATE >= last_played_on AND gap_start::DATE <= through
    ) THEN through - last_played_on END AS days_since,
    in_all,
    EXISTS (FROM lost WHERE gap_end::DATE > through - 60) AS at_least
FROM ranked JOIN recordings USING (recording)
WHERE rank <= 50
