-- Music played in each month, by recording and artist.
SELECT scope, month, recording, artist,
    (count(*) FILTER (counts))::INTEGER AS plays,
    sum(ms)::BIGINT AS ms
FROM heard WHERE NOT spoken GROUP BY ALL
