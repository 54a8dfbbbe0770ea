-- Songs of playlists, by recording: how often each stands there, where first, and since when.
SELECT playlist, recording, sum(items)::INTEGER AS items, count(*) AS tracks,
    min(first_at) AS first_at, min(first_added) AS first_added, bool_or(undated) AS undated
FROM playlist_counts WHERE recording IS NOT NULL GROUP BY playlist, recording
