-- Every month from the first play to the last, with the sources of its plays. known_days: its days
-- from the first play to the last day that is known which no open gap touches; whole: all are known.
-- coverage is scrobbled where nobody tells of the month who has all of its plays. lacking: how many of
-- the months before it are not whole.
WITH told AS (
    SELECT date_trunc('month', local_date)::DATE AS month,
        bool_or(measured) AS exports,
        bool_or(covered AND NOT measured) AS polls,
        bool_or(ms_played IS NULL) AS unmeasured
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
),
known AS (
    SELECT date_trunc('month', day)::DATE AS month, count(*) AS known_days
    FROM (
        SELECT unnest(generate_series(min(local_date), any_value(through), INTERVAL 1 DAY))::DATE AS day
        FROM labelled_plays CROSS JOIN settings
    ) ANTI JOIN lost_days USING (day)
    GROUP BY month
)
SELECT month,
    CASE WHEN exports AND polls THEN 'mixed' WHEN exports THEN 'export' WHEN polls THEN 'polled'
        WHEN NOT polls THEN 'scrobbled' END AS coverage,
    coalesce(NOT exports OR unmeasured, false) OR touched.month IS NOT NULL AS at_least,
    lag(month) OVER (ORDER BY month) AS month_before,
    coalesce(known_days, 0)::INTEGER AS known_days,
    coalesce(known_days, 0) = day(last_day(month)) AS whole,
    count(*) FILTER (NOT whole) OVER (
        ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS lacking
FROM every
    LEFT JOIN told USING (month)
    LEFT JOIN touched USING (month)
    LEFT JOIN known USING (month)
