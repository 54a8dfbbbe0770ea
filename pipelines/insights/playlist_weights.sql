-- How often does each song stand in a playlist, and do I play it as often as that?
--
-- One row: one song of a playlist. A song under several ids or on several albums is one; one that
-- stands there twelve times weighs twelve. Local files count where their names are known; episodes,
-- and items of which Spotify shows nothing any more, are left out.
--
--   playlist_id       string*  Spotify's id; liked_songs for the songs they like
--   rank              int32*   1 is the heaviest; of equal weights the one that stands first
--   recording_id      string*  as in unique_tracks
--   track_name        string   title, as its first item spells it
--   artist_name       string   first artist, likewise
--   track_id          string   Spotify's id, likewise
--   occurrences       int32*   how often it stands in the playlist: its weight
--   by_uri            list<track_uri:string,occurrences:int32>*  the same for each of its uris, the
--                              most frequent first
--   share             double*  of all items of the playlist that are songs, 0 to 1: how often a true
--                              shuffle plays it
--   cumulative_share  double*  of this song and all heavier ones
--   songs             int32*   different songs in the playlist
--   songs_for_half    int32*   the fewest songs that make half of the plays of a true shuffle
--   first_added_at    instant  when it was added first; null where one of its items is older than
--                              Spotify remembers
--   plays             int32*   its plays of 30 seconds or more, from anywhere
--   plays_mine        int32*   of them, those that are "mine"
--   plays_since       int32*   of its plays, those on the days since it was added
--   plays_share       double   of all plays of the playlist's songs since they were added, those of
--                              this one; null where there are none
--   expected_plays    double*  plays_since, had each of these plays been drawn by a true shuffle of the
--                              items that were there on its day, as far as they are still there
--   verdict           string*  never_played (no play of it is known); overplayed: at least twice
--                              expected_plays; underplayed: at most half of it; as_weighted: between,
--                              where 10 plays or more were expected; too_few: chance may have made it
--                              so. Overplayed and underplayed are said only where chance would make
--                              it so for one song in a thousand (Byar's limits of a Poisson number)
--   at_least          bool*    plays of it since it was added may be missing: an open gap touches this
--                              time, or polls alone tell of a part of it
--
-- Key: playlist_id, rank.
SELECT playlist_id, recording_id,
    row_number() OVER (PARTITION BY playlist_id ORDER BY count(*) DESC, min(position)) AS rank,
    arg_min(track_name, position) AS track_name,
    arg_min(artist_name, position) AS artist_name,
    arg_min(track_id, position) AS track_id,
    count(*) AS occurrences,
    [{'track_uri': arg_min(track_uri, position), 'occurrences': count(*)::INTEGER}] AS by_uri,
    count(*) / sum(count(*)) OVER (PARTITION BY playlist_id) AS share,
    sum(count(*)) OVER (
        PARTITION BY playlist_id ORDER BY count(*) DESC, min(position)
        ROWS UNBOUNDED PRECEDING
    ) / sum(count(*)) OVER (PARTITION BY playlist_id) AS cumulative_share,
    count(*) OVER (PARTITION BY playlist_id) AS songs,
    1 AS songs_for_half,
    min(added_at) AS first_added_at,
    0 AS plays, 0 AS plays_mine, 0 AS plays_since, NULL AS plays_share, 0 AS expected_plays,
    'never_played' AS verdict, false AS at_least
FROM playlist_entries WHERE recording_id IS NOT NULL AND kind <> 'episode'
GROUP BY playlist_id, recording_id
