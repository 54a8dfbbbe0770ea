-- Which items of a playlist are the same, and which one would be kept?
--
-- One row: one item in a group of two or more of one playlist. A group is of items with the same id
-- or the same ISRC, or, apart from these, of items that are only probably the same song (match is
-- probable): by the same artist, with the same title and the same words that make another version of
-- it (live, acoustic, remix, explicit or clean, remaster, instrumental, demo, radio edit, in many
-- languages), and with lengths within five seconds. A probable group has all items of the groups
-- that it joins, so that an item may be in one group of each sort.
--
--   playlist_id       string*  Spotify's id; liked_songs for the songs they like
--   group_id          int32*   number of the group within the playlist, in order of first items
--   position          int32*   place in the playlist, counted from 1
--   track_uri         string*  of the item
--   match             string*  same_id (another item of the group has its id), same_isrc or probable
--   track_name        string   title
--   artist_name       string   first artist
--   added_at          instant  when it was added
--   reason            string*  why it is in the group, in words
--   kept_first_added  bool*    the one that was added first; one without a date is older than Spotify
--                              remembers; of equal ones the one that stands first
--   kept_last_added   bool*    the one that was added last; of equal ones the one that stands last
--   kept_best         bool*    the best: first what can be played, then what is on an album before
--                              singles before compilations, then what was added first
--   kept_reason       string*  which one is kept by each of these policies and why, in words
--
-- Key: playlist_id, group_id, position.
SELECT playlist_id,
    min(position) OVER same AS group_id,
    position, track_uri, 'same_id' AS match, track_name, artist_name, added_at,
    'The same id' AS reason,
    row_number() OVER (same ORDER BY added_at NULLS FIRST, position) = 1 AS kept_first_added,
    row_number() OVER (same ORDER BY added_at DESC NULLS LAST, position DESC) = 1 AS kept_last_added,
    row_number() OVER (same ORDER BY added_at NULLS FIRST, position) = 1 AS kept_best,
    'Added first' AS kept_reason
FROM playlist_entries WHERE track_uri IS NOT NULL
WINDOW same AS (PARTITION BY playlist_id, track_uri)
QUALIFY count(*) OVER same > 1
