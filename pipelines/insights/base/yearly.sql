-- Music played in each year, by recording and artist; year 0 is all time.
SELECT scope, coalesce(year, 0)::SMALLINT AS year, recording, artist,
    sum(plays)::INTEGER AS plays,
    sum(ms)::BIGINT AS ms
FROM (SELECT *, year(month) AS year FROM monthly)
GROUP BY GROUPING SETS ((scope, year, recording, artist), (scope, recording, artist))
