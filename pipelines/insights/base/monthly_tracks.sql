-- Recordings of music that were played in a month for 30 seconds or more.
SELECT scope, month, recording, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms
FROM monthly GROUP BY ALL HAVING sum(plays) > 0
