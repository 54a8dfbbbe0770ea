"""A source that the documentation tells how to add: one module, and nothing else."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.listening import sources
from pipelines.listening.sources.registry import all_sources
from tests.support.world import HOME, World

PAGE = Path(__file__).parents[2] / "docs/architecture.md"
AT = datetime(2026, 5, 1, tzinfo=UTC)
NIGHT = 1_700_000_000

DIARY = f"""My jukebox diary
{NIGHT};Band;Song;201
{NIGHT + 300};Band;Other song;180
not a line of it
{NIGHT + 600};Band;Song;201
"""


def module_of_the_page() -> str:
    """The module that the page shows."""
    [code] = re.findall(r"```python\n(\"\"\".*?)```", PAGE.read_text(), flags=re.DOTALL)
    return str(code)


@pytest.fixture
def jukebox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "jukebox.py").write_text(module_of_the_page())
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(folder)])
    all_sources.cache_clear()
    yield
    monkeypatch.undo()
    all_sources.cache_clear()


def plays(world: World) -> list[dict[str, Any]]:
    paths = sorted((world.root / HOME / "plays").rglob("*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


@pytest.mark.usefixtures("jukebox")
def test_the_module_that_the_documentation_shows_is_a_source(tmp_path: Path) -> None:
    world = World(tmp_path / "lake")
    outcome = world.run_import({"any name": DIARY.encode()}, AT)
    assert (outcome["new"], outcome["refused"], outcome["sources"]) == (3, 1, {"jukebox": 3})
    rows = plays(world)
    assert [(row["track_name"], row["source"]) for row in rows] == [
        ("Song", "jukebox"),
        ("Other song", "jukebox"),
        ("Song", "jukebox"),
    ]
    assert [row["started_at"].timestamp() - NIGHT for row in rows] == [0, 300, 600]
    assert {row["ms_played_source"] for row in rows} <= {"assumed", "unknown"}


@pytest.mark.usefixtures("jukebox")
def test_what_it_tells_of_a_play_that_is_known_is_merged_with_it(tmp_path: Path) -> None:
    world = World(tmp_path / "lake")
    world.run_import({"a": DIARY.encode()}, AT)
    listens = (
        f'{{"listened_at": {NIGHT}, "track_metadata": {{"artist_name": "Band",'
        f' "track_name": "Song", "additional_info": {{}}}}}}'
    )
    outcome = world.run_import({"b": listens.encode()}, AT)
    assert outcome["merged"] == 1
    assert sorted(row["source"] for row in plays(world)) == [
        "jukebox",
        "jukebox",
        "listenbrainz+jukebox",
    ]
