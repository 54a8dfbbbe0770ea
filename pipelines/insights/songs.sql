-- Which songs did I ever play, since when, how often, and at what times?
--
-- One row: one recording of music that was ever played for 30 seconds or more, in one scope. The same
-- recording under several ids or on several albums is one.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   track_key         string*  what tells songs apart: the recording_id of unique_tracks
--   rank              int32*   1 is the most played; of equal plays the one heard longer comes first
--   track_name        string   title, as the latest of all plays spells it
--   artist_key        string   first artist, likewise, as in unique_artists and artists
--   artist_name       string   their name, likewise
--   track_id          string   Spotify's id, likewise
--   isrc              string   International Standard Recording Code, of its most played track that
--                              has one
--   album_name        string   album, likewise
--   duration_ms       int32    length in milliseconds, likewise
--   plays             int32*   plays of 30 seconds or more
--   minutes           double*  minutes heard, of all plays
--   first_heard_on    date*    day of the first play of 30 seconds or more
--   last_heard_on     date*    day of the last one
--   days_heard        int32*   different days with such a play
--   best_month        date*    first day of the month with most plays, of equal ones the one heard longer,
--                              then the first
--   best_month_plays  int32*   plays of 30 seconds or more in it
--   peak_rank         int32*   best rank in any month
--   by_month          list<month:date,plays:int32,minutes:double,rank:int32>*  each month with such a
--                              play, in order of time, with the rank in it
--   by_hour           list<plays:int32>*  these plays by hour of the day: 24, from that at midnight on
--   contexts          list<context:string,plays:int32>*  these plays by context, most plays first
--   at_least          bool*    plays or minutes may be missing: there is an open gap, or nobody knows
--                              for how long one of its plays was heard
--
-- Key: scope, track_key. Looked up by it.
WITH days_heard AS (
    SELECT scope, recording,
        min(day) FILTER (plays > 0) AS first_heard_on,
        max(day) FILTER (plays > 0) AS last_heard_on,
        count(*) FILTER (plays > 0) AS days_heard,
        bool_or(unmeasured) AS unmeasured
    FROM daily GROUP BY ALL
),
in_months AS (
    SELECT scope, recording,
        list({'month': month, 'plays': plays, 'minutes': ms / 60000, 'rank': rank} ORDER BY month)
            AS by_month,
        arg_max({'month': month, 'plays': plays}, (plays, ms, -epoch(month))) AS best,
        min(rank) AS peak_rank
    FROM monthly_tracks GROUP BY ALL
),
in_hours AS (
    SELECT scope, recording, list(hour) AS hours, list(plays) AS plays
    FROM (SELECT scope, recording, hour, sum(plays) AS plays FROM hourly GROUP BY ALL) GROUP BY ALL
),
in_contexts AS (
    SELECT scope, recording,
        list({'context': context, 'plays': plays} ORDER BY plays DESC, context) AS contexts
    FROM (SELECT scope, recording, context, sum(plays) AS plays FROM hourly GROUP BY ALL) GROUP BY ALL
),
described AS (
    SELECT recording,
        arg_min(isrc, place) AS isrc,
        arg_min(album_name, place) AS album_name,
        arg_min(duration_ms, place) AS duration_ms
    FROM (
        SELECT *, row_number() OVER (ORDER BY plays DESC, track_key) AS place FROM known_tracks
    ) JOIN recordings USING (recording_id)
    GROUP BY recording
)
SELECT scope, recording_id AS track_key, ranked.rank, track_name, artist_key,
    recordings.artist_name, track_id, isrc, album_name, duration_ms, ranked.plays,
    ms / 60000 AS minutes, first_heard_on, last_heard_on, days_heard,
    best.month AS best_month, best.plays AS best_month_plays, peak_rank, by_month,
    list_transform(range(24), lambda hour:
        {'plays': coalesce(in_hours.plays[list_position(hours, hour)], 0)}) AS by_hour,
    contexts,
    unmeasured OR EXISTS (FROM lost) AS at_least
FROM (FROM yearly_tracks WHERE year = 0) ranked
    JOIN recordings USING (recording)
    JOIN days_heard USING (scope, recording)
    JOIN in_months USING (scope, recording)
    JOIN in_hours USING (scope, recording)
    JOIN in_contexts USING (scope, recording)
    LEFT JOIN described USING (recording)
    LEFT JOIN named_artists USING (artist)
