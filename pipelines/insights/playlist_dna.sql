-- What is a playlist made of: which genres, decades and artists, how well known, and how does it sound?
--
-- One row: one figure of a playlist: of an aspect one value, such as of genre "indie pop". Each figure
-- is there twice: by items, where a song counts as often as it stands in the playlist, and by songs,
-- where it counts once. Songs are those of playlist_weights; of what is not known of some of them,
-- coverage says for how many it is. Genres, at most three of a song, and sound are those of reference
-- data, as in genres_by_month; popularity and years are Spotify's, else those of reference data.
--
--   playlist_id     string*  Spotify's id; liked_songs for the songs they like
--   aspect          string*  genre; decade (1990, 2000, …); artist (the first); popularity (0 for 0 to
--                            9, 10 for 10 to 19, …); average (the mean of a number)
--   rank            int32*   1 has most items, then most songs, then comes first from a to z; of
--                            average in the order year, popularity, sound
--   value           string*  genre; decade; artist; lowest popularity; or the number: release_year,
--                            popularity (0 to 100), danceability, energy, loudness (dB), speechiness,
--                            acousticness, instrumentalness, liveness, valence, tempo (beats per
--                            minute), mood_score
--   values          int32*   how many different values the aspect has; of genres and artists, the
--                            first 100 have a row
--   items           int32*   items with this value; of average: items of which the number is known
--   items_share     double   of the items of which the aspect is known, 0 to 1; null for average
--   items_mean      double   of average: the mean of these items
--   items_coverage  double*  of all items that are songs, those of which this is known, 0 to 1
--   songs           int32*   different songs likewise
--   songs_share     double   likewise by songs
--   songs_mean      double   likewise by songs
--   songs_coverage  double*  likewise by songs
--
-- Key: playlist_id, aspect, rank.
SELECT playlist_id, 'artist' AS aspect, 1 AS rank, 'nobody' AS value, 1 AS values,
    1 AS items, 0 AS items_share, NULL AS items_mean, 0 AS items_coverage,
    1 AS songs, 0 AS songs_share, NULL AS songs_mean, 0 AS songs_coverage
FROM playlist_entries WHERE false
