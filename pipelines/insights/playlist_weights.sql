-- How often does each song stand in a playlist, and do I play it as often as that?
--
-- One row: one song of a playlist. A song under several ids or on several albums is one; one that
-- stands there twelve times weighs twelve. Local files count too; episodes, and items of which Spotify
-- shows nothing any more, are left out.
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
WITH ranked AS (
    SELECT *,
        row_number() OVER heaviest AS rank,
        sum(items::DOUBLE) OVER (
            PARTITION BY playlist ORDER BY items DESC, first_at ROWS UNBOUNDED PRECEDING
        ) AS up_to,
        if(undated, DATE '0001-01-01', local_time(first_added)::DATE) AS since
    FROM playlist_songs
    WINDOW heaviest AS (PARTITION BY playlist ORDER BY items DESC, first_at)
),
halves AS (
    SELECT playlist, count(*) FILTER (2 * (up_to - ranked.items) < lists.items) AS songs_for_half
    FROM ranked JOIN playlist_lists lists USING (playlist) GROUP BY playlist
),
-- Most songs have one uri, which their first item tells.
several AS (
    SELECT playlist, recording, track, counts.items, counts.first_at
    FROM playlist_counts counts JOIN playlist_songs songs USING (playlist, recording)
    WHERE songs.tracks > 1
),
by_uri AS (
    SELECT several.playlist, several.recording,
        list({'track_uri': track_uri, 'occurrences': items} ORDER BY items DESC, track_uri) AS by_uri
    FROM playlist_entries entries JOIN several
        ON entries.playlist = several.playlist AND position = several.first_at
    GROUP BY ALL
),
ever AS (
    SELECT recording AS heard,
        sum(plays) FILTER (scope = 'all') AS plays, sum(plays) FILTER (scope = 'mine') AS plays_mine
    FROM daily GROUP BY recording
),
-- What was heard of a song on the days since it was in the playlist.
since_then AS (
    SELECT playlist, ranked.recording, day, plays
    FROM ranked JOIN playlist_recordings USING (recording)
        JOIN daily ON daily.recording = heard AND scope = 'all' AND day >= since AND plays > 0
),
heard_since AS (
    SELECT playlist, recording, sum(plays) AS plays FROM since_then GROUP BY ALL
),
all_since AS (SELECT playlist, sum(plays) AS plays FROM heard_since GROUP BY playlist),
-- On each day the plays of all songs are shared out among the items that were there: so many are
-- expected of one item, in billionths, whose sums do not depend on their order.
added AS (
    SELECT playlist, recording, coalesce(local_time(added_at)::DATE, DATE '0001-01-01') AS day
    FROM playlist_entries
    WHERE recording IS NOT NULL AND playlist IN (SELECT playlist FROM all_since)
),
days_of AS (
    SELECT playlist, day, sum(items::DOUBLE) AS items, sum(plays::DOUBLE) AS plays FROM (
        SELECT playlist, day, count(*) AS items, 0 AS plays FROM added GROUP BY ALL
        UNION ALL
        SELECT playlist, day, 0, sum(plays) FROM since_then GROUP BY ALL
    ) GROUP BY playlist, day
),
present AS (
    SELECT playlist, day, plays, sum(items) OVER (PARTITION BY playlist ORDER BY day) AS items
    FROM days_of
),
of_an_item AS (
    SELECT playlist, day, sum(round(plays * 1e9 / items)) OVER (
        PARTITION BY playlist ORDER BY day DESC
    ) AS expected
    FROM present
),
expectations AS (
    SELECT playlist, recording, sum(expected) / 1e9 AS expected
    FROM added JOIN of_an_item USING (playlist, day) GROUP BY ALL
),
lacking AS (
    SELECT max(day) AS day FROM (
        SELECT day FROM days WHERE at_least UNION ALL SELECT day FROM lost_days
    )
),
told AS (
    SELECT playlist, lists.playlist_id, rank, recording, ranked.first_at,
        ranked.items AS occurrences, tracks,
        ranked.items / lists.items AS share,
        up_to / lists.items AS cumulative_share,
        lists.songs, songs_for_half,
        if(undated, NULL, first_added) AS first_added_at,
        coalesce(ever.plays, 0) AS plays,
        coalesce(ever.plays_mine, 0) AS plays_mine,
        coalesce(heard_since.plays, 0) AS plays_since,
        coalesce(heard_since.plays, 0) / all_since.plays AS plays_share,
        coalesce(expected, 0) AS expected_plays,
        NOT EXISTS (FROM labelled_plays) OR coalesce(since <= lacking.day, false)
            OR coalesce(NOT undated AND since < covered_from::DATE, false) AS at_least
    FROM ranked
        JOIN playlist_lists lists USING (playlist)
        JOIN halves USING (playlist)
        JOIN playlist_recordings USING (recording)
        LEFT JOIN ever USING (heard)
        LEFT JOIN heard_since USING (playlist, recording)
        LEFT JOIN all_since USING (playlist)
        LEFT JOIN expectations USING (playlist, recording)
        CROSS JOIN lacking CROSS JOIN settings
)
SELECT told.*, recording_id, track_name, artist_name, track_id,
    coalesce(by_uri, [{'track_uri': track_uri, 'occurrences': occurrences}]) AS by_uri,
    CASE WHEN plays = 0 THEN 'never_played'
        WHEN plays_since >= 2 * expected_plays AND byar_low(plays_since) > expected_plays
            THEN 'overplayed'
        WHEN plays_since <= expected_plays / 2 AND byar_high(plays_since) < expected_plays
            THEN 'underplayed'
        WHEN expected_plays >= 10 AND plays_since > expected_plays / 2
            AND plays_since < 2 * expected_plays THEN 'as_weighted'
        ELSE 'too_few' END AS verdict
FROM playlist_entries entries
    JOIN told ON told.playlist = entries.playlist AND told.first_at = entries.position
    LEFT JOIN by_uri ON by_uri.playlist = told.playlist AND by_uri.recording = told.recording
