"""Rockbox's log and Libre.fm's table: clocks, comments, encodings, rows that lack something."""

from datetime import UTC, date, datetime

import pytest

from pipelines.listening.privacy_export.parser import NotAnExport
from pipelines.listening.time.local_time import Zone
from tests.support.source_files import Parsed, recognised

MBID = "cb9c8de2-bc23-49a9-a476-9bcf9aae086e"
NOON = datetime(2025, 6, 13, 12, tzinfo=UTC)
UTS = int(NOON.timestamp())


def log(*rows: str, clock: str = "#TZ/UTC", version: str = "1.1") -> bytes:
    head = (f"#AUDIOSCROBBLER/{version}", clock, "#CLIENT/Rockbox ipod")
    return "\n".join([*head, *rows, ""]).encode()


def heard(artist: str = "Band", rating: str = "L", at: int = UTS, mbid: str = MBID) -> str:
    return "\t".join([artist, "Album", "Song", "3", "200", rating, str(at), mbid])


def table(*rows: str, header: str = "Artist,Track,Album,Time") -> bytes:
    return "\n".join(["# Data export from Libre.fm,,,", "# x,,,", header, *rows, ""]).encode()


# --- Rockbox


def test_a_log_is_recognised_by_its_content_even_without_its_comments() -> None:
    for body in (log(heard()), heard().encode(), b"\xef\xbb\xbf" + log(), log(version="1.0")):
        assert recognised(body) == ["rockbox"]
        assert recognised(body, "endsong_0.json")[-1] == "rockbox"


def test_a_row_of_a_log_tells_start_length_and_whether_it_was_skipped() -> None:
    found = Parsed("rockbox", log(heard(), heard(rating="S"), heard(rating="")))
    assert found.column("skipped") == [False, True, None]
    row = found.rows[0]
    assert (row["started_at"], row["played_at"], row["duration_ms"]) == (NOON, NOON, 200_000)
    assert (row["artist_name"], row["album_name"], row["track_name"]) == ("Band", "Album", "Song")
    assert row["recording_mbid"] == MBID
    assert "ms_played" not in row


def test_a_clock_that_knows_no_zone_is_the_listeners_own() -> None:
    shown = int(datetime(2025, 6, 13, 14, tzinfo=UTC).timestamp())
    for clock in ("#TZ/UNKNOWN", "#TZ/unknown", "#TZ/"):
        assert Parsed("rockbox", log(heard(at=shown), clock=clock)).column("started_at") == [NOON]
    moved = (Zone("Europe/Berlin"), Zone("Asia/Tokyo", date(2025, 6, 1)))
    at = int(datetime(2025, 6, 13, 21, tzinfo=UTC).timestamp())
    found = Parsed("rockbox", log(heard(at=at), clock="#TZ/UNKNOWN"), moved)
    assert found.column("started_at") == [NOON]


def test_each_log_of_several_in_one_file_has_its_own_clock() -> None:
    local = int(datetime(2025, 6, 13, 14, tzinfo=UTC).timestamp())
    found = Parsed("rockbox", log(heard()) + log(heard(at=local), clock="#TZ/UNKNOWN"))
    assert found.column("started_at") == [NOON, NOON]


def test_the_last_values_of_a_row_may_be_missing() -> None:
    found = Parsed("rockbox", log(heard().rpartition("\t")[0], heard() + "\t"))
    assert found.column("recording_mbid") == [None, MBID]


def test_rows_of_a_log_that_are_no_play_are_refused() -> None:
    rows = (heard("<Untagged>"), "Band\tAlbum", heard(at=5), heard().replace("Song", ""))
    found = Parsed("rockbox", log(heard(), *rows))
    assert (len(found.rows), found.lost) == (1, 4)
    assert found.reasons == [
        "has no artist",
        "has 2 values instead of 8",
        "its time is before 2002",
        "has no title",
    ]
    assert found.column("row") == [1]


@pytest.mark.parametrize("split", [1, 5, 1000])
def test_a_log_may_have_been_saved_by_any_program(split: int) -> None:
    text = log(heard("Björk"), heard("坂本龍一"))
    for body in (text.replace(b"\n", b"\r\n"), text.decode().encode("utf-16")):
        assert recognised(body) == ["rockbox"]
        found = Parsed("rockbox", body, split=split)
        assert found.column("artist_name") == ["Björk", "坂本龍一"]
    found = Parsed("rockbox", log(heard("Björk")).decode().encode("latin-1"), split=split)
    assert (found.column("artist_name"), found.encodings) == (["Björk"], {"Windows-1252"})


# --- Libre.fm


@pytest.mark.parametrize(
    "header", ["Artist,Track,Album,Time", "time,album,ARTIST,Track", '"Artist","Track","Time"']
)
def test_a_table_of_librefm_may_have_its_columns_in_any_order(header: str) -> None:
    values = {"artist": "Band", "track": '"Song, too"', "album": "", "time": str(UTS)}
    row = ",".join(values[name.strip('"').lower()] for name in header.split(","))
    body = table(row, row, header=header)
    assert recognised(body, "x.json") == ["librefm"]
    found = Parsed("librefm", body)
    assert found.column("track_name") == ["Song, too"] * 2
    assert found.column("started_at") == [NOON] * 2
    assert found.column("album_name") == [None] * 2


def test_a_table_in_utf_7_is_read_as_such() -> None:
    body = (
        b"+ACM- Data export from Libre.fm,,,\n+ACM- 2025+AC0-07+AC0-23 15:05:47 +AC0-0400,,,\n"
        b"Artist,Track,Album,Time\nBj+APY-rk,1 +- 1,Post,%d\n" % UTS
    )
    assert recognised(body) == ["librefm"]
    for split in (1, 1000):
        [row] = Parsed("librefm", body, split=split).rows
        assert (row["artist_name"], row["track_name"]) == ("Björk", "1 + 1")
        assert row["started_at"] == NOON


def test_a_table_without_comments_is_one_too_and_others_are_not() -> None:
    assert recognised(f"Artist,Track,Album,Time\nA,B,C,{UTS}".encode()) == ["librefm"]
    for other in (b"Artist,Album\n", b"# only a comment", b"", b"Time,Speed\n1,2"):
        assert recognised(other) == []


def test_rows_of_a_table_that_are_no_play_are_refused() -> None:
    rows = (f"Band,Song,Album,{UTS}", "Band,Song,Album,yesterday", f",Song,,{UTS}", "Band")
    found = Parsed("librefm", table(*rows))
    assert (len(found.rows), found.lost) == (1, 3)
    assert found.reasons == ["has no time", "has no artist", "has 1 fields instead of 4"]


def test_an_empty_table_says_so() -> None:
    with pytest.raises(NotAnExport):
        Parsed("librefm", b"")
