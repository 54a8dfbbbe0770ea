"""A service on loopback that takes alerts and heartbeats, and can be down, slow or refuse."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "a-very-secret-path"


@dataclass
class Receiver:
    """What came in, and how the next requests are answered."""

    port: int
    bodies: list[dict[str, Any]] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)
    status: int = 200
    delay_s: float = 0

    @property
    def alert_url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}"

    @property
    def heartbeat_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/beat/{SECRET}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and title of each message, in order of arrival."""
        return [(body["type"], body["title"]) for body in self.bodies]

    @property
    def texts(self) -> list[str]:
        return [body["message"] for body in self.bodies]


@contextmanager
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(running.delay_s)
            if running.status == 200:
                running.bodies.append(body)
            self._answer()

        def do_GET(self) -> None:
            running.beats.append(self.path)
            self._answer()

        def _answer(self) -> None:
            self.send_response(running.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Receiver(server.server_port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
