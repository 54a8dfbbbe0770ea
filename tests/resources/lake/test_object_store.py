"""What every store promises, on a folder, on SeaweedFS, on R2's simulator and on moto.

Add a promise of `Store` here. What only a folder or only a bucket does is tested beside this.
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.resources.lake.object_store import Conflict, Entry, Store
from tests.resources.lake.conftest import Place

ODD_KEYS = [
    "date=2026-11-21/a b+c&d=é.json.gz",
    "date=2026-11-21/100%25.json",
    "q?x=1#y/~'(!)*,;:@$.txt",
    "Ünïcödé/日本語/🎧.parquet",
    "a..b/...c/.hidden",
    "x" * 200,
]
BAD_KEYS = ["", "/", "/etc/passwd", "a//b", "a/", "../a", "a/../b", "./a", "a/.", "a\\b", "a\0b"]
BAD_KEYS += [".tmp/a", ".locks/00"]


# SeaweedFS keeps real folders: it sorts the names in each, where S3, R2 and moto sort whole keys
# (they differ where one name begins another and goes on with a character before '/': `a/1`, `a-b`),
# and shows a folder for a while after its last key was deleted.
without_real_folders = pytest.mark.parametrize("place", ["folder", "r2", "moto"], indirect=True)

# Moto looks whether a key is there and then writes it, and lets others do so in between.
where_one_wins = pytest.mark.parametrize(
    "place", ["folder", "weed", pytest.param("r2", marks=pytest.mark.rare)], indirect=True
)


def keys(entries: object) -> list[str]:
    return [entry.key for entry in entries]  # type: ignore[attr-defined]


def fill(store: Store, *names: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.put(name, name.encode()), names))


def race(runners: int, run: Callable[[int], object]) -> list[object]:
    """Start all at the same moment; what each returned or raised."""
    gate = threading.Barrier(runners)

    def runner(number: int) -> object:
        gate.wait()
        try:
            return run(number)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(runner, range(runners)))


def test_what_was_put_is_got_back_with_its_etag(store: Store) -> None:
    etag = store.put("a/b.json", b"{}")
    stored = store.get("a/b.json")
    assert stored is not None
    assert (stored.body, stored.etag) == (b"{}", etag)


@pytest.mark.parametrize("size", [0, 1, 9 * 1024 * 1024 + 1])
def test_the_etag_is_the_md5_of_the_content_also_of_big_and_empty_ones(
    store: Store, size: int
) -> None:
    body = b"x" * size
    etag = store.put("k", body)
    assert etag == hashlib.md5(body).hexdigest()  # noqa: S324
    stored = store.get("k")
    assert stored is not None
    assert stored.body == body
    assert [(e.key, e.size, e.etag) for e in store.list("")] == [("k", size, etag)]


def test_a_missing_key_is_none(store: Store) -> None:
    store.put("a/b", b"1")
    assert store.get("a/c") is None
    assert store.get("a/b/c") is None


def test_a_lake_that_does_not_exist_yet_is_empty(store: Store) -> None:
    assert store.get("a") is None
    assert list(store.list("")) == []
    assert list(store.folders("")) == []
    assert store.delete("a/") == 0


def test_a_put_replaces_what_was_there(store: Store) -> None:
    store.put("k", b"old")
    etag = store.put("k", b"new")
    stored = store.get("k")
    assert stored is not None
    assert (stored.body, stored.etag) == (b"new", etag)


def test_put_if_absent_refuses_an_existing_key_even_with_the_same_bytes(store: Store) -> None:
    etag = store.put_if_absent("k", b"first")
    with pytest.raises(Conflict):
        store.put_if_absent("k", b"second")
    with pytest.raises(Conflict):
        store.put_if_absent("k", b"first")
    assert [e.etag for e in store.list("k")] == [etag]


def test_put_if_match_replaces_the_version_it_names(store: Store) -> None:
    first = store.put("k", b"1")
    second = store.put_if_match("k", b"2", first)
    assert store.put_if_match("k", b"3", second) != second


def test_put_if_match_refuses_another_version(store: Store) -> None:
    first = store.put("k", b"1")
    store.put("k", b"2")
    for stale in (first, ""):
        with pytest.raises(Conflict):
            store.put_if_match("k", b"3", stale)
    stored = store.get("k")
    assert stored is not None
    assert stored.body == b"2"


def test_put_if_match_refuses_a_version_that_was_deleted(store: Store) -> None:
    first = store.put("k", b"1")
    store.delete("k")
    with pytest.raises(Conflict):
        store.put_if_match("k", b"2", first)
    assert store.get("k") is None


def test_put_if_match_without_a_version_wants_a_new_key(store: Store) -> None:
    store.put_if_match("k", b"1", None)
    with pytest.raises(Conflict):
        store.put_if_match("k", b"2", None)


@where_one_wins
def test_one_of_many_racing_writers_creates_a_key(place: Place) -> None:
    stores = [place.open() for _ in range(6)]
    for attempt in range(2):
        key = f"race/{attempt}"
        results = race(6, lambda n: stores[n].put_if_absent(key, b"%d" % n))  # noqa: B023 -- ends here
        winners = [n for n, result in enumerate(results) if isinstance(result, str)]
        stored = stores[0].get(key)
        assert stored is not None
        assert [b"%d" % n for n in winners] == [stored.body]


@where_one_wins
def test_racing_counters_lose_no_update(place: Place) -> None:
    stores = [place.open() for _ in range(4)]

    def count(number: int) -> None:
        done = 0
        while done < 5:
            stored = stores[number].get("counter")
            value = int(stored.body) if stored else 0
            try:
                stores[number].put_if_match(
                    "counter", b"%d" % (value + 1), stored.etag if stored else None
                )
                done += 1
            except Conflict:
                continue

    race(4, count)
    stored = stores[0].get("counter")
    assert stored is not None
    assert stored.body == b"20"


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_but_legal_keys_come_back_as_they_went(store: Store, key: str) -> None:
    store.put_if_absent(key, b"odd")
    stored = store.get(key)
    assert stored is not None
    assert stored.body == b"odd"
    assert keys(store.list("")) == [key]
    assert keys(store.list(key)) == [key]
    assert store.delete(key) == 1
    assert store.get(key) is None


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_leave_the_root_are_refused_by_name(store: Store, key: str) -> None:
    for use in (
        store.get,
        lambda k: store.put(k, b""),
        lambda k: store.put_if_absent(k, b""),
        lambda k: store.put_if_match(k, b"", "etag"),
    ):
        with pytest.raises(ValueError, match="not a key of this lake") as error:
            use(key)
        assert repr(key) in str(error.value)


@pytest.mark.parametrize("prefix", ["/", "/etc/", "../", "a/../", "a//", "a\\", ".tmp/", "a/./b"])
def test_prefixes_that_leave_the_root_are_refused(store: Store, prefix: str) -> None:
    for use in (store.list, store.folders, store.delete):
        with pytest.raises(ValueError, match="of this lake"):
            use(prefix)


def test_listing_goes_over_pages_in_order(store: Store) -> None:
    names = [f"{number:04}" for number in range(1105)]
    inside = [f"raw/{name}/x" for name in names]
    fill(store, *inside, "other/x")
    assert keys(store.list("raw/")) == inside
    assert keys(store.list("raw/", start_after=inside[1001])) == inside[1002:]
    assert list(store.folders("raw/")) == names
    assert list(store.folders("raw/", start_after=names[1001])) == names[1002:]
    assert store.delete("raw/") == 1105
    assert keys(store.list("")) == ["other/x"]


@without_real_folders
def test_listing_is_in_the_order_of_whole_keys(store: Store) -> None:
    names = ["a b/1", "a-b", "a/1", "a/2/3", "a0", "aé/x", "b", "ß/z"]
    fill(store, *names)
    assert keys(store.list("")) == sorted(names) == names


def test_a_prefix_may_end_within_a_name(store: Store) -> None:
    fill(store, "d/date=2026-10-31/x", "d/date=2026-11-01/x", "d/date=2026-11-02/y/z", "d/e")
    assert keys(store.list("d/date=2026-11")) == ["d/date=2026-11-01/x", "d/date=2026-11-02/y/z"]
    assert keys(store.list("d/nothing")) == []
    assert keys(store.list("nothing/at/all")) == []


@pytest.mark.parametrize(
    ("start_after", "expected"),
    [
        ("a/1", ["a/2", "a/2-", "b/1", "c"]),
        ("a/1/", ["a/2", "a/2-", "b/1", "c"]),
        ("a/2", ["a/2-", "b/1", "c"]),
        ("a/9", ["b/1", "c"]),
        ("c", []),
    ],
)
def test_listing_starts_after_a_key_whether_it_exists_or_not(
    store: Store, start_after: str, expected: list[str]
) -> None:
    fill(store, "a/1", "a/2", "a/2-", "b/1", "c")
    assert keys(store.list("", start_after=start_after)) == expected


@without_real_folders
def test_listing_may_start_after_the_name_of_a_folder(store: Store) -> None:
    fill(store, "a/1", "a-b", "b/1")
    assert keys(store.list("", start_after="a")) == ["a-b", "a/1", "b/1"]
    assert keys(store.list("", start_after="b")) == ["b/1"]


def test_listing_tells_size_and_version(store: Store) -> None:
    etag = store.put("k", b"four")
    (entry,) = store.list("k")
    assert isinstance(entry, Entry)
    assert (entry.key, entry.size, entry.etag) == ("k", 4, etag)


def test_folders_are_the_next_names_below(store: Store) -> None:
    fill(store, "r/a/1", "r/a/2/3", "r/b/1", "r/file", "q/z/1")
    assert list(store.folders("r/")) == ["a", "b"]
    assert list(store.folders("")) == ["q", "r"]
    assert list(store.folders("r/a/")) == ["2"]
    assert list(store.folders("r/b/")) == []
    assert list(store.folders("r/file/")) == []


def test_folders_start_after_a_name(store: Store) -> None:
    fill(store, "r/a/1", "r/a0/1", "r/b/1", "s/1")
    assert list(store.folders("r/", start_after="A")) == ["a", "a0", "b"]
    assert list(store.folders("r/", start_after="a")) == ["a0", "b"]
    assert list(store.folders("r/", start_after="azz")) == ["b"]
    assert list(store.folders("r/", start_after="b")) == []


@without_real_folders
def test_folders_come_in_the_order_of_the_keys_below_them(store: Store) -> None:
    fill(store, "r/a/1", "r/a-b/1", "r/a0/1")
    assert list(store.folders("r/")) == ["a-b", "a", "a0"]
    assert list(store.folders("r/", start_after="a-b")) == ["a", "a0"]


def test_folders_want_a_whole_folder(store: Store) -> None:
    with pytest.raises(ValueError, match="'r'"):
        store.folders("r")


def test_deleting_a_prefix_leaves_its_neighbours(store: Store) -> None:
    fill(store, "users/nico/a", "users/nico/b/c", "users/nico2/a", "users/nic")
    assert store.delete("users/nico/") == 2
    assert keys(store.list("")) == ["users/nic", "users/nico2/a"]
    assert store.delete("users/nico/") == 0


@without_real_folders
def test_a_folder_without_keys_does_not_exist(store: Store) -> None:
    fill(store, "users/nico/a/b", "users/other/a")
    store.delete("users/nico/a/b")
    assert list(store.folders("users/")) == ["other"]


def test_deleting_a_key_deletes_that_key_only(store: Store) -> None:
    fill(store, "a/b", "a/bc", "a/b-")
    assert store.delete("a/b") == 1
    assert store.delete("a/b") == 0
    assert store.delete("a") == 0
    assert keys(store.list("")) == ["a/b-", "a/bc"]


def test_deleting_everything_at_once_is_refused(store: Store) -> None:
    store.put("a", b"1")
    with pytest.raises(ValueError, match="''"):
        store.delete("")
    assert store.get("a") is not None


def test_an_url_says_where_a_key_lies(store: Store, place: Place) -> None:
    assert store.url("a/b c.parquet") == f"{place.url}/a/b c.parquet"
    assert store.url("a/") == f"{place.url}/a/"
    assert store.url("") == place.url
    with pytest.raises(ValueError, match="not a key"):
        store.url("../a")


def test_a_store_shows_no_secret(place: Place) -> None:
    store = place.open()
    assert place.url in repr(store)
    assert "testsecret" not in repr(vars(store))
