"""Recounts what is published of a survey, and looks for figures of fewer than k people in it.

It knows who answered what, as a malicious reader does not, and asks what that reader could find
out: sets of people whose sizes are published, and sets that follow from these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.listening.catalogue.names import normal_name

Bools = npt.NDArray[np.bool_]


NAMED = ("song", "artist", "genre", "decade")
"""Topics of which people name several things."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Fact:
    """A set of people whose size is published.

    Attributes:
        what: in words.
        people: who is in it.
        size: as published.
        about: the topic, and the thing where people name several.
    """

    what: str
    people: Bools
    size: int
    about: str = ""


def facts(responses: pa.Table, songs: pa.Table, profile: pa.Table) -> Iterator[Fact]:
    """What `group_profile` tells, counted anew in plain Python.

    Args:
        responses: rows of `survey_responses`.
        songs: rows of `survey_songs`.
        profile: rows of `group_profile`.
    """
    people = sorted(responses.to_pylist(), key=lambda row: row["pseudonym"])
    songs_of: dict[str, list[dict[str, object]]] = {one["pseudonym"]: [] for one in people}
    for song in songs.to_pylist():
        songs_of[song["pseudonym"]].append(song)
    rows = profile.to_pylist()
    named_values = {(row["of"], row["major"] != "", row["topic"]): set[str]() for row in rows}
    for row in rows:
        named_values[row["of"], row["major"] != "", row["topic"]].add(row["value"])
    majors_of: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["of"] == "major":
            thing = row["value"] if row["topic"] in NAMED else ""
            majors_of.setdefault((row["topic"], thing), set()).add(row["major"])
    yield Fact("everybody", np.ones(len(people), bool), len(people))
    for row in rows:
        topic, value = row["topic"], row["value"]
        whole = np.ones(len(people), bool)
        if row["of"] == "major":
            thing = value if topic in NAMED else ""
            told = majors_of[topic, thing]
            whole = np.array([_class(one["major"], told) == row["major"] for one in people])
        about = f"{topic} {value}" if topic in NAMED else topic
        yield Fact(f"{row['of']} {row['major']} {topic}", whole, row["of_people"], about)
        if row["people"] is None:
            continue
        if topic in NAMED:
            own = np.array([_named(topic, value, songs_of[one["pseudonym"]]) for one in people])
        else:
            values = named_values[row["of"], row["major"] != "", topic]
            own = np.array([_class(one[topic], values) == value for one in people])
        yield Fact(f"{row['of']} {row['major']} {topic} {value}", own & whole, row["people"], about)


def _class(value: str | None, told: set[str]) -> str:
    here = value or "not told"
    return here if here in told else "other"


def _named(topic: str, value: str, songs: list[dict[str, object]]) -> bool:
    for song in songs:
        artist, title, year = song["artist_name"], song["track_name"], song["release_year"]
        if topic == "genre" and value in (song["genres"] or []):  # type: ignore[operator]
            return True
        if topic == "decade" and year is not None and f"{int(str(year)) // 10 * 10}s" == value:
            return True
        if topic == "artist" and artist and normal_name(str(artist)) == normal_name(value):
            return True
        if topic == "song" and f"{artist} \N{EN DASH} {title}" == value:
            return True
    return False


def wrong(told: list[Fact]) -> list[str]:
    """Facts that are not so."""
    return [
        f"{one.what}: {one.size}, truly {one.people.sum()}"
        for one in told
        if one.size != one.people.sum()
    ]


def too_small(told: list[Fact], k: int) -> list[str]:
    """Sets of fewer than k people that are told, or follow: by differences, or by sums."""
    found = [f"{one.what}: {one.size}" for one in told if one.size < k]
    for one, other in combinations(told, 2):
        small, large = (one, other) if one.size <= other.size else (other, one)
        if (small.people & ~large.people).any():
            continue
        if 0 < (rest := int((large.people & ~small.people).sum())) < k:
            found.append(f"{large.what} - {small.what}: {rest}")
    of_all = [one for one in told if one.about in {"", "major"}]
    for about in sorted({one.about for one in told} - {"", "major"}):
        own = [*of_all, *(one for one in told if one.about == about)]
        found += [f"{about}: {sum_}" for sum_ in _by_sums(own, k)]
    return found


def _by_sums(told: list[Fact], k: int) -> Iterator[str]:
    """Sets of people whose size is a sum of sizes that are told of one thing.

    A reader knows how these sets lie in each other, such as the values of one topic in those of
    each subject. People who are in the same sets cannot be told apart.
    """
    matrix = np.unique(np.array([one.people for one in told]), axis=0).astype(float)
    alike: dict[bytes, Bools] = {}
    for person, told_of in enumerate(matrix.T):
        alike.setdefault(told_of.tobytes(), np.zeros(matrix.shape[1], bool))[person] = True
    small = [own for own in alike.values() if own.sum() < k]
    pairs = [one | other for one, other in combinations(small, 2) if (one | other).sum() < k]
    candidates = np.array(small + pairs, float)
    if not len(candidates):
        return
    weights, *_ = np.linalg.lstsq(matrix.T, candidates.T, rcond=None)
    left = np.abs(matrix.T @ weights - candidates.T).max(axis=0)
    for own, error in zip(candidates, left, strict=True):
        if error < TOLERANCE:
            yield f"{int(own.sum())} people follow from sums"
