-- Stretches in which plays may be missing, in local time, up to their last millisecond: open gaps, from
-- whose end on everything is covered; and the time before and after all that is covered, as far as
-- sources tell of it that cover nothing.
WITH uncovered AS (
    SELECT min(local_date)::TIMESTAMP AS first,
        max(local_date)::TIMESTAMP + INTERVAL 1 DAY - INTERVAL 1 MILLISECOND AS last
    FROM labelled_plays WHERE NOT covered
)
SELECT local_time(gap_start) AS gap_start, local_time(gap_end - INTERVAL 1 MILLISECOND) AS gap_end
FROM gaps WHERE closed_at IS NULL
UNION ALL
SELECT first, least(last, covered_from - INTERVAL 1 MILLISECOND)
FROM uncovered CROSS JOIN settings WHERE first < coalesce(covered_from, last)
UNION ALL
SELECT greatest(first, covered_to), last FROM uncovered CROSS JOIN settings WHERE last > covered_to
