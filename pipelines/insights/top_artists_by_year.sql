-- Which artists did I play most, year by year and of all time, and who came and went?
--
-- One row: one of the 100 most played first artists of a year, or of all time, in one scope; podcasts
-- are left out. Artists are those of unique_artists: "Various Artists" is none.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   year          int16*   year of the listener's calendar; 0 is all time
--   rank          int32*   1 is the most played; of equal plays the one heard longer comes first
--   artist_key    string*  as in unique_artists
--   artist_name   string*  name, as the latest of all plays spells it
--   artist_id     string   Spotify's id; null where it is not known
--   plays         int32*   plays of 30 seconds or more
--   minutes       double*  minutes heard, of all plays
--   tracks        int32*   different recordings among the plays
--   rank_before   int32    rank in the year before; null where they were not played then
--   move          string   new (never played before in this scope), back (not played for a year or
--                          more), or, where they were played in the year before, up, down or same by
--                          rank; else null, as in the first year and in all time
--   away_years    int16    years since they were last played in this scope, without this one and
--                          that one; null where they were not, and where one of these years is not
--                          known as a whole
--   coverage      string*  export, polled, mixed or scrobbled
--   at_least      bool*    plays or minutes may be missing: an open gap touches the year, no
--                          export tells of one of its months, or not of how long a play was heard
--
-- Key: scope, year, rank.
SELECT ranked.scope, ranked.year, ranked.rank, artist_key, artist_name, artist_id,
    ranked.plays, ranked.ms / 60000 AS minutes, ranked.tracks,
    if(heard_before = years.year_before, rank_then, NULL) AS rank_before,
    away(ranked.year - heard_before, years, earlier) AS away_years,
    moved(years.year_before, heard_before, away_years >= 1, rank_before - ranked.rank) AS move,
    years.coverage, years.at_least
FROM yearly_artists ranked
    JOIN years ON ranked.year = years.year
    JOIN named_artists ON ranked.artist = named_artists.artist
    LEFT JOIN years earlier ON earlier.year = heard_before
WHERE ranked.rank <= 100
