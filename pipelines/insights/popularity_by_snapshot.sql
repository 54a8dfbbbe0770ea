-- How mainstream were Spotify's own lists of my top tracks and artists, date by date?
--
-- One row: one list of one date's snapshot, in one scope. Tracks and artists that were mostly heard
-- in contexts that are left out are not in `mine`. Spotify stopped telling apps made since 2026
-- popularity and followers: then their figures are null.
--
--   scope          string*  all, or mine: contexts in exclude left out
--   date           date*    date of the snapshot, UTC
--   kind           string*  tracks or artists
--   time_range     string*  short (4 weeks), medium (6 months), long (1 year)
--   entries        int32*   entries in the list, of its first 50
--   known          int32*   of them, those whose popularity is told
--   avg_popularity  double  their mean popularity, 0 to 100
--   obscurity      double   100 - avg_popularity
--   hits_share     double   of the known, those with a popularity of 75 or more, 0 to 1
--   avg_followers  double   mean number of followers; of artists only
--
-- Key: scope, date, kind, time_range.
SELECT scope, date, kind, time_range,
    count(*) AS entries,
    count(popularity) AS known,
    avg(popularity) AS avg_popularity,
    100 - avg(popularity) AS obscurity,
    avg((popularity >= 75)::INTEGER) AS hits_share,
    avg(followers) AS avg_followers
FROM top_entries GROUP BY ALL
