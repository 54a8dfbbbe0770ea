-- Audio features, genres (at most three), popularity, release and length of each recording: those of
-- its most played track that has them. Spotify's genres and popularity take precedence over reference
-- data; release and length are those of reference data.
WITH spotify AS (
    SELECT artist_key, genres FROM unique_artists WHERE len(genres) > 0
),
tracks AS (
    SELECT *, row_number() OVER (ORDER BY plays DESC, track_key) AS rank FROM known_tracks
)
SELECT recording,
    first_three(arg_min(coalesce(spotify.genres, tracks.genres), rank)) AS genres,
    coalesce(arg_min(popularity, rank), arg_min(reference_popularity, rank)) AS popularity,
    arg_min(reference_release_date, rank) AS release_date,
    arg_min(reference_release_year, rank) AS release_year,
    arg_min(reference_album_type, rank) AS album_type,
    arg_min(reference_duration_ms, rank) AS duration_ms,
    first(COLUMNS([
        'danceability', 'energy', 'loudness', 'speechiness', 'acousticness', 'instrumentalness',
        'liveness', 'valence', 'tempo', 'mood_score'
    ]) ORDER BY energy IS NULL, rank)
FROM tracks
    JOIN recordings USING (recording_id)
    LEFT JOIN spotify USING (artist_key)
GROUP BY recording
