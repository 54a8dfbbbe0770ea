"""A door in front of an S3 server that passes requests on, except for those it is told to spoil.

    with FaultyProxy(server) as proxy:
        proxy.spoil(slow_down, times=2, method="PUT")

Add a fault here as a function of the `Exchange` that it spoils. What a test expects of the pipeline
meanwhile does not belong here.
"""

import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote, urlsplit

from testing.servers import S3Server

LONGEST_ANSWER_S = 20
WRITES_TO_A_KEY_EVERY_S = 1.0
"""R2 answers 429 to those who write the same key sooner."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Spoiling:
    """What to do to the next requests of a kind."""

    fault: "Fault"
    times: float
    method: str
    key: str

    def takes(self, exchange: "Exchange") -> bool:
        """Whether this request is one of them; it is counted if so."""
        if self.times <= 0 or self.method not in exchange.command or self.key not in exchange.key:
            return False
        self.times -= 1
        return True


class FaultyProxy:
    """The server behind a door; its signatures stay valid, for the Host header is passed on.

    Attributes:
        server: how to reach the real one through here.
        asked: method and key of every request, spoiled or not.
    """

    def __init__(self, server: S3Server) -> None:
        self.real = urlsplit(server.endpoint_url)
        self.bucket = server.bucket
        self.asked: list[tuple[str, str]] = []
        self.closing = threading.Event()
        self._spoilings: list[Spoiling] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (Exchange,), {"proxy": self})
        )
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        address = f"http://127.0.0.1:{self._http.server_port}{self.real.path}"
        self.server = S3Server(address, server.bucket, server.access_key, server.secret_key)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def spoil(
        self, fault: "Fault", *, times: float = 1, method: str = "", key: str = ""
    ) -> Spoiling:
        """Let a fault befall the next requests of this method whose key contains `key`."""
        spoiling = Spoiling(fault, times, method, key)
        with self._lock:
            self._spoilings.append(spoiling)
        return spoiling

    def heal(self) -> None:
        """Spoil nothing any more."""
        with self._lock:
            self._spoilings.clear()

    def written(self) -> list[str]:
        """The keys that PUTs named since `asked` was last cleared."""
        return [key for method, key in self.asked if method == "PUT"]

    def fault_for(self, exchange: "Exchange") -> "Fault":
        with self._lock:
            self.asked.append((exchange.command, exchange.key))
            taking = (spoiling for spoiling in self._spoilings if spoiling.takes(exchange))
            found = next(taking, None)
        return found.fault if found else pass_on


class Exchange(BaseHTTPRequestHandler):
    """One request on its way, one connection each: so that a door that closes is closed."""

    protocol_version = "HTTP/1.1"
    proxy: FaultyProxy

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if self.raw_requestline and self.parse_request():
            self.proxy.fault_for(self)(self)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass

    @property
    def key(self) -> str:
        """The key in the bucket; "" for a listing."""
        path = unquote(urlsplit(self.path).path)
        return path.removeprefix(f"{self.proxy.real.path}/{self.proxy.bucket}").lstrip("/")

    @property
    def length(self) -> int:
        return int(self.headers.get("Content-Length", 0))

    def send_on(self, body: bytes) -> http.client.HTTPConnection:
        """Send the request's head, and as much of its body as this is."""
        real = self.proxy.real
        connection = http.client.HTTPConnection(
            real.hostname or "", real.port, timeout=LONGEST_ANSWER_S
        )
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"expect", "connection"}:
                connection.putheader(name, value)
        connection.endheaders(body)
        return connection

    def real_answer(self) -> Answer:
        """What the server says to it."""
        connection = self.send_on(self.rfile.read(self.length))
        try:
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def refuse(self, status: int, code: str) -> None:
        """Answer with an S3 error instead."""
        self.rfile.read(self.length)
        body = f"<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"
        self.reply(Answer(status, [("Content-Type", "application/xml")], body.encode()))

    def reply(self, answer: Answer, upto: int | None = None) -> None:
        """Answer, or begin to: with so many bytes of the body."""
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        told = {name.lower(): value for name, value in answer.headers}
        length = told.get("content-length", "0") if self.command == "HEAD" else len(answer.body)
        if answer.status != http.client.NO_CONTENT:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body[:upto])


Fault = Callable[[Exchange], None]


def pass_on(exchange: Exchange) -> None:
    """No fault at all."""
    exchange.reply(exchange.real_answer())


def slow_down(exchange: Exchange) -> None:
    exchange.refuse(503, "SlowDown")


def forbid(exchange: Exchange) -> None:
    exchange.refuse(403, "AccessDenied")


def late(seconds: float) -> Fault:
    """Right, but late."""

    def fault(exchange: Exchange) -> None:
        exchange.proxy.closing.wait(seconds)
        pass_on(exchange)

    return fault


def hang(exchange: Exchange) -> None:
    """No answer for as long as anybody waits."""
    exchange.proxy.closing.wait()


def cut_body(exchange: Exchange) -> None:
    """The connection breaks in the middle of what the client sends."""
    exchange.send_on(exchange.rfile.read(exchange.length // 2)).close()


def cut_answer(exchange: Exchange) -> None:
    """The connection breaks in the middle of what the server says."""
    answer = exchange.real_answer()
    exchange.reply(answer, upto=len(answer.body) // 2)


def lost_answer(exchange: Exchange) -> None:
    """The server does it, and an error is told."""
    exchange.real_answer()
    exchange.reply(Answer(500, [], b"<Error><Code>InternalError</Code></Error>"))


def by_chance(faults: Sequence[Fault], share: float, seed: int) -> Fault:
    """One of the faults for this share of the requests; which, depends on their order too."""
    chance = random.Random(seed)

    def fault(exchange: Exchange) -> None:
        spoilt = chance.random() < share
        (chance.choice(faults) if spoilt else pass_on)(exchange)

    return fault


def one_write_a_second() -> Fault:
    """429 where a key is written again within a second, as R2 does."""
    last: dict[str, float] = {}

    def fault(exchange: Exchange) -> None:
        now = time.monotonic()
        if now - last.get(exchange.key, -1) < WRITES_TO_A_KEY_EVERY_S:
            exchange.refuse(429, "TooManyRequests")
            return
        last[exchange.key] = now
        pass_on(exchange)

    return fault
