"""`playledger status`: for people, and for probes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main


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


def test_also_of_settings_that_cannot_be_read_a_probe_gets_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LISTENERS_FILE", "nowhere.toml")
    result = status("--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.output)["problems"]
    assert problem["sentence"] == "LISTENERS_FILE: there is no file nowhere.toml"
    assert status().output == "Error: LISTENERS_FILE: there is no file nowhere.toml\n"
