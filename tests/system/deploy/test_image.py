"""The container image: what is in it, that nothing is missing, and that compose's services run."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex

import pyarrow.parquet as pq
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from sandbox import Sandbox
from testing.pipeline import today
from testing.servers import free_ports, seaweedfs
from tests.support.dagster_processes import ROOT, Webserver, until
from tests.support.environment import Environment
from tests.system.deploy.containers import (
    IMAGE,
    IMAGES,
    MISSING,
    RUN,
    WHY_SKIPPED,
    Containers,
    built,
    in_image,
    podman,
    why_none_runs,
)
from tests.system.deploy.deployment import listens, postgres, postgres_bin

MOST_BYTES = 900_000_000
SERVED = ("code", "webserver", "daemon")

STATUS = "query($id: ID!) {runOrError(runId: $id) {... on Run {status}}}"

INSTALLED = """
import importlib.metadata, json, platform, re
names = [one.metadata["Name"] for one in importlib.metadata.distributions()]
names = [re.sub("[-_.]+", "-", name).lower() for name in names]
print(json.dumps([platform.python_version(), names]))
"""
IMPORTED = """
import json, sys, traceback, warnings
warnings.simplefilter("ignore")
for line in json.loads(sys.argv[1]):
    try:
        exec(line)
    except Exception:
        print(line, traceback.format_exc())
"""
KEPT = """
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
store = Lake.open(Settings()).store
store.check()
store.put("a/b", b"c")
print([one.key for one in store.list("a/")], store.get("a/b").body, store.delete("a/"))
"""

pytestmark = [
    pytest.mark.rare,
    pytest.mark.waits,
    pytest.mark.timeout(900),  # whoever is the first builds it
    pytest.mark.skipif(bool(MISSING), reason=WHY_SKIPPED),
    pytest.mark.usefixtures("_image"),
]


@pytest.fixture(scope="module")
def _image(once: Callable[[str, Callable[[Path], object]], Path]) -> None:
    told = once("containers", lambda folder: (folder / "why").write_text(why_none_runs()))
    if reason := (told / "why").read_text():
        pytest.skip(reason)
    once("image", built)


def test_the_image_is_small() -> None:
    (told,) = json.loads(podman("image", "inspect", IMAGE))
    assert told["Size"] <= MOST_BYTES
    assert told["Config"]["User"] == "10001:10001"


def test_the_image_has_what_is_pinned_for_it_and_nothing_else() -> None:
    locked = (ROOT / "requirements" / "deploy.txt").read_text()
    lines = re.findall(r"^([a-z].*?) ?\\?$", locked, flags=re.MULTILINE)
    pinned = [Requirement(line) for line in lines]
    python, installed = json.loads(in_image("python", "-c", INSTALLED))
    where = {"python_full_version": python}
    wanted = {one.name for one in pinned if one.marker is None or one.marker.evaluate(where)}
    assert set(installed) == wanted | {"playledger"}
    assert not wanted & {"kubernetes", "pytest", "streamlit"}


def test_a_list_of_what_is_in_the_image_has_pythons_packages_and_debians() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "sbom.py"), *RUN, IMAGE]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None
    listed = {one["purl"] for one in json.loads(told)["components"]}
    locked = (ROOT / "requirements" / "deploy.txt").read_text()
    (dagster,) = re.findall(r"^dagster==(\S+)", locked, flags=re.MULTILINE)
    assert f"pkg:pypi/dagster@{dagster}" in listed
    assert [one for one in listed if one.startswith("pkg:deb/debian/libc6@")]


@pytest.mark.parametrize("image", [IMAGE, IMAGES["dashboard"]], ids=["code", "dashboard"])
def test_all_that_the_pipeline_imports_is_in_the_image(image: str) -> None:
    """Late imports too: what was taken out of its packages is of no use to any of them."""
    has_dashboard = image == IMAGES["dashboard"]
    lines = sorted(set(imports(has_dashboard=has_dashboard)))
    assert "from pipelines.definitions import defs" not in lines
    assert ("import pipelines.dashboard.app" in lines) == has_dashboard
    assert len(lines) > 300
    assert in_image("python", "-c", IMPORTED, json.dumps(lines), image=image) == ""


def imports(*, has_dashboard: bool) -> Iterator[str]:
    """Every import that is written in the pipeline; of the dashboard too, where it is there."""
    for path in sorted((ROOT / "pipelines").rglob("*.py")):
        if not has_dashboard and "dashboard" in path.relative_to(ROOT).parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield f"import {module.removesuffix('.__init__')}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                line = ast.unparse(node)
                if "mypy_" in line:  # only for types
                    continue
                if has_dashboard or "dashboard" not in line:
                    yield line


def test_a_bucket_is_written_and_read_by_the_image(tmp_path: Path) -> None:
    with seaweedfs(tmp_path) as server:
        flags = [f"--env={name}={value}" for name, value in server.environment().items()]
        told = in_image("python", "-c", KEPT, flags=flags)
    assert told.split() == ["['a/b']", "b'c'", "1"]


def test_without_the_dashboards_extra_its_command_says_how_to_have_it() -> None:
    told = in_image("sh", "-c", "playledger dashboard 2>&1; test $? = 1")
    assert "pip install 'playledger[dashboard]'" in told
    assert "Traceback" not in told


@pytest.fixture
def containers(environment: Environment) -> Iterator[tuple[Containers, Sandbox]]:
    if postgres_bin() is None:
        pytest.skip("Postgres is not installed: run `make postgres`")
    code, web, pages = (str(port) for port in free_ports(3))
    with Sandbox("nico") as sandbox, postgres() as database:
        secrets = sandbox.environment("nico")
        del secrets["GOOGLE_SERVICE_ACCOUNT_FILE"]  # a file of this machine
        here = {"0.0.0.0": "127.0.0.1", "4000": code, "3000": web}  # noqa: S104
        here |= {"CODE_HOST": "127.0.0.1", "CODE_PORT": code, **database}
        here |= {"8501": pages, "DAGSTER_WEBSERVER_URL": f"http://127.0.0.1:{web}"}
        made = Containers(
            f"playledger-{token_hex(4)}", environment.folder / "listeners.toml", here, secrets
        )
        try:
            yield made, sandbox
        finally:
            made.end()


def test_the_services_of_compose_live_in_the_image_as_restricted_as_the_file_says(
    containers: tuple[Containers, Sandbox],
) -> None:
    started, _ = containers
    web = Webserver(started.here["3000"], "playledger")
    with ExitStack() as running:
        running.enter_context(started.service("code"))
        until(lambda: listens(started.here["4000"]), "the code server")
        running.enter_context(started.service("webserver"))
        running.enter_context(started.service("daemon"))
        until(web.is_ready, "the webserver")
        for name in SERVED:
            until(lambda name=name: started.is_healthy(name), f"{name}'s health", every=2)
        run = web.launch("daily_nico", today())
        until(lambda: status(web, run) in {"SUCCESS", "FAILURE", "CANCELED"}, "the run", every=1)
        assert status(web, run) == "SUCCESS"

        told = started.run("code", "playledger", "status")
        assert told.returncode == 0, told.stdout + told.stderr
        assert "nico" in told.stdout
        assert [started.is_healthy(name) for name in SERVED] == [True] * 3
        for name in SERVED:
            assert_that_it_may_do_nothing_else(name, started)
        assert len(plays(started.volume("lake"))) >= 50


def test_the_dashboard_is_served_by_its_image_as_restricted_as_the_file_says(
    containers: tuple[Containers, Sandbox],
) -> None:
    from tests.support import browsing  # it needs chromium, and the rest does not

    started, _ = containers
    with started.service("dashboard"), browsing.started() as browser:
        until(lambda: started.is_healthy("dashboard"), "the dashboard's health", every=1)
        told = started.run("dashboard", "playledger", "dashboard", "invite", "nico")
        assert told.returncode == 0, told.stdout + told.stderr
        link = re.sub(r"(?s)^(http://127\.0\.0\.1:)8501(/\S+).*", r"\1{}\2", told.stdout)
        page = browser.new_page()
        page.goto(link.format(started.here["8501"]))
        page.click("button")
        page.get_by_text("nico", exact=True).first.wait_for(timeout=browsing.PATIENCE_MS)
        page.get_by_text("Nothing was heard yet.").first.wait_for(timeout=browsing.PATIENCE_MS)
        assert_that_it_may_do_nothing_else("dashboard", started)


def status(web: Webserver, run: str) -> str:
    return web.ask(STATUS, id=run)["runOrError"]["status"]


def assert_that_it_may_do_nothing_else(name: str, started: Containers) -> None:
    told = started.run(name, "cat", "/proc/1/status").stdout
    told_of = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
    assert set(told_of["Uid"].split()) == {"10001"}
    assert {int(told_of[one], 16) for one in ("CapEff", "CapPrm", "CapBnd")} == {0}
    assert told_of["NoNewPrivs"] == "1"
    for folder in ("/", "/opt/playledger", "/etc", "/home", "/data"):
        assert started.run(name, "touch", f"{folder}/x").returncode != 0, folder
    # What is there is where something was mounted.
    mounted = re.compile(r"[AC] /(data|etc|tmp|run)\b")
    assert not [line for line in started.written(name) if not mounted.match(line)]


def plays(lake: Path) -> list[dict[str, object]]:
    files = sorted((lake / "users/nico/plays").glob("year=*/month=*/data.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
