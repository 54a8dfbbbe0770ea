"""A store that asks for nothing twice, and what makes it ask again."""

from pathlib import Path

import pytest

from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lake.remembering import Remembering
from tests.support.world import Watched


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.fixture
def store(watched: Watched) -> Remembering:
    return Remembering(watched)


def keys(store: Remembering, prefix: str, start_after: str = "") -> list[str]:
    return [entry.key for entry in store.list(prefix, start_after=start_after)]


def test_what_was_read_or_written_is_not_read_again(store: Remembering, watched: Watched) -> None:
    watched.put("a", b"1")
    for _ in range(2):
        assert store.get("a") == watched._folder.get("a")
        assert store.get("b") is None
    store.put("c", b"3")
    assert store.get("c") == watched._folder.get("c")
    assert watched.reads == {"a": 1, "b": 1}


def test_a_listing_answers_every_narrower_one_and_knows_what_was_written(
    store: Remembering, watched: Watched
) -> None:
    for key in ("r/d=1/x", "r/d=2/x", "r/d=2/y", "r/d=3/x", "s/z"):
        watched.put(key, b"")
    assert keys(store, "r/", "r/d=2") == ["r/d=2/x", "r/d=2/y", "r/d=3/x"]
    watched.put("r/d=3/late", b"")
    store.put_if_absent("r/d=2/mine", b"")

    assert keys(store, "r/d=2/") == ["r/d=2/mine", "r/d=2/x", "r/d=2/y"]
    assert keys(store, "r/", "r/d=3") == ["r/d=3/x"], "what others write is not known"
    assert list(store.folders("r/", start_after="d=2")) == ["d=3"]
    assert keys(store, "r/") == sorted(
        ["r/d=1/x", "r/d=2/mine", "r/d=2/x", "r/d=2/y", "r/d=3/late", "r/d=3/x"]
    ), "a wider one is made anew"


def test_a_conflict_a_deletion_and_who_forgets_read_anew(
    store: Remembering, watched: Watched
) -> None:
    watched.put("a", b"1")
    mine = store.get("a")
    watched.put("a", b"2")
    assert mine
    with pytest.raises(Conflict):
        store.put_if_match("a", b"3", mine.etag)
    assert store.get("a") == watched._folder.get("a")
    store.delete("a")
    assert store.get("a") is None
    watched.put("a", b"4")
    assert store.forget()
    assert not store.forget()
    assert store.get("a") == watched._folder.get("a")
