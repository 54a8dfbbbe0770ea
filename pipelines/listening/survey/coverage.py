"""How much is known of named songs: of each song, of each person's, of all of a group's.

Songs that nothing knows are not missing at random: they are new, or not in English. So whoever
reads a figure has to see of how many songs it is. What of it is published, and where it is hidden,
is `profile.py`; add here what else may be known of a song.
"""

from collections.abc import Mapping

import pyarrow as pa

from pipelines.listening.schema.sql import query
from pipelines.listening.schema.survey_tables import COMPARED
from pipelines.listening.survey.matching import CHOSEN, MATCHED

KNOWN = ("matched", "with_features", "with_genres")
"""What may be known of a song."""

FIGURES = ("songs", *KNOWN)
"""How many songs were named, how many have a track, all audio features, and genres."""


def coverage_of_songs(songs: pa.Table) -> pa.Table:
    """What is known of each song, that of most people first.

    Args:
        songs: `survey_songs` rows.

    Returns:
        Columns song_key, people, matched, with_features and with_genres: whether anybody's has it.
    """
    return query(_OF_SONGS, songs=songs)


def coverage_of_people(songs: pa.Table) -> pa.Table:
    """What is known of the songs of each person.

    Args:
        songs: `survey_songs` rows.

    Returns:
        Columns pseudonym and `FIGURES`.
    """
    return query(_OF_PEOPLE, songs=songs)


def coverage_of_group(songs: pa.Table) -> dict[str, int]:
    """What is known of all songs that were named: `people` and `FIGURES`.

    Args:
        songs: `survey_songs` rows.
    """
    [row] = query(_OF_GROUP, songs=songs).to_pylist()
    return {name: int(number) for name, number in row.items()}


_KNOWN = f"""
SELECT pseudonym, song_key, state IN ('{MATCHED}', '{CHOSEN}') AS matched,
    {" AND ".join(f"{one.name} IS NOT NULL" for one in COMPARED)} AS with_features,
    coalesce(len(genres) > 0, false) AS with_genres
FROM songs
"""  # noqa: S608 built from constants

_COUNTS = """
count(*) AS songs, count(*) FILTER (matched) AS matched,
count(*) FILTER (with_features) AS with_features,
count(*) FILTER (with_genres) AS with_genres
"""

_OF_SONGS = f"""
SELECT song_key, count(DISTINCT pseudonym) AS people, bool_or(matched) AS matched,
    bool_or(with_features) AS with_features, bool_or(with_genres) AS with_genres
FROM ({_KNOWN}) GROUP BY song_key ORDER BY people DESC, song_key
"""  # noqa: S608 built from constants

_OF_PEOPLE = f"""
SELECT pseudonym, {_COUNTS} FROM ({_KNOWN}) GROUP BY pseudonym ORDER BY pseudonym
"""  # noqa: S608 built from constants

_OF_GROUP = f"""
SELECT count(DISTINCT pseudonym) AS people, {_COUNTS} FROM ({_KNOWN})
"""  # noqa: S608 built from constants


def describe_coverage(known: Mapping[str, int]) -> str:
    """One line: of how many songs the track is known, and of how many what."""
    if not known["songs"]:
        return "No song is stored yet."
    shares = {name: f"{known[name] / known['songs']:.0%}" for name in FIGURES[1:]}
    return (
        f"{known['people']:,} people named {known['songs']:,} songs. The track is known of "
        f"{shares['matched']}, audio features of {shares['with_features']}, genres of "
        f"{shares['with_genres']}."
    )
