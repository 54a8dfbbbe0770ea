"""The documentation is run: commands exist, queries answer, the tables page is fresh."""

import re
import runpy
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.listening.all_tables import TABLES
from pipelines.listening.contexts import CONTEXTS
from pipelines.settings import Settings, parse_listeners, parse_surveys
from tests.support.places import ROOT

# Whoever is first makes the demo, and the others wait for it.
pytestmark = pytest.mark.timeout(900)

README = (ROOT / "README.md").read_text(encoding="utf-8")
COOKBOOK = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
SETUP, *CHAPTERS = re.split(r"^## (?=\d+\. )", COOKBOOK, flags=re.MULTILINE)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


IN_PYTHON = [chapter for chapter in CHAPTERS if blocks("python", chapter)]


@pytest.fixture(scope="module")
def demo(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """Where `make demo` ran in an empty place."""
    return once("demo", make_demo)


def make_demo(home: Path) -> None:
    code = (
        "import demo_setting as s; from pathlib import Path;"
        f"s.HOME = Path({str(home)!r}) / 'demo'; s.LAKE = s.HOME / 'lake'; import demo; demo.main()"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Plays of a month's last day are in the next month's file of `polled`, too.
    assert re.search(r"recent_tracks\s+5[0-2]\b", done.stdout), done.stdout
    told = [line for line in done.stdout.splitlines() if str(home) not in line]
    assert max(map(len, told)) <= 100, done.stdout
    (line,) = re.findall(r'python -c "(.*read_parquet.*)"', done.stdout)
    shown = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True)
    assert "play_id" in shown.stdout, shown.stderr


@pytest.fixture
def lake(demo: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo's tables."""
    with duckdb.connect() as db:
        db.execute((demo / "demo" / "lake" / "views.sql").read_text())
        yield db


@pytest.mark.rare
def test_the_demo_shows_a_whole_life(lake: duckdb.DuckDBPyConnection) -> None:
    found = lake.sql(
        "SELECT min(local_date), max(local_date), list(DISTINCT context), list(DISTINCT kind), "
        "list(DISTINCT source), count_if(skipped), count_if(source = 'api') FROM labelled_plays"
    )
    first, last, contexts, kinds, sources, skips, polled = found.fetchone() or ()
    assert (last - first).days > 15 * 31
    assert set(contexts) == set(CONTEXTS)
    assert set(kinds) == {"track", "episode"}
    assert set(sources) == {"api", "export"}
    assert skips > 1000
    assert 50 <= polled <= 52  # one may end between two polls


@pytest.mark.rare
def test_the_demo_knows_the_sound_of_what_was_played_and_its_genres(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    for told in ("audio_features USING (track_id)", "artist_genres USING (artist_name)"):
        [plays] = lake.sql("FROM plays JOIN " + told).count("*").fetchone() or (0,)
        assert plays > 5000, told


@pytest.mark.rare
def test_the_demo_has_a_gap_between_its_export_and_its_polls(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    gaps = lake.sql("SELECT gap_end - gap_start FROM gaps WHERE closed_at IS NULL").fetchall()
    assert len(gaps) == 1
    assert timedelta(days=10) < gaps[0][0] < timedelta(days=20)


@pytest.mark.rare
def test_the_demo_reads_its_playlists_and_sees_what_came_and_went(
    demo: Path, lake: duckdb.DuckDBPyConnection
) -> None:
    read = lake.sql("SELECT name FROM playlist_summary WHERE state = 'read' AND items > 0")
    assert {"Shuffle", "Keepers", "Liked Songs"} <= {name for (name,) in read.fetchall()}
    moves = lake.sql("SELECT sum(items_came), sum(items_went) FROM playlist_history").fetchall()
    assert moves == [(2, 3)]
    page = (demo / "demo/lake/users/demo/report/index.html").read_text(encoding="utf-8")
    assert "Keepers" in page


@pytest.mark.rare
def test_every_query_of_the_readme_runs_on_the_demo(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo)
    queries = [block for block in blocks("sql") if "demo/lake" in block]
    assert len(queries) == 2
    with duckdb.connect() as db:
        for block in queries:
            for file in re.findall(r"^\.read (\S+)$", block, flags=re.MULTILINE):
                db.execute(Path(file).read_text())
            rows = db.sql(re.sub(r"^\.read .*$", "", block, flags=re.MULTILINE)).fetchall()
            assert isinstance(rows, list)


@pytest.mark.rare
@pytest.mark.parametrize("example", blocks("python"), ids=["pandas", "polars"])
def test_the_readmes_python_examples_run_on_the_demo(demo: Path, example: str) -> None:
    done = subprocess.run([sys.executable, "-c", example], cwd=demo, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 2


@pytest.fixture
def cookbook(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo's tables, by the page's own way to them."""
    monkeypatch.chdir(demo)
    with outcome(*blocks("python", SETUP), name="db", at=tmp_path) as db:
        yield db


def outcome(code: str, *, name: str, at: Path) -> Any:
    """What an example calls by this name when it has run."""
    script = at / "example.py"
    script.write_text(code, encoding="utf-8")
    return runpy.run_path(str(script))[name]


def title(chapter: str) -> str:
    return chapter.partition("\n")[0]


@pytest.mark.rare
@pytest.mark.parametrize("chapter", CHAPTERS, ids=title)
def test_every_question_of_the_cookbook_has_an_answer_in_the_demo(
    cookbook: duckdb.DuckDBPyConnection, chapter: str
) -> None:
    [query] = blocks("sql", chapter)
    assert len(query.splitlines()) <= 15
    answer = cookbook.sql(query)
    values = dict(zip(answer.columns, zip(*answer.fetchall(), strict=True), strict=True))
    assert [column for column, told in values.items() if told.count(None) == len(told)] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=title)
def test_a_question_may_be_asked_before_anything_is_known(chapter: str) -> None:
    [query] = blocks("sql", chapter)
    with duckdb.connect() as db:
        for table in TABLES:
            rows = table.empty()
            if "listener" not in rows.column_names:
                rows = rows.append_column("listener", pa.array([], pa.string()))
            db.register(table.name, rows)
        assert db.sql(query).fetchall() == []


def test_no_question_is_about_today() -> None:
    assert re.findall(r"current_date|now\(|today\(", COOKBOOK) == []


def test_the_cookbook_answers_twenty_one_questions_and_three_of_them_in_python_too() -> None:
    assert [title(one).partition(".")[0] for one in CHAPTERS] == [str(n + 1) for n in range(21)]
    assert [len(blocks("python", one)) for one in IN_PYTHON] == [2, 2, 2]


@pytest.mark.rare
@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("chapter", IN_PYTHON, ids=title)
def test_pandas_and_polars_give_the_rows_that_duckdb_gives(
    cookbook: duckdb.DuckDBPyConnection, tmp_path: Path, chapter: str, library: str
) -> None:
    [query] = blocks("sql", chapter)
    [code] = [one for one in blocks("python", chapter) if f"import {library}" in one]
    found = outcome(code, name="answer", at=tmp_path)
    rows = found.rows() if library == "polars" else list(found.itertuples(index=False))
    expected = cookbook.sql(query).fetchall()
    assert len(rows) == len(expected)
    for row, its in zip(rows, expected, strict=True):
        assert [without_nan(value) for value in row] == [alike(value) for value in its]


def without_nan(value: object) -> object:
    return None if value != value else value  # noqa: PLR0124 as pandas spells null


def alike(value: object) -> object:
    # Of 0.25 one makes 0.3 and the other 0.2.
    return pytest.approx(value, abs=0.1001) if isinstance(value, float) else value


def test_every_command_of_the_readme_exists() -> None:
    for name in set(re.findall(r"playledger ([a-z]+)", README)):
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0, name
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)`?", README)) <= targets


def test_every_variable_that_settings_read_is_in_the_readme() -> None:
    source = (ROOT / "pipelines" / "settings" / "environment.py").read_text()
    read = set(re.findall(r'_(?:text|path|number|url)\(\s*"([A-Z0-9_]+)"', source))
    assert len(read) > 10
    assert not [name for name in read if name not in README]


def test_the_example_of_listeners_is_valid() -> None:
    nico, maria = parse_listeners((ROOT / "listeners.example.toml").read_text())
    assert nico.exclude == ("sleep", "kids")
    assert [zone.name for zone in maria.zones] == ["America/Sao_Paulo", "Europe/Lisbon"]


def test_the_tables_page_is_fresh() -> None:
    page = subprocess.run(
        [sys.executable, "scripts/tables_page.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert page.stdout == (ROOT / "docs" / "tables.md").read_text(), "run `make docs`"


def test_the_definitions_load_without_credentials_listeners_or_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings({}).listeners == ()
    code = "from pipelines.definitions import defs; print(len(defs().resolve_all_job_defs()))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "LISTENERS_FILE" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_surveys_of_the_example_and_of_the_docs_are_read() -> None:
    example = (ROOT / "surveys.example.toml").read_text(encoding="utf-8")
    [spring] = parse_surveys(example, ROOT)
    assert (spring.name, spring.k) == ("spring", 5)
    example = example.replace("1AbC…", "1AbCdEfGhIjK")
    every = re.sub(r"^# (?=\[|[\w\"]+ = )", "", example, flags=re.MULTILINE)
    [spring] = parse_surveys(re.sub(r"^file = .*$", "", every, flags=re.MULTILINE), ROOT)
    assert (spring.search_as, set(spring.columns)) == ("nico", {"song"})
    docs = (ROOT / "docs" / "surveys.md").read_text(encoding="utf-8")
    for block in (*blocks("toml"), *blocks("toml", docs)):
        if "[spring]" in block:
            assert parse_surveys(textwrap.dedent(block).replace("1AbC…", "1AbCdEfGhIjK"), ROOT)


def test_every_command_about_surveys_in_the_docs_is_there() -> None:
    docs = (ROOT / "docs" / "surveys.md").read_text(encoding="utf-8") + README
    named = set(re.findall(r"playledger survey (\w+)", docs))
    group = main.commands["survey"]
    assert isinstance(group, click.Group)
    assert named <= set(group.commands)
    assert {"run", "code", "forget", "reopen", "matches"} <= named
