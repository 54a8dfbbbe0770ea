-- Recordings that were played, with the description of the latest play. Nobody has no name.
SELECT recording, recording_id, track_id, track_name,
    if(artist_key IS NULL, NULL, artist_name) AS artist_name,
    told.release_year
FROM labelled_plays JOIN (
    SELECT max(place) AS place, arg_max(release_year, place) AS release_year
    FROM labelled_plays GROUP BY recording
) told USING (place)
