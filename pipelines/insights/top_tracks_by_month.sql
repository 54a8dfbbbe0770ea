-- Which songs did I play most, month by month, and how did they climb?
--
-- One row: one of the 100 most played recordings of a month, in one scope. The same recording under
-- several ids or on several albums is one; podcasts are left out.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   month         date*    its first day
--   rank          int32*   1 is the most played; of equal plays the one heard longer comes first
--   recording_id  string*  as in unique_tracks
--   track_name    string   title, as the latest of all plays spells it
--   artist_name   string   first artist, likewise
--   track_id      string   Spotify's id, likewise
--   plays         int32*   plays of 30 seconds or more
--   minutes       double*  minutes heard, of all plays
--   rank_before   int32    rank in the month before; null where it was not played then
--   change        int32    ranks climbed since; below 0: fallen
--   move          string   new (never played before in this scope), back (not played for three months or
--                          more), or, where it was played in the month before, up, down or same by
--                          rank; else null, as in the first month of all
--   away_months   int16    months since it was last played in this scope, without this one and
--                          that one; null where it was not, and where one of these months is not
--                          known as a whole
--   coverage      string*  export, polled, mixed or scrobbled
--   at_least      bool*    plays or minutes may be missing: an open gap touches the month, no
--                          export tells of it, or not of how long a play was heard
--
-- Key: scope, month, rank.
SELECT ranked.scope, ranked.month, ranked.rank, recording_id, track_name, artist_name, track_id,
    ranked.plays, ranked.ms / 60000 AS minutes,
    if(heard_before = months.month_before, rank_then, NULL) AS rank_before,
    rank_before - ranked.rank AS change,
    away(date_diff('month', heard_before, ranked.month), months, earlier) AS away_months,
    moved(months.month_before, heard_before, away_months >= 3, change) AS move,
    months.coverage, months.at_least
FROM monthly_tracks ranked
    JOIN months ON ranked.month = months.month
    JOIN recordings ON ranked.recording = recordings.recording
    LEFT JOIN months earlier ON earlier.month = heard_before
WHERE ranked.rank <= 100
