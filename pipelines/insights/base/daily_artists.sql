-- Days on which an artist's music was played for 30 seconds or more.
SELECT scope, artist, day FROM heard WHERE counts AND artist IS NOT NULL GROUP BY ALL
