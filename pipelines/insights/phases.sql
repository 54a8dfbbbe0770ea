-- Which artists and genres had their time with me, and when?
--
-- One row: one phase, in one scope: months in a row in each of which an artist was among the three
-- most played, or a genre among the five, and in which they have a twentieth of the plays and twice
-- their share of all other months. In each month there are 10 plays or more (an artist's on 4 different
-- days), and half as much again as the share that is exceeded in three months of four. Both must be more
-- than chance would explain (once in a thousand times). Shares are of the plays whose artist, or genre,
-- is known. Months count that have 30 such plays, in music over three weeks or more, for genres if they
-- are half of the month's plays; with fewer than six of these, or three besides the phase, nothing can
-- be told. A genre of whose plays one artist has more than half is none. What lies within a stronger
-- phase of its kind is left out; the twelve strongest are told, six genres at most.
--
--   scope        string*  all, or mine: contexts in exclude left out
--   rank         int32*   1 is the strongest: by the months, times the share beyond the usual one
--   kind         string*  artist or genre
--   name         string*  the artist's, as the latest of all plays spells it, or the genre's, as in
--                         genres_by_month
--   artist_key   string   as in unique_artists and artists; null for a genre
--   title        string*  in English; with a season where that is known from the summer time of the
--                         listener's time zones
--   starts_on    date*    first day of the first month
--   ends_on      date*    last day of the last month, or that up to which plays are known
--   months       int32*   how many months these are
--   plays        int32*   its plays of 30 seconds or more in them
--   share        double*  of all such plays in these months, 0 to 1
--   usual_share  double*  the same share in all other months
--   at_least     bool*    plays may be missing: an open gap touches one of the months, or no export
--                         tells of it, or not of how long a play was heard
--
-- Key: scope, rank.
WITH spans AS (
    SELECT scope, date_trunc('month', day)::DATE AS month FROM daily
    WHERE plays > 0 GROUP BY ALL HAVING max(day) - min(day) >= 20
),
tagged AS (
    SELECT scope, month, artist, unnest(genres) AS genre, plays
    FROM monthly JOIN sounds USING (recording) WHERE plays > 0
),
-- Plays of everything that is compared, in every month that counts.
totals AS (
    SELECT 'artist' AS kind, scope, month, sum(plays)::INTEGER AS plays
    FROM monthly_artists GROUP BY ALL HAVING sum(plays) >= 30
    UNION ALL
    SELECT 'genre', scope, month, sum(plays) FILTER (len(genres) > 0) AS known
    FROM monthly LEFT JOIN sounds USING (recording)
    GROUP BY ALL HAVING known >= 30 AND 2 * known >= sum(plays)
),
compared AS (
    SELECT *, count(*) OVER of_kind AS in_months, sum(plays) OVER of_kind AS of_all
    FROM totals SEMI JOIN spans USING (scope, month)
    WINDOW of_kind AS (PARTITION BY kind, scope)
    QUALIFY in_months >= 6
),
-- Artists have numbers in alphabetical order.
heard_in AS (
    SELECT 'artist' AS kind, scope, month, lpad(artist::VARCHAR, 9, '0') AS subject, plays, rank <= 3 AS is_top
    FROM monthly_artists
    UNION ALL
    SELECT 'genre', scope::whose, month, genre, plays, rank <= 5 FROM genres_by_month
),
-- What is among the first nowhere need not be looked at.
subjects AS (
    SELECT DISTINCT kind, scope, subject FROM heard_in WHERE is_top
),
shares AS (
    SELECT kind, scope, month, subject, coalesce(heard_in.plays, 0) AS plays,
        coalesce(is_top, false) AS is_top, coalesce(heard_in.plays, 0) / compared.plays AS share,
        compared.plays AS of_plays, in_months, of_all
    FROM subjects JOIN compared USING (kind, scope)
        LEFT JOIN heard_in USING (kind, scope, month, subject)
),
usual AS (
    SELECT kind, scope, subject, quantile_cont(share, 0.25) AS low, sum(plays) AS plays
    FROM shares GROUP BY ALL
),
days_of AS (
    SELECT scope, lpad(artist::VARCHAR, 9, '0') AS subject, date_trunc('month', day)::DATE AS month, count(*) AS days
    FROM daily_artists GROUP BY ALL
),
strong AS (
    SELECT shares.*, usual.plays AS plays_ever,
        month - to_months((row_number() OVER (
            PARTITION BY kind, scope, subject ORDER BY month
        ))::INTEGER) AS stretch
    FROM shares JOIN usual USING (kind, scope, subject)
        LEFT JOIN days_of USING (scope, subject, month)
    WHERE is_top AND shares.plays >= 10 AND share >= 1.5 * low
        AND byar_low(shares.plays) > low * of_plays
        AND (kind = 'genre' OR days >= 4)
),
summed AS (
    SELECT kind, scope, subject,
        min(month) AS first, max(month) AS last, count(*)::INTEGER AS months,
        sum(plays) AS plays, sum(of_plays) AS of_plays,
        any_value(plays_ever) - sum(plays) AS other_plays,
        any_value(of_all) - sum(of_plays) AS of_other_plays
    FROM strong GROUP BY kind, scope, subject, stretch, in_months HAVING months + 3 <= in_months
),
stretches AS (
    SELECT *, plays / of_plays AS share, other_plays / of_other_plays AS usual_share
    FROM summed
    WHERE share >= 0.05 AND share >= 2 * usual_share AND byar_low(plays) > usual_share * of_plays
),
-- A genre that is one artist's is told as that artist.
one_artists AS (
    SELECT scope, subject, first
    FROM (
        SELECT stretches.scope, subject, first, artist, stretches.plays, sum(tagged.plays) AS of_them
        FROM stretches JOIN tagged ON stretches.scope = tagged.scope
            AND genre_key(genre) = genre_key(subject) AND month BETWEEN first AND last
        WHERE kind = 'genre' AND artist IS NOT NULL GROUP BY ALL
    ) WHERE 2 * of_them > plays
),
own AS (
    SELECT *, (share - usual_share) * months AS strength
    FROM stretches ANTI JOIN one_artists USING (scope, subject, first)
),
widest AS (
    FROM own WHERE NOT EXISTS (
        FROM own other WHERE other.kind = own.kind AND other.scope = own.scope
            AND other.first <= own.first AND other.last >= own.last
            AND (-other.strength, other.subject) < (-own.strength, own.subject)
    )
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY scope ORDER BY strength DESC, first, kind, subject
    ) AS rank
    FROM (
        FROM widest QUALIFY kind = 'artist' OR row_number() OVER (
            PARTITION BY scope, kind ORDER BY strength DESC, first, subject
        ) <= 6
    )
),
named AS (
    SELECT ranked.*, artist_key, coalesce(artist_name, subject) AS name,
        (SELECT bool_or(at_least) FROM months WHERE month BETWEEN first AND last) AS at_least,
        -- December belongs to the winter, or summer, of the year that follows.
        (year(first) * 12 + month(first)) // 3 AS season,
        (year(last) * 12 + month(last)) // 3 AS last_season
    FROM ranked LEFT JOIN named_artists ON artist = if(kind = 'artist', subject, NULL)::INTEGER
    WHERE rank <= 12
)
SELECT scope, rank, kind, name, artist_key,
    CASE WHEN kind = 'genre' AND months >= 2 AND season = last_season AND northern IS NOT NULL
        THEN format('Your {} {} of {}', name,
            ['winter', 'spring', 'summer', 'autumn'][(season + if(northern, 0, 2)) % 4 + 1],
            if(season % 4 = 0, format('{}/{:02}', season // 4 - 1, season // 4 % 100),
                (season // 4)::VARCHAR))
        ELSE format('{} of {}, {}',
            coalesce([
                'A month', 'Two months', 'Three months', 'Four months', 'Five months', 'Six months',
                'Seven months', 'Eight months', 'Nine months', 'Ten months', 'Eleven months',
                'Twelve months'
            ][months], format('{} months', months)),
            name,
            CASE WHEN months = 1 THEN strftime(first, '%B %Y')
                ELSE if(year(first) = year(last), strftime(first, '%B'), strftime(first, '%B %Y'))
                    || if(months = 2, ' and ', ' to ') || strftime(last, '%B %Y') END)
    END AS title,
    first AS starts_on, least(last_day(last), through) AS ends_on,
    months, plays, share, usual_share, at_least
FROM named CROSS JOIN settings
