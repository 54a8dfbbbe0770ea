"""What one export lacks of a play and another knows, in whatever order they are imported."""

from itertools import permutations

import pytest

from pipelines.listening.ledger.export_union import ImportedExport
from tests.support.sources import EDGES, LATER, Json, account, all_plays, at, export, minute, row

NAMELESS: Json = {
    "master_metadata_track_name": None,
    "master_metadata_album_artist_name": None,
    "master_metadata_album_album_name": None,
}
NOTHING: Json = NAMELESS | {"spotify_track_uri": None}


def called(name: str, *rows: Json) -> ImportedExport:
    """An export under an id, so that ids do not follow the order of import."""
    return export(*rows, name=name)


def ledgers(*imports: ImportedExport) -> list[list[Json]]:
    """The ledger for each order of import, without what says which row came first."""
    found = []
    for order in permutations(imports):
        plays = sorted(
            all_plays([], list(order)),
            key=lambda play: (play["played_at"], str(play["track_name"])),
        )
        found.append([play | {"play_id": None} for play in plays])
    return found


def the_same(*imports: ImportedExport) -> list[Json]:
    """The ledger that these imports give in every order."""
    first, *others = ledgers(*imports)
    assert all(other == first for other in others)
    return first


def test_names_that_one_export_lacks_come_from_the_other() -> None:
    [play] = the_same(called("x", row(600, **NAMELESS)), called("a", row(600)))
    assert play["track_name"] == "Song a"
    assert play["artist_name"] == "Artist a"
    assert play["album_name"] == "Album a"


def test_platform_and_reasons_that_one_export_lacks_come_from_the_other() -> None:
    less = row(600, platform=None, reason_end=None, reason_start=None, skipped=None, shuffle=None)
    more = row(600, platform="ios", reason_end="fwdbtn", reason_start="clickrow", shuffle=True)
    [play] = the_same(called("x", less), called("a", more))
    assert (play["platform"], play["reason_end"], play["reason_start"]) == (
        "ios",
        "fwdbtn",
        "clickrow",
    )
    assert (play["skipped"], play["shuffle"]) == (True, True)


def test_each_of_three_exports_adds_what_it_alone_knows() -> None:
    rows = [
        row(600, **NAMELESS, platform=None, reason_end="trackdone"),
        row(600, **NAMELESS, platform="ios", reason_end=None),
        row(600, platform=None, reason_end=None),
    ]
    [play] = the_same(*(called(name, one) for name, one in zip("cab", rows, strict=True)))
    assert (play["track_name"], play["platform"], play["reason_end"]) == (
        "Song a",
        "ios",
        "trackdone",
    )


def test_where_exports_disagree_the_one_that_was_made_last_is_right() -> None:
    old = called("x", row(600, master_metadata_track_name="Old title"), row(700, "b"))
    new = called("a", row(600, master_metadata_track_name="New title"), row(5000, "c"))
    assert the_same(old, new)[0]["track_name"] == "New title"


def test_of_exports_that_end_together_the_fuller_one_is_right() -> None:
    poor = called("a", row(600, master_metadata_track_name="Old title"), row(700, **NAMELESS))
    rich = called("x", row(600, master_metadata_track_name="New title"), row(700))
    assert [play["track_name"] for play in the_same(poor, rich)] == ["New title", "Song a"]


def test_a_row_without_names_and_uri_is_the_row_that_another_export_names() -> None:
    [play] = the_same(called("x", row(600, **NOTHING)), called("a", row(600)))
    assert (play["track_name"], play["track_uri"], play["kind"]) == (
        "Song a",
        "spotify:track:a",
        "track",
    )


def test_a_uri_that_only_one_export_has_makes_a_local_file_a_track() -> None:
    [play] = the_same(called("x", row(600, spotify_track_uri=None)), called("a", row(600)))
    assert (play["track_uri"], play["kind"]) == ("spotify:track:a", "track")


def test_a_third_export_finds_a_play_by_what_the_second_knows() -> None:
    """Of a time that only the last two cover, and seconds too short to know a play by."""
    nothing = called("a", row(600, seconds=3, **NOTHING), row(9000, "z"))
    named = called("b", row(600, seconds=3), row(8000, "y"))
    again = called("c", row(600, seconds=3), row(7000, "x"))
    assert len(the_same(nothing, named, again)) == 4


def test_a_track_that_spotify_replaced_is_one_play_where_both_exports_cover_it() -> None:
    old = called("x", *EDGES, row(600))
    new = called("a", *EDGES, row(600, spotify_track_uri="spotify:track:new"))
    assert len(the_same(old, new)) == 3


def test_the_same_second_and_length_under_two_titles_stay_two_plays() -> None:
    assert len(the_same(called("x", *EDGES, row(600)), called("a", *EDGES, row(600, "b")))) == 4


@pytest.mark.parametrize(("seconds", "count"), [(0, 3), (9, 3), (10, 2)])
def test_short_rows_without_names_are_not_guessed_where_an_export_covers_nothing(
    seconds: float, count: int
) -> None:
    """Many are heard for no time at all, in the same second."""
    alone = called("x", row(600, seconds=seconds, **NOTHING))
    damaged = ImportedExport("x", alone.imported_at, (), alone.rows)
    assert len(the_same(damaged, called("a", row(600, seconds=seconds), row(900, "b")))) == count


def test_rows_without_names_are_paired_one_to_one() -> None:
    poor = called("x", *EDGES, row(600, **NOTHING), row(600, **NOTHING), row(600))
    rich = called("a", *EDGES, row(600), row(600, "b"), row(600, "c"))
    found = the_same(poor, rich)
    assert sorted(play["track_name"] for play in found[1:-1]) == ["Song a", "Song b", "Song c"]


@pytest.mark.parametrize("damaged", ["S\ufffd\ufffdng a", "\ufffd", "Song \ufffd", "%\ufffd"])
def test_a_name_with_lost_characters_gives_way_to_the_right_one(damaged: str) -> None:
    right = "%_ng" if damaged.startswith("%") else "Söng a" if "S\ufffd" in damaged else "Song a"
    broken = account(minute(600, trackName=damaged))
    good = account(minute(600, trackName=right))
    names = [
        ImportedExport(name, one.imported_at, one.intervals, one.rows)
        for name, one in (("a", broken), ("x", good))
    ]
    [play] = the_same(*names)
    assert play["track_name"] == right


def test_a_name_with_lost_characters_is_not_another_name() -> None:
    broken, other = account(minute(600, trackName="S\ufffdng")), account(minute(600, "b"))
    assert len(all_plays([], [broken, ImportedExport("b", at(LATER), (), other.rows)])) == 2


def test_account_data_without_names_is_the_row_that_later_account_data_names() -> None:
    nameless = account(minute(600, trackName=None, artistName=None))
    named = ImportedExport("b", at(LATER), nameless.intervals, account(minute(600)).rows)
    [play] = the_same(nameless, named)
    assert (play["track_name"], play["source"]) == ("Song a", "account")


def test_a_time_that_exports_tell_differently_does_not_depend_on_their_order() -> None:
    one, two = called("x", *EDGES, row(600)), called("a", *EDGES, row(601))
    assert len(the_same(one, two)) == 3


def test_a_play_keeps_its_name_when_a_later_export_mends_it() -> None:
    poor, rich = called("x", row(600, **NOTHING)), called("a", row(600))
    [before] = all_plays([], [poor])
    [after] = all_plays([], [poor, rich])
    assert (before["track_name"], after["track_name"]) == (None, "Song a")
    assert after["play_id"] == before["play_id"]


def test_thousands_of_rows_of_errors_without_a_name_are_not_compared_one_by_one() -> None:
    errors = [row(600, seconds=0, **NOTHING)] * 3000
    others = [row(600, str(number), seconds=0) for number in range(3000)]
    found = all_plays([], [called("x", *EDGES, *errors), called("a", *EDGES, *others)])
    assert 3000 <= len(found) <= 6002
