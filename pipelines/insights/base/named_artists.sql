-- First artists of music that was played, by artist_key; named as the latest play does.
WITH told AS (
    SELECT artist,
        any_value(artist_key) AS artist_key,
        arg_max_null(artist_name, place) AS artist_name,
        arg_max(artist_id, place) AS artist_id
    FROM labelled_plays WHERE artist IS NOT NULL GROUP BY artist
)
SELECT artist, artist_key, told.artist_name,
    coalesce(told.artist_id, unique_artists.artist_id) AS artist_id
FROM told LEFT JOIN unique_artists USING (artist_key)
