-- Recordings in playlists, with their number among those of the ledger, null where it has no play.
SELECT told.*, recordings.recording AS heard
FROM (
    SELECT recording, any_value(recording_id) AS recording_id
    FROM playlist_entries WHERE recording IS NOT NULL GROUP BY recording
) told LEFT JOIN recordings USING (recording_id)
