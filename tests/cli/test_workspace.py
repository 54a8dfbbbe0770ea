"""`playledger workspace`: what it prints is what Dagster, and its chart, are told."""

from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from dagster._core.workspace.config_schema import ensure_workspace_config

from pipelines.cli.main import main
from tests.support.environment import Environment
from tests.support.places import ROOT

TWO_APPS = "[nico]\n[mira]\napp = 'the_second'\n"


def printed(*options: str) -> str:
    told = CliRunner().invoke(main, ["workspace", *options])
    assert told.exit_code == 0, told.output
    return told.stdout


def servers(text: str) -> list[dict[str, Any]]:
    told = yaml.safe_load(text)
    ensure_workspace_config(told, "workspace.yaml")
    return [one["grpc_server"] for one in told["load_from"]]


def test_each_app_is_a_location_on_a_port_of_its_own(environment: Environment) -> None:
    (environment.folder / "listeners.toml").write_text(TWO_APPS)
    assert servers(printed("--host", "here", "--port", "5000")) == [
        {"location_name": "playledger", "host": "here", "port": 5000},
        {"location_name": "playledger-the-second", "host": "here", "port": 5001},
    ]


def test_with_one_app_it_says_what_the_image_has(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    [own] = yaml.safe_load((ROOT / "deploy" / "workspace.yaml").read_text())["load_from"]
    [only] = servers(printed())
    assert only["location_name"] == own["grpc_server"]["location_name"]


def test_for_the_chart_it_prints_a_deployment_for_each_further_app(
    environment: Environment,
) -> None:
    (environment.folder / "listeners.toml").write_text(TWO_APPS)
    before, _, after = (ROOT / "deploy/helm/values.yaml").read_text().partition("\nrunLauncher:")
    values = yaml.safe_load(f"{before}\n{printed('--helm')}\nrunLauncher:{after}")
    first, second = values["dagster-user-deployments"]["deployments"]
    assert second.pop("name") == "playledger-the-second"
    assert second["env"].pop("PLAYLEDGER_APP") == "the_second"
    assert first.pop("name") == "playledger"
    assert second == first, "it has all settings of the first one"


@pytest.mark.parametrize("app", ["no", "on", "null", "007", "1e3", "second"])
def test_an_app_is_called_so_whatever_yaml_takes_its_name_for(
    environment: Environment, app: str
) -> None:
    (environment.folder / "listeners.toml").write_text(f"[nico]\n[mira]\napp = '{app}'\n")
    text = f"common: [&code {{}}, &env {{}}]\nothers:\n{printed('--helm')}"
    [told] = yaml.safe_load(text)["others"]
    assert told["env"] == {"PLAYLEDGER_APP": app}
    assert told["name"] == f"playledger-{app}"
    [_, server] = servers(printed())
    assert server["location_name"] == f"playledger-{app}"


def test_an_app_with_too_many_listeners_is_told(environment: Environment) -> None:
    environment.listeners(*(f"listener{n}" for n in range(6)))
    told = CliRunner().invoke(main, ["workspace"])
    assert told.stderr.startswith("Note: the app main has 6 listeners")
