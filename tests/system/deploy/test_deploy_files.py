"""The files of `deploy/`: Dagster reads them, they keep secrets, they are complete."""

import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._core.workspace.config_schema import ensure_workspace_config

from tests.system.deploy.deployment import DEPLOY, ROOT, SERVICES
from tests.system.deploy.units import unit

OURS = ("code", "webserver", "daemon", "dashboard")
WITH_SECRETS = ("code", "dashboard")
EXAMPLE = (DEPLOY / ".env.example").read_text()
README = (ROOT / "README.md").read_text()


def settings_in(path: Path, folder: Path) -> dict[str, Any]:
    """A `dagster.yaml` as Dagster understands it."""
    shutil.copy(path, folder / "dagster.yaml")
    return dict(dagster_instance_config(str(folder))[0])


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("dagster*.yaml")), ids=lambda path: path.name)
def test_dagster_understands_its_settings(path: Path, tmp_path: Path) -> None:
    assert settings_in(path, tmp_path)


def test_containers_differ_from_one_machine_in_storage_and_in_runs_at_once_alone(
    tmp_path: Path,
) -> None:
    alone = settings_in(ROOT / "dagster.yaml", tmp_path)
    deployed = settings_in(DEPLOY / "dagster.yaml", tmp_path)
    assert "storage" not in alone
    assert {key for key in deployed if deployed[key] != alone.get(key)} == {
        "storage",
        "concurrency",
    }
    assert set(alone) <= set(deployed)


def test_the_workspace_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CODE_HOST", "CODE_PORT"):
        monkeypatch.setenv(variable, SERVICES["daemon"]["environment"][variable])
    path = DEPLOY / "workspace.yaml"
    ensure_workspace_config(yaml.safe_load(path.read_text()), str(path))


@pytest.mark.parametrize("name", OURS)
def test_a_service_restarts_tells_its_health_and_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "USER 10001" in (DEPLOY / "Dockerfile").read_text()


def test_only_pages_are_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "webserver": ["127.0.0.1:3000:3000"],
        "dashboard": ["127.0.0.1:8501:8501"],
    }


def test_the_dashboard_is_for_those_who_want_it() -> None:
    without = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert without == {"code", "webserver", "daemon", "postgres"}


def test_the_dashboard_has_the_lake_and_the_logins_of_the_code_server() -> None:
    """Else `forget` in the one would leave what is kept in the other."""
    code, dashboard = SERVICES["code"], SERVICES["dashboard"]
    assert dashboard["volumes"] == code["volumes"]
    assert code["environment"].items() <= dashboard["environment"].items()
    assert code["environment"]["DASHBOARD_FILE"].startswith("/data/tokens/")


@pytest.mark.parametrize("name", ["webserver", "daemon"])
def test_the_code_server_is_left_in_peace_wherever_it_is(name: str) -> None:
    ours = "-m pipelines.ops.dagster_command"
    assert ours in " ".join(SERVICES[name]["command"])
    assert ours in unit(name)["ExecStart"][0]


def test_the_dashboard_is_a_service_like_the_others() -> None:
    shown = unit("dashboard")
    assert shown["ExecStart"] == ["/opt/playledger/.venv/bin/playledger dashboard --port 8501"]
    alike = unit("webserver")
    for line in ("User", "WorkingDirectory", "EnvironmentFile", "ProtectSystem", "ReadWritePaths"):
        assert shown[line] == alike[line]


def test_spotifys_and_the_buckets_secrets_are_given_to_those_alone_who_ask_them() -> None:
    told = [name for name, service in SERVICES.items() if "env_file" in service]
    assert sorted(told) == sorted(WITH_SECRETS)
    for name in ("webserver", "daemon"):
        assert not [one for one in SERVICES[name]["environment"] if not shared(one)]


def shared(variable: str) -> bool:
    return variable.startswith(("POSTGRES_", "CODE_"))


def test_without_a_password_for_postgres_nothing_starts() -> None:
    for name in (*OURS, "postgres"):
        assert SERVICES[name]["environment"]["POSTGRES_PASSWORD"].startswith(
            "${POSTGRES_PASSWORD:?"
        )
    assert "\nPOSTGRES_PASSWORD=\n" in EXAMPLE


def test_the_example_of_settings_names_variables_that_exist_and_holds_no_secret() -> None:
    written = dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))
    known = {"POSTGRES_PASSWORD", "ALERT_URLS", "HEARTBEAT_URL", "LOG_FORMAT"}
    known |= {"COMPOSE_FILE", "COMPOSE_PROFILES"}  # Compose's own
    assert not [name for name in written if name not in known and f"`{name}`" not in README]
    secret = ("PASSWORD", "SECRET", "KEY_ID", "ACCESS_KEY", "ALERT_URLS", "HEARTBEAT_URL")
    assert not [name for name, value in written.items() if value and name.endswith(secret)]


def test_all_that_the_image_is_made_of_is_sent_to_its_builder_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )?(.*) \S+$", dockerfile(), flags=re.MULTILINE)
    needed = {path for line in copied for path in line.split()}
    assert not [path for path in needed if not (ROOT / path).exists()]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == needed


def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text()


@pytest.mark.rare
def test_the_package_that_is_installed_into_the_image_loads_without_the_repository(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(io.BytesIO(wheel.read_bytes())).extractall(tmp_path / "installed")
    (tmp_path / "listeners.toml").write_text("[nico]\n")
    code = (
        "import pipelines, pipelines.definitions as d; print(pipelines.__file__);"
        "d.defs().resolve_job_def('daily_nico')"
    )
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith(str(tmp_path))
    there = {path.relative_to(ROOT) for path in (ROOT / "pipelines").rglob("*") if is_data(path)}
    assert there
    assert not [path for path in there if not (tmp_path / "installed" / path).exists()]


def is_data(path: Path) -> bool:
    # `page.js` is made of the modules in `report/js`, which are no part of the package.
    is_code = path.suffix in {".py", ".pyc"} or (ROOT / "pipelines/report/js") in path.parents
    return path.is_file() and not is_code


def test_one_process_alone_makes_dagsters_records_and_the_others_wait_for_it() -> None:
    """Two that make them at the same time leave SQLite files that Dagster refuses from then on."""
    definitions = unit("definitions")
    [before] = definitions["ExecStartPre"]
    assert before.endswith(".venv/bin/dagster instance migrate'")
    assert 'test -d "$DAGSTER_HOME/schedules" ||' in before, "it opens the file of every run"
    assert "grpc-health-check" in definitions["ExecStartPost"][0]
    for name in ("daemon", "webserver"):
        told = unit(name)
        assert told["ExecStartPre"] == ["/usr/bin/test -d ${DAGSTER_HOME}/schedules"]
        assert "Requires" not in told, "one failed start would leave it down for good"
        for how in ("After", "Wants", "PartOf"):
            assert told[how] == ["playledger-definitions.service"]
