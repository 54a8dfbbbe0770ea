"""Eight months of a quiet life, what is done to them, and what then lies in the lake.

Add here what several modules need to grow, change or look at labelled months. What a test expects
does not belong here.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.context_tables import LABELLED_PLAYS, SESSIONS
from pipelines.listening.time.months import Month
from pipelines.settings import parse_listeners
from tests.support import sources
from tests.support.export_files import MUSIC
from tests.support.lives import written
from tests.support.spotify_answers import NOON, Heard, minutes
from tests.support.world import HOME, NAME, World

BEGIN = datetime(2025, 1, 4, 17, 30, tzinfo=UTC)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
MONTHS = [f"2025-{month:02}" for month in range(1, 9)]
TRACKS = [letter * 22 for letter in "abcde"]
AROUND = 4
CONTEXTS_BY_MONTH = insights()["contexts_by_month"].table
MANIFEST = f"{HOME}labelled_plays/_manifest.json"

RULE = '[[nico.override]]\ncontext = "kids"\nartist = "artist {}"\n'

Row = dict[str, Any]


def heard(at: datetime, key: str = TRACKS[0], *, account: bool = False) -> Row:
    """A row of an export: a track heard to its end."""
    second = (at - NOON).total_seconds()
    return sources.minute(second, key) if account else sources.row(second, key)


def evenings(months: int, begin: datetime = BEGIN) -> list[Row]:
    """Two tracks every fifth evening."""
    return [
        heard(begin + timedelta(days=5 * n, minutes=3 * part), TRACKS[(n + part) % len(TRACKS)])
        for n in range(months * 6)
        for part in (0, 1)
    ]


def imported(world: World, rows: Iterable[Row], at: datetime = NOW) -> None:
    """An import's run as far as the ledger."""
    rows = list(rows)
    name = MUSIC if "endTime" in rows[0] else "Streaming_History_Audio_2025.json"
    world.run_import(written({name: rows}), at)


def late(world: World, month: int) -> None:
    """A play in the middle of a month that no export has told, of a track never heard before."""
    at = datetime(2025, month, 15, 12, tzinfo=UTC)
    world.run(world.keep([Heard(at, "n" * 22)], at + minutes(1)))


def made(world: World) -> dict[str, bytes]:
    """Everything that contexts are written into."""
    folders = ("labelled_plays/", SESSIONS.path, CONTEXTS_BY_MONTH.path)
    return world.files(*folders)


def derived_again(before: dict[str, bytes], world: World) -> list[str]:
    """The months that were made of something else since.

    Where the rows are the same, no file is written, and only the manifest tells.
    """
    old, new = json.loads(before[MANIFEST]), json.loads(made(world)[MANIFEST])
    changed = [path for path in new if new[path]["inputs"] != old.get(path, {}).get("inputs")]
    return months_of([f"/{path}" for path in changed], "labelled_plays")


def rows(world: World, *months: str) -> list[Row]:
    """The labelled plays of these months, or of all."""
    return [
        row
        for month in sorted(world.own.month_versions(LABELLED_PLAYS))
        if not months or str(month) in months
        for row in world.own.read(LABELLED_PLAYS, **month.parts).to_pylist()
    ]


def table(world: World, which: Any) -> list[Row]:
    found: list[Row] = world.own.read(which).to_pylist()
    return found


def forget_counts(world: World) -> None:
    world.store.reads.clear()
    world.store.writes.clear()


def made_again(world: World) -> None:
    """All that is derived, from nothing."""
    world.forget_derived()
    world.run(None)
    world.follow()


def months_of(keys: Iterable[str], folder: str) -> list[str]:
    return [str(Month.from_path(key)) for key in sorted(keys) if f"/{folder}/year=" in key]


def tell(world: World, settings: str) -> None:
    """What stands in the listener's part of `listeners.toml`."""
    [world.listener] = parse_listeners(f'[{NAME}]\ntimezone = "Europe/Berlin"\n{settings}')


def path_of(month: str) -> str:
    year, number = month.split("-")
    return f"{HOME}{LABELLED_PLAYS.path.format(year=year, month=number)}"
