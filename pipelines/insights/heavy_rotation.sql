-- What entered heavy rotation, when did it leave it again, and what is in it now?
--
-- One row: one stay of one recording in heavy rotation, in one scope: days in a row on each of which
-- it had, over the 28 days up to it, at least 8 plays on at least 4 different days, and was among
-- the 30 most played. Equal plays share a rank; the numbers can be set in listeners.toml.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   recording_id  string*  as in unique_tracks
--   track_name    string   title, as the latest of all plays spells it
--   artist_name   string   first artist, likewise
--   track_id      string   Spotify's id, likewise
--   entered_on    date*    first day of the stay
--   left_on       date     first day after it; null while it lasts, on the last day that is known
--   state         string*  dropped once it has left; before: new in its first 7 days, rising if the
--                          last 14 days had at least twice the plays of the 14 days before, cooling
--                          if at most half of them, else heavy
--   peak_rank     int32*   its best rank on any day of the stay
--   plays         int32*   plays of 30 seconds or more during the stay
--   minutes       double*  minutes heard during the stay, of all plays
--   days          int32*   days that the stay has lasted
--   days_played   int32*   days of the stay with a play of 30 seconds or more
--   at_least      bool*    plays may be missing: an open gap touches the stay or the 27 days before
--                          it
--
-- Key: scope, recording_id, entered_on.
WITH numbered AS (
    SELECT *, day - (row_number() OVER (
        PARTITION BY scope, recording ORDER BY day
    ))::INTEGER AS stay
    FROM rotation_days
),
stays AS (
    SELECT scope, recording, min(day) AS entered_on, max(day) AS last_day, min(rank) AS peak_rank
    FROM numbered GROUP BY scope, recording, stay
),
summed AS (
    SELECT stays.*, sum(plays) AS plays, sum(ms) AS ms, count(*) FILTER (plays > 0) AS days_played,
        bool_or(unmeasured) AS unmeasured
    FROM stays LEFT JOIN daily ON daily.scope = stays.scope AND daily.recording = stays.recording
        AND day BETWEEN entered_on AND last_day
    GROUP BY ALL
),
lately AS (
    SELECT scope, recording,
        sum(plays) FILTER (day > through - 14) AS recent,
        sum(plays) FILTER (day <= through - 14) AS earlier
    FROM daily CROSS JOIN settings WHERE day BETWEEN through - 27 AND through GROUP BY ALL
)
SELECT scope, recording_id, track_name, artist_name, track_id, entered_on,
    if(last_day < through, last_day + 1, NULL) AS left_on,
    CASE
        WHEN last_day < through THEN 'dropped'
        WHEN through - entered_on < 7 THEN 'new'
        WHEN coalesce(recent, 0) >= 2 * coalesce(earlier, 0) THEN 'rising'
        WHEN 2 * coalesce(recent, 0) <= coalesce(earlier, 0) THEN 'cooling'
        ELSE 'heavy'
    END AS state,
    peak_rank,
    coalesce(plays, 0) AS plays,
    coalesce(ms, 0) / 60000 AS minutes,
    last_day - entered_on + 1 AS days,
    days_played,
    coalesce(unmeasured, false)
        OR EXISTS (FROM lost WHERE gap_start::DATE <= last_day AND gap_end::DATE > entered_on - 28)
        AS at_least
FROM summed
    JOIN recordings USING (recording)
    LEFT JOIN lately USING (scope, recording)
    CROSS JOIN settings
