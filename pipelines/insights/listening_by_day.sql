-- How much do I listen each day, and for how many days in a row?
--
-- One row: one day of the listener's calendar, in one scope; every day from the first play to the
-- last.
--
--   scope      string*  all, or mine: contexts in exclude left out
--   day        date*    day on which plays ended
--   plays      int32*   plays of 30 seconds or more
--   minutes    double*  minutes heard, of all plays
--   tracks     int32*   different recordings among the plays, podcasts left out
--   artists    int32*   different first artists among them
--   streak     int32*   days in a row with a play, up to this one; 0 on a day without
--   at_least   bool*    plays or minutes may be missing: an open gap touches the day, no export
--                       tells of it, or not of how long a play was heard
--   known      bool*    no open gap touches the day: if nothing stands here, nothing was heard
--
-- Key: scope, day.
WITH summed AS (
    SELECT scope, day,
        count(*) FILTER (counts) AS plays,
        sum(ms) AS ms,
        count(DISTINCT recording) FILTER (counts AND NOT spoken) AS tracks,
        count(DISTINCT artist) FILTER (counts) AS artists
    FROM heard GROUP BY ALL
),
every AS (
    SELECT scope, days.*, coalesce(plays, 0) AS plays, coalesce(ms, 0) AS ms,
        coalesce(tracks, 0) AS tracks, coalesce(artists, 0) AS artists
    FROM scopes CROSS JOIN days LEFT JOIN summed USING (scope, day)
),
broken AS (
    SELECT *, count(*) FILTER (plays = 0) OVER (PARTITION BY scope ORDER BY day) AS breaks
    FROM every
)
SELECT scope, day, plays, ms / 60000 AS minutes, tracks, artists,
    count(*) FILTER (plays > 0) OVER (PARTITION BY scope, breaks ORDER BY day) AS streak,
    at_least, known
FROM broken
