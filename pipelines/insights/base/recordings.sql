-- Recordings that were played, with the description of the latest play. Nobody has no name.
SELECT recording, any_value(recording_id) AS recording_id,
    arg_max_null(track_id, place) AS track_id,
    arg_max_null(track_name, place) AS track_name,
    arg_max_null(if(artist_key IS NULL, NULL, artist_name), place) AS artist_name,
    arg_max_null(artist, place) AS artist,
    arg_max(release_year, place) AS release_year
FROM labelled_plays GROUP BY recording
