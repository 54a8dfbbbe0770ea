"""What each person may see of a survey besides what everybody sees.

That is their own songs, their place among the others, and their twins. Of a twin it is nothing but
the first signs of a pseudonym and what both named, and that only where both agreed, which
`twins.py` sees to. How it is kept from others is `report/survey_own.py`, which seals it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.survey_tables import (
    COMPARED,
    MUSIC_DNA,
    RESPONSES,
    SONGS,
    TWINS,
)

Part = dict[str, Any]

SIGNS_OF_A_TWIN = 6
"""Of a pseudonym's 32: enough to tell twins apart, too few to look for them anywhere."""

_LONGEST = 60
"""Signs of a title or name: somebody may have pasted a whole text."""

_AXES = 3

_DIGITS = 1
"""Of what lies beside the group's mean. With more, friends who put theirs together could work out
that mean closely enough to tell whom it was moved by since the page of the day before."""

_ANSWERS = ("answered_on", "age_band", "major", "year", "hours_band", "listening_time")
_FEATURES = tuple(one.name for one in COMPARED)


def own_parts(tables: Mapping[str, pa.Table], k: int) -> dict[str, Part]:
    """The own part of everybody who answered.

    How somebody lies to the group's mean tells of that mean, so it is told of k people or more.

    Args:
        tables: by name, those that are kept; without `music_dna` or `survey_twins` nobody is
            compared.
        k: of fewer people nothing is told.

    Returns:
        by pseudonym; `js/data/survey-tables.d.ts` has the same as a type.
    """
    songs = _by_pseudonym(tables.get(SONGS.name))
    dna = tables.get(MUSIC_DNA.name)
    compared = _by_pseudonym(None if dna is None or len(dna) < k else dna)
    twins = _by_pseudonym(tables.get(TWINS.name))
    return {
        row["pseudonym"]: _part(
            row,
            sorted(songs[row["pseudonym"]], key=lambda song: song["place"]),
            next(iter(compared[row["pseudonym"]]), None),
            sorted(twins[row["pseudonym"]], key=lambda twin: twin["rank"]),
        )
        for row in _rows(tables.get(RESPONSES.name))
    }


def _rows(table: pa.Table | None) -> list[Part]:
    return [] if table is None else table.to_pylist()


def _by_pseudonym(table: pa.Table | None) -> Mapping[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for row in _rows(table):
        found[row["pseudonym"]].append(row)
    return found


def _part(answer: Part, songs: list[Part], dna: Part | None, twins: list[Part]) -> Part:
    said = {name: answer[name] for name in _ANSWERS}
    day = answer["answered_on"]
    return {
        "answer": said | {"answered_on": None if day is None else day.isoformat()},
        "agreed": answer["may_be_matched"],
        "songs": [_song(song) for song in songs],
        "compared": sum(_has_features(song) for song in songs),
        "place": None if dna is None else _place(dna["scores"]),
        "group": None if dna is None else dna["group"],
        "sound": None if dna is None else {name: round(dna[name], _DIGITS) for name in _FEATURES},
        "twins": [_twin(twin) for twin in twins] if answer["may_be_matched"] else [],
    }


def _place(scores: list[float]) -> list[float] | None:
    """Where somebody is on the map, in as many dimensions as it has; None without a map."""
    return [round(one, _DIGITS) for one in [*scores, 0.0, 0.0][:_AXES]] if scores else None


def _song(song: Part) -> Part:
    return {
        "artist": _shortened(song["artist_name"]),
        "title": _shortened(song["track_name"]),
        "state": song["state"],
        "source": song["source"],
        "similarity": None if song["similarity"] is None else round(song["similarity"], 2),
        "year": song["release_year"],
        "genres": _names(song["genres"], 2),
        "features": _has_features(song),
    }


def _has_features(song: Part) -> bool:
    return all(song[name] is not None for name in _FEATURES)


def _twin(twin: Part) -> Part:
    return {
        "name": twin["twin"][:SIGNS_OF_A_TWIN],
        "similarity": round(twin["similarity"], 2),
        "percentile": round(twin["percentile"], 1),
        "by_chance": round(twin["percentile_by_chance"], 1),
        "of_likest": round(twin["percentile_of_likest"], 1),
        "songs": _names(twin["shared_songs"], 5),
        "artists": _names(twin["shared_artists"], 5),
        "genres": _names(twin["shared_genres"], 5),
    }


def _names(names: Iterable[str] | None, most: int) -> list[str]:
    return [name for name in map(_shortened, list(names or ())[:most]) if name]


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 1].rstrip()}…"
