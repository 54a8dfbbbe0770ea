-- Which genres did I play, month by month, and how many different ones?
--
-- One row: one genre of a month's music, in one scope. A play counts for each genre of its
-- recording, three at most: the first that Spotify told of its artist (unique_artists), else
-- the most telling ones that audio_features tell of the track, else artist_genres of its artist. Most
-- telling are those that many of the artist's tracks have, and few other artists. Of several tracks of
-- a recording the most played one counts whose genres are known. Spellings such as "hip hop", "Hip-Hop"
-- and "hiphop" are one genre.
--
--   scope        string*  all, or mine: contexts in exclude left out
--   month        date*    its first day
--   rank         int32*   1 is the most played; of equal plays the one heard longer comes first
--   genre        string*  in lower case, in the spelling of most plays
--   plays        int32*   plays of 30 seconds or more
--   minutes      double*  minutes heard, of all plays of such tracks
--   share        double*  of the month's plays with a known genre, 0 to 1
--   known_share  double*  of the month's plays of music, those with a known genre, 0 to 1
--   genres       int32*   different genres in the month
--   diversity    double*  as many genres, played equally, would be as diverse: exp of Shannon's
--                         entropy
--   coverage     string*  export, polled, mixed or scrobbled
--   at_least     bool*    plays or minutes may be missing: an open gap touches the month, no export
--                         tells of it, or not of how long a play was heard
--
-- Key: scope, month, rank.
WITH known AS (
    SELECT scope, month, genres, plays, ms FROM monthly LEFT JOIN sounds USING (recording)
),
in_all AS (
    SELECT scope, month, sum(plays) AS all_plays,
        coalesce(sum(plays) FILTER (len(genres) > 0), 0) AS known_plays
    FROM known GROUP BY ALL
),
tagged AS (
    SELECT scope, month, unnest(genres) AS genre, plays, ms FROM known
),
spelled AS (
    SELECT genre_key(genre) AS genre_key, arg_min(genre, (-plays, genre)) AS genre
    FROM (
        SELECT lower(trim(genre)) AS genre, sum(plays) AS plays FROM tagged WHERE scope = 'all'
        GROUP BY 1
    ) GROUP BY 1
),
summed AS (
    SELECT scope, month, spelled.genre, sum(plays) AS plays, sum(ms) AS ms
    FROM tagged JOIN spelled ON genre_key(tagged.genre) = genre_key
    GROUP BY ALL HAVING sum(plays) > 0
),
diversity AS (
    SELECT scope, month, count(*) AS genres, exp(entropy(list(plays ORDER BY plays))) AS diversity
    FROM summed GROUP BY ALL
)
SELECT scope, month, genre, plays, ms / 60000 AS minutes,
    row_number() OVER (PARTITION BY scope, month ORDER BY plays DESC, ms DESC, genre) AS rank,
    plays / known_plays AS share,
    known_plays / all_plays AS known_share,
    genres, diversity, coverage, at_least
FROM summed
    JOIN in_all USING (scope, month)
    JOIN diversity USING (scope, month)
    JOIN months USING (month)
