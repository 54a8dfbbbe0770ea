"""Of playlists the page carries what it shows, however many there are and however large.

Add a case here for which rows of their tables are carried. What charts make of them is in
`charts_of_playlists.py`, how they look and are chosen in `test_playlists_in_a_browser.py`.
"""

import json
from collections import Counter

import pytest

from pipelines.report.packed import SELECTIONS, pack_tables
from pipelines.report.page import page
from pipelines.report.playlists import CHOSEN, LISTED
from tests.report.libraries import many_playlists
from tests.report.listeners import full_life, nothing, small_life, told_by
from tests.report.test_page import Json, unpacked

NAMES = [name for name in SELECTIONS if name.startswith("playlist_")]


def carried(playlists: int = 60, songs: int = 400) -> Json:
    return pack_tables(many_playlists(playlists, songs))


def size(packed: Json) -> int:
    return len(json.dumps(packed, separators=(",", ":")))


def test_the_page_does_not_grow_with_the_items_of_playlists() -> None:
    assert size(carried(songs=800)) < 1.02 * size(carried(songs=400))


def test_a_dozen_playlists_make_less_than_a_hundred_kilobytes_and_hundreds_not_much_more() -> None:
    assert size(carried(playlists=14)) < 100_000
    assert size(carried(playlists=300, songs=40)) < 250_000


def test_of_very_many_playlists_the_first_are_listed_and_fewer_can_be_chosen() -> None:
    packed = carried(playlists=LISTED + 10, songs=4)
    ranks = [row["rank"] for row in unpacked(packed, "playlist_summary", "")]
    assert ranks == list(range(1, LISTED + 1))
    first = {f"{n:022}" for n in range(CHOSEN)}
    for name in set(NAMES) - {"playlist_summary", "playlist_overlap"}:
        assert {row["playlist_id"] for row in unpacked(packed, name, "")} == first
    pairs = unpacked(packed, "playlist_overlap", "")
    assert len(pairs) == CHOSEN * (CHOSEN - 1) / 2
    assert {row["playlist_a"] for row in pairs} | {row["playlist_b"] for row in pairs} == first


def test_a_playlist_that_was_asked_for_is_carried_whatever_its_rank() -> None:
    tables = many_playlists(LISTED + 10, 4)
    first = {f"{n:022}" for n in range(CHOSEN)}
    for asked in (f"{CHOSEN:022}", f"{LISTED + 5:022}"):
        packed = pack_tables(tables, asked)
        listed = [row["playlist_id"] for row in unpacked(packed, "playlist_summary", "")]
        assert len(listed) == len(set(listed))
        assert asked in listed
        for name in set(NAMES) - {"playlist_summary", "playlist_overlap"}:
            carried_of = {row["playlist_id"] for row in unpacked(packed, name, "")}
            assert carried_of == first | {asked}
    for known in (f"{0:022}", "of nobody", None):
        assert pack_tables(tables, known) == pack_tables(tables)


def test_of_songs_the_heaviest_are_carried_and_those_farthest_from_their_weight() -> None:
    songs = many_playlists()["playlist_weights"].to_pylist()[:400]
    rows = unpacked(carried(), "playlist_weights", "")
    shown = [row["rank"] for row in rows if row["playlist_id"] == songs[0]["playlist_id"]]
    meant = set(range(1, 11))
    for verdict in ("overplayed", "underplayed"):
        of_it = [row for row in songs if row["verdict"] == verdict]
        of_it.sort(key=lambda row: (-abs(row["plays_since"] - row["expected_plays"]), row["rank"]))
        meant |= {row["rank"] for row in of_it[:6]}
    assert 3 in meant, "the heaviest that was never played"
    assert shown == sorted(meant)


def test_of_each_sort_of_duplicates_there_are_some_groups_with_some_items() -> None:
    rows = unpacked(carried(), "playlist_duplicates", "")
    first = [row for row in rows if row["playlist_id"] == f"{0:022}"]
    assert Counter(row["match"] for row in first) == {
        "same_id": 9,
        "same_isrc": 9,
        "probable": 9,
    }
    assert Counter(Counter(row["group_id"] for row in first).values()) == {3: 9}


def test_of_what_came_and_went_the_latest_is_carried() -> None:
    rows = unpacked(carried(), "playlist_history", "")
    days = [row["read_on"] for row in rows if row["playlist_id"] == f"{0:022}"]
    every = [row["read_on"] for row in many_playlists()["playlist_history"].to_pylist()[:400]]
    assert days == sorted(every, reverse=True)[:20]


def test_the_same_playlists_in_another_order_make_the_same_bytes() -> None:
    tables = many_playlists()
    turned = {name: table.take(list(reversed(range(len(table))))) for name, table in tables.items()}
    names = [name for name in NAMES if name != "playlist_summary"]
    ready = [
        pack_tables({**one, "playlist_summary": tables["playlist_summary"]})
        for one in (tables, turned)
    ]
    for name in names:
        assert ready[0]["tables"][name] == ready[1]["tables"][name], name


def test_without_a_playlist_the_page_carries_no_row_of_one() -> None:
    packed = pack_tables(told_by(small_life()))
    assert all(packed["tables"][name][""]["rows"] == 0 for name in NAMES)


@pytest.mark.parametrize("lacking", [NAMES, ["playlist_summary"], ["playlist_weights"]])
def test_a_page_can_be_made_where_tables_of_playlists_are_lacking(lacking: list[str]) -> None:
    tables = {name: rows for name, rows in told_by(full_life()).items() if name not in lacking}
    packed = pack_tables(tables)
    assert not set(lacking) & set(packed["tables"])
    assert page("nico", tables)


def test_empty_tables_of_playlists_are_carried_as_such() -> None:
    assert all(pack_tables(nothing())["tables"][name][""]["rows"] == 0 for name in NAMES)
