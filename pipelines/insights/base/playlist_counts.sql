-- Tracks in playlists: how often each stands there, where first, since when, and how long it is.
SELECT playlist, track,
    any_value(recording) AS recording,
    any_value(same) AS same,
    any_value(alike) AS alike,
    count(*)::INTEGER AS items,
    min(position) AS first_at,
    min(duration_ms) AS length,
    min(added_at) AS first_added,
    count(added_at) < count(*) AS undated
FROM playlist_entries WHERE track IS NOT NULL GROUP BY playlist, track
