"""The tables of surveys: what a group answered about its favourite songs, and what follows.

Every survey has them once, in its own folder. Those below `kept/` have a row for a person, under a
pseudonym, and are for whoever runs the survey; those below `published/` speak of groups, and never
of fewer people than the survey's `k`. Add a table here when it belongs to a survey; how it is
computed is `listening/survey/`.
"""

import pyarrow as pa

from pipelines.listening.schema.reference_tables import SOUND
from pipelines.listening.schema.table import Table, column
from pipelines.listening.schema.tables import NAMES

_SHARE = pa.float64()

NOT_COMPARED = ("key", "mode", "time_signature")
"""Audio features without a more and a less, which no mean is taken of."""

COMPARED = tuple(one for one in SOUND if one.name not in NOT_COMPARED)
"""The nine audio features that people's songs are compared by."""

_PSEUDONYM = column(
    "pseudonym",
    pa.string(),
    "who answered: an HMAC of their mail or name, with a key that is not in the lake",
    required=True,
)

_AT_LEAST = column(
    "at_least",
    pa.bool_(),
    "whether `people` is rounded down to a multiple of k, since fewer than k people are left out",
    required=True,
)

RESPONSES = Table(
    name="survey_responses",
    path="kept/responses.parquet",
    grain=(
        "One person who answered; of several answers their last counts. A value that fewer people "
        "gave than a figure is shown of is 'other'."
    ),
    fields=(
        _PSEUDONYM,
        column("answered_on", pa.date32(), "the day of their answer; null where it tells none"),
        column("age_band", pa.string(), "their age in bands of five years, such as 20-24"),
        column("major", pa.string(), "what they study"),
        column("year", pa.string(), "in which year of it they are"),
        column("hours_band", pa.string(), "hours of music a day, in bands, such as 2-4"),
        column("listening_time", pa.string(), "when they mostly listen"),
        column(
            "may_be_matched",
            pa.bool_(),
            "whether they agreed that others see how alike their songs are",
            required=True,
        ),
        column("songs", pa.int16(), "how many songs they named", required=True),
        column("version", pa.string(), "another one as soon as any of their songs is"),
    ),
    key=("pseudonym",),
)

TOLD = Table(
    name="survey_told",
    path="kept/told.parquet",
    grain=(
        "One person whose answer the figures speak of; new and changed answers come in together, "
        "so that nobody's follows from a change."
    ),
    fields=RESPONSES.fields,
    key=("pseudonym",),
)

REFUSED_ANSWERS = Table(
    name="survey_refused",
    path="kept/refused.parquet",
    grain="A row of the sheet, or a cell, that counts for nothing, and why; nothing of its text.",
    fields=(
        column(
            "file", pa.int16(), "which of a folder's files, by their names; else 1", required=True
        ),
        column("row", pa.int32(), "its number there, the very first being 1", required=True),
        column("field", pa.string(), "the cell's field; empty for the whole row", required=True),
        column("reason", pa.string(), "why, by name", required=True),
    ),
    key=("file", "row", "field"),
)

SONGS = Table(
    name="survey_songs",
    path="kept/songs.parquet",
    grain="One song that a person named, with the track that it is taken for.",
    fields=(
        _PSEUDONYM,
        column("place", pa.int16(), "which of their songs, from 1", required=True),
        column(
            "song_key",
            pa.string(),
            "equal for songs that are the same one, as matched",
            required=True,
        ),
        column("artist_name", pa.string(), "as they wrote it, or as the track's source spells it"),
        column("track_name", pa.string(), "as they wrote it, or as the track's source spells it"),
        column("track_id", pa.string(), "Spotify's id"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column(
            "state",
            pa.string(),
            "matched, chosen (by a person), doubtful (there are candidates), unmatched or waiting "
            "(to be searched for)",
            required=True,
        ),
        column(
            "source", pa.string(), "what told which track it is: link, lake, reference or search"
        ),
        column(
            "similarity", _SHARE, "of its names to the track's, 0 to 1; null where an id told it"
        ),
        column("release_year", pa.int16(), "year of release"),
        column("genres", NAMES, "of the track, else of its artist; reference data's"),
        *COMPARED,
    ),
    key=("pseudonym", "place"),
)

CANDIDATES = Table(
    name="survey_candidates",
    path="kept/candidates.parquet",
    grain="One track that a doubtful song may be; a person chooses: `playledger survey matches`.",
    fields=(
        column("song_key", pa.string(), "the song", required=True),
        column("rank", pa.int16(), "1 is the likeliest", required=True),
        column("artist_name", pa.string(), "the track's artist", required=True),
        column("track_name", pa.string(), "the track's title", required=True),
        column("track_id", pa.string(), "Spotify's id"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column("source", pa.string(), "lake, reference or search", required=True),
        column("similarity", _SHARE, "of its names to those of the song, 0 to 1", required=True),
    ),
    key=("song_key", "rank"),
)

FOUND = Table(
    name="survey_found",
    path="kept/found.parquet",
    grain="One track that Spotify's catalogue found for a song, or that it found none.",
    fields=(
        column("song_key", pa.string(), "the song that was searched for", required=True),
        column("place", pa.int16(), "in Spotify's order, from 1; 0: there was none", required=True),
        column("asked_on", pa.date32(), "the day of the search", required=True),
        column("track_id", pa.string(), "Spotify's id"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column("artists", NAMES, "its artists"),
        column("track_name", pa.string(), "its title"),
        column("release_year", pa.int16(), "year of release"),
    ),
    key=("song_key", "place"),
)

MUSIC_DNA = Table(
    name="music_dna",
    path="kept/music_dna.parquet",
    grain=(
        "One person with enough songs that reference data knows: means of their songs' audio "
        "features, in standard deviations from the group's mean, and where that puts them."
    ),
    fields=(
        _PSEUDONYM,
        column("songs", pa.int16(), "songs with audio features", required=True),
        *(column(one.name, _SHARE, f"{one.name}, standardised", required=True) for one in COMPARED),
        column(
            "scores",
            pa.list_(_SHARE),
            "on each component that is kept, and on the first three; none where none is kept",
            required=True,
        ),
        column("group", pa.int16(), "their group in survey_clusters; null where none was found"),
    ),
    key=("pseudonym",),
)

COMPONENTS = Table(
    name="music_dna_components",
    path="published/music_dna_components.parquet",
    grain="One principal component of people's mean audio features, the largest first.",
    fields=(
        column("component", pa.int16(), "from 1", required=True),
        column("kept", pa.bool_(), "larger than chance makes it: parallel analysis", required=True),
        column("explained", _SHARE, "share of the variance", required=True),
        column("explained_by_chance", _SHARE, "95 of 100 shuffled tables have less", required=True),
        column("words", pa.string(), "what lies at its two ends", required=True),
        column(
            "loadings",
            pa.list_(
                pa.struct([("feature", pa.string()), ("loading", _SHARE), ("stable", pa.bool_())])
            ),
            "of each audio feature; stable where its sign is the same in 95 of 100 resamples",
            required=True,
        ),
        column("people", pa.int32(), "of how many people", required=True),
        _AT_LEAST,
    ),
    key=("component",),
)

MAP = Table(
    name="music_dna_map",
    path="published/music_dna_map.parquet",
    grain=(
        "One dot on the map of the group's music: the mean of at least k people who are near each "
        "other, never of one."
    ),
    fields=(
        column("dot", pa.int16(), "its number", required=True),
        column("people", pa.int32(), "how many people it stands for", required=True),
        _AT_LEAST,
        column("x", _SHARE, "mean score on the first component", required=True),
        column("y", _SHARE, "on the second", required=True),
        column("z", _SHARE, "on the third", required=True),
    ),
    key=("dot",),
)

CLUSTERS = Table(
    name="survey_clusters",
    path="published/clusters.parquet",
    grain=(
        "One group of people whose songs are alike; where none was found, one row with cluster 0 "
        "and everybody in it, that says so."
    ),
    fields=(
        column("cluster", pa.int16(), "from 1, the largest first; 0 is everybody", required=True),
        column("people", pa.int32(), "how many are in it", required=True),
        _AT_LEAST,
        column("name", pa.string(), "what its songs have more and less of", required=True),
        column(
            "centre", pa.list_(_SHARE), "means of the nine features, standardised", required=True
        ),
        column(
            "silhouette",
            _SHARE,
            "how well groups are apart along the directions in which they differ, -1 to 1; null "
            "where none was found, and so are the next two",
        ),
        column("silhouette_by_chance", _SHARE, "95 of 100 groupless tables have less"),
        column("stability", _SHARE, "Jaccard index with the same group in resamples, 0 to 1"),
        column(
            "outcome", pa.string(), "why there are groups, or none, as a sentence", required=True
        ),
    ),
    key=("cluster",),
)

TWINS = Table(
    name="survey_twins",
    path="kept/twins.parquet",
    grain="Two people who both agreed to be matched: one, and one of the three who are likest.",
    fields=(
        column("pseudonym", pa.string(), "one of them", required=True),
        column("twin", pa.string(), "the other", required=True),
        column("rank", pa.int16(), "1 is the likest", required=True),
        column("similarity", _SHARE, "cosine of their standardised features", required=True),
        column(
            "percentile", _SHARE, "so many of all pairs in a hundred are less alike", required=True
        ),
        column(
            "percentile_by_chance",
            _SHARE,
            "so many pairs in a hundred are less alike where songs are dealt out at random",
            required=True,
        ),
        column(
            "percentile_of_likest",
            _SHARE,
            "of so many people in a hundred the twin of that rank is less alike where songs are "
            "dealt out at random: from 95 it is more than chance",
            required=True,
        ),
        column("shared_songs", NAMES, "songs that both named", required=True),
        column("shared_artists", NAMES, "artists that both named", required=True),
        column("shared_genres", NAMES, "genres that both have", required=True),
    ),
    key=("pseudonym", "twin"),
)

MAJOR_PREDICTOR = Table(
    name="major_predictor",
    path="published/major_predictor.parquet",
    grain="One row: whether songs tell what somebody studies any better than guessing.",
    fields=(
        column("speaks", pa.bool_(), "whether they do", required=True),
        column("outcome", pa.string(), "the answer, as a sentence", required=True),
        column("people", pa.int32(), "people whose songs and subject are known", required=True),
        _AT_LEAST,
        column("classes", pa.int16(), "subjects with enough people", required=True),
        column("balanced_accuracy", _SHARE, "mean share of each subject's people told right"),
        column("low", _SHARE, "lower bound of its 90 % interval"),
        column("high", _SHARE, "upper bound of its 90 % interval"),
        column("by_guessing", _SHARE, "the same of the better of two guesses"),
        column("p", _SHARE, "how often shuffled subjects are told as well"),
        column("permutations", pa.int32(), "how often they were shuffled", required=True),
        column(
            "importances",
            pa.list_(
                pa.struct([("feature", pa.string()), ("importance", _SHARE), ("spread", _SHARE)])
            ),
            "how much worse it gets with a feature shuffled, on people it was not fitted to",
            required=True,
        ),
        column(
            "confusion",
            pa.list_(
                pa.struct([("major", pa.string()), ("told", pa.string()), ("people", pa.int32())])
            ),
            "people by subject and by what their songs told; null where fewer than k",
            required=True,
        ),
    ),
    key=("outcome",),
)

GROUP_PROFILE = Table(
    name="group_profile",
    path="published/group_profile.parquet",
    grain=(
        "One figure of the group, or of those of one subject: how many people, and of how many; "
        "hidden figures are null, and so are others from which they would follow."
    ),
    fields=(
        column("of", pa.string(), "everybody, or major", required=True),
        column("major", pa.string(), "the subject; empty for everybody", required=True),
        column(
            "topic",
            pa.string(),
            "song, artist, genre, decade, hours_band, listening_time, age_band, year or major",
            required=True,
        ),
        column("value", pa.string(), "which one", required=True),
        column("people", pa.int32(), "people of whom it is so; null where hidden"),
        column("of_people", pa.int32(), "people who told", required=False),
        column("share", _SHARE, "people / of_people"),
        column("hidden", pa.string(), "why it is null: few, nearly all, or follows"),
    ),
    key=("of", "major", "topic", "value"),
)

SURVEY_COVERAGE = Table(
    name="survey_coverage",
    path="published/coverage.parquet",
    grain="What is known of the songs of everybody, or of those of one subject.",
    fields=(
        column("major", pa.string(), "the subject; empty for everybody", required=True),
        column("people", pa.int32(), "who answered; null where fewer than k"),
        column("songs", pa.int32(), "songs that they named; null likewise"),
        column(
            "matched",
            _SHARE,
            "share of these of which the track is known; where fewer than k people named a song of "
            "which it is not, or one of which it is, of everybody rounded down to a twentieth, and "
            "of subjects null",
        ),
        column("with_features", _SHARE, "share of these with audio features; likewise"),
        column("with_genres", _SHARE, "share of these with genres; likewise"),
        column(
            "people_compared",
            pa.int32(),
            "with enough songs to be compared; where the others are fewer than k, of everybody "
            "rounded down to a multiple of k, by at least k, and of subjects null",
        ),
        column("compared_at_least", pa.bool_(), "whether `people_compared` is rounded down"),
    ),
    key=("major",),
)

FEED = Table(
    name="survey_feed",
    path="published/feed.parquet",
    grain="One span of days in which at least k people answered, the first one first.",
    fields=(
        column("since", pa.date32(), "its first day", required=True),
        column("until", pa.date32(), "its last day", required=True),
        column("people", pa.int32(), "who answered then", required=True),
        column("words", pa.string(), "what they had in common, at least k of them", required=True),
    ),
    key=("since",),
)

KEPT = (RESPONSES, REFUSED_ANSWERS, SONGS, CANDIDATES, FOUND, TOLD, MUSIC_DNA, TWINS)
"""With a row for a person or for their song: not to be handed on."""

PUBLISHED = (
    GROUP_PROFILE,
    SURVEY_COVERAGE,
    FEED,
    COMPONENTS,
    MAP,
    CLUSTERS,
    MAJOR_PREDICTOR,
)
"""Of groups of at least k people."""

SURVEY_TABLES = (*KEPT, *PUBLISHED)
"""All tables of a survey, in the order in which they are documented."""
