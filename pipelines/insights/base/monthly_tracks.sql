-- Recordings of music that were played in a month for 30 seconds or more; rank: 1 is the most played;
-- ties are broken by time played, then by id.
WITH summed AS (
    SELECT scope, month, recording, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms
    FROM monthly GROUP BY ALL HAVING sum(plays) > 0
)
SELECT *, row_number() OVER (
    PARTITION BY scope, month ORDER BY plays DESC, ms DESC, recording
) AS rank
FROM summed
