"""`playledger export`: everything that is in the lake comes back out of its files, or is named.

The lakes of these tests hold every declared table with rows that are hard to write as text; a table
that is declared later is in them too.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.errors import StoreUnavailable
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.csv_json import TextFormat
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import PLAYS, TOP_TRACKS
from pipelines.ops.table_export import (
    COUNTS,
    DRAFT,
    OTHER_NAMES,
    TOTAL,
    TOTAL_MEANING,
    export_tables,
    fields_of,
)
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.object_store import Stored
from pipelines.resources.lake.opening import open_store
from testing.servers import seaweedfs
from tests.cli.hard_tables import (
    expected,
    fill,
    hard_rows,
    put,
)
from tests.support.environment import Environment

HOME = "users/nico/"
FORMATS: tuple[TextFormat, ...] = ("csv", "json")
BY_NAME = {table.name: table for table in TABLES}


def quietly(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake, and what was exported from it: `csv` and `json`."""
    place = tmp_path_factory.mktemp("exports")
    fill(place / "lake" / HOME)
    for format_ in FORMATS:
        export_tables("nico", Lake(Folder(place / "lake")), place / format_, format_, quietly)
    return place


@pytest.fixture
def lake(environment: Environment) -> Path:
    """The folder of a lake that holds nothing yet, named by the environment."""
    environment.unset("SPOTIFY_CLIENT_ID")
    return environment.lake


@pytest.fixture
def full(lake: Path) -> Path:
    """The listener's folder in a lake with every table."""
    fill(lake / HOME)
    return lake / HOME


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, words)])


def assert_refused(result: Result, *said: str) -> None:
    assert result.exit_code == 1, result.output
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    assert [what for what in said if what not in line] == []


def from_csv(types: dict[str, str]) -> str:
    """A query of a CSV that makes values of its texts."""
    nested = {name for name, type_ in types.items() if "STRUCT" in type_ or "[]" in type_}
    columns = ", ".join(
        f'CAST("{name}"{"::JSON" * (name in nested)} AS {type_}) AS "{name}"'
        for name, type_ in types.items()
    )
    options = "header = true, quote = '\"', all_varchar = true, allow_quoted_nulls = false"
    return f"SELECT {columns} FROM read_csv(?, {options})"  # noqa: S608 declared names


def from_json(types: dict[str, str]) -> str:
    columns = ", ".join(f"\"{name}\": '{type_}'" for name, type_ in types.items())
    return f"SELECT * FROM read_json(?, format = 'array', columns = {{{columns}}})"  # noqa: S608


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("format_", FORMATS)
def test_duckdb_reads_the_same_rows_as_from_parquet(
    exports: Path, table: Table, format_: TextFormat
) -> None:
    file = str(exports / format_ / f"{table.name}.{format_}")
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.register("there", expected(table))
        types = {name: type_ for name, type_, *_ in db.sql("DESCRIBE there").fetchall()}
        read = from_csv(types) if format_ == "csv" else from_json(types)
        found = db.execute(read, [file]).to_arrow_table()
    assert found.column_names == [one.name for one in fields_of(table)]
    for name in found.column_names:
        assert found[name].to_pylist() == expected(table)[name].to_pylist(), name


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        text = value.isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_json_is_one_array_with_a_row_on_each_line(exports: Path, table: Table) -> None:
    text = (exports / "json" / f"{table.name}.json").read_bytes()
    rows = json.loads(text)
    lines = text.decode().split("\n")
    assert [json.loads(line.rstrip(",")) for line in lines[1:-2]] == rows
    assert (lines[0], *lines[-2:]) == ("[", "]", "")
    for row, wanted in zip(rows, plain(expected(table).to_pylist()), strict=True):
        if table.name == COUNTS:
            assert {name: row.pop(name) for name in OTHER_NAMES} == {
                name: row[own] for name, own in OTHER_NAMES.items()
            }
        assert without_floats(table, row) == without_floats(table, wanted)


def without_floats(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """All of a row that is the same in every notation; DuckDB's test has the rest."""
    floats = {
        one.name for one in table.fields if "float" in str(one.type) or "double" in str(one.type)
    }
    return {name: value for name, value in row.items() if name not in floats}


def test_a_float_is_as_short_as_it_can_be(exports: Path) -> None:
    [row, *_] = json.loads((exports / "json" / "labelled_plays.json").read_bytes())
    assert row["context_confidence"] == 0.1
    with_scores = (exports / "csv" / "labelled_plays.csv").read_text()
    assert '""score"":0.1' in with_scores


def test_numbers_that_json_lacks_are_null_there(lake: Path, tmp_path: Path) -> None:
    odd = [float("nan"), float("inf"), 0.5]
    sessions = hard_rows(BY_NAME["sessions"]).slice(0, 3)
    at = sessions.schema.get_field_index("minutes")
    sessions = sessions.set_column(at, sessions.schema.field(at), pa.array(odd))
    put(lake / HOME, BY_NAME["sessions"].path, sessions)
    assert run("nico", tmp_path / "out", "--format", "json").exit_code == 0
    rows = json.loads((tmp_path / "out/sessions.json").read_bytes())
    assert [row["minutes"] for row in rows] == [None, None, 0.5]


def test_pandas_reads_both_without_being_told_anything(exports: Path) -> None:
    from_json = pd.read_json(exports / "json" / "plays.json")
    from_csv = pd.read_csv(exports / "csv" / "plays.csv")
    assert len(from_json) == len(from_csv) == 24
    assert list(from_json.columns) == list(from_csv.columns) == PLAYS.schema.names
    assert str(pd.to_datetime(from_csv["played_at"]).dt.tz) == "UTC"
    assert pd.to_datetime(from_csv["local_time"]).dt.tz is None


def test_text_that_looks_like_a_formula_stays_as_it_is_and_the_guide_warns(exports: Path) -> None:
    names = pd.read_csv(exports / "csv" / "plays.csv")["track_name"]
    assert '=HYPERLINK("http://127.0.0.1")' in set(names)
    assert "formulas" in (exports / "csv" / "README.md").read_text()


def test_what_only_a_path_tells_is_a_column_as_in_the_views(exports: Path) -> None:
    top = pd.read_csv(exports / "csv" / f"{TOP_TRACKS.name}.csv")
    assert list(top["date"].unique()) == ["2026-05-01", "2026-05-02"]
    history = pd.read_csv(exports / "csv" / "streaming_history.csv")
    assert list(history["import_id"].unique()) == ["0a1b", "9f'8"]


def test_the_guide_describes_every_column_of_every_file(exports: Path) -> None:
    for format_ in FORMATS:
        page = (exports / format_ / "README.md").read_text()
        sections = dict(
            re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL)
        )
        files = {path.name for path in (exports / format_).iterdir()}
        assert files == {*sections, "README.md", "profile.json", "last_updated.json"}
        for table in TABLES:
            section = sections[f"{table.name}.{format_}"]
            assert table.grain in section
            assert f"Rows: {len(expected(table))}." in section
            second = [*OTHER_NAMES] if (table.name, format_) == (COUNTS, "json") else []
            assert (
                re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE)
                == expected(table).column_names + second
            )
        assert "**Not everything is here**" not in page


def test_documents_are_there_as_they_are(exports: Path) -> None:
    for name in ("profile.json", "aggregated/last_updated.json"):
        there = (exports / "lake" / HOME / name).read_bytes()
        assert (exports / "csv" / Path(name).name).read_bytes() == there


@pytest.mark.parametrize("format_", FORMATS)
def test_tables_that_are_not_there_yet_are_files_without_rows(
    lake: Path, tmp_path: Path, format_: TextFormat
) -> None:
    put(lake / HOME, "plays/year=2026/month=01/data.parquet", hard_rows(PLAYS))
    result = run("nico", tmp_path / "out", "--format", format_)
    assert (result.exit_code, result.stderr) == (0, "")
    for table in TABLES:
        file = tmp_path / "out" / f"{table.name}.{format_}"
        rows = pd.read_csv(file) if format_ == "csv" else json.loads(file.read_text())
        assert len(rows) == (12 if table is PLAYS else 0)
        if isinstance(rows, pd.DataFrame):
            assert list(rows.columns) == [one.name for one in fields_of(table)]


def test_the_command_shows_the_rows_of_every_table(full: Path, tmp_path: Path) -> None:
    result = run("nico", tmp_path / "new" / "out")
    assert (result.exit_code, result.stderr) == (0, "")
    shown = dict(re.findall(r"│ (\w+) +│ +([\d,]+) │", result.stdout))
    assert shown == {table.name: str(len(expected(table))) for table in TABLES}
    assert not (tmp_path / "new" / "out" / DRAFT).exists()


def test_a_folder_that_is_not_empty_is_left_alone(full: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    assert_refused(run("nico", tmp_path / "out"), str(tmp_path / "out"), "is not empty")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_an_empty_folder_may_have_hidden_files(full: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".DS_Store").write_text("")
    assert run("nico", tmp_path / "out").exit_code == 0
    assert_refused(run("nico", tmp_path / "out"), "is not empty")


def test_an_export_that_was_killed_is_not_written_over(full: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / DRAFT).mkdir(parents=True)
    assert_refused(run("nico", tmp_path / "out"), "another export", f"delete {tmp_path / 'out'}")
    assert (tmp_path / "out" / DRAFT).exists()


def test_where_nothing_can_be_written_is_one_line(full: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_refused(run("nico", tmp_path / "file" / "out"), "cannot write to", "Not a directory")


def test_a_disk_that_fills_up_is_one_line_and_nothing_stays(full: Path, tmp_path: Path) -> None:
    big = pa.concat_tables([hard_rows(PLAYS)] * 1000)
    put(full, "plays/year=2026/month=01/data.parquet", big)
    command = shlex.join([sys.executable, "-m", "pipelines.cli.main", "export", "nico", "out"])
    # No file may grow beyond a megabyte or so.
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 2000; exec {command}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=240,
    )
    assert done.returncode == 1, done.stderr
    assert re.fullmatch(
        r"Error: cannot write to \S+/out: .*too large.*\n", done.stderr, flags=re.IGNORECASE
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_corrupt_file_is_named_and_everything_else_is_there(
    full: Path, tmp_path: Path, format_: TextFormat
) -> None:
    broken = full / "plays/year=2025/month=12/data.parquet"
    broken.write_bytes(broken.read_bytes()[:-100])
    gaps = put(full, BY_NAME["gaps"].path, hard_rows(PLAYS))
    result = run("nico", tmp_path / "out", "--format", format_)
    assert_refused(result, "lacks what could not be read")
    told = [line for line in result.stdout.splitlines() if line.startswith("not read: ")]
    assert [str(path) in line for path, line in zip((broken, gaps), told, strict=True)] == [
        True
    ] * 2
    shown = dict(re.findall(r"│ (\w+) +│ +([\d,]+) │", result.stdout))
    assert (shown.pop("plays"), shown.pop("gaps")) == ("12", "0")
    assert shown == {name: str(len(expected(BY_NAME[name]))) for name in shown}
    page = (tmp_path / "out" / "README.md").read_text()
    assert "**Not everything is here**" in page
    assert str(broken) in page


class Unplugged(Folder):
    """A folder whose disk is pulled out while plays are read."""

    def get(self, key: str) -> Stored | None:
        if "/plays/" in key:
            raise StoreUnavailable(f"cannot read {key}: Input/output error; check the disk")
        return super().get(key)


def test_a_lake_that_goes_away_ends_the_export_and_nothing_stays(exports: Path) -> None:
    gone = Lake(Unplugged(exports / "lake"))
    with pytest.raises(StoreUnavailable, match="check the disk"):
        export_tables("nico", gone, exports / "gone", "csv", quietly)
    assert not (exports / "gone").exists()


def test_an_export_that_is_interrupted_leaves_nothing(exports: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        assert (exports / "half" / DRAFT).is_dir()
        assert [path.name for path in (exports / "half").iterdir()] == [DRAFT]
        if done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_tables("nico", Lake(Folder(exports / "lake")), exports / "half", "csv", interrupt)
    assert not (exports / "half").exists()


def test_a_listener_without_tables_is_told_where_was_looked(lake: Path, tmp_path: Path) -> None:
    assert_refused(run("nico", tmp_path / "out"), "no table of nico in", str(lake))
    assert not (tmp_path / "out").exists()


def test_an_unknown_listener_is_told_who_there_is(full: Path, tmp_path: Path) -> None:
    assert_refused(run("nobody", tmp_path / "out"), "nobody is not in", "there is: nico")


def test_rows_are_written_while_others_are_read(tmp_path: Path) -> None:
    rows = pa.concat_tables([hard_rows(PLAYS)] * 150)
    for month in range(1, 13):
        for year in (2023, 2024, 2025):
            path = PLAYS.path.format(year=year, month=f"{month:02}")
            put(tmp_path / "lake" / HOME, path, rows)
    out = tmp_path / "out"
    sizes: list[int] = []
    lake = Lake(Folder(tmp_path / "lake"))
    file = out / DRAFT / "plays.csv"

    def progress(done: int, total: int) -> None:
        assert total == 36
        sizes.append(file.stat().st_size)

    assert export_tables("nico", lake, out, "csv", progress).rows["plays"] == 36 * 1800
    assert len(sizes) == 36
    assert sizes[-1] > (out / "plays.csv").stat().st_size / 2


@pytest.fixture
def in_bucket(exports: Path, tmp_path: Path) -> Iterator[Lake]:
    """The same lake in a bucket."""
    with seaweedfs(tmp_path) as server:
        store = open_store(f"s3://{server.bucket}/ledger", **server.options)
        for file in (exports / "lake").rglob("*.*"):
            if file.is_file():
                store.put(file.relative_to(exports / "lake").as_posix(), file.read_bytes())
        yield Lake(store)


def test_a_bucket_gives_the_same_files_as_a_folder(
    in_bucket: Lake, exports: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    export_tables("nico", in_bucket, tmp_path / "out", "csv", lambda *of: told.append(of))
    for file in (exports / "csv").iterdir():
        assert (tmp_path / "out" / file.name).read_bytes() == file.read_bytes(), file.name
    total = told[-1][1]
    assert told == [(done, total) for done in range(1, total + 1)]


def test_neither_dagster_nor_a_login_is_needed(full: Path, tmp_path: Path) -> None:
    words = ["export", "nico", str(tmp_path / "out")]
    code = (
        "import sys; from pipelines.cli.main import main\n"
        f"main({words!r}, standalone_mode=False)\n"
        "assert not {'dagster', 'boto3'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_unlike_counts_are_summed_only_where_that_is_asked_for_and_called_so(
    full: Path, tmp_path: Path
) -> None:
    table = BY_NAME[COUNTS]
    names = ["lastfmPlayCount", "localPlayCount", "spotifyPlayCount"]
    assert sorted(OTHER_NAMES) == names
    for folder, total in ((tmp_path / "without", []), (tmp_path / "with", ["--total"])):
        assert run("nico", folder, "--format", "json", *total).exit_code == 0
        guide = (folder / "README.md").read_text()
        rows = json.loads((folder / f"{COUNTS}.json").read_text())
        assert (TOTAL_MEANING in guide) is bool(total)
        for row, wanted in zip(rows, expected(table).to_pylist(), strict=True):
            parts = [wanted[own] for own in OTHER_NAMES.values()]
            assert [row[name] for name in OTHER_NAMES] == parts
            assert row.get(TOTAL) == (sum(filter(None, parts)) if total else None)
    refused = run("nico", tmp_path / "csv", "--total")
    assert refused.exit_code == 2
    assert "--total is for --format json" in refused.output
    assert "unlike" in run("--help").output
