-- Every month from the first play to the last, with the sources of its plays.
WITH told AS (
    SELECT date_trunc('month', local_date)::DATE AS month,
        bool_or(source <> 'api') AS exports,
        bool_or(source = 'api') AS polls
    FROM labelled_plays GROUP BY month
),
every AS (
    SELECT unnest(generate_series(min(month), max(month), INTERVAL 1 MONTH))::DATE AS month FROM told
),
touched AS (
    SELECT DISTINCT unnest(generate_series(
        date_trunc('month', gap_start), date_trunc('month', gap_end), INTERVAL 1 MONTH
    ))::DATE AS month
    FROM lost
)
SELECT month,
    CASE WHEN exports AND polls THEN 'mixed' WHEN exports THEN 'export' WHEN polls THEN 'polled' END
        AS coverage,
    coalesce(NOT exports, false) OR touched.month IS NOT NULL AS at_least,
    lag(month) OVER (ORDER BY month) AS month_before
FROM every LEFT JOIN told USING (month) LEFT JOIN touched USING (month)
