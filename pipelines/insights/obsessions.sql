-- What did I loop for a week, and did I ever touch it again?
--
-- One row: one recording, in one scope, of which 7 days had at least 10 plays on at least 3 different
-- days, and at least half of all its plays. Of several such weeks that with most plays counts; of
-- equally good ones the first.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   recording_id  string*  as in unique_tracks
--   track_name    string   title, as the latest of all plays spells it
--   artist_name   string   first artist, likewise
--   track_id      string   Spotify's id, likewise
--   starts_on     date*    first of the 7 days, on which it was played
--   ends_on       date*    last of the 7 days
--   plays         int32*   plays of 30 seconds or more in these days
--   days          int32*   different days with such a play
--   minutes       double*  minutes heard in these days, of all plays
--   share         double*  of all its plays those in these days, 0 to 1
--   plays_ever    int32*   all its plays of 30 seconds or more
--   plays_after   int32*   those in the 60 days after ends_on, as far as these are known
--   abandoned     bool     at most one play in the 60 days after; null until the last of them is known,
--                          and where an open gap touches one of them
--   loop          string   sleep or kids, where most plays of these days were in that context; null:
--                          the listener's own
--   at_least      bool*    plays may be missing: an open gap touches these 7 days or the 60 after
--
-- Key: scope, recording_id.
WITH played AS (
    SELECT *, sum(plays) OVER (PARTITION BY scope, recording) AS plays_ever
    FROM daily WHERE plays > 0
    QUALIFY plays_ever >= 10
),
weeks AS (
    SELECT scope, recording, day AS starts_on, plays_ever,
        sum(plays) OVER week AS plays,
        count(*) OVER week AS days
    FROM played WINDOW week AS (
        PARTITION BY scope, recording ORDER BY day
        RANGE BETWEEN CURRENT ROW AND INTERVAL 6 DAYS FOLLOWING
    )
),
best AS (
    SELECT *, starts_on + 6 AS ends_on FROM weeks WHERE plays >= 10 AND days >= 3
    QUALIFY row_number() OVER (PARTITION BY scope, recording ORDER BY plays DESC, starts_on) = 1
),
obsessed AS (
    FROM best WHERE 2 * plays >= plays_ever
),
around AS (
    SELECT scope, recording,
        coalesce(sum(daily.plays) FILTER (day > ends_on), 0) AS plays_after,
        sum(ms) FILTER (day <= ends_on) AS ms,
        bool_or(unmeasured) FILTER (day <= ends_on) AS unmeasured
    FROM obsessed JOIN daily USING (scope, recording)
    WHERE day BETWEEN starts_on AND ends_on + 60 GROUP BY ALL
),
contexts AS (
    SELECT scope, recording,
        count(*) FILTER (context = 'sleep') AS sleep,
        count(*) FILTER (context = 'kids') AS kids
    FROM obsessed JOIN heard USING (scope, recording)
    WHERE counts AND day BETWEEN starts_on AND ends_on GROUP BY ALL
)
SELECT scope, recording_id, track_name, artist_name, track_id, starts_on, ends_on, plays, days,
    ms / 60000 AS minutes,
    plays / plays_ever AS share,
    plays_ever, plays_after,
    CASE WHEN ends_on + 60 <= through AND NOT EXISTS (
        FROM lost WHERE gap_start::DATE <= ends_on + 60 AND gap_end::DATE > ends_on
    ) THEN plays_after <= 1 END AS abandoned,
    CASE WHEN 2 * sleep > plays THEN 'sleep' WHEN 2 * kids > plays THEN 'kids' END AS loop,
    unmeasured
        OR EXISTS (FROM lost WHERE gap_start::DATE <= ends_on + 60 AND gap_end::DATE >= starts_on)
        AS at_least
FROM obsessed
    JOIN around USING (scope, recording)
    JOIN contexts USING (scope, recording)
    JOIN recordings USING (recording)
    CROSS JOIN settings
