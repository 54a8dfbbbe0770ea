-- Open gaps on the listener's clock.
SELECT local_time(gap_start) AS gap_start, local_time(gap_end) AS gap_end
FROM gaps WHERE closed_at IS NULL
