"""S3 servers for tests: start one, use it, stop it.

Here live SeaweedFS (signatures are checked, as on R2), Cloudflare's own R2 simulator (where
`make r2-simulator` has installed it) and moto (a second opinion), each as a context manager to wrap
into a fixture:

    @pytest.fixture(scope="session")
    def server(tmp_path_factory):
        with seaweedfs(tmp_path_factory.mktemp("weed")) as server:
            yield server

All listen on 127.0.0.1 only, on free ports, so that several can run side by side. What a test
puts into a bucket does not belong here.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BIN = Path(sys.executable).parent
START_TIMEOUT_S = 120
STARTS = 3
SIMULATOR = Path(__file__).parent / "r2_simulator"
SIMULATOR_IS_MISSING = "the R2 simulator is not installed: `make r2-simulator` does it, with npm"


@dataclass(frozen=True)
class S3Server:
    """A running server with an empty bucket, and keys that may do everything."""

    endpoint_url: str
    bucket: str = "etl"
    access_key: str = "testkey"
    secret_key: str = field(default="testsecret", repr=False)

    @property
    def options(self) -> dict[str, str]:
        """What `open_store` takes besides the URL."""
        return {
            "endpoint_url": self.endpoint_url,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
        }

    def environment(self, prefix: str = "ledger") -> dict[str, str]:
        """What makes a lake in the bucket the pipeline's."""
        return {
            "LAKE_URL": f"s3://{self.bucket}/{prefix}",
            "S3_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def client(self, **changes: Any) -> Any:
        """A plain boto3 client that gives up quickly."""
        config = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=config.merge(Config(s3={"addressing_style": "path"})),
            **changes,
        )


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listened on a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def seaweedfs(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS on a new bucket `etl`; its data lies in `folder`. Ready in a second or two."""
    for attempt in range(1, STARTS + 1):
        ports = free_ports(10)
        server = S3Server(f"http://127.0.0.1:{ports[0]}")
        data = folder / str(attempt)
        data.mkdir()
        with _running(_weed(data, ports, server), data / "log", server) as process:
            # Between finding a port free and listening on it, somebody else may have taken it.
            try:
                if _ready(process, server, server.client().head_bucket):
                    yield server
                    return
            finally:
                _remove_sockets(ports)
    raise RuntimeError(f"SeaweedFS does not start; see {data / 'log'}")


def has_r2_simulator() -> bool:
    """Whether `make r2-simulator` has been there."""
    return (SIMULATOR / "node_modules" / "wrangler").is_dir()


@contextmanager
def r2_simulator(folder: Path) -> Iterator[S3Server]:
    """Cloudflare's R2 simulator with a bucket `etl`; its data lies in `folder`. Ready in seconds.

    Its keys and its bucket are named in `r2_simulator/wrangler.json`: others cannot be made later.
    """
    for attempt in range(1, STARTS + 1):
        (port,) = free_ports(1)
        server = S3Server(f"http://127.0.0.1:{port}/cdn-cgi/local/r2/s3")
        home = folder / str(attempt)
        home.mkdir()
        for name in ("wrangler.json", "worker.mjs"):
            shutil.copy(SIMULATOR / name, home)
        command = [_node(), str(SIMULATOR / "node_modules/wrangler/bin/wrangler.js"), "dev"]
        command += ["--ip", "127.0.0.1", "--port", str(port), "--inspector-port", "0"]
        command += ["--persist-to", "data", "--show-interactive-dev-session=false"]
        with _running(command, home / "log", server, cwd=home, **_at_home(home)) as process:
            if _ready(process, server, server.client().head_bucket):
                yield server
                return
    raise RuntimeError(f"the R2 simulator does not start; see {home / 'log'}")


def _node() -> str:
    """Node 22: npm brings it where it has it as a package, otherwise the machine's own must do."""
    brought = SIMULATOR / "node_modules" / ".bin" / "node"
    return str(brought) if brought.exists() else "node"


def _at_home(home: Path) -> dict[str, str]:
    """Variables that keep the simulator from reporting to Cloudflare and from writing elsewhere."""
    return {
        "CI": "1",
        "WRANGLER_SEND_METRICS": "false",
        "CLOUDFLARE_CF_FETCH_ENABLED": "false",
        "XDG_CONFIG_HOME": str(home),
    }


@contextmanager
def moto_server(folder: Path | None = None) -> Iterator[S3Server]:
    """Moto's server with a new bucket `etl`; it accepts any keys. Data is kept in memory."""
    log = (folder / "log") if folder else Path(os.devnull)
    for _ in range(STARTS):
        (port,) = free_ports(1)
        server = S3Server(f"http://127.0.0.1:{port}")
        command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        with _running(command, log, server) as process:
            # moto knows no region `auto` when it creates a bucket.
            if _ready(process, server, server.client().create_bucket):
                yield server
                return
    raise RuntimeError("moto_server does not start")


def _weed(data: Path, ports: list[int], server: S3Server) -> list[str]:
    named = ["s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port"]
    named += ["volume.port.grpc", "filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"]
    return [
        str(BIN / "weed"),
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-bucket={server.bucket}",
        # Otherwise a wrong bucket is created instead of refused.
        "-s3.autoCreateBucket=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-admin.ui=false",
        "-webdav=false",
        "-master.telemetry=false",
        *(f"-{name}={port}" for name, port in zip(named, ports, strict=True)),
    ]


def _remove_sockets(ports: list[int]) -> None:
    """SeaweedFS leaves its Unix sockets in /tmp; their names end in its ports."""
    for port in ports:
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 -- its choice
            path.unlink(missing_ok=True)


@contextmanager
def _running(
    command: list[str], log: Path, server: S3Server, cwd: Path | None = None, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    variables |= {
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=os.environ | variables,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # Nothing is worth saving, and an orderly end takes seconds. Node's children go with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ready(process: subprocess.Popen[bytes], server: S3Server, probe: Any) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            probe(Bucket=server.bucket)
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
        else:
            return True
    return False
