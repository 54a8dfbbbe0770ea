-- How much of what I like now is what I like for long?
--
-- One row: tracks or artists of one month, in one scope, as the plays tell it, or as Spotify's lists
-- do; where the short list has any.
--
--   scope          string*  all, or mine: contexts in exclude left out
--   month          date*    its first day
--   kind           string*  tracks or artists
--   told_by        string*  plays: the 50 most played of the month, against those of the twelve
--                           months that end with it; spotify: the first 50 of the short list of
--                           the month's last snapshot that has both, against those of the long one
--   short_entries  int32*   entries in the short list
--   long_entries   int32*   entries in the long list
--   in_both        int32*   entries in both
--   overlap        double*  in_both, of all different entries, 0 to 1
--   coverage       string   export, polled, mixed or scrobbled; null where the ledger knows nothing of
--                           the month
--   at_least       bool*    plays or minutes may be missing: an open gap touches the month, no
--                           export tells of it, or not of how long a play was heard; false before the
--                           first play and after the last
--
-- Key: scope, month, kind, told_by.
WITH played AS (
    SELECT scope, month, 'tracks' AS kind, recording AS item, plays, ms, rank FROM monthly_tracks
    UNION ALL
    SELECT scope, month, 'artists', artist, plays, ms, rank FROM monthly_artists
),
-- Each month with the last month of each of the twelve 12-month windows that include it.
year_of AS (
    SELECT months.month, ended.month AS ended
    FROM months JOIN months ended
        ON months.month BETWEEN ended.month - INTERVAL 11 MONTHS AND ended.month
),
over_a_year AS (
    SELECT scope, kind, ended AS month, item, sum(plays::DOUBLE) AS plays, sum(ms::DOUBLE) AS ms
    FROM played JOIN year_of USING (month) GROUP BY ALL
),
long AS (
    FROM over_a_year QUALIFY row_number() OVER (
        PARTITION BY scope, kind, month ORDER BY plays DESC, ms DESC, item
    ) <= 50
),
short AS (
    FROM played WHERE rank <= 50
),
by_plays AS (
    SELECT scope, month, kind, 'plays' AS told_by,
        count(short.item) AS short_entries,
        count(long.item) AS long_entries,
        count(*) FILTER (short.item IS NOT NULL AND long.item IS NOT NULL) AS in_both
    FROM long FULL JOIN short USING (scope, month, kind, item) GROUP BY ALL
),
dates AS (
    SELECT kind, max(date) AS date FROM (
        SELECT kind, date FROM top_lists WHERE time_range IN ('short', 'long')
        GROUP BY ALL HAVING count(DISTINCT time_range) = 2
    ) GROUP BY date_trunc('month', date), kind
),
listed AS (
    SELECT scope, date, kind, time_range, id FROM top_entries SEMI JOIN dates USING (kind, date)
    WHERE id IS NOT NULL AND time_range IN ('short', 'long')
    QUALIFY row_number() OVER (PARTITION BY scope, date, kind, time_range ORDER BY rank) <= 50
),
side_by_side AS (
    SELECT scope, date_trunc('month', date)::DATE AS month, kind, id,
        bool_or(time_range = 'short') AS short, bool_or(time_range = 'long') AS long
    FROM listed GROUP BY ALL
),
by_spotify AS (
    SELECT scope, month, kind, 'spotify' AS told_by,
        count(*) FILTER (short) AS short_entries,
        count(*) FILTER (long) AS long_entries,
        count(*) FILTER (short AND long) AS in_both
    FROM side_by_side GROUP BY ALL
)
SELECT told.*, in_both / (short_entries + long_entries - in_both) AS overlap,
    coverage, coalesce(at_least, false) AS at_least
FROM (FROM by_plays UNION ALL FROM by_spotify) told LEFT JOIN months USING (month)
WHERE short_entries > 0
