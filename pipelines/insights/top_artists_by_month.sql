-- Which artists did I play most, month by month, and how did they climb?
--
-- One row: one of the 100 most played first artists of a month, in one scope; podcasts are left
-- out. Artists are those of unique_artists: "Various Artists" is none.
--
--   scope         string*  all, or mine: contexts in exclude left out
--   month         date*    its first day
--   rank          int32*   1 is the most played; of equal plays the one heard longer comes first
--   artist_name   string*  name, as the latest of all plays spells it
--   artist_id     string   Spotify's id; null where it is not known
--   plays         int32*   plays of 30 seconds or more
--   minutes       double*  minutes heard, of all plays
--   tracks        int32*   different recordings among the plays
--   rank_before   int32    rank in the month before; null where they were not played then
--   change        int32    ranks climbed since; below 0: fallen
--   coverage      string*  export, polled, mixed or scrobbled
--   at_least      bool*    plays or minutes may be missing: an open gap touches the month, no
--                          export tells of it, or not of how long a play was heard
--
-- Key: scope, month, rank.
SELECT ranked.scope, ranked.month, ranked.rank, artist_name, artist_id,
    ranked.plays, ranked.ms / 60000 AS minutes, ranked.tracks,
    earlier.rank AS rank_before,
    earlier.rank - ranked.rank AS change,
    coverage, at_least
FROM monthly_artists ranked
    JOIN months ON ranked.month = months.month
    JOIN artists ON ranked.artist = artists.artist
    LEFT JOIN monthly_artists earlier ON earlier.month = month_before
        AND earlier.scope = ranked.scope AND earlier.artist = ranked.artist
WHERE ranked.rank <= 100
