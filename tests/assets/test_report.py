"""What the report's asset writes: the page and the cards beside it, each only when it changes."""

from pathlib import Path

import pytest

from pipelines.assets.report import CARDS, PAGE, SHOWN, stored_cards, write_report
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.report.cards.words import ALL
from tests.report.listeners import full_life, small_life, told_by
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A lake with the tables of three months."""
    world = World(tmp_path)
    # Of sessions, this life has only what charts of them need.
    tables = told_by(small_life()) | {SESSIONS.name: SESSIONS.empty()}
    for table in SHOWN:
        world.own.replace(table, tables.get(table.name, table.empty()))
    return world


def stored(world: World) -> set[str]:
    return {entry.key.removeprefix(CARDS) for entry in world.own.store.list(CARDS)}


def test_cards_lie_beside_the_page_and_are_written_only_when_they_change(world: World) -> None:
    write_report(world.own)
    names = {name.rsplit(".", 1)[0] for name in stored(world)}
    assert ALL in names
    assert any(name.isdecimal() for name in names)
    assert stored(world) == {f"{name}{ending}" for name in names for ending in (".svg", ".png")}

    world.store.writes.clear()
    write_report(world.own)
    assert not world.store.writes

    write_report(world.own, "Somebody Else")
    written = {key.split("/report/")[-1] for key in world.store.writes}
    assert written == {"index.html", *(f"cards/{name}" for name in stored(world))}


def test_a_card_that_no_period_has_any_more_is_removed(world: World) -> None:
    write_report(world.own)
    kept = stored(world)
    for name in ("1999.svg", "1999.png"):
        world.own.store.put(f"{CARDS}{name}", b"old")
    write_report(world.own)
    assert stored(world) == kept
    assert world.own.store.get(PAGE)


def test_a_picture_that_somebody_deleted_is_made_again(world: World) -> None:
    write_report(world.own)
    kept = stored(world)
    world.own.store.delete(f"{CARDS}{ALL}.png")
    write_report(world.own)
    assert stored(world) == kept


def test_of_months_the_last_twelve_have_a_card() -> None:
    cards = stored_cards(told_by(full_life()), None)
    months = [period for period in cards if "-" in period]
    assert months == [f"2025-{month:02}" for month in range(4, 13)] + [
        f"2026-{month:02}" for month in range(1, 4)
    ]
    assert {ALL, "2025", "2026"} < set(cards)
