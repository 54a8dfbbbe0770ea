-- Open gaps on the listener's clock, up to their last millisecond: at gap_end all is known again.
SELECT local_time(gap_start) AS gap_start, local_time(gap_end - INTERVAL 1 MILLISECOND) AS gap_end
FROM gaps WHERE closed_at IS NULL
