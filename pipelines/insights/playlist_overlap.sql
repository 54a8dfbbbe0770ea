-- How much do two playlists have in common?
--
-- One row: one pair of playlists that were read, the songs they like among them; playlist_a is the one
-- whose id comes first from a to z. Songs are compared by recording, as in playlist_weights.
--
--   playlist_a      string*  Spotify's id; liked_songs for the songs they like
--   playlist_b      string*  likewise
--   songs_a         int32*   different songs in A
--   songs_b         int32*   different songs in B
--   in_both         int32*   different songs in both
--   only_in_a       int32*   different songs in A alone
--   only_in_b       int32*   different songs in B alone
--   jaccard         double   in_both, of all different songs of the two, 0 to 1; null where both are empty
--   containment_a   double   of the songs in A, those that are in B too, 0 to 1; null where A is empty
--   containment_b   double   of the songs in B, those that are in A too, 0 to 1; null where B is empty
--   items_a         int32*   items of A that are songs: each as often as it stands there
--   items_b         int32*   items of B that are songs
--   items_both      int32*   common to both: each song as often as it stands in the one that has it
--                            less often
--   items_only_in_a  int32*  items_a without these
--   items_only_in_b  int32*  items_b without these
--   jaccard_items   double   items_both, of each song as often as it stands in the one that has it more
--                            often, 0 to 1; null where both are empty
--
-- Key: playlist_a, playlist_b.
WITH common AS (
    SELECT a.playlist AS a, b.playlist AS b, count(*)::INTEGER AS in_both,
        sum(least(a.items, b.items))::INTEGER AS items_both
    FROM playlist_songs a JOIN playlist_songs b
        ON a.recording = b.recording AND a.playlist < b.playlist
    GROUP BY ALL
),
pairs AS (
    SELECT a.playlist_id AS playlist_a, b.playlist_id AS playlist_b,
        a.songs AS songs_a, b.songs AS songs_b, a.items AS items_a, b.items AS items_b,
        coalesce(in_both, 0) AS in_both, coalesce(items_both, 0) AS items_both
    FROM playlist_lists a JOIN playlist_lists b ON a.playlist_id < b.playlist_id
        LEFT JOIN common ON common.a = a.playlist AND common.b = b.playlist
)
SELECT *,
    songs_a - in_both AS only_in_a,
    songs_b - in_both AS only_in_b,
    in_both / nullif(songs_a + songs_b - in_both, 0) AS jaccard,
    in_both / nullif(songs_a, 0) AS containment_a,
    in_both / nullif(songs_b, 0) AS containment_b,
    items_a - items_both AS items_only_in_a,
    items_b - items_both AS items_only_in_b,
    items_both / nullif(items_a + items_b - items_both, 0) AS jaccard_items
FROM pairs
