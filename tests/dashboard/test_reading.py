"""What was read is kept, of each listener their own, up to a limit; damage is told of by name."""

from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.reading import Kept, Reading
from pipelines.errors import CorruptFile, StoreUnavailable
from pipelines.listening.time.months import Month
from tests.dashboard.lakes import lake_in, one_day, reading_of, varied_life, write_life


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 40)), max_size=60))
def test_what_is_kept_is_never_more_than_the_limit(asked: list[tuple[int, int]]) -> None:
    kept = Kept(limit=100)
    for name, size in asked:
        rows = pa.table({"n": pa.array([1] * size, pa.int8())})
        assert kept.get((name, size), partial(pa.table, rows)).equals(rows)
        assert kept.bytes == sum(one.nbytes for one in kept._tables.values()) <= kept.limit


def test_what_is_larger_than_the_limit_is_read_and_not_kept() -> None:
    kept, rows = Kept(limit=3), pa.table({"n": [1, 2, 3]})
    assert kept.get((1,), lambda: rows) is rows
    assert kept.bytes == 0


def test_two_listeners_never_share_what_was_read(tmp_path: Path) -> None:
    write_life(tmp_path, "nico", varied_life(1, 200))
    write_life(tmp_path, "mira", varied_life(2, 200))
    lake, kept = lake_in(tmp_path), Kept()
    alone = {name: reading_of(tmp_path, name) for name in ("nico", "mira")}
    for _ in range(2):
        for name in ("nico", "mira"):
            shared = Reading(lake, name, kept)
            assert shared.months == alone[name].months
            for table in ("listening_by_month", "top_artists_by_month", "stories"):
                assert shared.table(table).equals(alone[name].table(table))
            months = shared.months[:2]
            assert shared.plays(months).equals(alone[name].plays(months))
    assert {path.split("/")[0] for path in shared.read} <= {"aggregated", "labelled_plays"}


def test_a_table_is_read_again_when_it_is_another(tmp_path: Path) -> None:
    write_life(tmp_path, "nico", varied_life(1, 200))
    lake, kept = lake_in(tmp_path), Kept()
    before = Reading(lake, "nico", kept).table("listening_by_month")
    again = Reading(lake, "nico", kept)
    assert again.table("listening_by_month") is before
    assert again.read == []
    write_life(tmp_path, "nico", varied_life(3, 300))
    after = Reading(lake, "nico", kept).table("listening_by_month")
    assert not after.equals(before)


def test_of_plays_only_the_months_asked_for_are_read(tmp_path: Path) -> None:
    write_life(tmp_path, "nico", varied_life(1, 400))
    reading = reading_of(tmp_path)
    wanted = reading.months[3:5]
    rows = reading.plays([*wanted, Month(1999, 1)], ["played_at"])
    assert len(rows)
    assert [path for path in reading.read if "plays" in path] == [
        month.path("labelled_plays/year={year}/month={month}/data.parquet") for month in wanted
    ]


@pytest.mark.rare
def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    write_life(tmp_path, "nico", one_day())
    (tmp_path / "users/nico/aggregated/stories.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(CorruptFile, match=r"stories\.parquet is not the table stories"):
        reading_of(tmp_path).table("stories")


@pytest.mark.rare
def test_a_lake_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"there is no folder .*gone"):
        _ = reading_of(tmp_path / "gone").months
