"""The files of a privacy export as rows: what they mean, however a file is cut."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.privacy_export.parser import read_file
from pipelines.listening.schema.tables import HISTORY, REFUSED_HISTORY
from tests.support.export_files import (
    ACCOUNT,
    AUDIO,
    EXTENDED,
    MUSIC,
    NOW,
    URI,
    cut,
    heard,
    nameless,
    parts_of,
    play,
    refused_of,
    row_of,
    rows_of,
    titled,
)

MEASURED = (
    "skipped",
    "shuffle",
    "offline",
    "incognito",
    "reason_start",
    "reason_end",
    "platform",
    "country",
    "offline_at",
)


# --- what rows mean


def test_a_row_of_the_extended_history_becomes_a_row_of_the_table():
    assert row_of(play()) == {
        "played_at": datetime(2025, 4, 28, 21, 4, 35, tzinfo=UTC),
        "source": "export",
        "kind": "track",
        "track_uri": URI,
        "track_name": "only my railgun",
        "artist_name": "fripSide",
        "album_name": "infinite synthesis",
        "ms_played": 1603,
        "skipped": False,
        "shuffle": False,
        "offline": False,
        "incognito": False,
        "reason_start": "clickrow",
        "reason_end": "trackdone",
        "platform": "windows",
        "country": "US",
        "offline_at": datetime(2025, 4, 28, 21, 4, 32, tzinfo=UTC),
        "file": AUDIO,
        "row": 1,
        **dict.fromkeys(HISTORY.added),
    }


def test_parts_have_the_types_of_the_declared_tables():
    [part] = parts_of([play(), 3])
    for field in part.rows.schema:
        assert field.equals(HISTORY.schema.field(field.name))
    assert set(HISTORY.schema.names) - set(part.rows.column_names) == {"ordinal", "imported_at"}
    assert part.refused.schema.equals(REFUSED_HISTORY.schema)


@pytest.mark.parametrize(
    ("row", "kind", "uri"),
    [
        (play(), "track", URI),
        (play(spotify_track_uri="spotify:local:a:b:c:5"), "local", "spotify:local:a:b:c:5"),
        (play(spotify_track_uri=None), "local", None),
        (play(spotify_track_uri=""), "local", None),
        (play(spotify_track_uri="spotify:other:1"), "unknown", "spotify:other:1"),
        (nameless(spotify_episode_uri="spotify:episode:e"), "episode", "spotify:episode:e"),
        (nameless(episode_name="An episode"), "episode", None),
        (nameless(audiobook_title="A book"), "audiobook", None),
        (nameless(audiobook_uri="b", audiobook_chapter_uri="c"), "audiobook", "c"),
        (nameless(audiobook_uri="spotify:show:b"), "audiobook", "spotify:show:b"),
        (nameless(), "unknown", None),
        ({"ts": "2025-04-28T21:04:35Z", "ms_played": 0}, "unknown", None),
    ],
)
def test_the_kind_and_the_uri_are_told_by_what_is_there(row, kind, uri):
    read_row = row_of(row)
    assert (read_row["kind"], read_row["track_uri"]) == (kind, uri)


def test_an_episode_has_its_title_and_show_and_no_artist():
    row = row_of(nameless(episode_name="One", episode_show_name="A show"))
    assert (row["track_name"], row["album_name"], row["artist_name"]) == ("One", "A show", None)


@pytest.mark.parametrize(("chapter", "title"), [("Chapter 1", "Chapter 1"), (None, "A book")])
def test_a_chapter_has_its_title_or_its_books(chapter, title):
    row = row_of(nameless(audiobook_title="A book", audiobook_chapter_title=chapter))
    assert (row["track_name"], row["album_name"], row["artist_name"]) == (title, "A book", None)


@pytest.mark.parametrize(
    ("skipped", "reason", "expected"),
    [
        (True, "trackdone", True),
        (True, None, True),
        (False, "fwdbtn", True),
        (None, "backbtn", True),
        (None, "endplay", True),
        (False, "unknown", True),
        (None, "trackdone", False),
        (False, None, False),
        (False, "", False),
        (None, "", None),
        (None, None, None),
    ],
)
def test_skipped_is_told_by_the_flag_or_the_reason(skipped, reason, expected):
    row = row_of(play(skipped=skipped, reason_end=reason))
    assert row["skipped"] is expected
    assert row["reason_end"] == (reason or None)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (1745874272, datetime(2025, 4, 28, 21, 4, 32, tzinfo=UTC)),
        (1745874272.0, datetime(2025, 4, 28, 21, 4, 32, tzinfo=UTC)),
        (1745874272123, datetime(2025, 4, 28, 21, 4, 32, 123000, tzinfo=UTC)),
        *((nothing, None) for nothing in (0, None, 5, -1, 10**18, -(2**62) + 10**6)),
    ],
)
def test_an_offline_timestamp_counts_seconds_or_milliseconds_or_is_nonsense(stamp, expected):
    assert row_of(play(offline_timestamp=stamp))["offline_at"] == expected


def test_empty_strings_are_null():
    row = row_of(play(platform="", conn_country="", reason_start="", episode_name=""))
    assert [row[name] for name in ("platform", "country", "reason_start")] == [None] * 3
    assert row["kind"] == "track"


@pytest.mark.parametrize(
    "ts", ["2025-04-28T21:04:35.000Z", "2025-04-28 21:04:35Z", "2025-04-28T23:04:35+02:00"]
)
def test_times_are_read_in_every_iso_spelling(ts):
    expected = datetime(2025, 4, 28, 21, 4, 35, tzinfo=UTC)
    assert row_of(play(ts=ts))["played_at"] == expected


def test_milliseconds_may_be_told_with_a_point():
    assert row_of(play(ms_played=1234.0))["ms_played"] == 1234


@pytest.mark.parametrize(
    ("name", "kind"), [(MUSIC, "track"), ("StreamingHistory0.json", "unknown")]
)
def test_account_data_tells_names_and_a_minute(name, kind):
    row = row_of(heard(), name)
    assert row["played_at"] == datetime(2021, 4, 22, 5, 41, tzinfo=UTC)
    assert (row["source"], row["kind"], row["ms_played"]) == ("account", kind, 6408)
    assert (row["track_name"], row["artist_name"]) == ("Dreams", "Shindy")
    assert {row[column] for column in (*MEASURED, "track_uri", "album_name")} == {None}


def test_account_data_may_tell_seconds():
    row = row_of(heard(endTime="2021-04-22 05:41:07"), MUSIC)
    assert row["played_at"] == datetime(2021, 4, 22, 5, 41, 7, tzinfo=UTC)


def test_account_data_tells_episodes_and_chapters():
    told = {"endTime": "2021-04-22 05:41", "msPlayed": 1}
    episode = row_of(told | {"podcastName": "Show", "episodeName": "One"})
    book = {"audiobookName": "Book", "authorName": "Writer", "chapterName": "First"}
    chapter = row_of(told | book)
    columns = ("kind", "track_name", "album_name", "artist_name")
    assert [episode[name] for name in columns] == ["episode", "One", "Show", None]
    assert [chapter[name] for name in columns] == ["audiobook", "First", "Book", "Writer"]


def test_account_data_without_names_is_kept():
    row = row_of(heard(trackName="", artistName=""), MUSIC)
    assert (row["kind"], row["track_name"], row["artist_name"]) == ("track", None, None)


def test_the_keys_tell_the_format_not_the_name():
    assert row_of(heard(), AUDIO)["source"] == "account"
    assert row_of(play(), MUSIC)["source"] == "export"


@pytest.mark.parametrize(("path", "count"), [(EXTENDED, 39), (ACCOUNT, 300)])
def test_the_real_files_are_read_completely(path, count):
    parts = list(read_file(path.name, [path.read_bytes()], latest=NOW))
    rows, told = rows_of(parts), json.loads(path.read_bytes())
    assert not refused_of(parts)
    assert [row["row"] for row in rows] == list(range(1, count + 1))
    assert [row["ms_played"] for row in rows] == [
        row.get("ms_played", row.get("msPlayed")) for row in told
    ]


# --- how a file is cut


@pytest.mark.parametrize("piece", [3, 64, 1000, 5000, 2**20])
@pytest.mark.parametrize("size", [1, 7, 512, 10**6])
def test_the_same_rows_come_whatever_the_cuts(piece, size):
    content = EXTENDED.read_bytes()
    parts = list(read_file(AUDIO, cut(content, size), latest=NOW, piece=piece))
    assert rows_of(parts) == rows_of(parts_of(content))
    assert not refused_of(parts)


@pytest.mark.parametrize("piece", [3, 100, 900, 2**20])
def test_a_title_may_look_like_the_end_of_a_row(piece):
    titles = ["a},{b", 'say \\"hi\\"},\n{"ts": 1', "},{" * 20, "end\\", "]", "[{", "ü€😀"]
    parts = parts_of(titled(*titles), piece=piece)
    assert [row["track_name"] for row in rows_of(parts)] == titles
    assert not refused_of(parts)


def test_a_byte_order_mark_and_blanks_around_are_no_damage():
    content = b"\xef\xbb\xbf \r\n" + json.dumps([play()]).encode() + b"\n\n"
    parts = parts_of(content)
    assert (len(rows_of(parts)), refused_of(parts)) == (1, [])


def test_an_empty_list_has_no_rows():
    assert parts_of(b" [ \n ] ") == []


TITLES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
) | st.sampled_from(["},{", '"},{"', "\\", '\\"}', "]"])


@given(
    rows=st.lists(st.tuples(TITLES, st.integers(0, 86_400_000)), max_size=12),
    piece=st.integers(3, 3000),
    size=st.integers(1, 3000),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
)
def test_what_is_written_is_read_whatever_the_spelling(rows, piece, size, indent, ascii_only):
    told = [play(master_metadata_track_name=title, ms_played=ms) for title, ms in rows]
    content = json.dumps(told, indent=indent, ensure_ascii=ascii_only).encode()
    parts = list(read_file(AUDIO, cut(content, size), latest=NOW, piece=piece))
    assert [(row["track_name"], row["ms_played"]) for row in rows_of(parts)] == rows
    assert [row["row"] for row in rows_of(parts)] == list(range(1, len(rows) + 1))
    assert not refused_of(parts)
