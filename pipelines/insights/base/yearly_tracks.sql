-- Recordings of music that were played in a year, or in all time (year 0), for 30 seconds or more;
-- columns as in monthly_tracks.
WITH summed AS (
    SELECT scope, year, recording, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms
    FROM yearly GROUP BY ALL HAVING sum(plays) > 0
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY scope, year ORDER BY plays DESC, ms DESC, recording
    ) AS rank
    FROM summed
)
SELECT *, lag(year) OVER steps AS heard_before, lag(rank) OVER steps AS rank_then
FROM ranked WINDOW steps AS (PARTITION BY recording, scope, year > 0 ORDER BY year)
