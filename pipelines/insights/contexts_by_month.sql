-- In which contexts do I listen, month by month?
--
-- One row: one context in one month of the listener's calendar, in one scope.
--
--   scope           string*  all, or mine: contexts in exclude left out
--   month           date*    its first day
--   context         string*  sleep, kids, workout, focus, party, relaxation or everyday
--   plays           int32*   plays of 30 seconds or more
--   minutes         double*  minutes heard, of all plays
--   share           double*  of the minutes of this scope in the month, 0 to 1; of the
--                            plays where only scrobbles tell of it
--   sessions        int32*   sessions of this context that began in the month, as in the table sessions;
--                            plays of another context in a session count for no session, and a
--                            session of which nothing had ended when its month did is in no row
--   avg_confidence  double*  mean confidence, by minutes (by plays where none was heard), 0 to 1
--   coverage        string*  export, polled, mixed or scrobbled
--   at_least        bool*    plays or minutes may be missing: an open gap touches the month, no
--                            export tells of it, or not of how long a play was heard
--
-- Key: scope, month, context.
WITH summed AS (
    SELECT scope, month, context,
        count(*) FILTER (counts) AS plays,
        sum(ms) AS ms, count(*) AS heard,
        coalesce(sum(ms * sure) / nullif(sum(ms), 0), sum(sure) / count(*)) / 1e6 AS avg_confidence
    FROM heard GROUP BY ALL
)
SELECT summed.* EXCLUDE (heard), ms / 60000 AS minutes, coalesce(sessions, 0) AS sessions,
    coalesce(
        ms / nullif(sum(ms) OVER every, 0),
        if(coverage = 'scrobbled', heard / sum(heard) OVER every, NULL),
        0
    ) AS share,
    coverage, at_least
FROM summed JOIN months USING (month) LEFT JOIN begun USING (scope, month, context)
WINDOW every AS (PARTITION BY scope, month)
