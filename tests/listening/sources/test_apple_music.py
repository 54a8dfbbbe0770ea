"""Apple Music's Play Activity becomes plays, and nothing that is private is kept of it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, Part
from pipelines.listening.sources.apple_music import APPLE
from pipelines.listening.sources.registry import all_sources
from pipelines.listening.sources.source import Reading, SourceFile

DATA = Path(__file__).parents[2] / "data" / "apple_music"
ACTIVITY = (DATA / "Apple Music Play Activity.csv").read_bytes()
DAILY = (DATA / "Apple Music - Play History Daily Tracks.csv").read_bytes()
LIBRARY = (DATA / "Apple Music Library Tracks.json").read_bytes()
NOW = datetime(2026, 1, 1, tzinfo=UTC)

LEFT_OUT = (
    "rows that are no plays of their own were left out: 1 LYRIC_DISPLAY, 1 PLAY_START, "
    "3 told twice, or pieces of a play"
)

HARMLESS = {
    "Album Name", "Container Album Name", "Container Artist Name", "Container Type",
    "Device OS Name", "End Reason Type", "Event End Timestamp", "Event Start Timestamp",
    "Event Type", "Media Duration In Milliseconds", "Media Type", "Offline",
    "Play Duration Milliseconds", "Shuffle Play", "Song Name", "Source Type",
    "Start Position In Milliseconds", "UTC Offset In Seconds", "Event Received Timestamp",
    "End Position In Milliseconds", "Milliseconds Since Play", "Container Name",
    "Apple Music Subscription",
}  # fmt: skip


def file(content: bytes | str, name: str = "a.csv", size: int = 1000) -> SourceFile:
    text = content.encode() if isinstance(content, str) else content
    return SourceFile(name, lambda: [text[at : at + size] for at in range(0, len(text), size)])


def parts(content: bytes | str, *beside: bytes | str) -> list[Part]:
    reading = Reading(NOW, [], [file(one, f"beside {at}") for at, one in enumerate(beside)])
    assert APPLE.read
    return list(APPLE.read(file(content), reading))


def rows(content: bytes | str, *beside: bytes | str) -> list[dict[str, object]]:
    return [row for part in parts(content, *beside) for row in part.rows.to_pylist()]


def refused(content: bytes | str) -> list[tuple[int, str]]:
    found = [row for part in parts(content) for row in part.refused.to_pylist()]
    return [(row["row"], row["reason"]) for row in found]


def table(*told: Mapping[str, object]) -> str:
    """A Play Activity of whole plays but for what is told of each."""
    usual: dict[str, object] = {
        "Song Name": "Song",
        "Album Name": "Album",
        "Event Type": "PLAY_END",
        "Event Start Timestamp": "2024-03-01T10:00:00Z",
        "Event End Timestamp": "2024-03-01T10:03:00Z",
        "Play Duration Milliseconds": "180000",
        "Media Duration In Milliseconds": "180000",
        "End Reason Type": "NATURAL_END_OF_TRACK",
    }
    lines = [usual | dict(one) for one in told]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for line in lines for key in line)))
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def described(*told: tuple[str, str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("Date Played", "Track Description"), *told])
    return text.getvalue()


def test_a_file_is_known_by_its_columns_whatever_its_name() -> None:
    known = [one.name for one in all_sources() if one.recognise("export (1).txt", ACTIVITY)]
    assert known == ["apple"]
    assert not APPLE.beside("", ACTIVITY)


def test_files_that_name_artists_are_beside_it_and_no_plays() -> None:
    for content in (DAILY, LIBRARY):
        assert not any(one.recognise("", content) for one in all_sources())
        assert APPLE.beside("", content)


def test_ends_of_plays_are_plays_with_what_was_measured() -> None:
    first = rows(ACTIVITY, DAILY, LIBRARY)[0]
    assert first["started_at"] == datetime(2023, 5, 4, 18, 0, 0, 120000, tzinfo=UTC)
    assert first["played_at"] == datetime(2023, 5, 4, 18, 3, 20, 620000, tzinfo=UTC)
    told = ("ms_played", "duration_ms", "track_name", "album_name", "platform", "source", "kind")
    assert [first[name] for name in told] == [
        200500, 200500, "Harbour Lights", "Low Tide", "iOS", "apple", "track",
    ]  # fmt: skip
    assert (first["skipped"], first["shuffle"], first["offline"]) == (False, False, False)


def test_every_row_of_the_file_is_a_play_or_left_out_or_refused_with_its_number() -> None:
    found = rows(ACTIVITY, DAILY, LIBRARY)
    assert [row["row"] for row in found] == [1, 4, 6, 7, 8, 9, 10, 11, 12, 16, 19, 21, 22]
    assert refused(ACTIVITY) == [
        (13, "has no time"),
        (14, "has no title"),
        (15, "its time is before 2002"),
        (20, "has 40 fields instead of 38"),
    ]
    [part] = parts(ACTIVITY)
    assert (part.lost, part.note) == (4, LEFT_OUT)


def test_nothing_private_is_in_what_is_read_or_refused() -> None:
    text = ACTIVITY.decode()
    private = {
        value
        for row in csv.DictReader(io.StringIO(text))
        for name, value in row.items()
        if name not in HARMLESS and isinstance(value, str) and len(value) > 3
    }
    assert len(private) > 12
    kept = json.dumps(
        [
            *(table.to_pylist() for part in parts(text) for table in (part.rows, part.refused)),
            rows(text, DAILY, LIBRARY),
        ],
        default=str,
    )
    assert [value for value in private if value in kept] == []


@pytest.mark.parametrize("broken", ['"203.0.113.77', "203.0.113.77,x", '203.0.113.77"\n"x'])
def test_nothing_private_is_kept_of_a_damaged_row(broken: str) -> None:
    lines = table({"Client IP Address": "198.51.100.9"}, {"Client IP Address": broken}).split(
        "\r\n"
    )
    lines[2] = lines[2].replace('"', "") + f",{broken}"
    found = parts("\n".join([*lines[:3], lines[1].replace("10:0", "11:0"), ""]))
    text = json.dumps([part.refused.to_pylist() for part in found], default=str)
    assert "203.0" not in text
    assert "198.51" not in text
    assert sum(len(part.rows) for part in found) == 2


def test_one_play_that_several_devices_tell_of_is_one() -> None:
    assert len(rows(table({"Device Identifier": "one"}, {"Device Identifier": "two"}))) == 1


@pytest.mark.parametrize("length", ["-1", "", "179000"])
def test_one_play_of_which_a_device_tells_another_length_is_one(length: str) -> None:
    [play] = rows(table({"Play Duration Milliseconds": length}, {}))
    assert play["ms_played"] == (179000 if length == "179000" else 180000)


def test_one_play_of_which_a_device_does_not_know_the_beginning_is_one() -> None:
    [play] = rows(table({"Event Start Timestamp": ""}, {}))
    assert play["started_at"] == datetime(2024, 3, 1, 10, tzinfo=UTC)


def test_a_song_that_is_played_again_at_once_is_two_plays() -> None:
    again = {
        "Event Start Timestamp": "2024-03-01T10:03:00Z",
        "Event End Timestamp": "2024-03-01T10:06:00Z",
    }
    assert len(rows(table({}, again))) == 2


@pytest.mark.parametrize(
    ("start", "end"), [("", "2024-03-01T10:03:00Z"), ("2024-03-01T10:00:00Z", "")]
)
def test_a_time_that_is_blank_follows_from_the_other_and_the_length(start: str, end: str) -> None:
    [play] = rows(table({"Event Start Timestamp": start, "Event End Timestamp": end}))
    assert play["started_at"] == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert play["played_at"] == datetime(2024, 3, 1, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize("length", ["-5", "-180000", "36000000", "999999999999999", "nan", "x", ""])
def test_a_length_that_cannot_be_is_unknown(length: str) -> None:
    [play] = rows(table({"Play Duration Milliseconds": length}))
    assert play["ms_played"] is None
    assert play["played_at"] == datetime(2024, 3, 1, 10, 3, tzinfo=UTC)


def test_a_play_of_which_only_the_end_is_known_is_not_longer_than_its_track_by_far() -> None:
    [play] = rows(table({"Play Duration Milliseconds": "9000000", "Event Start Timestamp": ""}))
    assert play["ms_played"] is None


@pytest.mark.parametrize(
    "end",
    [
        "2024-03-01T10:03:00Z",
        "2024-03-01T10:03:00.000Z",
        "2024-03-01 10:03:00",
        "2024-03-01T12:03:00+02:00",
        "2024-03-01T05:03:00.000-0500",
    ],
)
def test_times_are_in_utc_unless_they_say_otherwise(end: str) -> None:
    [play] = rows(table({"Event End Timestamp": end, "UTC Offset In Seconds": "7200"}))
    assert play["played_at"] == datetime(2024, 3, 1, 10, 3, tzinfo=UTC)


def test_what_ended_a_play_says_whether_it_was_skipped() -> None:
    times = [
        {"Event Start Timestamp": f"2024-03-0{day}T10:00:00Z",
         "Event End Timestamp": f"2024-03-0{day}T10:03:00Z"}
        for day in range(1, 7)
    ]  # fmt: skip
    reasons = (
        "TRACK_SKIPPED_FORWARDS", "TRACK_SKIPPED_BACKWARDS", "NATURAL_END_OF_TRACK",
        "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM", "NOT_APPLICABLE", "",
    )  # fmt: skip
    found = rows(
        table(*(time | {"End Reason Type": why} for time, why in zip(times, reasons, strict=True)))
    )
    assert [row["skipped"] for row in found] == [True, True, False, True, None, None]
    assert found[2]["reason_end"] == "trackdone"


@pytest.mark.parametrize("event", ["PLAY_START", "LYRIC_DISPLAY", "PAUSE"])
def test_other_events_are_no_plays(event: str) -> None:
    assert len(rows(table({}, {"Event Type": event, "Song Name": "Other"}))) == 1


def test_a_file_without_types_of_events_has_plays_where_something_was_heard() -> None:
    text = table({}, {"Song Name": "Begun", "Play Duration Milliseconds": ""})
    assert [row["track_name"] for row in rows(text.replace("PLAY_END", ""))] == ["Song"]


def test_a_file_of_other_events_alone_has_no_plays() -> None:
    [part] = parts(table({"Event Type": "PLAY_START"}, {"Event Type": "PLAY_START"}))
    assert (len(part.rows), part.lost) == (0, 0)
    assert part.note == "rows that are no plays of their own were left out: 2 PLAY_START"


def test_an_event_that_is_no_word_is_not_told() -> None:
    [part] = parts(table({}, {"Event Type": "203.0.113.77"}))
    assert part.note == "rows that are no plays of their own were left out: 1 of no known type"


def piece(start: str, end: str, ms: int, reason: str, **more: object) -> dict[str, object]:
    return {
        "Event Start Timestamp": f"2024-03-01T{start}Z",
        "Event End Timestamp": f"2024-03-01T{end}Z",
        "Play Duration Milliseconds": ms,
        "Media Duration In Milliseconds": 342000,
        "End Reason Type": reason,
    } | more


def test_pieces_between_pauses_and_searching_are_one_play() -> None:
    [play] = rows(
        table(
            piece("08:28:22.524", "08:31:17.441", 174917, "PLAYBACK_MANUALLY_PAUSED"),
            piece("08:32:06.072", "08:32:15.176", 9104, "SCRUB_BEGIN"),
            piece("08:28:40.596", "08:32:15.176", 214580, "SCRUB_END"),
            piece("08:32:15.600", "08:33:32.819", 77219, "TRACK_SKIPPED_FORWARDS"),
        )
    )
    assert play["ms_played"] == 174917 + 9104 + 77219
    assert play["played_at"] - play["started_at"] == timedelta(minutes=5, seconds=10.295)  # type: ignore[operator]
    assert play["skipped"] is True


def test_after_a_pause_the_song_may_be_played_anew() -> None:
    paused = piece("08:00:00", "08:02:00", 120000, "PLAYBACK_MANUALLY_PAUSED")
    whole = piece("08:03:00", "08:08:42", 342000, "NATURAL_END_OF_TRACK")
    later = piece("10:03:00", "10:05:00", 120000, "NATURAL_END_OF_TRACK")
    start = {"Start Position In Milliseconds": 0}
    soon = piece("08:03:00", "08:05:00", 120000, "NATURAL_END_OF_TRACK")
    between = piece("08:02:10", "08:02:20", 10000, "OTHER") | {"Song Name": "Other"}
    assert len(rows(table(paused, soon))) == 1
    assert len(rows(table(paused, whole))) == 2
    assert len(rows(table(paused, later))) == 2
    assert len(rows(table(paused | start, soon | start))) == 2
    assert len(rows(table(paused, between, soon))) == 3


def artists(text: str, *beside: bytes | str) -> list[object]:
    return [row["artist_name"] for row in rows(text, *beside)]


def test_artists_come_from_the_files_beside_or_stay_unknown() -> None:
    by_title = {
        (row["track_name"], row["album_name"]): row["artist_name"]
        for row in rows(ACTIVITY, DAILY, LIBRARY)
    }
    assert by_title == {
        ("Harbour Lights", "Low Tide"): "Low Tide Quartet",
        ("Granite - Live at the Mill", "Stones"): "Nils Ohm",
        ("Paper Boats", "Paper"): "Die Wellen",
        ("Home", "Walls"): "Wall to Wall",
        ("Home", "Rooms"): None,
        ("Unwritten Map", None): None,
        ("Long Walk", "Miles"): "Ada Ferris",
        ("Paper Boats (Video)", None): None,
        ('The "Quiet", Part 2', "Rooms, Doors"): "Ohm - Sister",
    }


def test_the_order_of_the_files_beside_changes_nothing() -> None:
    assert rows(ACTIVITY, DAILY, LIBRARY) == rows(ACTIVITY, LIBRARY, DAILY)


def test_a_title_of_two_artists_is_settled_by_the_day_on_the_listeners_calendar() -> None:
    late = {
        "Event Start Timestamp": "2024-03-01T23:00:00Z",
        "Event End Timestamp": "2024-03-01T23:03:00Z",
        "UTC Offset In Seconds": "7200",
    }
    days = described(("20240302", "A - Song"), ("20240901", "B - Song"))
    assert artists(table(late), days) == ["A"]
    assert artists(table({}), days) == [None]


def test_how_a_title_is_spelled_does_not_matter() -> None:
    days = described(("20240301", "Ana - SONG  "))
    assert artists(table({}), days) == ["Ana"]


def test_the_row_itself_is_believed_before_any_file_beside_it() -> None:
    days = described(("20240301", "A - Song"))
    assert artists(table({"Artist Name": "B"}), days) == ["B"]
    assert artists(table({"Artist Name": " "}), days) == ["A"]
    assert artists(table({"Container Artist Name": "C", "Container Type": "ALBUM"}), days) == ["C"]


def test_who_made_a_playlist_and_various_artists_are_nobody() -> None:
    maker = {"Container Artist Name": "Somebody", "Container Type": "PLAYLIST"}
    various = {"Container Artist Name": "Various Artists", "Container Type": "ALBUM"}
    assert artists(table(maker)) == [None]
    assert artists(table(various), described(("20240301", "A - Song"))) == ["A"]


def test_older_columns_are_read_too() -> None:
    text = table({"Artist Name": "A"}).replace("Song Name", "Content Name")
    [play] = rows(text)
    assert (play["track_name"], play["artist_name"]) == ("Song", "A")
    text = table({"Track Description": "A - B - C", "Song Name": ""})
    [play] = rows(text)
    assert (play["track_name"], play["artist_name"]) == ("B - C", "A")


def test_a_file_beside_it_that_is_damaged_names_what_it_can() -> None:
    def broken() -> Iterator[bytes]:
        yield described(("20240301", "A - Song")).encode()
        raise DamagedFile("it is damaged")

    assert APPLE.read
    reading = Reading(NOW, [], [SourceFile("b", broken), file(b'[{"Title": "Song", "Artist"')])
    [part] = APPLE.read(file(table({})), reading)
    assert part.rows["artist_name"].to_pylist() == ["A"]


def test_of_a_file_that_is_cut_off_what_is_there_is_read() -> None:
    def broken() -> Iterator[bytes]:
        yield table({}).encode()
        raise DamagedFile("it is damaged")

    assert APPLE.read
    part, damage = APPLE.read(SourceFile("a", broken), Reading(NOW, []))
    assert (len(part.rows), part.lost, damage.damaged, damage.lost) == (1, 0, True, 1)
    assert damage.refused["reason"].to_pylist() == ["it is damaged"]


def test_a_file_without_a_row_is_none_of_plays() -> None:
    with pytest.raises(NotAnExport, match="has no rows"):
        parts(table({}).split("\r\n")[0])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_that_was_saved_anew_is_read(encoding: str) -> None:
    text = table({"Song Name": "Überfluß"}).replace(",", ";")
    content = text.encode(encoding)
    [part] = parts(content)
    assert part.rows["track_name"].to_pylist() == ["Überfluß"]
    assert part.encoding == ("Windows-1252" if encoding == "cp1252" else "")


def test_it_covers_nothing_of_what_another_service_played() -> None:
    assert not APPLE.covers
    assert APPLE.measures
