"""A server that pages lists in ways that the sandbox does not: with the wrong host, for ever.

Add habits here that no well-meaning Spotify would have. Failures that it might have on a bad day
belong in the sandbox.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class OddServer:
    """Answers every GET with a page of three items, and remembers all that it was sent.

    Attributes:
        habit: `ends` after the second page, `ignores_offset`, or `ever_new`.
        next_at: the address that `next` leads to; by default this server's own.
        received: method, path and headers of each request, as one text.
    """

    def __init__(self) -> None:
        self.habit = "ends"
        self.next_at: str | None = None
        self.received: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def page(self, path: str) -> dict[str, Any]:
        """The page at a path, without the `offset` that would give the server away."""
        url = urlsplit(path)
        offset = int(parse_qs(url.query).get("offset", ["0"])[0])
        start = 0 if self.habit == "ignores_offset" else offset
        last = self.habit == "ends" and offset > 0
        onward = f"{self.next_at or self.url}me/playlists?offset={offset + 3}&limit=50"
        return {
            "items": [{"id": f"item{start + n}"} for n in range(3)],
            "next": None if last else onward,
        }


def _handler(server: OddServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.received.append(f"{self.command} {self.path}\n{self.headers}")
            body = json.dumps(server.page(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 http.server's names

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler
