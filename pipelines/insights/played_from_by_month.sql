-- From which playlists, albums and artists did I play, month by month?
--
-- One row: one place from which was played in one month, in one scope; podcasts too. Only polls tell
-- it: plays of exports alone are together in one row without a place.
--
--   scope             string*  all, or mine: contexts in exclude left out
--   month             date*    its first day
--   played_from_type  string   playlist, album, artist, collection…; null where it is not told
--   played_from_uri   string   what it was; null where it is not told
--   played_from_name  string   its name, where a collected playlist or album has it
--   plays             int32*   plays of 30 seconds or more
--   minutes           double*  minutes heard, of all plays
--   share             double*  of the minutes of the scope in the month, 0 to 1; of the
--                              plays where only scrobbles tell of it
--   coverage          string*  export, polled, mixed or scrobbled
--   at_least          bool*    plays or minutes may be missing: an open gap touches the month, no
--                              export tells of it, or not of how long a play was heard
--
-- Key: scope, month, played_from_type, played_from_uri.
WITH summed AS (
    SELECT scope, month, played_from_type, played_from_uri,
        arg_max(played_from_name, place) AS played_from_name,
        count(*) FILTER (heard.counts) AS plays,
        sum(ms) AS ms, count(*) AS heard
    FROM heard JOIN labelled_plays USING (place) GROUP BY ALL
)
SELECT summed.* EXCLUDE (heard), ms / 60000 AS minutes,
    coalesce(
        ms / nullif(sum(ms) OVER every, 0),
        if(coverage = 'scrobbled', heard / sum(heard) OVER every, NULL),
        0
    ) AS share,
    coverage, at_least
FROM summed JOIN months USING (month)
WINDOW every AS (PARTITION BY scope, month)
