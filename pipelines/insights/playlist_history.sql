-- What came into my playlists, and what went?
--
-- One row: one track of which a reading of a playlist has more or fewer than the one before. What came
-- and went between two readings is seen by none.
--
--   playlist_id    string*  Spotify's id; liked_songs for the songs they like
--   read_at        instant*  when the later reading began
--   before_at      instant*  when the earlier reading began
--   track_uri      string*  what came or went; `unnamed:` and its names for what has no uri; empty for
--                           items that Spotify shows without anything in them
--   read_on        date*    day of read_at, in local time
--   track_id       string   Spotify's id
--   track_name     string   title
--   artist_name    string   first artist
--   isrc           string   International Standard Recording Code
--   change         string*  came (it was not there), went (it is not there any more), more or fewer (it
--                           stands there more or less often than before)
--   before         int32*   how often it was in the earlier reading
--   after          int32*   how often it is in the later reading
--   items_came     int32*   items that came: after less before, where it is more
--   items_went     int32*   items that went, likewise: sums of both give what changed in a reading
--   exchanged      bool*    the same recording, by ISRC, came under one id and went under another: the
--                           song is still there
--   added_at       instant  when it was added last, where it came
--
-- Key: playlist_id, read_at, track_uri.
SELECT *,
    local_time(read_at)::DATE AS read_on,
    CASE WHEN before = 0 THEN 'came' WHEN after = 0 THEN 'went'
        WHEN after > before THEN 'more' ELSE 'fewer' END AS change,
    greatest(after - before, 0) AS items_came,
    greatest(before - after, 0) AS items_went,
    isrc IS NOT NULL AND min(before) OVER same = 0 AND min(after) OVER same = 0 AS exchanged
FROM playlist_changes
WINDOW same AS (PARTITION BY playlist_id, read_at, isrc)
