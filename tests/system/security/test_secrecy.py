"""Tokens and secrets are in the token file and in no other, whatever is logged and whatever fails.

The sandbox repeats in every refusal what it was sent, and everything that comes from anywhere in
the process is logged at DEBUG.
"""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.messages import Request, Response
from tests.support.asking import python
from tests.support.environment import Environment

pytestmark = pytest.mark.rare

RUN = """
import logging, logging.config, sys, warnings
warnings.simplefilter("ignore")
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pipelines.definitions import defs

home, log = sys.argv[1], sys.argv[2]
logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": log}},
    "root": {"level": "DEBUG", "handlers": ["file"]},
})
for name in ("spotipy", "spotipy.client", "spotipy.oauth2", "urllib3", "dagster"):
    logging.getLogger(name).setLevel("DEBUG")
(Path(home) / "dagster.yaml").write_text(
    "telemetry: {enabled: false}\\n"
    "python_logs: {python_log_level: DEBUG, "
    "managed_python_loggers: [playledger, spotipy, urllib3]}\\n"
)
today = datetime.now(UTC).strftime("%Y-%m-%d")
with dg.DagsterInstance.from_config(home) as instance:
    for told in sys.argv[3:]:
        job, *names = told.split()
        result = defs().resolve_job_def(job).execute_in_process(
            partition_key=today,
            instance=instance,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(name.split("/")) for name in names] or None,
        )
        print(result.success)
"""


@pytest.fixture
def said(sandbox: Sandbox) -> set[str]:
    """All secrets that were sent either way, while every refusal repeats what was sent."""
    secrets = {sandbox.client_secret}
    answer = sandbox.app.answer

    def echoing(request: Request) -> Response:
        response = answer(request)
        authorization = request.headers.get("authorization", "")
        form = request.form()
        body = response.body if isinstance(response.body, dict) else {}
        secrets.update(
            text
            for text in (
                authorization.partition(" ")[2],
                form.get("refresh_token"),
                body.get("access_token"),
                body.get("refresh_token"),
            )
            if text
        )
        if response.status < 400:
            return response
        echo = f"{authorization} {form} refused"
        error = echo if request.path == "/api/token" else {"status": 1, "message": echo}
        return replace(response, body={"error": error, "error_description": echo})

    sandbox.app.answer = echoing  # type: ignore[method-assign]
    return secrets


@pytest.mark.timeout(900)
def test_secrets_are_in_the_token_files_alone(
    sandbox: Sandbox, environment: Environment, said: set[str], tmp_path: Path
) -> None:
    environment.listeners("nico", "mira")
    home = tmp_path / "dagster"
    home.mkdir()
    nico, mira = (f"poll_{name} {name}/recently_played" for name in ("nico", "mira"))
    faults = sandbox.faults
    faults.add("status", "recently-played", code=403, after=1, user="nico")
    faults.add("status", "recently-played", code=401, after=1, times=2, user="nico")
    faults.add("status", "token", code=400, user="mira")
    faults.add("rate_limit", "recently-played", retry_after=3600, user="mira")
    runs = ["daily_nico", nico, nico, mira, mira, nico]
    process = python(RUN, str(home), str(tmp_path / "debug.log"), *runs)
    out, error = process.communicate(timeout=800)
    assert process.returncode == 0, error
    assert out.split() == ["True", "False", "False", "False", "False", "False"], out + error
    (tmp_path / "screen").write_text(out + error)
    assert len(said) >= 5
    assert_nowhere_but_in_token_files(said, tmp_path)


def assert_nowhere_but_in_token_files(secrets: set[str], folder: Path) -> None:
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert {one.suffix for one in files} >= {".db", ".log", ".gz", ".parquet"}
    needles = secrets | {base64.b64encode(one.encode()).decode() for one in secrets}
    pattern = re.compile(b"|".join(re.escape(one.encode()) for one in sorted(needles)))
    found = {str(one.relative_to(folder)) for one in files if pattern.search(one.read_bytes())}
    assert found <= {"tokens/nico.json", "tokens/mira.json"}
    assert found, "the search finds what is there"
    log = (folder / "debug.log").read_text()
    assert "urllib3.connectionpool" in log or "GET /v1/me" in log, "DEBUG was really logged"
    assert json.loads((folder / "tokens" / "nico.json").read_text())["access_token"] in secrets
