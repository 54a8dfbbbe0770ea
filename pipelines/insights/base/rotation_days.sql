-- Recordings in heavy rotation, day by day: `plays` and `days` count the 28 days up to it.
WITH pairs AS (
    SELECT scope, recording, month, plays,
        if(lag(month) OVER steps = month - INTERVAL 1 MONTH, lag(plays) OVER steps, 0) AS before,
        if(lead(month) OVER steps = month + INTERVAL 1 MONTH, lead(plays) OVER steps, 0) AS after
    FROM monthly_tracks WINDOW steps AS (PARTITION BY recording, scope ORDER BY month)
),
-- 28 days span at most two months: a recording that is rare in both is not counted by day.
often AS (
    SELECT scope, recording, month FROM pairs CROSS JOIN settings
    WHERE plays + greatest(before, after) >= rotation_plays
),
played AS (
    SELECT scope, recording, day, plays FROM daily
        SEMI JOIN often ON daily.recording = often.recording AND daily.scope = often.scope
            AND date_trunc('month', daily.day)::DATE = often.month
    WHERE plays > 0
),
-- A day's plays enter the window on that day and leave it 28 days later.
windows AS (
    SELECT scope, recording, day,
        -- These are integers, but DOUBLE is faster than the HUGEINT of sum().
        sum(plays::DOUBLE) OVER steps AS plays,
        sum(days::DOUBLE) OVER steps AS days,
        coalesce(lead(day) OVER steps, DATE '9999-01-01') AS until
    FROM (
        SELECT scope, recording, day, plays, 1 AS days FROM played
        UNION ALL
        SELECT scope, recording, day + 28, -plays, -1 FROM played
    ) WINDOW steps AS (PARTITION BY recording, scope ORDER BY day)
),
each_day AS (
    SELECT scope, recording, plays, days,
        unnest(range(day, least(until, through + 1)::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day
    FROM windows CROSS JOIN settings WHERE plays >= rotation_plays AND day <= through
)
SELECT each_day.*, rank() OVER (PARTITION BY day, scope ORDER BY plays DESC) AS rank
FROM each_day
QUALIFY rank <= (SELECT rotation_rank FROM settings)
    AND days >= (SELECT rotation_days FROM settings)
