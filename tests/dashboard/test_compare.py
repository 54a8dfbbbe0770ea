"""Two listeners are compared only where both agreed, and by what the tables of both say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.items import ARTISTS, SONGS, Kind
from pipelines.dashboard.menu.compare import (
    SHOWN,
    load,
    load_hours,
    shared_listing,
    unknown_listing,
)
from pipelines.dashboard.reading import Reading
from pipelines.listening.catalogue.names import normal_name
from tests.dashboard.lakes import OF_ITEMS, nothing, reading_of, varied_life, write_life

Row = dict[str, Any]
KINDS = [ARTISTS, SONGS]


def make_lake(folder: Path) -> None:
    write_life(folder, "nico", varied_life(1, 900), wanted=OF_ITEMS)
    write_life(folder, "mira", varied_life(2, 300), wanted=OF_ITEMS)
    write_life(folder, "ola", nothing(), wanted=OF_ITEMS)


@pytest.fixture(scope="module")
def lake(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("lake-of-two", make_lake)


@pytest.fixture(scope="module")
def you(lake: Path) -> Reading:
    return reading_of(lake, "nico")


@pytest.fixture(scope="module")
def they(lake: Path) -> Reading:
    return reading_of(lake, "mira")


def by_name(kind: Kind, reading: Reading, scope: str) -> dict[str, int]:
    plays: dict[str, int] = {}
    for row in reading.table(kind.table, where={"scope": scope}).to_pylist():
        names = [normal_name(row[name] or "") for name in reversed(kind.texts)]
        plays["|".join(names)] = plays.get("|".join(names), 0) + row["plays"]
    return plays


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.page)
@pytest.mark.parametrize("scope", ["all", "mine"])
def test_what_is_shared_is_what_both_tables_have(
    you: Reading, they: Reading, kind: Kind, scope: Any
) -> None:
    both = load(kind, you, they, Choices("nico", scope))
    yours, theirs = by_name(kind, you, scope), by_name(kind, they, scope)
    shared = yours.keys() & theirs.keys()
    assert (both.yours, both.theirs, both.shared) == (len(yours), len(theirs), len(shared))
    likeness = sum(
        min(yours[one] / sum(yours.values()), theirs[one] / sum(theirs.values())) for one in shared
    )
    assert both.likeness == pytest.approx(likeness)
    assert 0 < likeness < 1
    assert len(both.most_shared) == min(SHOWN, len(shared))
    for row in both.most_shared:
        assert (row["yours"], row["theirs"]) == (yours[row["by_name"]], theirs[row["by_name"]])
    known = by_name(kind, you, "all").keys()
    new = sorted((-plays, one) for one, plays in theirs.items() if one not in known)[:SHOWN]
    assert [(-row["theirs"], row["by_name"]) for row in both.unknown_to_you] == new


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.page)
def test_who_compares_makes_no_difference(you: Reading, they: Reading, kind: Kind) -> None:
    one = load(kind, you, they, Choices("nico", period="2025"))
    other = load(kind, they, you, Choices("mira", period="2025"))
    assert one.likeness == pytest.approx(other.likeness)
    assert one.shared == other.shared
    assert [row["by_name"] for row in one.unknown_to_you] == [
        row["by_name"] for row in other.unknown_to_them
    ]


def test_whoever_is_compared_with_themselves_is_the_same(you: Reading) -> None:
    both = load(ARTISTS, you, you, Choices("nico"))
    assert both.likeness == pytest.approx(1)
    assert both.unknown_to_you == both.unknown_to_them == []


def test_with_somebody_who_heard_nothing_there_is_no_likeness(you: Reading, lake: Path) -> None:
    both = load(ARTISTS, you, reading_of(lake, "ola"), Choices("nico"))
    assert both.likeness is None
    assert both.shared == 0


def test_hours_are_shares_of_the_minutes_of_each(you: Reading) -> None:
    hours = load_hours(you, Choices("nico", "all"))
    rows = you.table("listening_by_hour", where={"scope": "all"}).to_pylist()
    assert sum(one.share for one in hours) == pytest.approx(1)
    for one in hours:
        minutes = sum(row["minutes"] for row in rows if row["hour"] == one.hour)
        assert one.minutes == pytest.approx(minutes)


def test_what_only_they_heard_leads_nowhere(you: Reading, they: Reading) -> None:
    choices = Choices("nico", "all")
    both = load(SONGS, you, they, choices)
    theirs = unknown_listing(SONGS, both.unknown_to_you, "theirs", "New", choices)
    yours = unknown_listing(SONGS, both.unknown_to_them, "yours", "New", choices)
    assert theirs.rows
    assert all(row[0].link is None for row in theirs.rows)
    assert all(row[0].link is not None for row in yours.rows)
    shared = shared_listing(SONGS, both, ("A", "B"), choices)
    assert [one.title for one in shared.columns] == ["Song", "A, plays", "B, plays"]
