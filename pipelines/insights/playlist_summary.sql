-- Which playlists are there, how large is each, and what is in it in short?
--
-- One row: one playlist of the listener's library, or the songs they like, whether it was read or not.
-- Items are those of its last complete reading; songs are those of playlist_weights.
--
--   rank             int32*   1 is the largest of their own; the songs they like are their own too, and
--                             those of others, or of whoever is not known, come last
--   playlist_id      string*  Spotify's id; liked_songs for the songs they like
--   name             string   as Spotify told it last
--   owned            bool     the listener made it; null where that is not known
--   state            string*  read, partly, not_readable or not_read, as in playlist_readings
--   total            int32    how many items Spotify says that it has
--   items            int32    how many were read; null where it was never read to its end
--   read_on          date     day on which that reading began, in local time
--   minutes          double*  of all items whose length is known
--   unknown_lengths  int32*   items whose length is not known
--   episodes         int32*   items that are episodes
--   local_files      int32*   items that are files of the listener's own
--   gone             int32*   items of which Spotify shows nothing any more
--   song_items       int32*   items that are songs; what is no song is none of these
--   songs            int32*   different songs
--   heaviest         int32*   how often the song stands there that does so most; 0 without a song
--   songs_for_half   int32*   the fewest songs that make half of the plays of a true shuffle
--   weights          list<occurrences:int32,songs:int32>*  how many songs stand there so often
--   same_id          int32*   items that repeat the id of another one
--   same_isrc        int32*   besides these, items that repeat the recording of another one by its ISRC
--   probable         int32*   besides these, items that are probably the same song as another one
--   overplayed       int32*   songs that are played more than they weigh, as in playlist_weights
--   as_weighted      int32*   songs that are played as they weigh
--   underplayed      int32*   songs that are played less than they weigh
--   too_few          int32*   songs of which too few plays are known, or expected, to say it
--   never_played     int32*   songs of which no play is known
--   changes          list<read_on:date,came:int32,went:int32>*  the last 26 days on which a reading found
--                             that items had come or gone, and how many; items that were exchanged for
--                             others of the same recording are neither
--
-- Key: playlist_id.
WITH contents AS (
    SELECT playlist_id,
        coalesce(sum(duration_ms), 0) AS ms,
        count(*) - count(duration_ms) AS unknown_lengths,
        count(*) FILTER (kind = 'episode') AS episodes,
        count(*) FILTER (kind = 'local') AS local_files,
        count(*) FILTER (state = 'gone') AS gone
    FROM playlist_entries GROUP BY playlist_id
),
weighed AS (
    SELECT playlist_id, occurrences, verdict, count(*) AS songs, max(songs_for_half) AS half
    FROM playlist_weights GROUP BY ALL
),
classes AS (
    SELECT playlist_id, occurrences, sum(songs) AS songs FROM weighed GROUP BY ALL
),
spread AS (
    SELECT playlist_id,
        list({'occurrences': occurrences, 'songs': songs} ORDER BY occurrences) AS weights
    FROM classes GROUP BY playlist_id
),
played AS (
    SELECT playlist_id,
        sum(songs) AS songs,
        sum(songs * occurrences) AS song_items,
        max(occurrences) AS heaviest,
        max(half) AS songs_for_half,
        sum(songs) FILTER (verdict = 'overplayed') AS overplayed,
        sum(songs) FILTER (verdict = 'as_weighted') AS as_weighted,
        sum(songs) FILTER (verdict = 'underplayed') AS underplayed,
        sum(songs) FILTER (verdict = 'too_few') AS too_few,
        sum(songs) FILTER (verdict = 'never_played') AS never_played
    FROM weighed GROUP BY playlist_id
),
certain AS (
    SELECT playlist_id, group_id, position, track_uri
    FROM playlist_duplicates WHERE match <> 'probable'
),
groups AS (
    SELECT playlist_id, count(*) AS items, count(DISTINCT track_uri) AS ids
    FROM certain GROUP BY playlist_id, group_id
),
repeated AS (
    SELECT playlist_id, sum(items - ids) AS same_id, sum(ids - 1) AS same_isrc
    FROM groups GROUP BY playlist_id
),
joined AS (
    -- What is certainly the same is counted already, and is one here.
    SELECT alike.playlist_id,
        count(DISTINCT coalesce(certain.group_id, -alike.position)) - 1 AS items
    FROM playlist_duplicates AS alike
    LEFT JOIN certain USING (playlist_id, position)
    WHERE alike.match = 'probable' GROUP BY alike.playlist_id, alike.group_id
),
likely AS (SELECT playlist_id, sum(items) AS probable FROM joined GROUP BY playlist_id),
moves AS (
    -- A song that goes on under another id has come or gone as far as it has more or fewer items.
    -- That Spotify shows an item empty now is said by the song that went.
    SELECT playlist_id, read_on,
        greatest(sum(after) - sum(before), 0) AS came,
        greatest(sum(before) - sum(after), 0) AS went
    FROM playlist_history WHERE track_uri <> ''
    GROUP BY playlist_id, read_at, read_on, if(exchanged, isrc, track_uri)
    HAVING sum(before) <> sum(after)
),
days AS (
    SELECT playlist_id, read_on, sum(came) AS came, sum(went) AS went FROM moves GROUP BY ALL
),
latest AS (
    SELECT *, row_number() OVER (PARTITION BY playlist_id ORDER BY read_on DESC) AS age FROM days
),
moved AS (
    SELECT playlist_id,
        list({'read_on': read_on, 'came': came, 'went': went} ORDER BY read_on) AS changes
    FROM latest WHERE age <= 26 GROUP BY playlist_id
)
SELECT
    row_number() OVER (
        ORDER BY playlist_id = 'liked_songs' OR coalesce(owned, false) DESC,
            items DESC NULLS LAST, name NULLS LAST, playlist_id
    ) AS rank,
    playlist_id,
    CASE WHEN playlist_id = 'liked_songs' THEN coalesce(name, 'Liked Songs') ELSE name END AS name,
    owned, state, total, items,
    local_time(read_at)::DATE AS read_on,
    coalesce(ms, 0) / 60000 AS minutes,
    coalesce(unknown_lengths, 0) AS unknown_lengths,
    coalesce(episodes, 0) AS episodes,
    coalesce(local_files, 0) AS local_files,
    coalesce(gone, 0) AS gone,
    coalesce(song_items, 0) AS song_items,
    coalesce(songs, 0) AS songs,
    coalesce(heaviest, 0) AS heaviest,
    coalesce(songs_for_half, 0) AS songs_for_half,
    coalesce(weights, []) AS weights,
    coalesce(same_id, 0) AS same_id,
    coalesce(same_isrc, 0) AS same_isrc,
    coalesce(probable, 0) AS probable,
    coalesce(overplayed, 0) AS overplayed,
    coalesce(as_weighted, 0) AS as_weighted,
    coalesce(underplayed, 0) AS underplayed,
    coalesce(too_few, 0) AS too_few,
    coalesce(never_played, 0) AS never_played,
    coalesce(changes, []) AS changes
FROM playlist_readings
LEFT JOIN contents USING (playlist_id)
LEFT JOIN played USING (playlist_id)
LEFT JOIN spread USING (playlist_id)
LEFT JOIN repeated USING (playlist_id)
LEFT JOIN likely USING (playlist_id)
LEFT JOIN moved USING (playlist_id)
ORDER BY playlist_id
