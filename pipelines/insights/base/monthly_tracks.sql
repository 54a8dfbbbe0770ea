-- Recordings of music that were played in a month for 30 seconds or more; rank: 1 is the most played,
-- of equal plays the one heard longer, then the first by its id.
WITH summed AS (
    SELECT scope, month, recording, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms
    FROM monthly GROUP BY ALL HAVING sum(plays) > 0
)
SELECT *, row_number() OVER (
    PARTITION BY scope, month ORDER BY plays DESC, ms DESC, recording
) AS rank
FROM summed
