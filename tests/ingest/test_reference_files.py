"""`playledger reference add` as a person meets it, and what then lies in the lake."""

import gzip
import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pipelines.cli.main import main
from pipelines.ingest import reference_files
from pipelines.listening.catalogue.audio_features import artist_genres
from pipelines.listening.schema.reference_tables import (
    ARTIST_GENRES,
    AUDIO_FEATURES,
    REFERENCE_TABLES,
)
from pipelines.listening.schema.views import shared_views_sql
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.object_store import Conflict
from tests.support.environment import Environment
from tests.support.reference_rows import FEATURES, as_csv, row, spotify_id

Add = Callable[[Path], Result]

CSV, PARQUET = FEATURES / "tracks.csv", FEATURES / "tracks.parquet"


@pytest.fixture
def lake(environment: Environment) -> Lake:
    return Lake(Folder(environment.lake))


@pytest.fixture
def add(lake: Lake) -> Add:
    return lambda path: CliRunner().invoke(main, ["reference", "add", str(path)])


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, body: bytes) -> Path:
        (tmp_path / name).write_bytes(body)
        return tmp_path / name

    return write


def bodies(lake: Lake) -> list[bytes]:
    stored = [lake.store.get(table.path) for table in REFERENCE_TABLES]
    return [one.body for one in stored if one]


def figures(shown: str) -> list[tuple[str, int, str]]:
    rows = re.findall(r"│ (.+?) +│ +([\d,]+) │ (.*?) *│", shown)
    return [(what, int(number.replace(",", "")), told) for what, number, told in rows]


def parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_the_table_accounts_for_every_row_of_a_real_file(add: Add, lake: Lake):
    result = add(PARQUET)
    assert result.exit_code == 0, result.output
    shown = [(what, number) for what, number, _ in figures(result.stdout)]
    tracks = len(lake.read(AUDIO_FEATURES))
    artists = len(lake.read(ARTIST_GENRES))
    assert shown == [
        *(("rows read", 58), ("tracks", 46), ("folded", 12), ("refused", 0), ("ignored", 1)),
        *(("tracks", tracks), ("artists with genres", artists)),
    ]
    assert tracks == 46
    assert artists > 40


def test_csv_gzip_and_parquet_of_the_same_rows_are_the_same_bytes(
    lake: Lake, tmp_path: Path, file: Callable[[str, bytes], Path]
):
    odd = CSV.read_bytes().replace(b"track_id", b" Track_ID", 1).replace(b"\n", b"\r\n")
    paths = [
        PARQUET,
        CSV,
        file("tracks.csv.gz", gzip.compress(CSV.read_bytes())),
        file("odd.txt", b"\xef\xbb\xbf" + odd),
    ]
    found = []
    for place, path in enumerate(paths):
        one = Lake(Folder(tmp_path / str(place)))
        reference_files.add(path, one)
        found.append(bodies(one))
    assert found[0] == found[1] == found[2] == found[3]


def test_the_same_file_again_writes_no_byte(add: Add, lake: Lake):
    first = add(PARQUET)
    paths = [Path(lake.store.url(table.path)) for table in REFERENCE_TABLES]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    again = add(CSV)
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before
    assert "in the lake, written" in first.stdout
    assert [told for *_, told in figures(again.stdout)][-2:] == ["in the lake, as before"] * 2


def test_bad_rows_are_shown_and_left_out(
    add: Add, file: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pipelines.cli.terminal.console", Console(width=160))
    good, nameless, loud = row(), row(track_id="", artists=""), row(track_id="[bold]", energy="9")
    lines = as_csv([good, nameless, loud]).splitlines()
    body = b"\n".join([*lines[:2], b"too,short", *lines[2:]]).replace(b"Shay", b"Sh\xe4y", 1)
    result = add(file("some [red].csv", body))
    assert result.exit_code == 0, result.output
    assert figures(result.stdout)[:-2] == [
        ("rows read", 4, ""),
        ("tracks", 2, "in this file"),
        ("folded", 0, "further rows of these tracks"),
        (
            "refused",
            1,
            "neither a valid id of Spotify nor ISRC nor artist and title: row 3 ('10,000 Hours')",
        ),
        ("refused", 1, "not as many fields as the header: row 2"),
        ("kept without", 1, "track_id: row 4 ('[bold]'): '[bold]'"),
        (
            "kept without",
            1,
            "artists: row 1 ('2wrJq5XKLnmhRXHIAf9xBa'): 'Dan + Sh\ufffdy;Justin Bieber'",
        ),
        ("kept without", 1, "energy: row 4 ('[bold]'): '9'"),
    ]
    assert "some [red].csv" in result.stdout


GZ = gzip.compress(CSV.read_bytes())

BAD = {
    "empty.csv": (b"", "cannot be read: Empty CSV"),
    "header.csv": (b"track_id,energy\n", "has no rows"),
    "letter.pdf": (b"%PDF-1.7\n\0\0", "neither CSV nor Parquet"),
    "notes.csv": (
        b"hello\nworld\n",
        "lacks track_id, or isrc, or artists and track_name and track",
    ),
    "names.csv": (
        b"artists,energy\na,0\n",
        "lacks track_id, or isrc, or artists and track_name; it",
    ),
    "plain.csv": (b"track_id,popularity\na,0\n", "an audio feature (danceability, energy, key"),
    "twice.csv": (b"track_id,energy,Energy\na,0,0\n", "more than one column energy"),
    "none.csv": (b"track_id,energy\n,0\n", "no valid row: neither a valid id of Spotify nor"),
    "range.csv": (b"isrc,energy\nUSRC17607839,9\n", "no valid row: neither audio feature nor"),
    "cut.csv.gz": (GZ[: len(GZ) // 2], "cannot be read: Compressed file ended"),
    "bad.csv.gz": (GZ[:40] + b"\0\0\0\0" + GZ[44:], "cannot be read"),
    "cut.parquet": (PARQUET.read_bytes()[:2000], "cannot be read: Parquet"),
    "typed.parquet": (parquet({"track_id": ["a"], "energy": [{"x": 1}]}), "energy, but struct"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_reference_data_is_one_line_and_nothing_lands(
    add: Add, lake: Lake, file: Callable[[str, bytes], Path], name: str
):
    body, said = BAD[name]
    result = add(file(name, body))
    assert result.exit_code == 1, result.output
    [line] = result.stderr.strip().splitlines()
    assert line.startswith(f"Error: {name} ")
    assert said in line
    assert bodies(lake) == []


def test_parquet_of_other_types_is_read_as_well(lake: Lake, file: Callable[[str, bytes], Path]):
    columns = {
        "track_id": pa.array([spotify_id("a"), spotify_id("b")]).dictionary_encode(),
        "artists": [["Sia", "Björk"], None],
        "energy": pa.array([0.1, float("nan")], pa.float32()),
        "valence": ["0.5", None],
        "tempo": pa.array([120, None], pa.int16()),
        "track_genre": ["pop", "rock"],
    }
    reference_files.add(file("typed.parquet", parquet(columns)), lake)
    one, other = lake.read(AUDIO_FEATURES).to_pylist()
    assert (one["artists"], one["energy"], one["tempo"]) == (["Sia", "Björk"], 0.1, 120.0)
    assert (other["artists"], other["energy"], other["valence"]) == (None, None, None)


def test_files_added_at_once_are_all_there(lake: Lake, file: Callable[[str, bytes], Path]):
    paths = [
        file(
            f"{name}.csv", as_csv([row(track_id=spotify_id(name), artists=name, track_genre=name)])
        )
        for name in "abcd"
    ]
    threads = [threading.Thread(target=reference_files.add, args=(path, lake)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    features = lake.read(AUDIO_FEATURES)
    assert features["track_id"].to_pylist() == [spotify_id(name) for name in "abcd"]
    assert lake.read(ARTIST_GENRES).equals(artist_genres(features))


class StopsBeforeArtists(Folder):
    """Goes away between the two tables."""

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        if key == ARTIST_GENRES.path:
            raise KeyboardInterrupt
        return super().put_if_match(key, body, etag)


def test_what_was_interrupted_is_mended_by_adding_again(lake: Lake, tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        reference_files.add(CSV, Lake(StopsBeforeArtists(tmp_path / "lake")))
    assert len(bodies(lake)) == 1
    outcome = reference_files.add(CSV, lake)
    assert (outcome.features.changed, outcome.artists.changed) == (False, True)


class OvertakenByAnother(Folder):
    """Just before the first table of artists is written, someone else adds a file."""

    other: Path | None = None

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        if key == ARTIST_GENRES.path and self.other:
            path, self.other = self.other, None
            reference_files.add(path, Lake(Folder(self.root)))
        return super().put_if_match(key, body, etag)


def test_whoever_is_overtaken_between_the_tables_leaves_no_stale_artists(
    lake: Lake, tmp_path: Path, file: Callable[[str, bytes], Path]
):
    store = OvertakenByAnother(tmp_path / "lake")
    store.other = file(
        "other.csv", as_csv([row(track_id=spotify_id("z"), artists="Zaz", track_genre="pop")])
    )
    reference_files.add(CSV, Lake(store))
    features = lake.read(AUDIO_FEATURES)
    assert spotify_id("z") in features["track_id"].to_pylist()
    assert lake.read(ARTIST_GENRES).equals(artist_genres(features))
    with pytest.raises(Conflict):
        lake.write(ARTIST_GENRES, ARTIST_GENRES.empty(), over=None)


def test_views_of_shared_tables_answer_with_and_without_files(lake: Lake, tmp_path: Path):
    def described(written: set[str]) -> list[list[tuple[Any, ...]]]:
        with duckdb.connect() as db:
            db.execute(shared_views_sql(REFERENCE_TABLES, lake.store.url(""), written=written))
            return [db.sql(f"DESCRIBE {table.name}").fetchall() for table in REFERENCE_TABLES]

    before = described(set())
    reference_files.add(CSV, lake)
    assert described({table.name for table in REFERENCE_TABLES}) == before
    assert [name for name, *_ in before[1]] == ARTIST_GENRES.schema.names


def test_near_names_are_understood_and_the_other_columns_named(
    add: Add, lake: Lake, file: Callable[[str, bytes], Path]
):
    body = (
        b"track_id,track_name,track_artist,track_popularity,track_album_name,"
        b"track_album_release_date,playlist_name,playlist_genre,playlist_subgenre,energy\n"
        b"6f807x0ima9a1j3VPbc7VN,I Don't Care,Ed Sheeran,66,Single,2019-06-14,Pop,pop,dance,0.9\n"
        b"12345,Memories,Maroon 5,67,Memories,2019,Pop,Pop Rock,dance,0.8\n"
    )
    result = add(file("songs.csv", body))
    shown = {what: told for what, _, told in figures(result.stdout)}
    assert shown["ignored"] == "playlist_name, playlist_subgenre"
    assert shown["kept without"] == "track_id: row 2 ('12345'): '12345'"
    first, second = lake.read(AUDIO_FEATURES).to_pylist()
    assert (first["artists"], first["popularity"], first["genres"]) == (["Ed Sheeran"], 66, ["pop"])
    assert (first["album_name"], first["release_date"], first["release_year"]) == (
        *("Single", "2019-06-14"),
        2019,
    )
    assert (second["track_key"], second["release_year"]) == ("maroon 5|memories", 2019)


def test_lists_addresses_and_years_of_other_files_are_read(
    lake: Lake, file: Callable[[str, bytes], Path]
):
    columns = {
        "ID": ["https://open.spotify.com/track/6f807x0ima9a1j3VPbc7VN?si=1"],
        "Artist Name(s)": ["['Tyler, The Creator', \"Guns N' Roses\"]"],
        "Track Name": ["One"],
        "Genres": ["hip hop,Hip-Hop;rap"],
        "Year": [1999],
        "Duration (ms)": ["200000"],
    }
    outcome = reference_files.add(file("other.parquet", parquet(columns)), lake)
    [found] = lake.read(AUDIO_FEATURES).to_pylist()
    assert outcome.ignored == ()
    assert found["track_id"] == "6f807x0ima9a1j3VPbc7VN"
    assert found["artists"] == ["Tyler, The Creator", "Guns N' Roses"]
    assert found["genres"] == ["hip hop", "rap"]
    assert (found["release_year"], found["duration_ms"]) == (1999, 200_000)


def test_a_table_of_an_earlier_version_lacks_what_was_added_since(lake: Lake):
    reference_files.add(CSV, lake)
    path = Path(lake.store.url(AUDIO_FEATURES.path))
    now = lake.read(AUDIO_FEATURES)
    pq.write_table(now.drop_columns(list(AUDIO_FEATURES.added)), path)

    assert lake.read(AUDIO_FEATURES).equals(now)
    assert len(lake.read(AUDIO_FEATURES, ["track_key"])) == len(now)
