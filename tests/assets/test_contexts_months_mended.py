"""Labelled months after a run was killed or overtaken, and after files were damaged.

Add a test here for what happens between two writes, and for files that are not what was written.
"""

import shutil
from pathlib import Path

import pytest

from pipelines.errors import CorruptFile
from pipelines.listening.schema.context_tables import LABELS
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.resources.lake.object_store import Stored
from tests.support.labelled import MANIFEST, forget_counts, late, made, path_of, rows
from tests.support.world import HOME, Crash, Watched, World


@pytest.fixture(scope="module")
def undisturbed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a late play leads to."""
    root = tmp_path_factory.mktemp("undisturbed") / "lake"
    shutil.copytree(template, root)
    world = World(root)
    late(world, 1)
    world.follow()
    return made(world)


@pytest.mark.parametrize("writes", [0, 1])
def test_what_a_run_killed_between_two_months_leaves_the_next_one_mends(
    world: World, undisturbed: dict[str, bytes], writes: int
) -> None:
    late(world, 1)
    world.find_tracks()
    world.store.crash_after = writes
    with pytest.raises(Crash):
        world.label()
    assert made(world) != undisturbed
    world.follow()
    assert made(world) == undisturbed


class Overtaken(Watched):
    """Before the first play is read, another run takes in and labels one more."""

    done = False

    def get(self, key: str) -> Stored | None:
        if "/plays/year=" in key and not self.done:
            self.done = True
            other = World(self.root)
            late(other, 2)
            other.follow()
        return super().get(key)


def test_a_run_that_another_one_overtakes_starts_over(world: World) -> None:
    late(world, 1)
    world.find_tracks()
    overtaken = Overtaken(world.root)
    World(world.root, store=overtaken).label()
    after = made(world)
    assert overtaken.done
    assert world.follow()["months_changed"] == 0
    assert made(world) == after
    assert "n" * 22 in {row["track_id"] for row in rows(world, "2025-02")}


def test_a_damaged_month_is_named_by_whoever_reads_it_and_made_again(world: World) -> None:
    before = made(world)
    for damage in (b"", b"PAR1", before[path_of("2025-03")][:-9]):
        world.store.put(path_of("2025-03"), damage)
        with pytest.raises(CorruptFile, match="labelled_plays/year=2025/month=03") as said:
            world.sum_up()
        assert len(str(said.value).splitlines()) == 1
    assert world.follow()["months_changed"] == 1
    assert made(world) == before


def test_a_month_that_someone_deleted_is_made_again(world: World) -> None:
    before = made(world)
    world.store.delete(path_of("2025-03"))
    world.follow()
    assert made(world) == before


def test_a_damaged_manifest_is_made_anew_at_once(world: World) -> None:
    before = made(world)
    for damage in (b"", b"[]", before[MANIFEST][:-9], None):
        if damage is None:
            world.store.delete(MANIFEST)
        else:
            world.store.put(MANIFEST, damage)
        forget_counts(world)
        world.follow()
        assert list(world.store.writes) == [MANIFEST], "what lies there is right, and stays"
        assert made(world) == before


@pytest.mark.parametrize(
    "path", [UNIQUE_TRACKS.path, LABELS.path, "plays/year=2025/month=02/data.parquet"]
)
def test_what_labels_are_made_of_is_named_where_it_is_damaged(world: World, path: str) -> None:
    before = made(world)
    world.store.put(f"{HOME}{path}", b"half a fi")
    with pytest.raises(CorruptFile, match=path):
        world.label()
    assert made(world) == before
