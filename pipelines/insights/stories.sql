-- What would a person tell of it?
--
-- One row: one sentence about the listener's plays, in one scope; only what the plays carry is told. A
-- sentence about a month, or one that compares months, is about whole months: those of which every day
-- is known.
--
--   scope     string*  all, or mine: contexts in exclude left out
--   place     int32*   1 is told first
--   story     string*  what the sentence is about
--   sentence  string*  in English, with the numbers in it
--   at_least  bool*    plays may be missing in what it speaks of
--
-- Key: scope, story.
WITH whole AS (
    SELECT scope, month, strftime(month, '%B %Y') AS name, plays, minutes, at_least
    FROM listening_by_month WHERE whole
),
latest AS (
    -- The last of them with enough plays.
    SELECT scope, max(month) AS month FROM whole WHERE plays >= 30 GROUP BY scope
),
-- How often each weekday came among the days that are known: a sum over more days is larger.
weekdays AS (
    SELECT (isodow(day) - 1)::TINYINT AS weekday, count(*) AS days FROM days WHERE known
    GROUP BY weekday
),
period AS (
    -- Of what only scrobbles tell, no day is known: the hours are of the time between.
    SELECT min(local_date) FILTER (covered) AS first, max(local_date) FILTER (covered) AS last,
        (SELECT bool_or(at_least) FROM days) AS at_least
    FROM labelled_plays
),
hours AS (
    SELECT scope, weekday, hour, sum(ms) / any_value(weekdays.days) AS ms
    FROM heard SEMI JOIN (FROM days WHERE known) USING (day) JOIN weekdays USING (weekday)
    GROUP BY ALL
),
-- Two hours in a row, that from 23:00 to 1:00 too.
slots AS (
    SELECT one.scope, one.weekday, one.hour, one.ms AS of_the_first,
        one.ms + coalesce(other.ms, 0) AS ms
    FROM hours one LEFT JOIN hours other ON other.scope = one.scope
        AND other.hour = (one.hour + 1) % 24
        AND other.weekday = if(one.hour = 23, (one.weekday + 1) % 7, one.weekday)
),
busiest_slot AS (
    FROM slots QUALIFY row_number() OVER (
        PARTITION BY scope ORDER BY ms DESC, of_the_first DESC, weekday, hour
    ) = 1
),
clock AS (
    SELECT scope,
        coalesce(sum(ms) FILTER (weekday < 5), 0) / 5 AS on_weekdays,
        coalesce(sum(ms) FILTER (weekday >= 5), 0) / 2 AS on_weekends
    FROM hours GROUP BY scope
),
busiest AS (
    SELECT scope, period.at_least, format(
        '{} you listened most {} ({:02}:00 to {:02}:00){}.',
        if(date_trunc('month', first) = date_trunc('month', last),
            strftime(first, 'In %B %Y'),
            strftime(first, 'From %B %Y') || strftime(last, ' to %B %Y')),
        format(
            CASE WHEN hour < 5 THEN 'in the early hours of {}s'
                WHEN hour < 12 THEN 'on {} mornings'
                WHEN hour < 17 THEN 'on {} afternoons'
                WHEN hour < 22 THEN 'on {} evenings'
                ELSE 'on {} nights' END,
            ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][
                weekday + 1]
        ),
        hour, (hour + 2) % 24,
        CASE
            WHEN on_weekends = 0 THEN '; on weekends you heard nothing'
            WHEN on_weekdays = 0 THEN '; on weekdays you heard nothing'
            WHEN on_weekdays >= 1.2 * on_weekends THEN format(
                '; on a weekday you heard {:.1f} times as much as on a day of the weekend',
                on_weekdays / on_weekends)
            WHEN on_weekends >= 1.2 * on_weekdays THEN format(
                '; on a day of the weekend you heard {:.1f} times as much as on a weekday',
                on_weekends / on_weekdays)
            ELSE '; weekdays and weekends were much alike'
        END
    ) AS sentence
    FROM busiest_slot JOIN clock USING (scope) CROSS JOIN period
    -- Two weeks at least, and enough plays: otherwise it is chance.
    WHERE (SELECT count(*) = 7 AND min(days) >= 2 FROM weekdays)
        AND (SELECT sum(plays) FROM listening_by_hour WHERE scope = busiest_slot.scope) >= 100
),
biggest AS (
    FROM (
        SELECT *, count(*) OVER ever AS months, bool_or(at_least) OVER ever AS missing FROM whole
        WINDOW ever AS (PARTITION BY scope)
        QUALIFY row_number() OVER (PARTITION BY scope ORDER BY minutes DESC, month) = 1
    ) WHERE months >= 3 AND plays >= 30 AND minutes >= 120
),
artist_turnover AS (
    SELECT now.scope, any_value(now.month) AS month, any_value(before.month) AS month_before,
        bool_or(now.at_least OR before.at_least) AS at_least,
        count(*) FILTER (earlier.artist_name IS NULL) AS changed
    FROM latest
        JOIN top_artists_by_month now
            ON now.scope = latest.scope AND now.month = latest.month AND now.rank <= 20
        JOIN whole before
            ON before.scope = now.scope AND before.month = latest.month - INTERVAL 3 MONTHS
        LEFT JOIN top_artists_by_month earlier
            ON earlier.scope = now.scope AND earlier.rank <= 20 AND earlier.month = before.month
            AND earlier.artist_name = now.artist_name
            AND earlier.artist_id IS NOT DISTINCT FROM now.artist_id
    WHERE EXISTS (
        FROM top_artists_by_month other WHERE other.scope = latest.scope AND other.rank = 20
            AND other.month = before.month
    )
    GROUP BY now.scope HAVING count(*) = 20
),
mainstream AS (
    SELECT now.scope, now.month, earlier.month AS month_before,
        now.at_least OR earlier.at_least AS at_least,
        round(earlier.mainstream_score) AS before, round(now.mainstream_score) AS after
    FROM latest
        JOIN popularity_by_month now USING (scope, month)
        JOIN popularity_by_month earlier ON earlier.scope = now.scope
            AND earlier.month = now.month - INTERVAL 6 MONTHS
        SEMI JOIN whole ON whole.scope = earlier.scope AND whole.month = earlier.month
    WHERE now.known_share >= 0.5 AND earlier.known_share >= 0.5
),
streaks AS (
    FROM listening_by_day WHERE streak >= 7
    QUALIFY row_number() OVER (PARTITION BY scope ORDER BY streak DESC, day) = 1
),
discovered AS (
    -- What was heard in a gap before would not be new.
    SELECT discovery_by_month.* REPLACE (
        at_least OR EXISTS (FROM lost WHERE gap_start::DATE <= month) AS at_least
    )
    FROM latest JOIN discovery_by_month USING (scope, month)
    WHERE history_starts_on <= month - INTERVAL 6 MONTHS AND artists >= 10
),
looped AS (
    -- Those of which it is known whether they were dropped.
    SELECT scope, count(abandoned) AS decided, count(*) FILTER (abandoned) AS dropped,
        -- As one value, since arg_max skips nulls.
        unnest(arg_max(
            {'track_name': track_name, 'artist_name': artist_name, 'plays': plays,
                'month': strftime(starts_on, '%B %Y'), 'at_least': at_least},
            (plays, starts_on, recording_id)
        ) FILTER (track_name IS NOT NULL AND artist_name IS NOT NULL))
    FROM obsessions WHERE loop IS NULL GROUP BY scope
),
-- Ranks end at a number: as many songs as that are no count.
rotating AS (
    SELECT scope, count(*) AS songs, bool_or(at_least) AS at_least,
        unnest(arg_min(
            {'track_name': track_name, 'artist_name': artist_name}, (rank, -plays, recording_id)
        ) FILTER (track_name IS NOT NULL AND artist_name IS NOT NULL))
    FROM heavy_rotation JOIN (
        SELECT scope, recording_id, rank
        FROM rotation_days CROSS JOIN settings JOIN recordings USING (recording)
        WHERE day = through
    ) USING (scope, recording_id)
    WHERE left_on IS NULL GROUP BY scope
),
forgotten AS (
    FROM forgotten_favourites CROSS JOIN settings
    WHERE days_since IS NOT NULL AND track_name IS NOT NULL AND artist_name IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY scope ORDER BY rank) = 1
),
contexts AS (
    SELECT contexts_by_month.* FROM latest JOIN contexts_by_month USING (scope, month)
    WHERE context <> 'everyday' AND share >= 0.1
    QUALIFY row_number() OVER (PARTITION BY scope ORDER BY minutes DESC, context) = 1
),
sounding AS (
    SELECT audio_profile_by_month.* FROM latest JOIN audio_profile_by_month USING (scope, month)
    WHERE known_share >= 0.5
),
told AS (
    SELECT 1 AS place, scope, 'busiest_time' AS story, sentence, at_least FROM busiest
    UNION ALL
    SELECT 2, scope, 'biggest_month', format(
        'Of the {} whole months that are known, {} was the fullest: {:,.0f} hours and {:,} plays.',
        months, name, minutes / 60, plays
    ), missing FROM biggest
    UNION ALL
    SELECT 3, scope, 'artist_turnover', format(
        'Of your 20 most played artists of {}, {} among the 20 of {}{}.',
        strftime(month, '%B %Y'),
        CASE changed WHEN 0 THEN 'all were' WHEN 1 THEN 'one was not' WHEN 20 THEN 'none was'
            ELSE changed || ' were not' END,
        strftime(month_before, '%B %Y'), if(changed = 0, ' too', '')
    ), at_least FROM artist_turnover
    UNION ALL
    SELECT 4, scope, 'discovery', format(
        'In {} you heard {:,} artists, {} for the first time; {:.0f} % of the plays were of songs '
        || 'that you had already played in that month.',
        strftime(month, '%B %Y'), artists,
        CASE new_artists WHEN 0 THEN 'none of them' WHEN 1 THEN 'one of them'
            ELSE format('{:,} of them', new_artists) END,
        repeat_rate * 100
    ), at_least FROM discovered
    UNION ALL
    SELECT 5, scope, 'mainstream', format(
        'On a scale of popularity from 0 (hardly known) to 100 (known to everybody), what you played '
        || CASE WHEN abs(after - before) < 3
            THEN 'is where it was: at {2:.0f} in {0}, and at {3:.0f} in {1}.'
            ELSE 'moved from {2:.0f} in {0} to {3:.0f} in {1}.' END,
        strftime(month_before, '%B %Y'), strftime(month, '%B %Y'), before, after
    ), at_least FROM mainstream
    UNION ALL
    SELECT 6, scope, 'context', format(
        '{:.0f} % of {} in {} were for {}.', share * 100,
        if(scope = 'mine', 'your own minutes', 'the minutes heard'), strftime(month, '%B %Y'),
        CASE context WHEN 'kids' THEN 'the kids' WHEN 'workout' THEN 'workouts'
            WHEN 'party' THEN 'parties' ELSE context END
    ), at_least FROM contexts
    UNION ALL
    SELECT 7, scope, 'rotation', format(
        CASE WHEN songs = 1 THEN 'On {0}, one song was in heavy rotation: "{1}" by {2}.'
            WHEN songs < rotation_rank
            THEN 'On {0}, {3:,} songs were in heavy rotation, first of all "{1}" by {2}.'
            ELSE 'On {0}, first of the songs in heavy rotation was "{1}" by {2}.' END,
        strftime(through, '%-d %B %Y'), track_name, artist_name, songs
    ), at_least FROM rotating CROSS JOIN settings
    UNION ALL
    SELECT 8, scope, 'obsession', format(
        'In {} you looped "{}" by {}: {:,} plays in a week.{}', month, track_name, artist_name, plays,
        CASE WHEN decided < 2 THEN '' ELSE format(
            ' Of the {:,} songs that you looped like that and whose next 60 days are known, you '
            || 'dropped {}, with one play at most in those days.', decided,
            CASE dropped WHEN 0 THEN 'none' WHEN 1 THEN 'one'
                WHEN decided THEN 'all' ELSE format('{:,}', dropped) END) END
    ), at_least FROM looped
    UNION ALL
    SELECT 9, scope, 'forgotten', format(
        'Up to {}, you had not played "{}" by {} for {:,} days, after {:,} plays in a year.',
        strftime(through, '%-d %B %Y'), track_name, artist_name, days_since, plays
    ), at_least FROM forgotten
    UNION ALL
    SELECT 10, scope, 'streak', format(
        'You listened every day for {:,} days in a row, up to {}: your longest streak.',
        streak, strftime(day, '%-d %B %Y')
    ), at_least FROM streaks
    UNION ALL
    SELECT 11, scope, 'sound', format(
        'In {} your music was {} on average{}; its mood was {:.2f}, between 0 (dark and calm) '
        || 'and 1 (bright and lively).{}', strftime(month, '%B %Y'),
        if(energy >= 0.5, 'lively', 'calm'),
        -- Files may tell of one and not of the other.
        coalesce(', and mostly ' || nullif(concat_ws(' and ',
            CASE WHEN acoustic_share >= 0.5 THEN 'acoustic'
                WHEN acoustic_share < 0.5 THEN 'electronic' END,
            CASE WHEN instrumental_share >= 0.5 THEN 'instrumental'
                WHEN instrumental_share < 0.5 THEN 'sung' END
        ), ''), ''), mood_score,
        if(known_share >= 0.995, '',
            format(' The sound of {:.0f} % of the plays is known.', known_share * 100))
    ), at_least FROM sounding
)
FROM told WHERE sentence IS NOT NULL
