-- When in the week do I listen?
--
-- One row: one hour of one weekday, in one scope; hours in which nothing was heard too.
--
--   scope      string*  all, or mine: contexts in exclude left out
--   weekday    int8*    0 is Monday
--   hour       int8*    0 to 23 on the listener's clock, in which plays ended
--   plays      int32*   plays of 30 seconds or more
--   minutes    double*  minutes heard, of all plays
--   share      double*  of the minutes of the scope, 0 to 1
--   at_least   bool*    plays or minutes may be missing: an open gap touches this hour of some
--                      week, or nobody knows for how long a play was heard
--
-- Key: scope, weekday, hour.
WITH hours AS (
    SELECT scope, weekday, hour FROM scopes, range(7) days(weekday), range(24) hours(hour)
),
summed AS (
    SELECT scope, weekday, hour, count(*) FILTER (counts) AS plays, sum(ms) AS ms,
        bool_or(unmeasured) AS unmeasured
    FROM heard GROUP BY ALL
),
touched AS (
    -- In quarters of an hour, since clocks are changed by these; a gap of a week touches every hour.
    SELECT DISTINCT isodow(local_time(quarter)) - 1 AS weekday, hour(local_time(quarter)) AS hour
    FROM (
        SELECT unnest(generate_series(
            time_bucket(INTERVAL 15 MINUTES, gap_start),
            least(gap_end - INTERVAL 1 MILLISECOND, gap_start + INTERVAL 8 DAYS),
            INTERVAL 15 MINUTES
        )) AS quarter
        FROM gaps WHERE closed_at IS NULL
    )
)
SELECT scope, weekday, hour,
    coalesce(plays, 0) AS plays,
    coalesce(ms, 0) / 60000 AS minutes,
    coalesce(ms / nullif(sum(ms) OVER (PARTITION BY scope), 0), 0) AS share,
    touched.hour IS NOT NULL OR coalesce(unmeasured, false) AS at_least
FROM hours
    LEFT JOIN summed USING (scope, weekday, hour)
    LEFT JOIN touched USING (weekday, hour)
