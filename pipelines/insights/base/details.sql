-- The track of each play, without its artist.
SELECT place, release_year, explicit, album_type, duration_ms,
    coalesce(
        TRY_CAST(release_date AS DATE),
        TRY_CAST(release_date || '-01' AS DATE),
        make_date(release_year, 1, 1)
    ) AS released
FROM labelled_plays WHERE NOT spoken
