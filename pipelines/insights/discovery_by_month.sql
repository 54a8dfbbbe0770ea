-- How wide and how new was what I heard, month by month?
--
-- One row: one month with music, in one scope.
--
--   scope              string*  all, or mine: contexts in exclude left out
--   month              date*    its first day
--   plays              int32*   plays of music of 30 seconds or more, of known artists
--   artists            int32*   different first artists
--   tracks             int32*   different recordings
--   artist_diversity   double*  different artists per play, 0 to 1
--   shannon            double*  Shannon's entropy of plays over artists, in nats: -sum(p ln p)
--   effective_artists  double*  as many artists, played equally, would be as diverse: exp(shannon)
--   evenness           double   shannon by its largest value for so many artists; null for one
--   gini               double*  inequality of plays over artists: 0 is all alike
--   repeat_rate        double*  1 - tracks / plays
--   new_artists        int32*   artists never played before in this scope
--   new_tracks         int32*   recordings never played before in this scope
--   new_artist_share   double*  of the plays, those of new artists, 0 to 1
--   new_release_ratio  double   of the plays whose release is known, those released in the 365 days
--                               before, or on the day; a mere year is taken as its first day; as
--                               Spotify told, else by reference data; null: none known
--   loyalty            double*  of the plays, those of the month's ten most played artists, 0 to 1
--   history_starts_on  date*    day of the first play known: before it nothing was known, so at
--                               first everything is new
--   coverage           string*  export, polled, mixed or scrobbled
--   at_least           bool*    plays or minutes may be missing: an open gap touches the month, no
--                               export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH ranked AS (
    SELECT *, min(month) OVER (PARTITION BY scope, artist) = month AS new FROM monthly_artists
),
by_artist AS (
    SELECT scope, month,
        sum(plays) AS plays,
        count(*) AS artists,
        entropy(list(plays ORDER BY plays)) AS shannon,
        gini(list(plays ORDER BY plays)) AS gini,
        count(*) FILTER (new) AS new_artists,
        coalesce(sum(plays) FILTER (new), 0) AS new_plays,
        sum(plays) FILTER (rank <= 10) AS top_plays
    FROM ranked GROUP BY ALL
),
firsts AS (
    SELECT *, min(month) OVER (PARTITION BY scope, recording) = month AS new
    FROM (
        SELECT scope, month, recording FROM monthly WHERE artist IS NOT NULL AND plays > 0
        GROUP BY ALL
    )
),
by_track AS (
    SELECT scope, month, count(*) AS tracks, count(*) FILTER (new) AS new_tracks
    FROM firsts GROUP BY ALL
),
released AS (
    SELECT scope, month, avg((day - released BETWEEN 0 AND 365)::INTEGER) AS new_release_ratio
    FROM details WHERE artist IS NOT NULL GROUP BY ALL
)
SELECT scope, month, plays, artists, tracks,
    artists / plays AS artist_diversity,
    shannon,
    exp(shannon) AS effective_artists,
    shannon / nullif(ln(artists), 0) AS evenness,
    gini,
    1 - tracks / plays AS repeat_rate,
    new_artists, new_tracks,
    new_plays / plays AS new_artist_share,
    new_release_ratio,
    top_plays / plays AS loyalty,
    (SELECT min(day) FROM days) AS history_starts_on,
    coverage, at_least
FROM by_artist
    JOIN by_track USING (scope, month)
    LEFT JOIN released USING (scope, month)
    JOIN months USING (month)
