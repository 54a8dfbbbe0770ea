"""What a group has in common: how many people named or told what, and what is known of their songs.

Two kinds of topics: those in which each person has one value, such as their hours, and those in
which they may have several, such as the artists that they named. Add a topic to `ONE_EACH` or to
`things_named`. Which figures may be told is `suppression.py`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.schema.survey_tables import GROUP_PROFILE, SURVEY_COVERAGE
from pipelines.listening.survey.coverage import KNOWN, coverage_of_people
from pipelines.listening.survey.suppression import (
    OTHER,
    Bools,
    crossed,
    in_steps,
    recoded,
    tellable,
)

EVERYBODY, MAJOR = "everybody", "major"

ONE_EACH = ("major", "year", "age_band", "hours_band", "listening_time")
"""Topics in which each person has one value; columns of `survey_responses`."""

BY_MAJOR = ("hours_band", "listening_time", "genre", "artist", "decade")
"""Topics that are told of each subject too, where k allows."""

NOT_TOLD = "not told"
"""The value of whoever gave none."""

FEW, NEARLY_ALL, FOLLOWS = "few", "nearly all", "follows"
"""Why a figure is hidden: it is below k, or nearly everybody, or others would follow from it."""

LISTED_WITHOUT_A_FIGURE = ("song", "artist")
"""Topics whose values are listed without a figure, where enough people named them for that."""


BETWEEN = " \N{EN DASH} "
"""Between the artist and the title of a song."""


SHARE_DIGITS, SHARE_STEPS = 3, 20
"""How a share of songs is told; and in how many steps where it speaks of fewer than k people."""


TOLERANCE = 1e-9


@dataclass(frozen=True)
class Things:
    """What people named: songs, artists, genres, decades.

    Attributes:
        topics: of each thing.
        values: its name.
        sets: people by things.
    """

    topics: list[str]
    values: list[str]
    sets: Bools


def things_named(people: Sequence[str], songs: pa.Table) -> Things:
    """Who named what.

    Args:
        people: pseudonyms.
        songs: rows of `survey_songs`.
    """
    place = pa.array(people, pa.string())
    rows = songs.filter(pc.is_in(songs["pseudonym"], place))
    who = pc.index_in(rows["pseudonym"], place)
    genres = pc.list_parent_indices(rows["genres"])
    artists, tracks = rows["artist_name"], rows["track_name"]
    # A pasted link that no table knows has neither; Arrow's own way of skipping drops such a row.
    titles = pc.coalesce(pc.binary_join_element_wise(artists, tracks, BETWEEN), artists, tracks)
    decades = pc.multiply(pc.floor(pc.divide(rows["release_year"].cast(pa.float64()), 10)), 10)
    kinds = {
        "song": (who, rows["song_key"], titles),
        "artist": (who, normal_names(artists), artists),
        "genre": (
            who.take(genres),
            pc.list_flatten(rows["genres"]),
            pc.list_flatten(rows["genres"]),
        ),
        "decade": (who, decades, pc.binary_join_element_wise(_text(decades), "s", "")),
    }
    topics, values, columns = [], [], []
    for topic, (whose, keys, names) in kinds.items():
        for name, own in _sets(whose, keys, names):
            topics.append(topic)
            values.append(name)
            columns.append(own)
    sets = np.zeros((len(people), len(columns)), bool)
    for at, own in enumerate(columns):
        sets[own, at] = True
    return Things(topics, values, sets)


def _text(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    return numbers.cast(pa.int32()).cast(pa.string())


def _sets(
    who: pa.ChunkedArray, keys: pa.ChunkedArray, names: pa.ChunkedArray
) -> list[tuple[str, list[int]]]:
    """Of each key its commonest name, of equally common ones the first, and whose it is.

    Keys of one name, such as a song that is known and one that is not, are told apart by a number.
    """
    rows = pa.table({"who": who, "key": keys, "name": names})
    rows = rows.filter(pc.and_(pc.is_valid(rows["key"]), pc.is_valid(rows["name"])))
    owners: dict[object, set[int]] = {}
    spelled: dict[object, Counter[str]] = {}
    for one in rows.to_pylist():
        owners.setdefault(one["key"], set()).add(one["who"])
        spelled.setdefault(one["key"], Counter())[one["name"]] += 1
    named = {key: min(each, key=lambda name: (-each[name], name)) for key, each in spelled.items()}
    found = sorted((named[key], sorted(owners[key])) for key in owners)
    again: Counter[str] = Counter()
    told = []
    for name, own in found:
        again[name] += 1
        told.append((name if again[name] == 1 else f"{name} ({again[name]})", own))
    return told


@dataclass(frozen=True)
class Group:
    """The people of a survey, and their subjects as they may be told.

    Attributes:
        responses: rows of `survey_responses`, by pseudonym.
        majors: each person's subject, `other` where it has too few; None where none is told.
        k: of fewer people nothing is told.
    """

    responses: pa.Table
    majors: list[str] | None
    k: int

    @classmethod
    def of(cls, responses: pa.Table, k: int) -> "Group":
        """The group of all who answered."""
        rows = responses.sort_by([("pseudonym", "ascending")])
        return cls(rows, recoded(_values(rows, "major"), k), k)

    @property
    def people(self) -> list[str]:
        """Their pseudonyms."""
        pseudonyms: list[str] = self.responses["pseudonym"].to_pylist()
        return pseudonyms

    @property
    def is_told(self) -> bool:
        """Whether there are enough people to tell anything."""
        return len(self.responses) >= self.k


def _values(rows: pa.Table, name: str) -> list[str]:
    return [OTHER if one == OTHER else one or NOT_TOLD for one in rows[name].to_pylist()]


def group_profile(group: Group, things: Things, fewest_of_a_song: int) -> pa.Table:
    """The figures of a group, and of each subject where k allows.

    Args:
        group: who answered.
        things: what they named.
        fewest_of_a_song: songs and artists that so many people named are listed, without a figure
            where they are fewer than k.

    Returns:
        `group_profile`; without rows where fewer than k people answered.
    """
    if not group.is_told:
        return GROUP_PROFILE.empty()
    classes = list(_classes(group))
    rows = [row for one in classes for row in one.rows]
    rows += _named(group, things, fewest_of_a_song, _sets_of(classes))
    return GROUP_PROFILE.conform(GROUP_PROFILE.from_rows(rows))


def _row(
    of: tuple[str, str], topic: str, value: str, people: int | None, whole: int
) -> dict[str, object]:
    share = None if people is None else round(people / whole, 3)
    return {
        "of": of[0],
        "major": of[1],
        "topic": topic,
        "value": value,
        "people": people,
        "of_people": whole,
        "share": share,
        "hidden": None,
    }


@dataclass(frozen=True)
class _Classes:
    """Everybody, or everybody by subject, split by what each told of one topic.

    Attributes:
        topic: which.
        majors: each person's subject; None where it is of everybody.
        values: what each told.
    """

    topic: str
    majors: list[str] | None
    values: list[str]

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Each person's subject and value."""
        return list(zip(self.majors or [""] * len(self.values), self.values, strict=True))

    @property
    def rows(self) -> list[dict[str, object]]:
        """Of each cell how many people are in it."""
        wholes = Counter(major for major, _ in self.cells)
        return [
            _row(
                (MAJOR, major) if self.majors else (EVERYBODY, ""),
                self.topic,
                value,
                people,
                wholes[major],
            )
            for (major, value), people in sorted(Counter(self.cells).items())
        ]


def _classes(group: Group) -> Iterator[_Classes]:
    for topic in ONE_EACH:
        values = group.majors
        if topic != MAJOR:
            values = recoded(_values(group.responses, topic), group.k)
        if values is None:
            continue
        yield _Classes(topic, None, values)
        if topic in BY_MAJOR and group.majors and (cells := crossed(group.majors, values, group.k)):
            yield _Classes(topic, cells.rows, cells.columns)


def _sets_of(classes: Sequence[_Classes]) -> Bools | None:
    """People by the sets whose sizes these classes tell."""
    sets = [
        np.array([cell == one for cell in each])
        for classes_ in classes
        for each in (classes_.cells, [(one, "") for one in classes_.majors or []])
        for one in sorted(set(each))
    ]
    return np.stack(sets, axis=1) if sets else None


def _named(
    group: Group, things: Things, fewest: int, beside: Bools | None
) -> list[dict[str, object]]:
    """Figures of things that people named, also of each subject.

    All sets of people that are told, of everybody or of a subject, are held against each other, and
    against those `beside`.
    """
    k, whole = group.k, len(group.responses)
    sizes = things.sets.sum(axis=0, dtype=np.int64)
    of_majors = [
        one
        for at in np.flatnonzero(sizes >= k).tolist()
        if group.majors and things.topics[at] in BY_MAJOR
        for one in _sets_of_majors(at, things.sets[:, at], group.majors, k)
    ]
    columns = [one.people[:, None] for one in of_majors]
    may = tellable(np.concatenate([things.sets, *columns], axis=1), k, beside)
    may, may_of_majors = may[: len(sizes)], may[len(sizes) :]
    rows = []
    for at, (topic, value) in enumerate(zip(things.topics, things.values, strict=True)):
        size = int(sizes[at])
        if may[at]:
            rows.append(_row((EVERYBODY, ""), topic, value, size, whole))
        elif _is_listed(topic, size, fewest, k):
            hidden = FEW if size < k else NEARLY_ALL if whole - size < k else FOLLOWS
            row = _row((EVERYBODY, ""), topic, value, None, whole)
            rows.append({**row, "hidden": hidden})
    # A thing is told of every subject or of none: one that is left out would follow.
    left_out = {one.thing for one, told in zip(of_majors, may_of_majors, strict=True) if not told}
    for one in of_majors:
        if may[one.thing] and one.thing not in left_out:
            topic, value = things.topics[one.thing], things.values[one.thing]
            size = int(one.people.sum())
            rows.append(_row((MAJOR, one.major), topic, value, size, one.of_people))
    return rows


@dataclass(frozen=True)
class _OfMajor:
    """Those of a subject who named a thing."""

    thing: int
    major: str
    people: Bools
    of_people: int


def _sets_of_majors(thing: int, named: Bools, majors: list[str], k: int) -> list[_OfMajor]:
    cells = crossed(majors, ["yes" if one else "no" for one in named], k)
    if cells is None:
        return []
    classes = np.array(cells.rows)
    return [
        _OfMajor(thing, major, named & (classes == major), int((classes == major).sum()))
        for major in sorted(set(cells.rows))
    ]


def _is_listed(topic: str, size: int, fewest: int, k: int) -> bool:
    return size >= (fewest if topic in LISTED_WITHOUT_A_FIGURE else k)


def survey_coverage(group: Group, songs: pa.Table, compared: Sequence[str]) -> pa.Table:
    """What is known of the songs of everybody, and of each subject's.

    Args:
        group: who answered.
        songs: rows of `survey_songs`.
        compared: pseudonyms of those with enough songs to be compared.

    Returns:
        `survey_coverage`; without figures where fewer than k people answered.
    """
    people, majors = group.people, group.majors
    if not group.is_told:
        return SURVEY_COVERAGE.from_rows([{"major": ""}])
    of_classes = {"": people}
    for major in sorted(set(majors or ())):
        of_classes[major] = [
            one for one, own in zip(people, majors or (), strict=True) if own == major
        ]
    rows = [_coverage(major, own, songs, set(compared)) for major, own in of_classes.items()]
    return SURVEY_COVERAGE.conform(SURVEY_COVERAGE.from_rows(_tellable_coverage(rows, group.k)))


@dataclass(frozen=True)
class _Coverage:
    """What is known of the songs of some people.

    Attributes:
        major: whose.
        people: how many they are.
        songs: how many they named.
        known: by column, the share of songs, and how many people have one that is known, and one
            that is not.
        compared: how many of them can be compared.
    """

    major: str
    people: int
    songs: int
    known: Mapping[str, tuple[float | None, int, int]]
    compared: int


def _coverage(major: str, people: list[str], songs: pa.Table, compared: set[str]) -> _Coverage:
    own = songs.filter(pc.is_in(songs["pseudonym"], pa.array(people, pa.string())))
    of_people = coverage_of_people(own)
    known = {}
    for name in KNOWN:
        some, lacking = of_people[name], pc.subtract(of_people["songs"], of_people[name])
        share = round(pc.sum(some).as_py() / len(own), SHARE_DIGITS) if len(own) else None
        having, without = (pc.sum(pc.greater(each, 0)).as_py() or 0 for each in (some, lacking))
        known[name] = (share, having, without)
    return _Coverage(major, len(people), len(own), known, sum(one in compared for one in people))


def _tellable_coverage(of_classes: list[_Coverage], k: int) -> list[dict[str, object]]:
    """Rows of `survey_coverage`.

    Of subjects a column is told whole or not at all, since one figure follows from the others. Of
    everybody a figure is rounded down where it speaks of fewer than k people: of those whose songs
    are not known, or who cannot be compared.
    """
    everybody, *majors = of_classes
    rows: list[dict[str, object]] = [
        {"major": one.major, "people": one.people, "songs": one.songs} for one in of_classes
    ]
    for name, (share, *of) in everybody.known.items():
        rows[0][name] = share
        if share is not None and any(_is_of_few(few, k) for few in of):
            rows[0][name] = floor(share * SHARE_STEPS + TOLERANCE) / SHARE_STEPS
        if not any(_is_of_few(few, k) for one in majors for few in one.known[name][1:]):
            for row, one in zip(rows[1:], majors, strict=True):
                row[name] = one.known[name][0]
    compared = in_steps(everybody.compared, [everybody.people], k)
    if compared >= k:
        rows[0]["people_compared"] = compared
        rows[0]["compared_at_least"] = compared < everybody.compared
    left_out = [few for one in majors for few in (one.compared, one.people - one.compared)]
    if not any(_is_of_few(few, k) for few in left_out):
        for row, one in zip(rows[1:], majors, strict=True):
            row["people_compared"] = one.compared or None
            row["compared_at_least"] = False if one.compared else None
    return rows


def _is_of_few(people: int, k: int) -> bool:
    return 0 < people < k
