"""Surveys for their page, as their tables are declared: of nobody, of few, of a class, of many.

Add here what two modules need. What a page should show belongs to the test.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.survey_tables import COMPARED, SURVEY_TABLES
from pipelines.listening.survey.own_parts import own_parts
from pipelines.report.survey_own import Sealed, sealed

Row = dict[str, Any]
Tables = Mapping[str, pa.Table]

K = 5
IMAGE = "<img src=x onerror=alert(1)>"
ENDED = "</script><script>alert(2)</script>"
FEATURES = [one.name for one in COMPARED]
MAJORS = ["Mathematics", "History of Art", "Computer Science", "Nursing"]

UNWILLING, UNKNOWN = 1, 2
"""Who did not agree to be matched, and of whose songs too few are known."""

_TABLES = {table.name: table for table in SURVEY_TABLES}


def made(name: str, rows: Iterable[Row]) -> pa.Table:
    """A table of a survey; what a row does not say is null."""
    schema = _TABLES[name].schema
    empty = dict.fromkeys(schema.names)
    return pa.Table.from_pylist([empty | row for row in rows], schema)


def nobody() -> Tables:
    """Nobody answered: every table is there, and has no row."""
    return {name: made(name, []) for name in _TABLES}


def few() -> Tables:
    """Three people answered."""
    coverage = {"major": "", "people": None, "songs": None}
    return {**nobody(), "survey_coverage": made("survey_coverage", [coverage])}


def small() -> Tables:
    """Twelve people: no map, no groups, no predictor."""
    everybody = {
        "major": "",
        "people": 12,
        "songs": 31,
        "matched": 0.9,
        "with_features": 0.3,
        "with_genres": 0.4,
        "people_compared": None,
    }
    return {
        **nobody(),
        "group_profile": made("group_profile", _profile(12, [""])),
        "survey_coverage": made("survey_coverage", [everybody]),
        "survey_feed": made("survey_feed", _feed(12)),
        "survey_clusters": made(
            "survey_clusters",
            [_group(0, 12, "everybody", "With 12 people no groups can be told from chance.")],
        ),
        "major_predictor": made(
            "major_predictor",
            [
                {
                    "speaks": False,
                    "outcome": "With 12 people nothing can be said of whether songs tell the major:"
                    " it takes 40.",
                    "people": 12,
                    "classes": 1,
                    "permutations": 0,
                    "importances": [],
                    "confusion": [],
                }
            ],
        ),
    }


@cache
def group(people: int = 45, majors: int = 4, *, speaks: bool = True) -> Tables:
    """A group of which all is told, and markup in names."""
    named = (MAJORS + [f"Subject {n}" for n in range(majors)])[:majors]
    return {
        "group_profile": made("group_profile", _profile(people, ["", *named])),
        "survey_coverage": made("survey_coverage", _coverage(people, named)),
        "survey_feed": made("survey_feed", _feed(people)),
        "music_dna_components": made("music_dna_components", _components(people)),
        "music_dna_map": made("music_dna_map", _map(people)),
        "survey_clusters": made("survey_clusters", _groups(people)),
        "major_predictor": made("major_predictor", [_predictor(people, named, speaks=speaks)]),
        **kept(people),
    }


@cache
def kept(people: int, songs: int = 10) -> Tables:
    """The tables with a row for a person."""
    names = [pseudonym(n) for n in range(people)]
    return {
        "survey_responses": made("survey_responses", _responses(names, songs)),
        "survey_songs": made("survey_songs", _songs(names, songs)),
        "music_dna": made("music_dna", _dna(names)),
        "survey_twins": made("survey_twins", _twins(names)),
    }


def pseudonym(n: int) -> str:
    return sha256(f"person {n}".encode()).hexdigest()[:32]


def code(n: int) -> str:
    """26 signs, as codes have."""
    return sha256(f"code {n}".encode()).hexdigest()[:26]


def _share(seed: str) -> float:
    """A number from 0 to 1 that looks random."""
    return int(sha256(seed.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def _profile(people: int, majors: list[str]) -> list[Row]:
    topics = {
        "song": ["Fleetwood Mac: Dreams", IMAGE, "Kate Bush: Running Up That Hill"],
        "artist": ["Kate Bush", "Fleetwood Mac", IMAGE, "Nina Simone", "A" * 70],
        "genre": ["pop", "indie rock", "jazz", "hip hop", "classical", "techno"],
        "decade": ["1970s", "1980s", "2000s", "2010s", "2020s"],
        "hours_band": ["0-1", "1-2", "2-4", "4-8", "8 or more"],
        "listening_time": ["evening", "morning", "night", "afternoon", "not told"],
        "age_band": ["20-24", "25-29", "15-19"],
        "year": ["1", "2", "3"],
        "major": [*filter(None, majors), "other"],
    }
    return [
        _figure(major, topic, value, at, people // (3 if major else 1))
        for major in majors
        for topic, values in topics.items()
        if not major or topic in {"artist", "genre", "decade", "hours_band", "listening_time"}
        for at, value in enumerate(values)
    ]


def _figure(major: str, topic: str, value: str, at: int, told: int) -> Row:
    count = round(told * (0.2 + 0.5 * _share(f"{major}{topic}{value}"))) // (1 + at // 3)
    hidden = "few" if count < K else "follows" if at == 1 and told < 30 else None
    return {
        "of": "major" if major else "everybody",
        "major": major,
        "topic": topic,
        "value": value,
        "people": None if hidden else count,
        "of_people": told,
        "share": None if hidden else count / told,
        "hidden": hidden,
    }


def _coverage(people: int, majors: list[str]) -> list[Row]:
    shares = {"matched": 0.91, "with_features": 0.72, "with_genres": 0.8}
    counts = {"people": people, "songs": 10 * people, "people_compared": people - 4}
    rows: list[Row] = [{"major": "", **counts, **shares}]
    for at, major in enumerate(majors):
        one = people // len(majors)
        told = {"people": one, "songs": 10 * one, "people_compared": one - 1}
        varied = {name: share - 0.05 * at for name, share in shares.items()}
        rows.append({"major": major, **(told | varied if at else {})})
    return rows


def _feed(people: int) -> list[Row]:
    return [
        {
            "since": date(2026, 11, 1) + timedelta(days=4 * n),
            "until": date(2026, 11, 3) + timedelta(days=4 * n),
            "people": people // 3,
            "words": f"{people // 3} people answered; 6 of them named {artist}.",
        }
        for n, artist in enumerate(["Kate Bush", IMAGE, "a song of the 1980s"])
    ]


ENDS = [
    ("more energetic, louder and faster", "calmer, quieter and slower"),
    ("more cheerful", "darker"),
    ("more live", "more from the studio"),
]
"""What lies at the upper and at the lower end of components."""


def _components(people: int) -> list[Row]:
    return [
        {
            "component": at + 1,
            "kept": at < len(ENDS),
            "explained": explained,
            "explained_by_chance": 0.21 - 0.02 * at,
            "words": "{} at one end; {} at the other".format(*ENDS[min(at, 2)]),
            "loadings": [
                {
                    "feature": name,
                    "loading": 2 * _share(f"{name}{at}") - 1,
                    "stable": _share(f"{at}{name}") < 0.7,
                }
                for name in FEATURES
            ],
            "people": people - 4,
        }
        for at, explained in enumerate([0.3, 0.21, 0.18, 0.08, 0.07, 0.06, 0.05, 0.03, 0.02])
    ]


def _map(people: int) -> list[Row]:
    dots = max(people // 7, 1)
    return [
        {
            "dot": n + 1,
            "people": K + n % 4,
            "x": 6 * _share(f"x{n}") - 3,
            "y": 4 * _share(f"y{n}") - 2,
            "z": 2 * _share(f"z{n}") - 1,
        }
        for n in range(dots)
    ]


def _group(cluster: int, people: int, name: str, outcome: str) -> Row:
    centre = [3 * _share(f"{cluster}{one}") - 1.5 for one in FEATURES]
    return {
        "cluster": cluster,
        "people": people,
        "name": name,
        "centre": centre if cluster else [0.0] * len(FEATURES),
        "outcome": outcome,
    }


def _groups(people: int) -> list[Row]:
    outcome = "There are 2 groups: they are further apart than chance makes them, and stable."
    names = ["more energy and loudness, less acousticness", "more acousticness, less tempo"]
    return [
        _group(at + 1, people // 2, name, outcome)
        | {"silhouette": 0.31, "silhouette_by_chance": 0.15, "stability": 0.88 - 0.05 * at}
        for at, name in enumerate(names)
    ]


def _predictor(people: int, majors: list[str], *, speaks: bool) -> Row:
    outcome = (
        f"The songs of {people} people tell what they study better than guessing."
        if speaks
        else f"With {people} people, their songs do not tell the major better than guessing."
    )
    return {
        "speaks": speaks,
        "outcome": outcome,
        "people": people,
        "classes": len(majors),
        "balanced_accuracy": 0.52 if speaks else 0.27,
        "low": 0.38 if speaks else 0.14,
        "high": 0.66 if speaks else 0.41,
        "by_guessing": 0.25,
        "p": 0.002 if speaks else 0.41,
        "permutations": 500,
        "importances": [
            {"feature": name, "importance": 0.12 * _share(name) - 0.01, "spread": 0.03}
            for name in ("energy, loudness, acousticness", "valence", "tempo", "speechiness")
        ],
        "confusion": [
            {"major": one, "told": other, "people": 6 + at if one == other else None}
            for at, one in enumerate(majors)
            for other in majors
        ],
    }


def _responses(names: list[str], songs: int) -> list[Row]:
    return [
        {
            "pseudonym": name,
            "answered_on": date(2026, 11, 1 + n % 12),
            "age_band": "20-24",
            "major": MAJORS[n % 4],
            "year": str(1 + n % 3),
            "hours_band": "2-4",
            "listening_time": "evening",
            "may_be_matched": n != UNWILLING,
            "songs": songs,
        }
        for n, name in enumerate(names)
    ]


_SYLLABLES = ["ka", "ro", "mi", "len", "sta", "vor", "dé", "ü", "shi", "nor", "bel", "qua", "tri"]


def word(seed: str, syllables: int) -> str:
    return "".join(
        _SYLLABLES[int(_share(f"{seed}{n}") * len(_SYLLABLES)) % len(_SYLLABLES)]
        for n in range(syllables)
    ).capitalize()


def _songs(names: list[str], songs: int) -> list[Row]:
    return [
        _song(n, place) | {"pseudonym": name, "place": place}
        for n, name in enumerate(names)
        for place in range(1, songs + 1)
    ]


def _song(n: int, place: int) -> Row:
    number = int(_share(f"song {n} {place}") * 3000)
    names = {
        "artist_name": f"{word(f'a{number // 4}', 3)} {word(f'b{number // 4}', 2)}",
        "track_name": IMAGE if (n, place) == (0, 1) else f"{word(f't{number}', 4)} of the night",
    }
    if place % 5 == 0 or (n == UNKNOWN and place > 2):
        return names | {"song_key": f"s{number}", "state": "doubtful"}
    return names | {
        "song_key": f"s{number}",
        "track_id": f"{number:022}",
        "state": "matched",
        "source": "reference" if place % 2 else "link",
        "similarity": 0.97 if place % 2 else None,
        "release_year": 1970 + number % 55,
        "genres": [word(f"g{number % 40}", 2).lower(), "pop"],
        **{name: _share(f"{name}{number}") for name in FEATURES},
    }


def _dna(names: list[str]) -> list[Row]:
    return [
        {
            "pseudonym": name,
            "songs": 8,
            **{one: 4 * _share(f"{name}{one}") - 2 for one in FEATURES},
            "scores": [6 * _share(f"{name}{axis}") - 3 for axis in "xyz"],
            "group": 1 + n % 2,
        }
        for n, name in enumerate(names)
        if n != UNKNOWN
    ]


def _twins(names: list[str]) -> list[Row]:
    agreed = [name for n, name in enumerate(names) if n not in {UNWILLING, UNKNOWN}]
    return [
        {
            "pseudonym": name,
            "twin": agreed[(at + rank) % len(agreed)],
            "rank": rank,
            "similarity": 0.95 - 0.1 * rank,
            "percentile": 99.0 - rank,
            "percentile_by_chance": 99.0 - rank,
            "percentile_of_likest": 97.0 - 2 * rank,
            "shared_songs": ["Dreams"] if rank == 1 else [],
            "shared_artists": ["Kate Bush", ENDED] if rank < 3 else [],
            "shared_genres": ["pop", "indie rock"],
        }
        for at, name in enumerate(agreed)
        for rank in (1, 2, 3)
        if len(agreed) > 3
    ]


def sealed_parts(people: int) -> Sealed:
    """Own parts of so many people, each behind their code."""
    parts = own_parts(kept(people), K)
    return sealed({code(n): parts[pseudonym(n)] for n in range(people)})
