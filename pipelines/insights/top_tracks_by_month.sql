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
--   coverage      string*  export, polled, mixed or scrobbled
--   at_least      bool*    plays or minutes may be missing: an open gap touches the month, no
--                          export tells of it, or not of how long a play was heard
--
-- Key: scope, month, rank.
SELECT ranked.scope, ranked.month, ranked.rank, recording_id, track_name, artist_name, track_id,
    ranked.plays, ranked.ms / 60000 AS minutes,
    earlier.rank AS rank_before,
    earlier.rank - ranked.rank AS change,
    coverage, at_least
FROM monthly_tracks ranked
    JOIN months ON ranked.month = months.month
    JOIN recordings ON ranked.recording = recordings.recording
    LEFT JOIN monthly_tracks earlier ON earlier.month = month_before
        AND earlier.scope = ranked.scope AND earlier.recording = ranked.recording
WHERE ranked.rank <= 100
