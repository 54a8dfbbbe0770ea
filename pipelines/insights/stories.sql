-- What would a person tell of it?
--
-- One row: one sentence about the listener's plays, in one scope; only what the plays carry is told.
--
--   scope     string*  all, or mine: contexts in exclude left out
--   place     int32*   1 is told first
--   story     string*  what the sentence is about
--   sentence  string*  in English, with the numbers in it
--   at_least  bool*    plays may be missing in what it speaks of
--
-- Key: scope, story.
WITH latest AS (
    -- The last complete month with enough plays, and the month three months before.
    SELECT scope, max(month) AS month FROM listening_by_month CROSS JOIN settings
    WHERE plays >= 30 AND last_day(month) <= through GROUP BY scope
),
-- Two consecutive hours of a weekday.
slots AS (
    SELECT scope, weekday, hour,
        sum(minutes) OVER pair AS minutes,
        minutes AS of_the_first,
        bool_or(at_least) OVER pair AS at_least,
        ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][weekday + 1]
            AS weekday_name,
        ['night', 'morning', 'afternoon', 'evening'][hour // 6 + 1] AS part_name
    FROM listening_by_hour WINDOW pair AS (
        PARTITION BY scope, weekday ORDER BY hour ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING
    )
),
clock AS (
    SELECT scope, sum(plays) AS plays,
        sum(minutes) FILTER (weekday < 5) / 5 AS on_weekdays,
        sum(minutes) FILTER (weekday >= 5) / 2 AS on_weekends
    FROM listening_by_hour GROUP BY scope
),
busiest_slot AS (
    FROM slots WHERE hour < 23
    QUALIFY row_number() OVER (
        PARTITION BY scope ORDER BY minutes DESC, of_the_first DESC, weekday, hour
    ) = 1
),
busiest AS (
    SELECT scope, 'busiest_time' AS story, at_least,
        format(
            'You listen most on {} {}s ({} to {}){}.', weekday_name, part_name, hour, hour + 2,
            CASE
                WHEN on_weekends = 0 THEN '; on weekends you hear nothing'
                WHEN on_weekdays = 0 THEN '; on weekdays you hear nothing'
                WHEN on_weekdays >= 1.2 * on_weekends THEN format(
                    '; a weekday has {:.1f} times the minutes of a weekend day',
                    on_weekdays / on_weekends)
                WHEN on_weekends >= 1.2 * on_weekdays THEN format(
                    '; a weekend day has {:.1f} times the minutes of a weekday',
                    on_weekends / on_weekdays)
                ELSE '; weekdays and weekends are much alike'
            END
        ) AS sentence
    FROM busiest_slot JOIN clock USING (scope)
    WHERE plays >= 100
),
artist_turnover AS (
    SELECT now.scope, 'artist_turnover' AS story, bool_or(now.at_least) AS at_least,
        count(*) FILTER (earlier.artist_name IS NULL) AS changed
    FROM latest JOIN top_artists_by_month now
            ON now.scope = latest.scope AND now.month = latest.month AND now.rank <= 20
        LEFT JOIN top_artists_by_month earlier
            ON earlier.scope = now.scope AND earlier.rank <= 20
            AND earlier.month = latest.month - INTERVAL 3 MONTHS
            AND earlier.artist_name = now.artist_name
            AND earlier.artist_id IS NOT DISTINCT FROM now.artist_id
    WHERE EXISTS (
        FROM top_artists_by_month other WHERE other.scope = latest.scope AND other.rank = 20
            AND other.month = latest.month - INTERVAL 3 MONTHS
    )
    GROUP BY now.scope HAVING count(*) = 20
),
mainstream AS (
    SELECT now.scope, 'mainstream' AS story, now.at_least OR earlier.at_least AS at_least,
        round(earlier.mainstream_score) AS before, round(now.mainstream_score) AS after
    FROM latest
        JOIN popularity_by_month now USING (scope, month)
        JOIN popularity_by_month earlier ON earlier.scope = now.scope
            AND earlier.month = now.month - INTERVAL 6 MONTHS
    WHERE now.known_share >= 0.5 AND earlier.known_share >= 0.5
),
months_told AS (
    SELECT scope, month, strftime(month, '%B %Y') AS name, minutes, plays, at_least
    FROM listening_by_month
),
biggest AS (
    FROM (
        FROM months_told QUALIFY count(*) OVER (PARTITION BY scope) >= 3
            AND row_number() OVER (PARTITION BY scope ORDER BY minutes DESC, month) = 1
    ) WHERE plays >= 30 AND minutes >= 120
),
streaks AS (
    FROM listening_by_day WHERE streak >= 7
    QUALIFY row_number() OVER (PARTITION BY scope ORDER BY streak DESC, day) = 1
),
discovered AS (
    SELECT discovery_by_month.* FROM latest JOIN discovery_by_month USING (scope, month)
    WHERE history_starts_on <= month - INTERVAL 6 MONTHS AND artists >= 10
),
looped AS (
    SELECT scope, count(*) AS songs, count(*) FILTER (abandoned) AS dropped,
        bool_or(at_least) AS at_least,
        -- As one value, since arg_max skips nulls.
        unnest(arg_max(
            {'track_name': track_name, 'artist_name': artist_name, 'plays': plays,
                'month': strftime(starts_on, '%B %Y')},
            (plays, starts_on, recording_id)
        ) FILTER (track_name IS NOT NULL AND artist_name IS NOT NULL))
    FROM obsessions WHERE loop IS NULL GROUP BY scope
),
rotating AS (
    SELECT scope, count(*) AS songs, bool_or(at_least) AS at_least,
        unnest(arg_min(
            {'track_name': track_name, 'artist_name': artist_name},
            (peak_rank, -plays, recording_id)
        ) FILTER (track_name IS NOT NULL AND artist_name IS NOT NULL))
    FROM heavy_rotation WHERE left_on IS NULL GROUP BY scope
),
forgotten AS (
    FROM forgotten_favourites WHERE rank = 1
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
    SELECT 1 AS place, scope, story, sentence, at_least FROM busiest
    UNION ALL
    SELECT 2, scope, 'biggest_month', format(
        '{} was your biggest month: {:.0f} hours and {:,} plays.',
        name, minutes / 60, plays
    ), at_least FROM biggest
    UNION ALL
    SELECT 3, scope, story, format(
        '{:.0f} % of your top 20 artists changed in three months.', changed * 100 / 20
    ), at_least FROM artist_turnover
    UNION ALL
    SELECT 4, scope, 'discovery', format(
        'Of the {} artists you heard in {}, {} new to you; {:.0f} % of your plays were '
        || 'songs that you had played before in the month.',
        artists, strftime(month, '%B %Y'),
        CASE new_artists WHEN 0 THEN 'none was' WHEN 1 THEN '1 was' ELSE new_artists || ' were' END,
        repeat_rate * 100
    ), at_least FROM discovered
    UNION ALL
    SELECT 5, scope, story, CASE WHEN abs(after - before) < 3
        THEN format(
            'Your taste is where it was six months before on the mainstream scale, at {:.0f} of 100.',
            after)
        ELSE format(
            'In six months your taste moved from {:.0f} to {:.0f} of 100 on the mainstream scale.',
            before, after)
    END, at_least FROM mainstream
    UNION ALL
    SELECT 6, scope, 'context', format(
        '{:.0f} % of your minutes in {} were for {}.', share * 100, strftime(month, '%B %Y'),
        CASE context WHEN 'kids' THEN 'the kids' WHEN 'workout' THEN 'workouts'
            WHEN 'party' THEN 'parties' ELSE context END
    ), at_least FROM contexts
    UNION ALL
    SELECT 7, scope, 'rotation', format(
        '{} "{}" by {}.',
        if(songs = 1, 'One song is in heavy rotation now:',
            songs || ' songs are in heavy rotation now, first of all'), track_name, artist_name
    ), at_least FROM rotating
    UNION ALL
    SELECT 8, scope, 'obsession', format(
        'In {} you looped "{}" by {}: {} plays in a week.{}', month, track_name, artist_name, plays,
        CASE WHEN songs = 1 THEN '' ELSE format(
            ' Of {} such obsessions you dropped {} within two months.', songs, dropped) END
    ), at_least FROM looped
    UNION ALL
    SELECT 9, scope, 'forgotten', format(
        'You have not played "{}" by {} for {} days, after {} plays in a year.',
        track_name, artist_name, days_since, plays
    ), at_least FROM forgotten
    UNION ALL
    SELECT 10, scope, 'streak', format(
        'Your longest streak was {} days, up to {}.', streak, strftime(day, '%-d %B %Y')
    ), at_least FROM streaks
    UNION ALL
    SELECT 11, scope, 'sound', format(
        'In {} your music was {}, {} and mostly {} (mood {:.2f} of 1).', strftime(month, '%B %Y'),
        if(energy >= 0.5, 'lively', 'calm'), if(acoustic_share >= 0.5, 'acoustic', 'electronic'),
        if(instrumental_share >= 0.5, 'instrumental', 'sung'), mood_score
    ), at_least FROM sounding
)
FROM told WHERE sentence IS NOT NULL
