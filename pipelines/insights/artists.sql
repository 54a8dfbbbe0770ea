-- Which artists did I ever play, since when, how often, at what times, and what of them?
--
-- One row: one first artist of music that was ever played for 30 seconds or more, in one scope.
-- Artists are those of unique_artists: "Various Artists" is none.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   artist_key        string*  as in unique_artists
--   rank              int32*   1 is the most played; of equal plays the one heard longer comes first
--   artist_name       string*  name, as the latest of all plays spells it
--   artist_id         string   Spotify's id; null where it is not known
--   plays             int32*   plays of 30 seconds or more
--   minutes           double*  minutes heard, of all plays
--   tracks            int32*   different recordings among the plays
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
--   top_tracks        list<track_key:string,track_name:string,plays:int32>*  the ten most played of their
--                              recordings, as in songs
--   at_least          bool*    plays or minutes may be missing: there is an open gap, or nobody knows
--                              for how long one of its plays was heard
--
-- Key: scope, artist_key. Looked up by it.
WITH days_heard AS (
    SELECT scope, artist, min(day) AS first_heard_on, max(day) AS last_heard_on, count(*) AS days_heard
    FROM daily_artists GROUP BY ALL
),
in_months AS (
    SELECT scope, artist,
        list({'month': month, 'plays': plays, 'minutes': ms / 60000, 'rank': rank} ORDER BY month)
            AS by_month,
        arg_max({'month': month, 'plays': plays}, (plays, ms, -epoch(month))) AS best,
        min(rank) AS peak_rank
    FROM monthly_artists GROUP BY ALL
),
in_hours AS (
    SELECT scope, artist, list(hour) AS hours, list(plays) AS plays
    FROM (SELECT scope, artist, hour, sum(plays) AS plays FROM hourly GROUP BY ALL) GROUP BY ALL
),
in_contexts AS (
    SELECT scope, artist,
        list({'context': context, 'plays': plays} ORDER BY plays DESC, context) AS contexts
    FROM (SELECT scope, artist, context, sum(plays) AS plays FROM hourly GROUP BY ALL) GROUP BY ALL
),
unmeasured AS (
    SELECT DISTINCT scope, artist FROM heard WHERE unmeasured AND artist IS NOT NULL
),
theirs AS (
    SELECT scope, artist, recording, yearly.plays, yearly_tracks.rank
    FROM yearly JOIN yearly_tracks USING (scope, year, recording)
    WHERE year = 0 AND yearly.plays > 0 AND artist IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY scope, artist ORDER BY yearly.plays DESC, yearly_tracks.rank
    ) <= 10
),
top AS (
    SELECT scope, theirs.artist,
        list(
            {'track_key': recording_id, 'track_name': track_name, 'plays': plays}
            ORDER BY plays DESC, rank
        ) AS top_tracks
    FROM theirs JOIN recordings USING (recording) GROUP BY ALL
)
SELECT scope, artist_key, ranked.rank, artist_name, artist_id, ranked.plays,
    ms / 60000 AS minutes, tracks, first_heard_on, last_heard_on, days_heard,
    best.month AS best_month, best.plays AS best_month_plays, peak_rank, by_month,
    list_transform(range(24), lambda hour:
        {'plays': coalesce(in_hours.plays[list_position(hours, hour)], 0)}) AS by_hour,
    contexts, top_tracks,
    unmeasured.artist IS NOT NULL OR EXISTS (FROM lost) AS at_least
FROM (FROM yearly_artists WHERE year = 0) ranked
    JOIN named_artists USING (artist)
    JOIN days_heard USING (scope, artist)
    JOIN in_months USING (scope, artist)
    JOIN in_hours USING (scope, artist)
    JOIN in_contexts USING (scope, artist)
    JOIN top USING (scope, artist)
    LEFT JOIN unmeasured USING (scope, artist)
