"""Listeners' names that would leave their folder: refused wherever a name can be said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.errors import SettingsError
from pipelines.settings import Settings
from tests.support.environment import Environment

NAMES = [
    "../mira",
    "..",
    ".",
    "",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "nico\n",
    "nico ",
    "Nico",
    "*",
    "a" * 41,
]

Command = Callable[[str, Path], list[str]]

COMMANDS: dict[str, Command] = {
    "login": lambda name, _: ["login", "--no-browser", name],
    "import": lambda name, folder: ["import", name, str(folder / "export.json")],
    "label": lambda name, _: ["label", name, "2026-11-20T23:40", "sleep"],
    "labels": lambda name, _: ["label", name],
    "export": lambda name, folder: ["export", name, str(folder / "taken")],
    "forget": lambda name, _: ["forget", name, "--yes"],
}


@pytest.fixture
def home(tmp_path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that commands need, in which another listener has a life to lose."""
    (tmp_path / "export.json").write_text("[]")
    other = tmp_path / "lake" / "users" / "mira" / "plays.parquet"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"hers")
    environment.set(DAGSTER_HOME=f"{tmp_path}/dagster")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", NAMES)
def test_every_command_refuses_it_in_a_line_and_touches_nothing(
    home: Path, command: str, name: str
) -> None:
    before = files(home)
    result = CliRunner().invoke(main, COMMANDS[command](name, home))
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    assert result.output.rstrip("\n").count("\n") <= name.count("\n")
    assert files(home) == before


@pytest.mark.parametrize("name", NAMES)
def test_in_the_list_of_listeners_it_is_refused_with_the_file(home: Path, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("\n", "\\n")
    (home / "listeners.toml").write_text(f'["{quoted}"]\n')
    with pytest.raises(
        SettingsError, match=r"listeners\.toml: .* is not a listener's name"
    ) as error:
        _ = Settings().listeners
    assert "\n" not in str(error.value)


def test_a_token_in_the_environment_makes_nobody_a_listener(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("../MIRA", "MIRA/..", "MIRA"):
        monkeypatch.setenv(f"SPOTIFY_REFRESH_TOKEN_{name}", "AQ-secret")
    assert [one.name for one in Settings().listeners] == ["nico"]
    assert Settings().refresh_token("nico") is None
    assert not (home / "tokens").exists()
