-- Every year from the first play to the last, and all time as year 0; columns as in months. lacking:
-- how many of the years before it have a month that is not whole.
WITH told AS (
    SELECT coalesce(year, 0)::SMALLINT AS year,
        bool_or(coverage IN ('export', 'mixed')) AS exports,
        bool_or(coverage IN ('polled', 'mixed')) AS polls,
        bool_or(at_least) AS at_least,
        sum(known_days)::INTEGER AS known_days,
        bool_and(whole) AS whole
    FROM (SELECT *, year(month) AS year FROM months) GROUP BY GROUPING SETS ((year), ())
    HAVING count(*) > 0
)
SELECT * EXCLUDE (exports, polls),
    CASE WHEN exports AND polls THEN 'mixed' WHEN exports THEN 'export' WHEN polls THEN 'polled'
        WHEN NOT polls THEN 'scrobbled' END AS coverage,
    lag(year) OVER (PARTITION BY year > 0 ORDER BY year) AS year_before,
    count(*) FILTER (NOT whole) OVER (
        PARTITION BY year > 0 ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS lacking
FROM told
