-- Every play, once for each scope that it belongs to. unmeasured: nobody knows for how long it was
-- heard, so that sums of ms are "at least".
WITH every AS (
    SELECT place, recording, artist, spoken,
        local_date AS day,
        date_trunc('month', local_date)::DATE AS month,
        local_weekday AS weekday,
        local_hour AS hour,
        counts, skipped, session, context, mine,
        coalesce(ms_played, 0) AS ms,
        ms_played IS NULL AS unmeasured,
        round(context_confidence * 1e6)::BIGINT AS sure
    FROM labelled_plays
)
SELECT 'all'::whose AS scope, * EXCLUDE (mine) FROM every
UNION ALL
SELECT 'mine'::whose, * EXCLUDE (mine) FROM every WHERE mine
