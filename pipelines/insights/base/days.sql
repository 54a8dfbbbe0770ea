-- Every day from the first play to the last; at_least: plays on it may be missing.
WITH told AS (
    SELECT local_date AS day, bool_and(source = 'api') AS polls_alone FROM labelled_plays GROUP BY day
),
every AS (
    SELECT unnest(generate_series(min(day), max(day), INTERVAL 1 DAY))::DATE AS day FROM told
),
touched AS (
    SELECT DISTINCT
        unnest(generate_series(gap_start::DATE, gap_end::DATE, INTERVAL 1 DAY))::DATE AS day
    FROM lost
)
SELECT day, coalesce(polls_alone, false) OR touched.day IS NOT NULL AS at_least
FROM every LEFT JOIN told USING (day) LEFT JOIN touched USING (day)
