"""Every secret of a deployment, searched for in every file that it writes with DEBUG everywhere.

A login, a daily run and an import into a bucket, alerts and a heartbeat, good and failing; all that
any library logs goes to a file and, at DEBUG, into Dagster's own log. What may be there is what is
no secret: ids of the app, and of the S3 key.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.exports import write_export
from sandbox.messages import Request, Response
from testing.pipeline import bytes_at, everything_in
from testing.servers import S3Server, seaweedfs
from tests.support.asking import python
from tests.support.environment import Environment
from tests.support.receiving import SECRET, Receiver, receiver

pytestmark = pytest.mark.rare

IP_ADDRESS = "203.0.113.7"

LOUD = """
import logging, logging.config, sys, warnings
warnings.simplefilter("ignore")
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg, requests
from pipelines.definitions import defs
from pipelines.ops import sensors
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.consent import Authorization
from pipelines.resources.spotify.oauth import Login
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings

home, log, export = map(Path, sys.argv[1:])
logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": str(log)}},
    "root": {"level": "DEBUG", "handlers": ["file"]},
})
libraries = ["apprise", "boto3", "botocore", "playledger", "requests_oauthlib", "s3transfer"]
libraries += ["spotipy", "spotipy.client", "spotipy.oauth2", "urllib3"]
for name in libraries:
    logging.getLogger(name).setLevel("DEBUG")

def kept_by_dagster(loggers):
    kept = f"python_log_level: DEBUG, managed_python_loggers: [{', '.join(loggers)}]"
    settings = f"telemetry: {{enabled: false}}\\npython_logs: {{{kept}}}\\n"
    (home / "dagster.yaml").write_text(settings)
    return dg.DagsterInstance.from_config(str(home))

settings = Settings()
consent = Authorization(settings.app, 9)
sent = requests.get(consent.url, allow_redirects=False).headers["Location"]
Path(str(log) + ".code").write_text(consent.code_from(sent))
consent.finish(consent.code_from(sent), Login(settings.app, TokenFile(settings.tokens_dir, "nico")))

today = datetime.now(UTC).strftime("%Y-%m-%d")
imports = {"ops": {"streaming_history": {"config": {"path": str(export)}}}}
own = [dg.AssetKey(["nico", "streaming_history"])]

def run(instance, job, **options):
    result = defs().resolve_job_def(job).execute_in_process(
        instance=instance, raise_on_error=False, **options
    )
    print(job, result.success)

# Dagster commits each line by itself: a whole run's with those of boto would take minutes.
with kept_by_dagster(["playledger", "spotipy", "apprise"]) as instance:
    run(instance, "import_nico", run_config=imports, asset_selection=own)
    run(instance, "daily_nico", partition_key=today)
    for tick in (sensors.alerts_tick, sensors._heartbeat_tick, sensors._prune_tick):
        print(tick(dg.build_sensor_context(instance=instance), settings, Lake.open(settings)))
with kept_by_dagster(libraries) as instance:
    asked = [dg.AssetKey(["mira", "recently_played"])]
    run(instance, "poll_mira", partition_key=today, asset_selection=asked)
    context = dg.build_sensor_context(instance=instance)
    print(sensors.alerts_tick(context, settings, Lake.open(settings)))
"""


@pytest.fixture
def alerted() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[S3Server]:
    (tmp_path / "server").mkdir()
    with seaweedfs(tmp_path / "server") as server:
        yield server


@pytest.fixture
def spotify() -> Iterator[tuple[Sandbox, set[str]]]:
    """A sandbox, and all secrets that went either way."""
    with Sandbox("nico", "mira") as sandbox:
        secrets = {sandbox.client_secret, sandbox.refresh_token("mira")}
        answer = sandbox.app.answer

        def listening(request: Request) -> Response:
            response = answer(request)
            body = response.body if isinstance(response.body, dict) else {}
            told = [request.headers.get("authorization", "").partition(" ")[2]]
            told += [request.form().get(name) for name in ("refresh_token", "code")]
            told += [body.get(name) for name in ("access_token", "refresh_token")]
            secrets.update(text for text in told if text)
            return response

        sandbox.app.answer = listening  # type: ignore[method-assign]
        yield sandbox, secrets


@pytest.mark.timeout(900)  # where the disk is slow: each line that Dagster keeps is synced
def test_no_file_of_a_deployment_at_debug_holds_a_secret(
    spotify: tuple[Sandbox, set[str]],
    bucket: S3Server,
    alerted: Receiver,
    tmp_path: Path,
    environment: Environment,
) -> None:
    sandbox, secrets = spotify
    written = tmp_path / "written"
    home = written / "dagster"
    home.mkdir(parents=True)
    environment.listeners("nico", "mira")
    environment.ask(sandbox, "mira")
    environment.keep_in(bucket)
    environment.set(
        ALERT_URLS=f"{alerted.alert_url} json://user:pass-of-alerts@127.0.0.1:9/{SECRET}-two",
        HEARTBEAT_URL=alerted.heartbeat_url,
        LOG_FORMAT="json",
    )
    sandbox.faults.add("status", "recently-played", code=403, user="mira")
    export = tmp_path / "export.zip"
    end = datetime.now(UTC) - timedelta(days=3)
    write_export(export, "nico", end - timedelta(days=5), end)
    with python(LOUD, str(home), str(written / "debug.log"), str(export)) as process:
        try:
            out, error = process.communicate(timeout=800)
        finally:
            process.kill()
    assert process.returncode == 0, error[-3000:]
    assert re.findall(r"^\w+_\w+ (?:True|False)$", out, re.MULTILINE) == [
        "import_nico True", "daily_nico True", "poll_mira False",
    ]  # fmt: skip
    assert alerted.bodies
    assert alerted.beats
    code = (written / "debug.log.code").read_text()
    (written / "debug.log.code").unlink()
    (written / "screen").write_text(out + error)
    secrets |= {code, bucket.secret_key, SECRET, "pass-of-alerts", IP_ADDRESS}
    assert len(secrets) > 10
    found = files_with(secrets, everything_in(written) | lake_objects())
    assert found == {}


def files_with(secrets: set[str], files: dict[str, bytes]) -> dict[str, set[str]]:
    """The beginnings of the secrets that stand in each file, also quoted or in base64."""
    found: dict[str, set[str]] = {}
    for secret in secrets:
        forms = {secret, quote(secret, safe=""), b64encode(secret.encode()).decode()}
        for name, body in files.items():
            if any(form.encode() in body for form in forms):
                found.setdefault(name, set()).add(secret[:14])
    assert any(b"botocore" in body for body in files.values()), "DEBUG was really logged"
    assert any(b"AWS4-HMAC-SHA256" in body for body in files.values()), "of signed headers too"
    return found


def lake_objects() -> dict[str, bytes]:
    lake = Lake.open(Settings())
    return {entry.key: bytes_at(lake, entry.key) for entry in lake.store.list("")}
