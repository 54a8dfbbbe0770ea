"""What runs print, kept in the bucket by Dagster's S3ComputeLogManager as `deploy/` sets it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import requests
from dagster._core.storage.compute_log_manager import ComputeIOType

from testing.pipeline import today
from testing.servers import S3Server
from tests.system.bucket.conftest import LakeIn

pytestmark = pytest.mark.rare

ROOT = Path(__file__).parents[3]
SETTINGS = (ROOT / "dagster.yaml", ROOT / "deploy" / "dagster.s3-logs.yaml")
VARIABLES = {
    "AWS_DEFAULT_REGION": "auto",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}
POLL = f"""
import warnings
warnings.simplefilter("ignore")
import dagster as dg
from pipelines.definitions import defs
with dg.DagsterInstance.get() as instance:
    job = defs().resolve_job_def("poll_nico")
    result = job.execute_in_process(instance=instance, partition_key="{today()}")
    print("run", result.run_id, result.success)
"""


@pytest.fixture
def home(
    server: S3Server, lake_in: LakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A DAGSTER_HOME with the block appended, and the environment it wants."""
    lake_in(server)
    variables = VARIABLES | {"DAGSTER_HOME": str(tmp_path), "COMPUTE_LOGS_BUCKET": server.bucket}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "dagster.yaml").write_text("".join(file.read_text() for file in SETTINGS))
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def polled(home: Path) -> str:
    """The id of a run, in a process of its own, that succeeded."""
    done = subprocess.run(
        [sys.executable, "-c", POLL],
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(home)},
    )
    [told] = [line.split() for line in done.stdout.splitlines() if line.startswith("run ")]
    assert told[2] == "True"
    return told[1]


def test_what_a_run_printed_is_read_back_from_the_bucket(
    home: Path, instance: dg.DagsterInstance, server: S3Server
) -> None:
    run = polled(home)
    manager = instance.compute_log_manager
    [key] = manager.get_log_keys_for_log_key_prefix([run, "compute_logs"], ComputeIOType.STDERR)
    stderr = manager.get_log_data(key).stderr
    assert stderr is not None
    assert 'Finished execution of step "plays"' in stderr.decode()
    assert server.secret_key not in stderr.decode()
    assert not list(home.rglob("*.err")), "nothing piles up on the disk"

    link = manager.get_log_metadata(key).stderr_download_url
    assert link is not None
    assert requests.get(link, timeout=60).content == stderr


@pytest.mark.parametrize("server", ["weed"], indirect=True)
def test_a_run_succeeds_also_where_its_logs_find_no_bucket(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPUTE_LOGS_BUCKET", "no-such-bucket")
    assert polled(home)
