-- How much do I listen, year by year and in all?
--
-- One row: one year of the listener's calendar, or all time, in one scope; every year from the first
-- play to the last.
--
--   scope                string*  all, or mine: contexts in exclude left out
--   year                 int16*   0 is all time
--   plays                int32*   plays of 30 seconds or more
--   minutes              double*  minutes heard, of all plays
--   unknown_lengths      int32*   plays of unknown length: no minute of them is counted
--   tracks               int32*   different recordings among the plays, podcasts left out
--   artists              int32*   different first artists among them
--   new_artists          int32    of these, artists not played in any year before, in this scope; null
--                                 in the first year and in all time, since all of them are
--   new_tracks           int32    of the tracks, likewise
--   days_heard           int32*   days with a play
--   known_days           int32*   days of the year that are known: from the first play of all to the last
--                                 day that is known, without those that an open gap touches
--   longest_streak       int32*   most days of the year in a row with a play
--   streak_from          date     first day of the first such streak; null where there is none
--   streak_to            date     its last day
--   busiest_day          date     day of most minutes, of equal ones the first; null where none was
--                                 heard
--   busiest_day_minutes  double*  minutes heard on it
--   coverage             string   export, polled, mixed or scrobbled; null where nothing was heard
--   at_least             bool*    plays or minutes may be missing: an open gap touches the year, no
--                                 export tells of one of its months, or not of how long a play was
--                                 heard
--
-- Key: scope, year.
WITH summed AS (
    SELECT scope, coalesce(year, 0)::SMALLINT AS year,
        sum(plays) AS plays,
        -- Sums of whole milliseconds do not depend on the order of rows.
        sum(round(minutes * 60000)::BIGINT) AS ms,
        sum(unknown_lengths) AS unknown_lengths,
        sum(days_heard) AS days_heard
    FROM (SELECT *, year(month) AS year FROM listening_by_month)
    GROUP BY GROUPING SETS ((scope, year), (scope))
),
different AS (
    SELECT scope, year,
        count(DISTINCT recording) AS tracks,
        count(DISTINCT artist) AS artists
    FROM yearly WHERE plays > 0 GROUP BY ALL
),
new AS (
    SELECT scope, year, sum(artist) AS artists, sum(track) AS tracks
    FROM (
        SELECT scope, year, 1 AS artist, 0 AS track FROM yearly_artists WHERE heard_before IS NULL
        UNION ALL
        SELECT scope, year, 0, 1 FROM yearly_tracks WHERE heard_before IS NULL
    ) GROUP BY ALL
),
every_day AS (
    SELECT scope, day, minutes, year(day) AS year, least(streak, dayofyear(day))::INTEGER AS streak
    FROM listening_by_day
    UNION ALL
    SELECT scope, day, minutes, 0, streak::INTEGER FROM listening_by_day
),
best AS (
    SELECT scope, year::SMALLINT AS year,
        max(streak) AS streak, arg_max(day, (streak, -epoch(day))) AS streak_to,
        max(minutes) AS minutes, arg_max(day, (minutes, -epoch(day))) AS busiest_day
    FROM every_day GROUP BY ALL
)
SELECT scope, year, summed.plays, ms / 60000 AS minutes, unknown_lengths,
    coalesce(different.tracks, 0) AS tracks,
    coalesce(different.artists, 0) AS artists,
    if(year_before IS NULL, NULL, coalesce(new.artists, 0)) AS new_artists,
    if(year_before IS NULL, NULL, coalesce(new.tracks, 0)) AS new_tracks,
    days_heard, known_days,
    streak AS longest_streak,
    if(streak > 0, streak_to - streak + 1, NULL) AS streak_from,
    if(streak > 0, best.streak_to, NULL) AS streak_to,
    if(best.minutes > 0, best.busiest_day, NULL) AS busiest_day,
    best.minutes AS busiest_day_minutes,
    coverage, at_least
FROM summed
    JOIN years USING (year)
    JOIN best USING (scope, year)
    LEFT JOIN different USING (scope, year)
    LEFT JOIN new USING (scope, year)
