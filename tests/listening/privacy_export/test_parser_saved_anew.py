"""Files that another program has saved since Spotify sent them: their encoding and their layout."""

import codecs
import json
from typing import Any

import pytest

from pipelines.listening.privacy_export.parser import NotAnExport, read_file
from tests.support.export_files import (
    AUDIO,
    NOW,
    Json,
    cut,
    heard,
    parts_of,
    play,
    refused_of,
    rows_of,
    titled,
)

TITLES = ["Grüße", "Crème brûlée", "naïve", "“Déjà vu” … 50 €", "plain", "ÄÖÜ"]
EVERY_SCRIPT = [*TITLES, "夜に駆ける", "Кино", "שלום", "😀 half", "ไทย"]


def written(titles: list[str], **how: Any) -> str:
    return json.dumps(titled(*titles), ensure_ascii=False, **how)


def names_of(content: bytes, **how: Any) -> list[str]:
    parts = parts_of(content, **how)
    assert not refused_of(parts)
    assert not any(part.lost_characters for part in parts)
    return [row["track_name"] for row in rows_of(parts)]


# Encodings


@pytest.mark.parametrize("marked", [True, False], ids=["with a mark", "without"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("layout", ["list", "indented", "lines"])
def test_unicode_is_read_however_it_is_written(encoding: str, marked: bool, layout: str) -> None:
    text = {
        "list": written(EVERY_SCRIPT),
        "indented": written(EVERY_SCRIPT, indent=2).replace("\n", "\r\n"),
        "lines": "\n".join(json.dumps(row, ensure_ascii=False) for row in titled(*EVERY_SCRIPT)),
    }[layout]
    content = ("\ufeff" * marked + text).encode(encoding)
    assert names_of(content) == EVERY_SCRIPT


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "cp1252"])
def test_an_encoding_is_known_wherever_a_file_is_cut(encoding: str, size: int) -> None:
    content = written(TITLES).encode(encoding)
    parts = list(read_file(AUDIO, cut(content, size), latest=NOW, piece=900))
    assert [row["track_name"] for row in rows_of(parts)] == TITLES


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_windows_1252_is_read_and_named(encoding: str) -> None:
    titles = TITLES if encoding == "cp1252" else ["Grüße", "naïve", "plain"]
    parts = parts_of(written(titles).encode(encoding))
    assert [row["track_name"] for row in rows_of(parts)] == titles
    assert {part.encoding for part in parts} == {"Windows-1252"}
    assert not refused_of(parts)


@pytest.mark.parametrize("piece", [900, 2**20])
def test_windows_1252_without_any_letter_beyond_ascii_is_utf_8(piece: int) -> None:
    parts = parts_of(written(["plain", "also plain"]).encode("cp1252"), piece=piece)
    assert {part.encoding for part in parts} == {""}


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "gb18030", "koi8-r", "euc-kr"])
def test_an_encoding_that_is_not_known_is_named_and_no_name_made_up(encoding: str) -> None:
    title = {"shift_jis": "夜に駆ける", "gb18030": "月亮代表我的心", "euc-kr": "강남스타일"}.get(
        encoding, "Группа крови"
    )
    parts = parts_of(written([title, "plain"]).encode(encoding))
    [odd, plain] = [row["track_name"] for row in rows_of(parts)]
    assert "\ufffd" in odd
    assert plain == "plain"
    assert sum(part.lost_characters for part in parts) > 0
    assert {part.encoding for part in parts} == {""}


def test_one_wrong_byte_makes_no_other_encoding_of_utf_8() -> None:
    content = written(EVERY_SCRIPT).encode().replace(b"plain", b"pl\xe4in")
    parts = parts_of(content)
    names = [row["track_name"] for row in rows_of(parts)]
    assert names == [title.replace("plain", "pl\ufffdin") for title in EVERY_SCRIPT]
    assert sum(part.lost_characters for part in parts) == 1


def test_half_a_surrogate_pair_in_utf_16_costs_a_character() -> None:
    content = written(["oXne", "two"]).encode("utf-16-le").replace(b"X\0", b"\x3d\xd8")
    parts = parts_of(codecs.BOM_UTF16_LE + content)
    assert [row["track_name"] for row in rows_of(parts)] == ["o\ufffdne", "two"]
    assert sum(part.lost_characters for part in parts) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("lost", [1, 2, 3, 100])
def test_what_is_cut_off_in_another_encoding_is_named(encoding: str, lost: int) -> None:
    parts = parts_of(written(["one", "two"]).encode(encoding)[:-lost])
    assert rows_of(parts)[0]["track_name"] == "one"
    assert any(part.damaged for part in parts)


# Layouts


def layouts() -> dict[str, str]:
    rows = [json.dumps(row) for row in titled("one", "two", "three", "four")]
    first, second = ",".join(rows[:2]), ",".join(rows[2:])
    return {
        "a row a line": "\n".join(rows),
        "a row a line, ended": "\r\n".join(rows) + "\r\n",
        "a row a line, with commas": ",\n".join(rows) + ",\n",
        "rows over several lines": "\n".join(json.dumps(json.loads(row), indent=1) for row in rows),
        "one list after the other": f"[{first}][{second}]",
        "lists on lines": f"[{first}]\n[{second}]\n",
        "lists on lines, each with a mark": f"\ufeff[{first}]\n\ufeff[{second}]\n",
        "lists in a list": f"[[{first}], [{second}]]",
        "a list in an object": f'{{"streams": [{first}, {second}]}}',
        "lists in an object": f'{{"2020": [{first}], "2021": [{second}]}}',
        "rows by number": "{" + ",".join(f'"{n}": {row}' for n, row in enumerate(rows)) + "}",
        "a comma too many": f"[{first},{second},]",
    }


@pytest.mark.parametrize("piece", [300, 1500, 2**20])
@pytest.mark.parametrize("layout", layouts())
def test_rows_are_read_in_whatever_they_stand(layout: str, piece: int) -> None:
    assert names_of(layouts()[layout].encode(), piece=piece) == ["one", "two", "three", "four"]


@pytest.mark.parametrize("piece", [300, 2**20])
@pytest.mark.parametrize("layout", layouts())
def test_what_is_cut_off_is_named_in_whatever_rows_stand(layout: str, piece: int) -> None:
    content = layouts()[layout].encode()
    parts = parts_of(content[: content.rindex(b"four")], piece=piece)
    assert [row["track_name"] for row in rows_of(parts)] == ["one", "two", "three"]
    assert any(part.damaged for part in parts)
    assert refused_of(parts)[-1]["reason"].startswith("the file is cut off here")


def test_a_single_row_without_a_list_is_a_row() -> None:
    assert names_of(json.dumps(play()).encode()) == ["only my railgun"]


def test_a_line_that_is_damaged_is_refused_and_the_others_are_read() -> None:
    rows = [json.dumps(row) for row in titled("one", "two", "three")]
    parts = parts_of("\n".join([rows[0], rows[1][:-40], rows[2]]).encode())
    assert [row["track_name"] for row in rows_of(parts)] == ["one", "three"]
    assert {row["row"] for row in refused_of(parts)} == {2}


@pytest.mark.parametrize("piece", [300, 2**20])
def test_rows_of_two_formats_in_one_file_are_both_read(piece: int) -> None:
    mixed = [play(), heard(), heard(), play(ms_played="x"), {"other": 1}, play()]
    parts = parts_of(mixed, piece=piece)
    assert [row["source"] for row in rows_of(parts)] == ["export", "account", "account", "export"]
    assert [row["row"] for row in rows_of(parts)] == [1, 2, 3, 6]
    assert [row["row"] for row in refused_of(parts)] == [4, 5]


def test_history_may_begin_after_megabytes_of_something_else() -> None:
    content = b"[" + b'0,[1,2,["a"]],' * 10_000 + json.dumps([play()]).encode()[1:]
    parts = parts_of(content, piece=1000, listed=10)
    assert len(rows_of(parts)) == 1
    assert sum(part.lost for part in parts) == 20_000
    assert len(refused_of(parts)) == 11, "and one row that says that there are more"


def test_nothing_private_is_told_of_what_surrounds_rows() -> None:
    row = json.dumps(play())
    content = f'{{"username": "kept-to-myself", "email": "secret-listener", "streams": [{row}]}}'
    parts = parts_of(content.encode())
    assert len(rows_of(parts)) == 1
    told = str(refused_of(parts))
    assert "kept-to-myself" not in told
    assert "secret-listener" not in told


# The format of 2018


OLD: Json = {"artistName": "A, B", "trackName": "Song", "time": "2018-05-12 23:40:21"}


@pytest.mark.parametrize("content", [[OLD, OLD], [{"x": 1}, OLD]])
def test_the_format_of_2018_is_refused_as_what_it_is(content: list[Json]) -> None:
    with pytest.raises(NotAnExport, match=r"format of 2018.*request the extended streaming"):
        parts_of(content)


def test_rows_of_2018_beside_others_are_refused_one_by_one() -> None:
    parts = parts_of([heard(), OLD, heard()])
    assert [row["row"] for row in rows_of(parts)] == [1, 3]
    [refused] = refused_of(parts)
    assert "format of 2018" in refused["reason"]
