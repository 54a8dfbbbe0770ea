"""A file of settings: read as everybody reads it, or refused with its line."""

import os
import subprocess
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli.main import main
from pipelines.errors import SettingsError
from pipelines.settings import Settings
from pipelines.settings.environment_file import parse_environment_file, with_variables
from tests.support.environment import Environment

SECRET = "tell-nobody-1234"

LINES = st.sampled_from(
    [
        *("A=b", "export A=b", "A='b c'", 'A="b c"', "A=", "A='' # none", "A=b # c", "A=b#c"),
        *("# A=b", "", "   ", "  A=b", "A = b", "A=b c", "A='b", "A=b'c'", "A='${HOME}'", "A"),
        *("A=$HOME", 'A="$HOME"', "A='$x'", "A='b\\\\c'", 'A="b\\nc"', "A= b", "A= # b", "A=#b"),
        *("B=https://x/?a=1", "B='https://x/?a=1&b=2'", "C=~/lake", "1A=b", "A-B=c", "'A'=b"),
        *("\ufeffA=b", "A=b\x0bc", "A=\xa0b", "B='é'", "A='b'c", "export\tA=b", "A=b;c", "D={x}*"),
    ]
)


def read(text: str) -> dict[str, str] | str:
    """What a file sets, or why it is refused."""
    try:
        return parse_environment_file(text)
    except SettingsError as problem:
        return str(problem)


@given(st.lists(LINES, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_what_is_accepted_is_what_dagster_reads(lines: list[str], end: str) -> None:
    found = read(text := end.join(lines))
    if isinstance(found, str):
        assert found.startswith("line ")
    else:
        assert found == dict(dotenv_values(stream=StringIO(text)))


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x17F), max_size=12))
def test_any_value_is_written_so_that_dagster_reads_it_or_is_refused(value: str) -> None:
    with suppress(SettingsError):
        written = with_variables("# mine\nB=c", {"A": value})
        assert written.startswith("# mine\nB=c\n")
        assert dict(dotenv_values(stream=StringIO(written))) == {"B": "c", "A": value}


def test_a_shell_reads_what_is_written(tmp_path: Path) -> None:
    values = {"A": "b c", "B": "https://x/?a=1&b=2", "C": "p$x`y", "D": '"', "E": "", "F": "a#b;c"}
    (tmp_path / "env").write_text(with_variables("", values))
    shown = subprocess.run(
        ["/bin/sh", "-c", "set -a; . ./env; for n in A B C D E F; do printenv $n; done"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.splitlines() == list(values.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"TOKEN {SECRET}", "it is not written like NAME=value"),
        (f"TOKEN = {SECRET}", "it is not written like NAME=value, without spaces around the ="),
        (f"TOKEN= {SECRET}", "TOKEN has a space after the ="),
        (f"TOKEN='{SECRET}", "TOKEN has a quote that does not end"),
        (f"TOKEN={SECRET} {SECRET}", "TOKEN goes on after its end: put the value in single quotes"),
        (f"TOKEN='${{{SECRET}}}'", "TOKEN has ${ or a backslash"),
        (f"TOKEN=a\nTOKEN={SECRET}", "TOKEN was set in line 3 already"),
        (f"TOKEN={SECRET}\x00", "TOKEN has a character that cannot be seen"),
    ],
)
def test_an_error_names_file_and_line_and_no_value(
    environment: Environment, line: str, said: str
) -> None:
    path = environment.folder / "my.env"
    path.write_text(f"# mine\nLOG_FORMAT=text\n{line}\n")
    environment.set(ENV_FILE=str(path))
    told = CliRunner().invoke(main, ["status"])
    assert told.exit_code == 1
    [shown] = told.stderr.splitlines()
    number = 4 if "\n" in line else 3
    assert shown.startswith(f"Error: {path}, line {number}: {said}")
    assert SECRET not in told.output


def run(folder: Path, code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SHOW = "import os; from pipelines.settings import read_environment_file as read; read(); "
SHOW += "print(os.environ.get('LAKE_URL'), os.environ.get('LOG_FORMAT'))"


def test_the_environment_wins_over_the_file_of_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LAKE_URL=./of-the-file\nLOG_FORMAT=json\n")
    assert run(tmp_path, SHOW) == "./of-the-file json"
    assert run(tmp_path, SHOW, LAKE_URL="./mine") == "./mine json"
    assert run(tmp_path, SHOW, LAKE_URL="") == "json", "what is set to nothing is set"
    assert run(tmp_path, SHOW, ENV_FILE=os.devnull) == "None None"


def test_the_definitions_read_the_file_too(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text('[nico]\ntimezone = "UTC"\n')
    (tmp_path / ".env").write_text("LISTENERS_FILE=people.toml\n")
    code = "from pipelines.definitions import defs; print(defs().get_job_def('poll_nico').name)"
    assert run(tmp_path, code) == "poll_nico"


@pytest.mark.rare
def test_dagster_reads_the_same_file_and_lets_it_win(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A='b c'\nLAKE_URL=./of-the-file # not mine\n")
    code = (
        "import os; from dagster._cli.utils import get_possibly_temporary_instance_for_cli as cli\n"
        "with cli(): print(os.environ['A'], os.environ['LAKE_URL'])"
    )
    shown = run(tmp_path, code, LAKE_URL="./mine")
    assert shown == "b c ./of-the-file", "what docs and `up` say of it"


def test_a_file_that_is_named_has_to_be_there(environment: Environment) -> None:
    environment.set(ENV_FILE=str(environment.folder / "none"))
    with pytest.raises(SettingsError, match="ENV_FILE: there is no file"):
        _ = Settings().file_variables
