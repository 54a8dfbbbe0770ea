-- Artists whose music was played in a year, or in all time (year 0), for 30 seconds or more; columns
-- as in monthly_artists.
WITH summed AS (
    SELECT scope, year, artist, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms,
        (count(*) FILTER (plays > 0))::INTEGER AS tracks
    FROM yearly WHERE artist IS NOT NULL GROUP BY ALL HAVING sum(plays) > 0
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY scope, year ORDER BY plays DESC, ms DESC, artist
    ) AS rank
    FROM summed
)
SELECT *, lag(year) OVER steps AS heard_before, lag(rank) OVER steps AS rank_then
FROM ranked WINDOW steps AS (PARTITION BY artist, scope, year > 0 ORDER BY year)
