-- From which years is what I play, month by month?
--
-- One row: one month with music, in one scope. The year is what Spotify told of the track played, else
-- that of reference data.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   month             date*    its first day
--   plays             int32*   plays of music of 30 seconds or more
--   known_share       double*  of them, those whose year of release is known, 0 to 1
--   avg_release_year  double   mean year of release of those plays
--   oldest            int16    first year of release among them
--   newest            int16    last year of release among them
--   decades           list<decade:int16,plays:int32>*  those plays by decade: 1990, 2000, …
--   coverage          string*  export, polled, mixed or scrobbled
--   at_least          bool*    plays or minutes may be missing: an open gap touches the month, no
--                              export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH by_year AS (
    SELECT scope, month, release_year, count(*)::INTEGER AS plays
    FROM details GROUP BY ALL
),
summed AS (
    SELECT scope, month, sum(plays) AS plays,
        coalesce(sum(plays) FILTER (release_year IS NOT NULL), 0) AS known_plays,
        sum(plays * release_year) AS years,
        min(release_year) AS oldest,
        max(release_year) AS newest
    FROM by_year GROUP BY ALL
),
by_decade AS (
    SELECT scope, month, (release_year // 10 * 10)::SMALLINT AS decade, sum(plays)::INTEGER AS plays
    FROM by_year WHERE release_year IS NOT NULL GROUP BY ALL
),
lists AS (
    SELECT scope, month, list({'decade': decade, 'plays': plays} ORDER BY decade) AS decades FROM by_decade GROUP BY ALL
)
SELECT scope, month, plays,
    known_plays / plays AS known_share,
    years / nullif(known_plays, 0) AS avg_release_year,
    oldest, newest,
    coalesce(decades, []) AS decades,
    coverage, at_least
FROM summed LEFT JOIN lists USING (scope, month) JOIN months USING (month)
