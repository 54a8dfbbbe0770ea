-- First artists of music that was played, by artist_key; named as the latest play does.
WITH last_told AS (
    SELECT artist, max(place) AS place, max(place) FILTER (artist_id IS NOT NULL) AS told_in
    FROM labelled_plays WHERE artist IS NOT NULL GROUP BY artist
)
SELECT last_told.artist, latest.artist_key, latest.artist_name,
    coalesce(told.artist_id, unique_artists.artist_id) AS artist_id
FROM last_told
    JOIN labelled_plays latest USING (place)
    LEFT JOIN labelled_plays told ON told.place = told_in
    LEFT JOIN unique_artists ON unique_artists.artist_key = latest.artist_key
