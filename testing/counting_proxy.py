"""What goes over the wire to an S3 server: a proxy that counts on the way.

Counted is what the server is really asked for, page by page and try by try, whichever process or
library asks. Add here what a bill would tell apart; what a number should be belongs in a test.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testing.servers import S3Server

CLASSES = {"PUT": "A", "POST": "A", "LIST": "A", "GET": "B", "HEAD": "B", "DELETE": "free"}
"""Cloudflare's classes of operations; whatever is not in its lists would be PUTs and GETs."""

HOP_BY_HOP = {"connection", "expect", "keep-alive", "transfer-encoding"}


@dataclass
class Traffic:
    """What went through.

    Attributes:
        asked: operation and path, in the order in which they came.
        bytes_in: of the bodies that were sent to the server.
        bytes_out: of the bodies that it answered with.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    bytes_in: int = 0
    bytes_out: int = 0
    _lock: Any = field(default_factory=Lock, repr=False)

    def note(self, operation: str, path: str, sent: int, answered: int) -> None:
        """One request."""
        with self._lock:
            self.asked.append((operation, path))
            self.bytes_in += sent
            self.bytes_out += answered

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self.asked.clear()
            self.bytes_in = self.bytes_out = 0

    @property
    def operations(self) -> Counter[str]:
        """How many of each: PUT, LIST, GET, HEAD, DELETE, POST."""
        return Counter(operation for operation, _ in self.asked)

    @property
    def classes(self) -> Counter[str]:
        """How many of each class: A, B and free."""
        return Counter(CLASSES[operation] for operation, _ in self.asked)


@contextmanager
def counted(server: S3Server) -> Iterator[tuple[S3Server, Traffic]]:
    """The same server by way of a proxy on a free port, and what goes through it."""
    traffic = Traffic()
    host = urlsplit(server.endpoint_url).netloc
    proxy = _Proxy(host, traffic)
    thread = Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield replace(server, endpoint_url=f"http://127.0.0.1:{proxy.server_port}"), traffic
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, traffic: Traffic) -> None:
        self.host, self.traffic = host, traffic
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are everyday: those that were killed, too."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Proxy

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(self.server.host, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def _forward(self) -> None:
        # The Host stays as the client signed it.
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._upstream.request(self.command, self.path, body, headers)
        answer = self._upstream.getresponse()
        content = answer.read()
        self.server.traffic.note(*_operation(self.command, self.path), len(body), len(content))
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in {*HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        told = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", told or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _forward  # noqa: N815 http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 http.server's name
        """Print nothing."""


def _operation(method: str, path: str) -> tuple[str, str]:
    url = urlsplit(path)
    if method == "GET" and "/" not in url.path.strip("/"):  # of the bucket itself
        query = parse_qs(url.query)
        return "LIST", query.get("prefix", [""])[0]
    return method, url.path
