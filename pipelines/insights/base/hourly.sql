-- How often music was played for 30 seconds or more, by recording, artist, hour of the day and context.
SELECT scope, recording, artist, hour, context, count(*)::INTEGER AS plays
FROM heard WHERE counts AND NOT spoken GROUP BY ALL
