"""The documentation is run: commands exist, queries answer, the tables page is fresh."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from filelock import FileLock

from pipelines.cli import main
from pipelines.settings import Settings, parse_listeners

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Path:
    """Where `make demo` ran in an empty place: once, whichever worker needs it first."""
    home = tmp_path_factory.getbasetemp().parent / f"demo-{testrun_uid}"
    with FileLock(f"{home}.lock"):
        if not home.exists():
            home.mkdir()
            make_demo(home)
    return home


def make_demo(home: Path) -> None:
    code = (
        "import demo_setting as s; from pathlib import Path;"
        f"s.HOME = Path({str(home)!r}) / 'demo'; s.LAKE = s.HOME / 'lake'; import demo; demo.main()"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"plays\s+50\b", done.stdout), done.stdout
    (line,) = re.findall(r'python -c "(.*read_parquet.*)"', done.stdout)
    shown = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True)
    assert "play_id" in shown.stdout, shown.stderr


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


@pytest.mark.parametrize("example", blocks("python"), ids=["pandas", "polars"])
def test_the_readmes_python_examples_run_on_the_demo(demo: Path, example: str) -> None:
    done = subprocess.run([sys.executable, "-c", example], cwd=demo, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 2


def test_every_command_of_the_readme_exists() -> None:
    for name in set(re.findall(r"playledger ([a-z]+)", README)):
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0, name
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)`?", README)) <= targets


def test_every_variable_that_settings_read_is_in_the_readme() -> None:
    source = (ROOT / "pipelines" / "settings.py").read_text()
    read = set(re.findall(r'_(?:text|number|url)\(\s*"([A-Z0-9_]+)"', source))
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
