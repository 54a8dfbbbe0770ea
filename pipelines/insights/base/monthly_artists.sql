-- Artists whose music was played in a month for 30 seconds or more.
SELECT scope, month, artist, sum(plays)::INTEGER AS plays, sum(ms)::BIGINT AS ms,
    (count(*) FILTER (plays > 0))::INTEGER AS tracks
FROM monthly WHERE artist IS NOT NULL GROUP BY ALL HAVING sum(plays) > 0
