-- Artists whose music was played in a month for 30 seconds or more; rank: 1 is the most played; ties
-- are broken by time played, then by name. heard_before: the last earlier month in which they were
-- played so, with the rank that they had in it.
WITH summed AS (
    SELECT scope, month, artist, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms,
        (count(*) FILTER (plays > 0))::INTEGER AS tracks
    FROM monthly WHERE artist IS NOT NULL GROUP BY ALL HAVING sum(plays) > 0
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY scope, month ORDER BY plays DESC, ms DESC, artist
    ) AS rank
    FROM summed
)
SELECT *, lag(month) OVER steps AS heard_before, lag(rank) OVER steps AS rank_then
FROM ranked WINDOW steps AS (PARTITION BY artist, scope ORDER BY month)
