"""Damaged rows, damaged files, files that hold no history; and what stays private of them."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from pipelines.listening.privacy_export import parser
from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, read_file
from tests.support.export_files import (
    AUDIO,
    NOW,
    SECRETS,
    parts_of,
    play,
    refused_of,
    row_of,
    rows_of,
    titled,
)


def names_of(content: object, **how: Any) -> list[str]:
    return [row["track_name"] for row in rows_of(parts_of(content, **how))]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"no JSON", "is no JSON"),
        (b"%PDF-1.7", "is no JSON"),
        (b"{", "is no JSON"),
        (b'{"a": 1}', "no list"),
        (b"3", "no list"),
        (b"[", "cut off"),
        (b"[garbage]", "is no JSON"),
        (b"[{}]", "no row"),
        (b"[1, null]", "no row"),
        (b'[{"searchTime": "2025-01-01"}]', "no row"),
    ],
)
def test_a_file_without_history_is_none(content, problem):
    with pytest.raises(NotAnExport, match=problem) as refusal:
        parts_of(content)
    assert AUDIO in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (play(ts=None), "ts: "),
        (play(ts=5), "ts: "),
        (play(ts="yesterday"), "ts is no time"),
        (play(ts="2025-02-30T00:00:00Z"), "ts is no time"),
        (play(ts="2025-02-28"), "ts is no time"),
        (play(ts="2005-12-31T23:59:59Z"), "ts is before 2006"),
        (play(ts="2026-05-04T00:00:00Z"), "ts lies in the future"),
        (play(ms_played=None), "ms_played: "),
        (play(ms_played="5"), "ms_played: "),
        (play(ms_played=1.5), "ms_played: "),
        (play(ms_played=-1), "ms_played: "),
        (play(ms_played=2**31), "ms_played: "),
        (play(ms_played=10**40), "ms_played: "),
        (play(ms_played=86_400_001), "ms_played is more than a day"),
        (play(ts="99999-01-01T00:00:00Z"), "ts is no time"),
        (play(ts="0000-01-01T00:00:00Z"), "ts is before 2006"),
        (play(ts="1899-12-31T00:00:00Z"), "ts is before 2006"),
        (play(ts="0001-01-01T00:00:00+14:00"), "ts is before 2006"),
        (play(ts="9999-12-31T23:59:59-14:00"), "ts lies in the future"),
        (play(ts="2025-04-28T21:04:35+99:00"), "ts is no time"),
        (play(ts=""), "ts is no time"),
        (play(platform="x" * 900_000), "platform is longer than any name"),
        (play(master_metadata_track_name="€" * 3_000), "master_metadata_track_name is longer"),
        (None, "Expected `object`"),
        (3, "Expected `object`"),
        ("x", "Expected `object`"),
        ([play()], "Expected `object`"),
    ],
)
def test_a_bad_row_is_refused_and_the_good_ones_go_on(row, reason):
    parts = parts_of([play(), row, play()])
    [refused] = refused_of(parts)
    assert [one["row"] for one in rows_of(parts)] == [1, 3]
    assert (refused["file"], refused["row"], parts[0].lost) == (AUDIO, 2, 1)
    assert refused["reason"].startswith(reason)


def test_a_clock_may_be_two_days_ahead():
    ahead = (NOW + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert row_of(play(ts=ahead))["played_at"] == NOW + timedelta(days=2)


def test_a_bad_first_row_does_not_hide_the_others():
    parts = parts_of([None, play()])
    assert [row["row"] for row in rows_of(parts)] == [2]
    assert [row["row"] for row in refused_of(parts)] == [1]


def test_a_row_is_kept_without_the_fields_that_are_odd():
    [part] = parts_of([play(shuffle="yes", platform=5, spotify_track_uri=[])])
    [row], [refused] = rows_of([part]), refused_of([part])
    assert (row["shuffle"], row["platform"], row["track_uri"]) == (None, None, None)
    assert row["track_name"] == "only my railgun"
    assert refused["reason"].startswith("kept without ")
    assert "shuffle: " in refused["reason"]
    assert part.lost == 0


def test_a_row_that_is_odd_and_at_no_time_is_refused_once():
    [part] = parts_of([play(), play(shuffle="yes", ts="never")])
    [refused] = refused_of([part])
    assert (refused["reason"], part.lost) == ("ts is no time", 1)


def test_half_a_character_in_a_title_does_not_lose_the_play():
    content = json.dumps(titled("one", "XX", "three \\ud800 \U0001f600")).encode()
    assert names_of(content.replace(b"XX", rb"two\ud83d"), piece=2**20) == [
        "one",
        "two�",
        "three \\ud800 \U0001f600",
    ]


@pytest.mark.parametrize("odd", [rb'"two\ud83d"', rb'"two\u0000"', rb'"two\udc00"'])
def test_a_character_that_is_none_is_named_and_its_row_kept(odd):
    parts = parts_of(json.dumps(titled("one", "XX")).encode().replace(b'"XX"', odd))
    assert [row["track_name"] for row in rows_of(parts)] == ["one", "two\ufffd"]
    [refused] = refused_of(parts)
    assert (refused["row"], sum(part.lost for part in parts)) == (2, 0)
    assert refused["reason"] == "kept with \ufffd for what is no character"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_some_programs_write_for_null_is_null(number):
    content = json.dumps(titled("NaN Infinity", "XX")).encode().replace(b'"XX"', number)
    assert [row["track_name"] for row in rows_of(parts_of(content))] == ["NaN Infinity", None]


def test_of_a_key_that_is_there_twice_one_holds():
    content = json.dumps([play()]).encode().replace(b'"platform"', b'"platform": "a", "platform"')
    assert len(rows_of(parts_of(content))) == 1


def test_more_refused_rows_than_are_listed_are_counted_and_the_good_ones_read():
    parts = parts_of([play(ts="never")] * 50 + [play(), *[play(ms_played=-1)] * 50], listed=20)
    assert [row["row"] for row in rows_of(parts)] == [51]
    assert sum(part.lost for part in parts) == 100
    reasons = [row["reason"] for row in refused_of(parts)]
    assert len(reasons) == 21
    assert reasons[-1] == "more rows are refused than are listed"


MEMORY = """
import json, resource
from datetime import UTC, datetime
from pipelines.listening.privacy_export.parser import read_file
from tests.support.export_files import play

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def rows():
    yield b"["
    for number in range(60):
        yield json.dumps(play(master_metadata_track_name=chr(0x4e00 + number) * 300_000)).encode()
        yield b"," + json.dumps(play()).encode() + b","
    yield json.dumps(play()).encode() + b"]"

list(read_file("a.json", [json.dumps([play()]).encode()], latest=datetime.now(UTC)))
before = peak()
parts = list(read_file("a.json", rows(), latest=datetime.now(UTC)))
print(sum(len(part.rows) for part in parts), sum(part.lost for part in parts), peak() - before)
"""


def test_titles_of_a_megabyte_do_not_fill_the_memory():
    told = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    rows, lost, megabytes = map(int, told.stdout.split())
    assert (rows, lost) == (61, 60)
    assert megabytes < 100


@pytest.mark.parametrize("piece", [200, 2000, 2**20])
@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b'"two"', b'"two'),
        (b'"two"', b"two"),
        (b'"two"', b""),
        (b'"two"', b'"t\x00o"'),
        (b'"two"', b'"two" "more"'),
        (b'"two"', b"{{{"),
    ],
)
def test_rows_before_and_after_a_damage_are_kept(good, bad, piece, compact):
    content = json.dumps(titled("one", "two", "three", "four"), indent=None if compact else 2)
    parts = parts_of(content.encode().replace(good, bad), piece=piece)
    kept = [row["track_name"] for row in rows_of(parts)]
    assert kept == ["one", "three", "four"]
    assert {row["row"] for row in refused_of(parts)} == {2}
    assert sum(part.lost for part in parts) == 1


@pytest.mark.parametrize("piece", [300, 2**20])
def test_a_file_that_is_cut_off_gives_what_it_has(piece):
    content = json.dumps(titled("one", "two", "three")).encode()
    for end in range(content.index(b"three") - 100, len(content) - 1, 37):
        parts = parts_of(content[:end], piece=piece)
        assert [row["track_name"] for row in rows_of(parts)] == ["one", "two"]
        [refused] = refused_of(parts)
        assert (refused["row"], refused["reason"]) == (3, "the file is cut off here")
        assert "three" not in refused["text"] or '"three"' in refused["text"]


def test_a_list_that_is_never_closed_is_cut_off_behind_its_rows():
    parts = parts_of(json.dumps([play()]).encode()[:-1])
    [refused] = refused_of(parts)
    assert (len(rows_of(parts)), refused["row"], refused["text"]) == (1, 2, "{}")


def test_a_damaged_source_gives_what_came_before_and_says_why():
    content = json.dumps(titled("one", "two")).encode()

    def breaking(end):
        yield content[:end]
        raise DamagedFile("bad block")

    cut_off = list(read_file(AUDIO, breaking(-100), latest=NOW))
    whole = list(read_file(AUDIO, breaking(len(content)), latest=NOW))
    assert [row["track_name"] for row in rows_of(cut_off)] == ["one"]
    assert [(row["row"], row["reason"]) for row in refused_of(cut_off)] == [
        (2, "the file is cut off here: bad block")
    ]
    assert [row["track_name"] for row in rows_of(whole)] == ["one", "two"]
    assert [(row["row"], row["reason"]) for row in refused_of(whole)] == [(0, "bad block")]


def test_a_stretch_in_which_nothing_can_be_read_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(parser, "MAX_UNREADABLE", 10_000)
    content = json.dumps(titled("one")).encode()[:-1] + b"," + b'{"x' * 20_000
    content += b"," + json.dumps(titled("two")).encode()[1:]
    parts = parts_of(content, piece=2000)
    assert [row["track_name"] for row in rows_of(parts)] == ["one", "two"]
    assert {row["reason"] for row in refused_of(parts)} == {"is no JSON object"}


def test_what_is_nested_beyond_all_depth_is_damage():
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    parts = parts_of(json.dumps([play(), 0, play()]).encode().replace(b" 0,", deep + b","))
    assert len(rows_of(parts)) == 2
    with pytest.raises(NotAnExport):
        parts_of(deep)


# --- what stays private


def assert_private(parts):
    told = "".join(str(part.rows.to_pylist()) + str(part.refused.to_pylist()) for part in parts)
    assert not [secret for secret in SECRETS if secret in told]


def test_of_a_refused_row_only_what_describes_the_play_is_kept():
    parts = parts_of([play(), play(ms_played="x", platform={"ip": SECRETS[0]}), play(ts="never")])
    first, second = (json.loads(row["text"]) for row in refused_of(parts))
    assert first["ts"] == "2025-04-28T21:04:35Z"
    assert first["ms_played"] == "x"
    assert "platform" not in first
    assert second["ts"] == "never"
    assert_private(parts)


def test_text_is_short_and_always_json():
    parts = parts_of([play(), play(ms_played=None, platform="x" * 5000, episode_name="y" * 1900)])
    [refused] = refused_of(parts)
    assert len(refused["text"]) <= 2000
    assert json.loads(refused["text"])["ts"] == "2025-04-28T21:04:35Z"


def test_what_is_private_stays_so_wherever_a_file_breaks():
    content = json.dumps([play(), play()]).encode()
    for end in range(len(content) // 2 + 5, len(content)):
        assert_private(parts_of(content[:end]))


def test_what_is_private_stays_so_wherever_a_byte_is_lost():
    content = json.dumps([play(), play(), play()]).encode()
    third = len(content) // 3
    for at in range(third + 5, 2 * third):
        parts = parts_of(content[:at] + content[at + 1 :])
        assert len(rows_of(parts)) >= 2
        assert_private(parts)
