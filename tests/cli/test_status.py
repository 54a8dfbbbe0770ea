"""`playledger status`: for people, and for probes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from tests.support.environment import Environment
from tests.support.export_files import AUDIO, EXTENDED


def status(*options: str) -> Result:
    return CliRunner().invoke(main, ["status", *options], env={"COLUMNS": "160"})


@pytest.mark.usefixtures("both_are_well")
def test_a_healthy_pipeline_exits_with_nought(log_in: Callable[..., None]) -> None:
    result = status()
    assert result.exit_code == 0, result.output
    for part in ("nico", "mira", "good, 0 days old", "days left", "reachable", "healthy"):
        assert part in result.output


@pytest.mark.usefixtures("both_are_well")
def test_what_is_wrong_is_said_and_the_exit_status_is_one(log_in: Callable[..., None]) -> None:
    log_in("nico", authorized_at=datetime.now(UTC), refused=True)
    result = status()
    assert result.exit_code == 1
    assert "failure: nico's login has expired: run `playledger login nico`" in result.output
    assert "not healthy" in result.output


@pytest.mark.usefixtures("both_are_well")
def test_a_probe_gets_one_json_object(log_in: Callable[..., None]) -> None:
    log_in("nico", authorized_at=datetime.now(UTC), refused=True)
    result = status("--json")
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert told["healthy"] is False
    assert [one["about"] for one in told["problems"]] == ["nico login"]
    nico, mira = told["listeners"]
    assert (nico["login"]["state"], mira["login"]["state"]) == ("expired", "good")
    assert mira["login"]["days_left"] > 170
    assert "the-refresh-token" not in result.output


@pytest.mark.parametrize("wrong", ["many", "-1", "1e9"])
@pytest.mark.usefixtures("both_are_well")
def test_a_wrong_budget_of_questions_is_one_line_and_no_look_up_at_all_is_told(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("CATALOGUE_READS_PER_DAY", wrong)
    result = status()
    assert (
        f"warning: CATALOGUE_READS_PER_DAY: {wrong!r} is not a number from 0 to 10,000: no track "
        "is looked up\n" in result.output
    )
    monkeypatch.setenv("CATALOGUE_READS_PER_DAY", "0")
    result = status()
    assert "catalogue: no track is looked up (CATALOGUE_READS_PER_DAY is 0)" in result.output
    assert "warning" not in result.output


def test_also_of_settings_that_cannot_be_read_a_probe_gets_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LISTENERS_FILE", "nowhere.toml")
    result = status("--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.output)["problems"]
    assert problem["sentence"] == "LISTENERS_FILE: there is no file nowhere.toml"
    assert status().output == "Error: LISTENERS_FILE: there is no file nowhere.toml\n"


@pytest.mark.rare
def test_who_imports_an_export_and_wants_no_login_is_healthy(
    environment: Environment, tmp_path: Path
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    (tmp_path / AUDIO).write_bytes(EXTENDED.read_bytes())
    before = status()
    assert before.exit_code == 1
    assert "nico has not logged in yet" in before.output
    command = ["import", "nico", str(tmp_path / AUDIO)]
    assert CliRunner().invoke(main, command).exit_code == 0
    result = status()
    assert result.exit_code == 0, result.output
    assert "imports only" in result.output
    assert "login nico" not in result.output
    assert result.output.endswith("\nhealthy\n")
    shown = json.loads(status("--json").output)
    assert (shown["healthy"], shown["problems"]) == (True, [])
    assert shown["listeners"][0]["login"]["state"] == "imports only"
