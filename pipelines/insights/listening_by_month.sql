-- How much do I listen, month by month?
--
-- One row: one month, in one scope; every month from the first play to the last.
--
--   scope            string*  all, or mine: contexts in exclude left out
--   month            date*    its first day
--   plays            int32*   plays of 30 seconds or more
--   minutes          double*  minutes heard, of all plays
--   spoken_minutes   double*  of them, of episodes and audiobooks
--   unknown_lengths  int32*   plays of unknown length: no minute of them is counted
--   short_plays      int32*   plays of less than 30 seconds
--   skips            int32    plays of music that the listener skipped, short ones too; null where no
--                             export tells
--   skip_share       double   of the plays of music of which an export tells, 0 to 1
--   tracks           int32*   different recordings among the plays, podcasts left out
--   artists          int32*   different first artists among them
--   sessions         int32*   sessions that began in the month; mine: by the context of most of their
--                             minutes, as in the table sessions
--   days_heard       int32*   days with a play
--   known_days       int32*   days of the month that are known: from the first play of all to the last
--                             day that is known, without those that an open gap touches
--   whole            bool*    all days of the month are known; where not, compare minutes_per_day
--   minutes_per_day  double   minutes heard on its known days, by their number; null where there are
--                             none
--   minutes_before   double   minutes of the month before, whole or not; null for the first month
--   coverage         string   export, polled, mixed or scrobbled; null where nothing was heard
--   at_least         bool*    plays or minutes may be missing: an open gap touches the month, no
--                             export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH summed AS (
    SELECT scope, month,
        count(*) FILTER (counts) AS plays,
        sum(ms) AS ms,
        count(*) FILTER (unmeasured) AS unknown_lengths,
        coalesce(sum(ms) FILTER (spoken), 0) AS spoken_ms,
        count(*) FILTER (NOT counts) AS short_plays,
        count(skipped) FILTER (NOT spoken) AS told,
        count(*) FILTER (skipped AND NOT spoken) AS skipped,
        count(DISTINCT recording) FILTER (counts AND NOT spoken) AS tracks,
        count(DISTINCT artist) FILTER (counts) AS artists,
        count(DISTINCT day) FILTER (counts) AS days_heard,
        coalesce(sum(ms) FILTER (lost_days.day IS NULL), 0) AS known_ms
    FROM heard LEFT JOIN lost_days USING (day) GROUP BY ALL
),
began AS (
    SELECT scope, month, sum(sessions) AS sessions FROM begun GROUP BY ALL
)
SELECT scope, month,
    coalesce(plays, 0) AS plays,
    coalesce(ms, 0) / 60000 AS minutes,
    coalesce(unknown_lengths, 0) AS unknown_lengths,
    coalesce(spoken_ms, 0) / 60000 AS spoken_minutes,
    coalesce(short_plays, 0) AS short_plays,
    if(told > 0, skipped, NULL) AS skips,
    skipped / nullif(told, 0) AS skip_share,
    coalesce(tracks, 0) AS tracks,
    coalesce(artists, 0) AS artists,
    coalesce(sessions, 0) AS sessions,
    coalesce(days_heard, 0) AS days_heard,
    known_days, whole,
    coalesce(known_ms, 0) / 60000 / nullif(known_days, 0) AS minutes_per_day,
    lag(coalesce(ms, 0)) OVER (PARTITION BY scope ORDER BY month) / 60000 AS minutes_before,
    coverage,
    at_least
FROM scopes CROSS JOIN months
    LEFT JOIN summed USING (scope, month)
    LEFT JOIN began USING (scope, month)
