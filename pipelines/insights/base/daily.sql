-- Music played on each day, by recording.
SELECT scope, recording, day, (count(*) FILTER (counts))::INTEGER AS plays, sum(ms)::BIGINT AS ms,
    bool_or(unmeasured) AS unmeasured
FROM heard WHERE NOT spoken GROUP BY ALL
