-- Entries of Spotify's lists, once for each scope that they belong to: `mine` unless most of their
-- plays are not.
WITH entries AS (
    SELECT date, kind, time_range, unnest(entries, recursive := true),
        generate_subscripts(entries, 1) AS rank
    FROM top_lists
),
by_artist AS (
    SELECT artist, 2 * count(*) FILTER (scope = 'mine') >= count(*) FILTER (scope = 'all') AS mine
    FROM heard WHERE counts AND artist IS NOT NULL GROUP BY artist
),
by_recording AS (
    SELECT recording,
        2 * count(*) FILTER (scope = 'mine') >= count(*) FILTER (scope = 'all') AS mine
    FROM heard WHERE counts GROUP BY recording
),
whose AS (
    SELECT 'artists' AS kind, artist_key AS key, mine FROM by_artist JOIN named_artists USING (artist)
    UNION ALL
    -- Only exports tell of them, which have no ids.
    SELECT 'artists without id', lower(artist_name), bool_or(mine)
    FROM by_artist JOIN named_artists USING (artist) WHERE artist_id IS NULL GROUP BY ALL
    UNION ALL
    SELECT 'tracks', known_tracks.track_id, any_value(mine)
    FROM known_tracks
        JOIN recordings USING (recording_id)
        JOIN by_recording USING (recording)
    WHERE known_tracks.track_id IS NOT NULL GROUP BY ALL
)
SELECT unnest(if(coalesce(whose.mine, nameless.mine, true), ['all', 'mine'], ['all']))::whose AS scope,
    entries.kind, date, time_range, rank, id, name, popularity, followers
FROM entries
    LEFT JOIN whose ON entries.kind = whose.kind AND id = whose.key
    LEFT JOIN whose nameless ON nameless.kind = entries.kind || ' without id'
        AND lower(name) = nameless.key
