-- Recordings that were played, each as its latest play describes it.
SELECT recording, recording_id, track_id, track_name, artist_name, release_year
FROM labelled_plays SEMI JOIN (
    SELECT max(place) AS place FROM labelled_plays GROUP BY recording
) USING (place)
