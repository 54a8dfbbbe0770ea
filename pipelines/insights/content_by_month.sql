-- What kind of recordings do I play, month by month: explicit ones, albums or singles, long ones?
--
-- One row: one month with music, in one scope. Kind of release and length are what Spotify told of the
-- track played, else those of reference data.
--
--   scope                 string*  all, or mine: contexts in exclude left out
--   month                 date*    its first day
--   plays                 int32*   plays of music of 30 seconds or more
--   explicit_share        double   of the plays of which it is known, the explicit ones, 0 to 1
--   explicit_known_share  double*  of the plays, those of which it is known, 0 to 1
--   album_plays           int32*   plays of tracks released on an album
--   single_plays          int32*   on a single
--   compilation_plays     int32*   on a compilation
--   album_known_share     double*  of the plays, those of which it is known, 0 to 1
--   avg_length_minutes    double   mean length of the tracks played, in minutes
--   lengths               list<minutes:int16,plays:int32>*  plays by length of the track: 3 from
--                                  three to four minutes, 10 from ten minutes on
--   coverage              string*  export, polled, mixed or scrobbled
--   at_least              bool*    plays or minutes may be missing: an open gap touches the month,
--                                  no export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH played AS (
    -- least() ignores nulls: an unknown length would become its other argument.
    SELECT *,
        if(duration_ms IS NULL, NULL, least(duration_ms // 60000, 10))::SMALLINT AS minutes
    FROM details
),
summed AS (
    SELECT scope, month, count(*) AS plays,
        avg(explicit::INTEGER) AS explicit_share,
        count(explicit) AS explicit_known,
        count(*) FILTER (album_type = 'album') AS album_plays,
        count(*) FILTER (album_type = 'single') AS single_plays,
        count(*) FILTER (album_type = 'compilation') AS compilation_plays,
        sum(duration_ms) / count(duration_ms) / 60000 AS avg_length_minutes
    FROM played GROUP BY ALL
),
by_length AS (
    SELECT scope, month, minutes, count(*)::INTEGER AS plays
    FROM played WHERE minutes IS NOT NULL GROUP BY ALL
),
lists AS (
    SELECT scope, month, list({'minutes': minutes, 'plays': plays} ORDER BY minutes) AS lengths
    FROM by_length GROUP BY ALL
)
SELECT summed.*,
    explicit_known / plays AS explicit_known_share,
    (album_plays + single_plays + compilation_plays) / plays AS album_known_share,
    coalesce(lengths, []) AS lengths,
    coverage, at_least
FROM summed LEFT JOIN lists USING (scope, month) JOIN months USING (month)
