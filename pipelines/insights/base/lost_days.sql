-- Days that an open gap touches.
SELECT DISTINCT unnest(generate_series(gap_start::DATE, gap_end::DATE, INTERVAL 1 DAY))::DATE AS day
FROM lost
