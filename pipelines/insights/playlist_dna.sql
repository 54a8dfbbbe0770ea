-- What is a playlist made of: which genres, decades and artists, how well known, and how does it sound?
--
-- One row: one figure of a playlist: of an aspect one value, such as of genre "indie pop". Each figure
-- is there twice: by items, where a song counts as often as it stands in the playlist, and by songs,
-- where it counts once. Songs are those of playlist_weights; of what is not known of some of them,
-- coverage says for how many it is. Genres, at most three of a song, and sound are those of reference
-- data, as in genres_by_month; popularity and years are Spotify's, else those of reference data.
--
--   playlist_id     string*  Spotify's id; liked_songs for the songs they like
--   aspect          string*  genre; decade (1990, 2000, …); artist (the first); popularity (0 for 0 to
--                            9, 10 for 10 to 19, …); average (the mean of a number)
--   rank            int32*   1 has most items, then most songs, then comes first from a to z; of
--                            average in the order year, popularity, sound
--   value           string*  genre; decade; artist; lowest popularity; or the number: release_year,
--                            popularity (0 to 100), danceability, energy, loudness (dB), speechiness,
--                            acousticness, instrumentalness, liveness, valence, tempo (beats per
--                            minute), mood_score
--   values          int32*   how many different values the aspect has; of genres and artists, the
--                            first 100 have a row
--   items           int32*   items with this value; of average: items of which the number is known
--   items_share     double   of the items of which the aspect is known, 0 to 1; null for average
--   items_mean      double   of average: the mean of these items
--   items_coverage  double*  of all items that are songs, those of which this is known, 0 to 1
--   songs           int32*   different songs likewise
--   songs_share     double   likewise by songs
--   songs_mean      double   likewise by songs
--   songs_coverage  double*  likewise by songs
--
-- Key: playlist_id, aspect, rank.
WITH tracks AS (
    SELECT *, coalesce(track_id, track_uri) AS id
    FROM playlist_tracks LEFT JOIN (
        SELECT artist_key, genres AS told FROM unique_artists WHERE len(genres) > 0
    ) USING (artist_key)
    WHERE recording IS NOT NULL
),
-- Of several tracks of a recording that tell of something, the first by id; of years the earliest,
-- since a recording is on compilations later.
described AS (
    SELECT recording,
        arg_min(artist_key, id) AS artist_key,
        coalesce(arg_min(popularity, id), arg_min(reference_popularity, id)) AS popularity,
        coalesce(min(release_year), min(reference_release_year)) AS release_year
    FROM tracks GROUP BY recording
),
genres AS (
    SELECT recording, first_three(arg_min(coalesce(told, genres), id)) AS genres
    FROM tracks WHERE len(coalesce(told, genres)) > 0 GROUP BY recording
),
sounding AS (
    SELECT tracks.* FROM tracks JOIN (
        SELECT min(id) AS id FROM tracks WHERE energy IS NOT NULL GROUP BY recording
    ) USING (id)
),
called AS (
    SELECT artist_key, arg_min(artist_name, id) AS name
    FROM tracks WHERE artist_key IS NOT NULL GROUP BY artist_key
),
each_song AS (
    SELECT playlist, items, described.artist_key, genres.genres,
        described.release_year::DOUBLE AS release_year, described.popularity::DOUBLE AS popularity,
        danceability, energy, loudness, speechiness, acousticness, instrumentalness, liveness,
        valence, tempo, mood_score
    FROM playlist_songs
        JOIN described USING (recording)
        LEFT JOIN genres USING (recording)
        LEFT JOIN sounding USING (recording)
),
tagged AS (
    SELECT playlist, items, lower(trim(unnest(genres))) AS genre FROM each_song
),
spelled AS (
    SELECT genre_key(genre) AS genre_key, arg_min(genre, (-items, genre)) AS genre
    FROM (SELECT genre, sum(items) AS items FROM tagged GROUP BY genre) GROUP BY genre_key
),
counted AS (
    SELECT playlist, 'genre' AS aspect, spelled.genre AS value, sum(items) AS items,
        count(*) AS songs
    FROM tagged JOIN spelled ON genre_key(tagged.genre) = genre_key GROUP BY ALL
    UNION ALL
    SELECT playlist, 'decade', (floor(release_year / 10) * 10)::INTEGER::VARCHAR, sum(items), count(*)
    FROM each_song WHERE release_year IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT playlist, 'popularity', least(floor(popularity / 10) * 10, 90)::INTEGER::VARCHAR, sum(items),
        count(*)
    FROM each_song WHERE popularity IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT playlist, 'artist', name, items, songs FROM (
        SELECT playlist, artist_key, sum(items) AS items, count(*) AS songs
        FROM each_song WHERE artist_key IS NOT NULL GROUP BY ALL
    ) JOIN called USING (artist_key)
),
-- What has fewer items than the hundredth value is not put in order.
hundredth AS (
    SELECT playlist, aspect, count(*) AS values, list_min(max(items, 100)) AS least
    FROM counted GROUP BY playlist, aspect
),
ranked AS (
    SELECT counted.*, values,
        row_number() OVER (
            PARTITION BY playlist, aspect ORDER BY counted.items DESC, songs DESC, value
        ) AS rank
    FROM counted JOIN hundredth USING (playlist, aspect) WHERE items >= least QUALIFY rank <= 100
),
known AS (
    SELECT playlist, 'genre' AS aspect, sum(items) AS items, count(*) AS songs
    FROM each_song WHERE len(genres) > 0 GROUP BY ALL
    UNION ALL
    SELECT playlist, 'decade', sum(items), count(*) FROM each_song WHERE release_year IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT playlist, 'popularity', sum(items), count(*) FROM each_song WHERE popularity IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT playlist, 'artist', sum(items), count(*) FROM each_song WHERE artist_key IS NOT NULL
    GROUP BY ALL
),
numbers AS (
    UNPIVOT (SELECT * EXCLUDE (artist_key, genres) FROM each_song)
    ON COLUMNS(* EXCLUDE (playlist, items)) INTO NAME value VALUE number
),
averages AS (
    SELECT playlist, value, sum(items) AS items, count(*) AS songs,
        mean_by_plays(number, items) AS items_mean, mean_by_plays(number, 1) AS songs_mean,
        list_position(
            ['release_year', 'popularity', 'danceability', 'energy', 'loudness', 'speechiness',
                'acousticness', 'instrumentalness', 'liveness', 'valence', 'tempo', 'mood_score'],
            value
        ) AS place
    FROM numbers GROUP BY playlist, value
),
figures AS (
    SELECT playlist, aspect, rank, value, values,
        ranked.items, ranked.items / known.items AS items_share, NULL AS items_mean,
        known.items AS items_known,
        ranked.songs, ranked.songs / known.songs AS songs_share, NULL AS songs_mean,
        known.songs AS songs_known
    FROM ranked JOIN known USING (playlist, aspect)
    UNION ALL
    SELECT playlist, 'average', row_number() OVER (PARTITION BY playlist ORDER BY place), value,
        count(*) OVER (PARTITION BY playlist),
        items, NULL, items_mean, items, songs, NULL, songs_mean, songs
    FROM averages
)
SELECT playlist_id, figures.*,
    items_known / lists.items AS items_coverage,
    songs_known / lists.songs AS songs_coverage
FROM figures JOIN playlist_lists lists USING (playlist)
