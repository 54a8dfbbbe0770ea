-- Which songs did I play most, year by year and of all time, and which came and went?
--
-- One row: one of the 100 most played recordings of a year, or of all time, in one scope. The same
-- recording under several ids or on several albums is one; podcasts are left out.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   year          int16*   year of the listener's calendar; 0 is all time
--   rank          int32*   1 is the most played; of equal plays the one heard longer comes first
--   recording_id  string*  as in unique_tracks
--   track_name    string   title, as the latest of all plays spells it
--   artist_name   string   first artist, likewise
--   track_id      string   Spotify's id, likewise
--   plays         int32*   plays of 30 seconds or more
--   minutes       double*  minutes heard, of all plays
--   rank_before   int32    rank in the year before; null where it was not played then
--   move          string   new (never played before in this scope), back (not played for a year or
--                          more), or, where it was played in the year before, up, down or same by
--                          rank; else null, as in the first year and in all time
--   away_years    int16    years since it was last played in this scope, without this one and
--                          that one; null where it was not, and where one of these years is not
--                          known as a whole
--   coverage      string*  export, polled, mixed or scrobbled
--   at_least      bool*    plays or minutes may be missing: an open gap touches the year, no
--                          export tells of one of its months, or not of how long a play was heard
--
-- Key: scope, year, rank.
SELECT ranked.scope, ranked.year, ranked.rank, recording_id, track_name, artist_name, track_id,
    ranked.plays, ranked.ms / 60000 AS minutes,
    if(heard_before = years.year_before, rank_then, NULL) AS rank_before,
    away(ranked.year - heard_before, years, earlier) AS away_years,
    moved(years.year_before, heard_before, away_years >= 1, rank_before - ranked.rank) AS move,
    years.coverage, years.at_least
FROM yearly_tracks ranked
    JOIN years ON ranked.year = years.year
    JOIN recordings ON ranked.recording = recordings.recording
    LEFT JOIN years earlier ON earlier.year = heard_before
WHERE ranked.rank <= 100
