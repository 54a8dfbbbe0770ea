-- How does sound what I play, month by month?
--
-- One row: one month with music, in one scope. The sound is that of reference data; means are over
-- the plays whose sound is known, and worth a look where these are at least half.
--
--   scope               string*  all, or mine: contexts in exclude left out
--   month               date*    its first day
--   plays               int32*   plays of music of 30 seconds or more
--   known_share         double*  of them, those whose sound is known, 0 to 1
--   danceability        double   mean, 0 to 1
--   energy              double   mean, 0 to 1
--   loudness            double   mean, in dB
--   speechiness         double   mean, 0 to 1
--   acousticness        double   mean, 0 to 1
--   instrumentalness    double   mean, 0 to 1
--   liveness            double   mean, 0 to 1
--   valence             double   mean, 0 to 1
--   tempo               double   mean, in beats per minute
--   mood_score          double   mean, 0 dark and calm to 1 bright and lively
--   acoustic_share      double   of those plays, acoustic ones (acousticness above 0.5), 0 to 1;
--                                the others are electronic
--   instrumental_share  double   of those plays, instrumental ones (instrumentalness above 0.5), 0 to
--                                1; the others are vocal
--   coverage            string*  export, polled, mixed or scrobbled
--   at_least            bool*    plays or minutes may be missing: an open gap touches the month, no
--                                export tells of it, or not of how long a play was heard
--
-- Key: scope, month.
WITH summed AS (
    SELECT scope, month, sum(plays) AS plays,
        coalesce(sum(plays) FILTER (energy IS NOT NULL), 0) AS known_plays,
        mean_by_plays(COLUMNS([
            'danceability', 'energy', 'loudness', 'speechiness', 'acousticness',
            'instrumentalness', 'liveness', 'valence', 'tempo', 'mood_score'
        ]), plays),
        mean_by_plays((acousticness > 0.5)::DOUBLE, plays) AS acoustic_share,
        mean_by_plays((instrumentalness > 0.5)::DOUBLE, plays) AS instrumental_share
    FROM monthly_tracks LEFT JOIN sounds USING (recording) GROUP BY ALL
)
SELECT *, known_plays / plays AS known_share FROM summed JOIN months USING (month)
