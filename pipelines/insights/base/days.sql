-- Every day from the first play to the last; at_least: plays on it, or their lengths, may be missing;
-- known: no open gap touches it, so that a day without a play is one on which nothing was heard.
WITH told AS (
    SELECT local_date AS day, NOT bool_or(measured) OR bool_or(ms_played IS NULL) AS lacking
    FROM labelled_plays GROUP BY day
),
every AS (
    SELECT unnest(generate_series(min(day), max(day), INTERVAL 1 DAY))::DATE AS day FROM told
)
SELECT day, coalesce(lacking, false) OR lost_days.day IS NOT NULL AS at_least,
    lost_days.day IS NULL AS known
FROM every LEFT JOIN told USING (day) LEFT JOIN lost_days USING (day)
