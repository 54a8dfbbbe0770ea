-- Counted plays of music, for each scope, with their track, without its artist: as Spotify told, else
-- as reference data tell.
WITH told AS (
    SELECT place, explicit,
        coalesce(play.album_type, sounds.album_type) AS album_type,
        coalesce(play.duration_ms, sounds.duration_ms) AS duration_ms,
        play.release_date IS NULL AND play.release_year IS NULL AS undated,
        if(undated, sounds.release_date, play.release_date) AS release_date,
        if(undated, sounds.release_year, play.release_year) AS release_year
    FROM labelled_plays play LEFT JOIN sounds USING (recording) WHERE counts AND NOT spoken
),
dated AS (
    SELECT place, release_year, explicit, album_type, duration_ms,
        coalesce(
            TRY_CAST(release_date AS DATE),
            TRY_CAST(release_date || '-01' AS DATE),
            make_date(release_year, 1, 1)
        ) AS released
    FROM told
)
SELECT scope, month, day, artist, dated.* EXCLUDE (place)
FROM heard JOIN dated USING (place)
