"""The table of plays that an export wrote is read again, each play with all that it was."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.listening.all_tables import TABLES
from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, Part
from pipelines.listening.schema.csv_json import OPTIONS, TextFormat, select_sql
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.sources.own_plays import COMPUTED, OWN
from pipelines.listening.sources.registry import all_sources
from pipelines.listening.sources.source import HEAD_BYTES, Reading, SourceFile

FORMATS: tuple[TextFormat, ...] = ("csv", "json")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2025, 3, 1, 10, 3, 0, 123000, tzinfo=UTC)


def play(**told: Any) -> dict[str, Any]:
    ended = told.get("played_at", END)
    length = timedelta(milliseconds=told.get("ms_played", 180_000) or 0)
    return {
        "play_id": "a" * 32,
        "listener": "nico",
        "played_at": ended,
        "started_at": ended - length,
        "local_time": ended.replace(tzinfo=None),
        "local_date": ended.date(),
        "local_hour": 11,
        "local_weekday": 5,
        "kind": "track",
        "track_name": "Title",
        "artist_name": "Artist",
        "ms_played": 180_000,
        "ms_played_source": "measured",
        "counts": True,
        "source": "export",
        "probable_double": False,
    } | told


EVERYTHING = play(
    track_id="t1", track_uri="spotify:track:t1", album_id="al1", album_name='An "album", 1',
    album_type="album", release_date="1999-01", isrc="DEA000000001", artist_id="ar1",
    artists=[{"id": "ar1", "name": "Artist"}, {"id": None, "name": 'B, "C"'}], release_year=1999,
    duration_ms=200_000, popularity=7, explicit=True, ms_played_source="assumed", skipped=False,
    shuffle=True, offline=False, incognito=False, reason_start="clickrow", reason_end="trackdone",
    platform="web", country="DE", played_from_type="playlist", played_from_name="Ü\nlist",
    played_from_uri="spotify:playlist:p", source="api+export+account",
    recording_mbid="8f3471b5-7e6a-48da-86a9-c1c07a0f47ae", track_name="=1+1",
)  # fmt: skip

PLAYED = [
    EVERYTHING,
    play(play_id="b" * 32, source="account", played_at=END.replace(second=0, microsecond=0)),
    play(play_id="c" * 32, ms_played=None, ms_played_source="unknown", source="apple"),
    play(play_id="d" * 32, track_name=None, artist_name=None, track_uri="spotify:track:x"),
]


def written(rows: list[dict[str, Any]], format_: TextFormat, folder: Path) -> bytes:
    """The file that an export writes."""
    table = PLAYS.from_rows(rows)
    path = folder / f"plays.{format_}"
    with duckdb.connect() as database:
        database.register("rows", table)
        query = select_sql(PLAYS.fields, format_)
        database.execute(f"COPY ({query}) TO '{path}' ({OPTIONS[format_]})")
    return path.read_bytes()


def parts(content: bytes, size: int = 777) -> list[Part]:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert OWN.read
    return list(OWN.read(SourceFile("plays", lambda: pieces), Reading(NOW, [])))


def rows(content: bytes) -> list[dict[str, Any]]:
    return [row for part in parts(content) for row in part.rows.to_pylist()]


def restored(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a play that a row has, of its own or moved."""
    told = {"play_id": row["told_id"], "source": row["told_by"]} | json.loads(row["moved"])
    every = {name: row.get(name) for name in PLAYS.schema.names} | told
    return {name: value for name, value in every.items() if name not in COMPUTED}


@pytest.mark.parametrize("format_", FORMATS)
def test_a_play_has_all_its_values_again(format_: TextFormat, tmp_path: Path) -> None:
    read = [restored(row) for row in rows(written(PLAYED, format_, tmp_path))]
    told = [
        {name: one.get(name) for name in PLAYS.schema.names if name not in COMPUTED}
        for one in PLAYED
    ]
    assert read == told


def test_both_formats_give_the_same_rows(tmp_path: Path) -> None:
    csv, json_ = (written(PLAYED, format_, tmp_path) for format_ in FORMATS)
    assert rows(csv) == rows(json_)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_moved_time_is_as_exact_as_the_best_source_told_it(
    format_: TextFormat, tmp_path: Path
) -> None:
    found = rows(written(PLAYED, format_, tmp_path))
    assert [row["precision_ms"] for row in found[:2]] == [1, 60_000]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_artist_is_known_for_matching(format_: TextFormat, tmp_path: Path) -> None:
    found = rows(written(PLAYED, format_, tmp_path))
    assert [row["artist_names"] for row in found[:2]] == [["Artist", 'B, "C"'], None]


@pytest.mark.parametrize("format_", FORMATS)
def test_it_is_known_by_its_columns_and_by_no_other_source(
    format_: TextFormat, tmp_path: Path
) -> None:
    head = written(PLAYED, format_, tmp_path)[:HEAD_BYTES]
    assert [one.name for one in all_sources() if one.recognise("", head)] == ["playledger"]
    assert [one.name for one in all_sources() if one.beside("", head)] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_other_tables_of_an_export_are_not_taken_for_plays(format_: TextFormat) -> None:
    for table in TABLES:
        names = [one.name for one in (*table.path_columns, *table.fields)]
        head = ",".join(names) if format_ == "csv" else json.dumps([dict.fromkeys(names)])
        assert OWN.recognise("", head.encode()) == (table.name == "plays"), table.name
        tells_of_plays = "ms_played" in names and table.name != "plays"
        assert not tells_of_plays or OWN.beside("", head.encode()), table.name


@pytest.mark.parametrize("layout", ["lines", "one line", "indented", "commas"])
def test_json_may_be_laid_out_anew(layout: str, tmp_path: Path) -> None:
    content = written(PLAYED, "json", tmp_path)
    told = json.loads(content)
    anew = {
        "lines": "\n".join(map(json.dumps, told)),
        "one line": json.dumps(told),
        "indented": json.dumps(told, indent=2),
        "commas": "[" + ",\r\n".join(map(json.dumps, told)) + "]",
    }
    assert rows(anew[layout].encode()) == rows(content)


def test_columns_may_stand_in_another_order_or_be_missing(tmp_path: Path) -> None:
    told = json.loads(written(PLAYED, "json", tmp_path))
    old = [
        {name: value for name, value in reversed(one.items()) if name != "recording_mbid"}
        | {"a new column": 1}
        for one in told
    ]
    expected = [row | {"recording_mbid": None} for row in rows(json.dumps(told).encode())]
    assert rows(json.dumps(old).encode()) == expected


@pytest.mark.parametrize("format_", FORMATS)
def test_a_damaged_row_is_refused_and_the_others_are_read(
    format_: TextFormat, tmp_path: Path
) -> None:
    lines = written(PLAYED[1:], format_, tmp_path).split(b"\n")
    lines[2] = lines[2][:40]
    [part] = parts(b"\n".join(lines))
    assert part.rows["row"].to_pylist() == [1, 3]
    assert part.refused["row"].to_pylist() == [2]
    assert part.lost == 1


def test_a_value_that_is_none_of_its_kind_is_told_without_itself(tmp_path: Path) -> None:
    content = written(PLAYED[1:3], "json", tmp_path).replace(b"180000", b'"long"')
    [part] = parts(content)
    [refusal] = part.refused.to_pylist()
    assert (
        refusal["reason"] == "cannot be read: Expected `int | null`, got `str` - at `$.ms_played`"
    )
    assert "long" not in str(refusal)


def test_many_rows_are_read_in_several_parts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pipelines.listening.sources.own_plays.PIECE_BYTES", 5000)
    many = [play(play_id=f"{at:032}", ms_played=at) for at in range(100)]
    found = parts(written(many, "json", tmp_path))
    assert len(found) > 3
    read = pa.concat_tables(part.rows for part in found)
    assert read["row"].to_pylist() == [*range(1, 101)]
    assert read["ms_played"].to_pylist() == [*range(100)]


@pytest.mark.parametrize("format_", FORMATS)
def test_an_export_without_plays_is_read_and_has_none(format_: TextFormat, tmp_path: Path) -> None:
    assert rows(written([], format_, tmp_path)) == []


def test_of_a_file_that_is_cut_off_what_is_there_is_read(tmp_path: Path) -> None:
    content = written(PLAYED, "json", tmp_path)

    def broken() -> Iterator[bytes]:
        yield content
        raise DamagedFile("it is damaged")

    assert OWN.read
    part, damage = OWN.read(SourceFile("a", broken), Reading(NOW, []))
    assert (len(part.rows), damage.lost, damage.damaged) == (4, 1, True)


def test_json_that_is_no_list_is_no_export() -> None:
    with pytest.raises(NotAnExport, match="no list of plays"):
        parts(b'{"play_id": [1, 2')
