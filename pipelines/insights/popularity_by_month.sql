-- How mainstream is what I play, month by month?
--
-- One row: one month with music, in one scope. Popularity is what Spotify told when it still did,
-- else that of reference data.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   month             date*    its first day
--   plays             int32*   plays of music of 30 seconds or more
--   known_share       double*  of them, those of known popularity, 0 to 1
--   mainstream_score  double   mean popularity of those plays, 0 (obscure) to 100 (everybody's)
--   hits_share        double   of those plays, those with a popularity of 75 or more, 0 to 1
--   distribution      list<low:int16,plays:int32>*  those plays by popularity: 0 to 9 at low 0, …
--   coverage          string*  export, polled, mixed or scrobbled
--   at_least          bool*    plays or minutes may be missing: an open gap touches the month, no
--                              export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH known AS (
    SELECT scope, month, popularity, plays FROM monthly_tracks LEFT JOIN sounds USING (recording)
),
summed AS (
    SELECT scope, month, sum(plays) AS plays,
        sum(plays) FILTER (popularity IS NOT NULL) AS known_plays,
        sum(plays * popularity) AS popularity,
        sum(plays) FILTER (popularity >= 75) AS hits
    FROM known GROUP BY ALL
),
tens AS (
    SELECT scope, month, least(popularity // 10 * 10, 90)::SMALLINT AS low,
        sum(plays)::INTEGER AS plays
    FROM known WHERE popularity IS NOT NULL GROUP BY ALL
),
distributions AS (
    SELECT scope, month, list({'low': low, 'plays': plays} ORDER BY low) AS distribution FROM tens GROUP BY ALL
)
SELECT scope, month, plays,
    coalesce(known_plays, 0) / plays AS known_share,
    popularity / known_plays AS mainstream_score,
    if(known_plays > 0, coalesce(hits, 0) / known_plays, NULL) AS hits_share,
    coalesce(distribution, []) AS distribution,
    coverage, at_least
FROM summed LEFT JOIN distributions USING (scope, month) JOIN months USING (month)
