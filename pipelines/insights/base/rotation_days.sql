-- Recordings in heavy rotation, day by day: `plays` and `days` are those of the 28 days up to it.
WITH often AS (
    -- 28 days lie in two months at most: what is rare in both need not be looked at by day.
    SELECT DISTINCT scope, recording
    FROM (
        SELECT scope, recording, plays + coalesce(if(
            month = lag(month) OVER steps + INTERVAL 1 MONTH, lag(plays) OVER steps, 0
        ), 0) AS plays
        FROM monthly_tracks WINDOW steps AS (PARTITION BY scope, recording ORDER BY month)
    ) CROSS JOIN settings
    WHERE plays >= rotation_plays
),
played AS (
    SELECT scope, recording, day, plays FROM daily SEMI JOIN often USING (scope, recording)
    WHERE plays > 0
),
-- A day's plays come into the window on that day, and leave it 28 days later.
changes AS (
    SELECT scope, recording, day, sum(plays)::INTEGER AS plays, sum(days)::INTEGER AS days
    FROM (
        SELECT scope, recording, day, plays, 1 AS days FROM played
        UNION ALL
        SELECT scope, recording, day + 28, -plays, -1 FROM played
    ) GROUP BY ALL
),
windows AS (
    SELECT scope, recording, day,
        sum(plays) OVER steps AS plays,
        sum(days) OVER steps AS days,
        coalesce(lead(day) OVER steps, DATE '9999-01-01') AS until
    FROM changes WINDOW steps AS (PARTITION BY scope, recording ORDER BY day)
),
each_day AS (
    SELECT scope, recording, plays, days,
        unnest(range(day, least(until, through + 1)::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day
    FROM windows CROSS JOIN settings WHERE plays >= rotation_plays AND day <= through
)
SELECT each_day.*, rank() OVER (PARTITION BY scope, day ORDER BY plays DESC) AS rank
FROM each_day
QUALIFY rank <= (SELECT rotation_rank FROM settings)
    AND days >= (SELECT rotation_days FROM settings)
