"""A listener's plays, exported as a table, are the same plays in another lake, and no more in this.

What an export writes is tested in `cli/test_export_tables.py`.
"""

import io
import random
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.listening.schema.csv_json import TextFormat
from pipelines.ops.table_export import export_tables
from tests.support import lives
from tests.support.lives import moment
from tests.support.world import NAME, World

pytestmark = pytest.mark.rare

FORMATS: tuple[TextFormat, ...] = ("csv", "json")

APPLE = (
    "Song Name,Artist Name,Event Type,Event Start Timestamp,Event End Timestamp,"
    "Play Duration Milliseconds,Media Duration In Milliseconds,End Reason Type\n"
    "Only there,Somebody,PLAY_END,{at},{end},180000,180000,NATURAL_END_OF_TRACK\n"
    "Not known how long,Somebody,PLAY_END,{end},{later},-1,,NATURAL_END_OF_TRACK\n"
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)

Json = dict[str, Any]


FACTS = lives.life(5, days=1, without=frozenset({"start"}))
"""What no export tells of, a poll may tell by its beginning: then no other lake can know."""


def lived(root: Path) -> World:
    """A lake with a life that polls, exports of Spotify's and Apple tell of."""
    world, chance, facts = World(root), random.Random(5), FACTS
    for answer, _ in lives.polls(facts, chance):
        world.keep_answer(answer)
    world.run(None)
    first, last = facts[0].end, facts[-1].end
    middle = first + (last - first) // 2
    world.run_import(lives.extended(facts, middle, chance).files, moment(last))
    whole = lives.account(facts, (middle + last) // 2)
    world.run_import(whole.files, moment(last) + timedelta(minutes=1))
    times = {
        name: f"{moment(last) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
        for name, minutes in (("at", 60), ("end", 63), ("later", 66))
    }
    apple = {"Apple Music Play Activity.csv": APPLE.format(**times).encode()}
    world.run_import(apple, moment(last) + timedelta(days=1))
    return world


def exported(world: World, folder: Path, format_: TextFormat) -> dict[str, bytes]:
    """All files of an export, in the zip that a person would make of them."""
    export_tables(NAME, world.lake, folder, format_, lambda *_: None)
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"export/{path.name}")
    return {"export.zip": text.getvalue()}


def plays(world: World) -> list[Json]:
    return sorted(world.plays(), key=lambda row: str(row["play_id"]))


def copied(world: World, root: Path) -> World:
    shutil.copytree(world.root, root)
    return World(root)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> World:
    return lived(tmp_path_factory.mktemp("old"))


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_lake_has_the_same_plays_afterwards(
    format_: TextFormat, old: World, tmp_path: Path
) -> None:
    sums = {row["source"] for row in old.plays()}
    assert sums >= {"api", "account", "api+export+account", "apple"}
    new = World(tmp_path / "new")
    outcome = new.run_import(exported(old, tmp_path / "export", format_), NOW)
    assert (outcome["new"], outcome["refused"]) == (len(old.plays()), 0)
    assert [file for file in outcome["files"] if "problem" in file] == []
    assert plays(new) == plays(old)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_lake_has_no_play_more(format_: TextFormat, old: World, tmp_path: Path) -> None:
    again = copied(old, tmp_path / "copy")
    before = again.plays()
    outcome = again.run_import(exported(old, tmp_path / "export", format_), NOW)
    assert outcome["new"] == 0
    assert again.plays() == before


def test_a_later_export_adds_what_came_since(old: World, tmp_path: Path) -> None:
    early = World(tmp_path / "early")
    middle = FACTS[len(FACTS) // 2].end
    for answer, _ in lives.polls(FACTS, random.Random(5), until=middle):
        early.keep_answer(answer)
    early.run(None)
    new = World(tmp_path / "new")
    new.run_import(exported(early, tmp_path / "first", "csv"), NOW)
    later = NOW + timedelta(days=1)
    new.run_import(exported(old, tmp_path / "second", "json"), later)
    # What polls told first has the id by which the earlier export knew it.
    ids = {row["play_id"] for row in early.plays()}
    assert ids <= {row["play_id"] for row in new.plays()}
    for row in new.plays():
        assert row in plays(old)
    assert len(new.plays()) == len(old.plays())


def test_spotifys_own_export_adds_as_much_to_moved_plays_as_to_the_lake_they_come_from(
    old: World, tmp_path: Path
) -> None:
    new, same = World(tmp_path / "new"), copied(old, tmp_path / "same")
    new.run_import(exported(old, tmp_path / "export", "csv"), NOW)
    whole = lives.extended(FACTS, FACTS[-1].end, random.Random(5))
    for world in (new, same):
        world.run_import(whole.files, NOW + timedelta(days=1))
    assert len(new.plays()) == len(same.plays())
    assert [row["source"] for row in new.plays()] == [row["source"] for row in same.plays()]
