-- Playlists of which a complete reading is known, empty ones too, with their songs and how many
-- items these are.
WITH filled AS (
    SELECT playlist, any_value(playlist_id) AS playlist_id FROM playlist_entries GROUP BY playlist
),
lists AS (
    SELECT playlist_id, playlist FROM filled
    UNION ALL
    SELECT playlist_id, NULL FROM playlist_readings
    WHERE items IS NOT NULL AND playlist_id NOT IN (SELECT playlist_id FROM filled)
),
summed AS (
    SELECT playlist, count(*)::INTEGER AS songs, sum(items)::INTEGER AS items
    FROM playlist_songs GROUP BY playlist
)
SELECT playlist_id, lists.playlist, coalesce(songs, 0) AS songs, coalesce(items, 0) AS items
FROM lists LEFT JOIN summed USING (playlist)
