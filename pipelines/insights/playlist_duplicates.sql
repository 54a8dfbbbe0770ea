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
WITH sets AS (
    SELECT playlist, same, count(*) AS ids, sum(items)::INTEGER AS items, min(first_at) AS first_at,
        arg_min(track, first_at) AS track, arg_min(alike, first_at) AS alike
    FROM playlist_counts GROUP BY playlist, same
),
-- Sets of the same names, as their first items have them; and of these, those of nearly one length:
-- where many reach far from the first to the last, they are cut in pieces.
named AS (
    FROM sets WHERE alike IS NOT NULL QUALIFY count(*) OVER (PARTITION BY playlist, alike) > 1
),
lengths AS (
    SELECT track, min(length) AS length FROM playlist_counts
    WHERE track IN (SELECT track FROM named) GROUP BY track
),
steps AS (
    SELECT named.*, length,
        coalesce(length - lag(length) OVER (
            PARTITION BY playlist, alike ORDER BY length NULLS FIRST, first_at
        ) > 5000, false)::INTEGER AS other
    FROM named JOIN lengths USING (track)
),
islands AS (
    SELECT *, sum(other) OVER (
        PARTITION BY playlist, alike ORDER BY length NULLS FIRST, first_at
    ) AS island
    FROM steps
),
parts AS (
    SELECT *, coalesce(
        (length - min(length) OVER (PARTITION BY playlist, alike, island)) // 5001, 0
    ) AS part
    FROM islands
),
likely AS (
    SELECT *, min(first_at) OVER one AS group_at
    FROM parts
    WINDOW one AS (PARTITION BY playlist, alike, island, part)
    QUALIFY count(*) OVER one > 1
),
-- A group is known by where its first item stands, and by its sort.
members AS (
    SELECT playlist, same, false AS probable, first_at AS group_at, ids, NULL AS length
    FROM sets WHERE items > 1
    UNION ALL
    SELECT playlist, same, true, group_at, ids, length FROM likely
),
-- When it was added and where it stands, as one number; and what comes before that for the best.
items AS (
    SELECT playlist, playlist_id, probable, group_at, position, track, track_uri, track_name,
        artist_name, added_at, isrc,
        greatest(coalesce(epoch_ms(added_at), 1), 1) * 2097152 + position AS stamp,
        CASE state WHEN 'playable' THEN 0 WHEN 'unplayable' THEN 2 ELSE 1 END AS playing,
        CASE album_type WHEN 'album' THEN 0 WHEN 'single' THEN 1 WHEN 'compilation' THEN 2
            ELSE 3 END AS album
    FROM playlist_entries JOIN members USING (playlist, same)
),
sorts AS (
    SELECT playlist, probable, group_at, sum(ids) AS ids, count(*) AS sets,
        max(length) - min(length) AS apart, count(length) < count(*) AS unmeasured
    FROM members GROUP BY ALL
),
figures AS (
    SELECT playlist, probable, group_at, count(*) AS items, min(isrc) AS isrc,
        min(stamp) AS first, max(stamp) AS last,
        min((playing * 4 + album)::HUGEINT * 4611686018427387904 + stamp) AS best,
        max(playing) AS least_playing, max(album) AS least_album,
        count(added_at) < count(*) AS undated,
        min(added_at) AS first_added, max(added_at) AS last_added
    FROM items GROUP BY ALL
),
groups AS (
    SELECT figures.*, ids, best % 4611686018427387904 AS best_at,
        row_number() OVER (PARTITION BY playlist ORDER BY group_at, probable) AS group_id,
        CASE WHEN probable THEN
            format('Probably the same song: {} items under {} ids by one artist, with the same title '
                || 'and version, ', items, ids)
            || if(unmeasured, 'as far as their lengths are known', format('and lengths {:.1f} s apart at most', apart / 1e3))
            || format('; {} of them have an ISRC or id of their own.', sets)
        WHEN ids = 1 THEN format('The same id {} times.', items)
        ELSE format('The same recording {} times, by its ISRC {}, under {} ids.', items, isrc, ids)
        END AS reason,
        format('first_added keeps item {}, {}; last_added item {}, {}; best item {}, {}.',
            first % 2097152,
            CASE WHEN undated THEN 'which is older than Spotify remembers'
                WHEN first // 2097152 = last // 2097152 THEN 'the first of those added together'
                ELSE 'added first, on ' || strftime(local_time(first_added), '%-d %B %Y') END,
            last % 2097152,
            if(first // 2097152 = last // 2097152, 'the last of those added together',
                'added last, on ' || strftime(local_time(last_added), '%-d %B %Y')),
            best_at % 2097152,
            CASE WHEN best // 4611686018427387904 // 4 < least_playing
                THEN if(best // 4611686018427387904 // 4 = 0, 'which can be played',
                    'which may be playable')
                WHEN best // 4611686018427387904 % 4 < least_album
                THEN CASE best // 4611686018427387904 % 4 WHEN 0 THEN 'which is on an album'
                    WHEN 1 THEN 'which is a single' ELSE 'which is on a compilation' END
                ELSE 'added before others that are as good' END
        ) AS kept_reason
    FROM figures JOIN sorts USING (playlist, probable, group_at)
)
SELECT playlist_id, group_id, position, track_uri,
    CASE WHEN probable THEN 'probable' WHEN counts.items > 1 THEN 'same_id' ELSE 'same_isrc'
        END AS match,
    track_name, artist_name, added_at, reason,
    stamp = first AS kept_first_added,
    stamp = last AS kept_last_added,
    stamp = best_at AS kept_best,
    kept_reason
FROM items
    JOIN groups USING (playlist, probable, group_at)
    JOIN playlist_counts counts USING (playlist, track)
