-- Open gaps in local time, up to their last millisecond: from gap_end on everything is covered.
SELECT local_time(gap_start) AS gap_start, local_time(gap_end - INTERVAL 1 MILLISECOND) AS gap_end
FROM gaps WHERE closed_at IS NULL
