"""Answers that Spotify would not give, and that a run must outlive: endless, exploding, too deep.

Each is asked for in a process of its own, whose memory is limited by what it is expected to need:
what takes in the whole answer dies there.
"""

import gzip
import re
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.support.asking import python
from tests.support.environment import Environment

pytestmark = pytest.mark.rare

MIB = 2**20

ASK = """
import resource
import sys
from pathlib import Path
from pipelines.listening.api.objects import Profile
from pipelines.listening.api.responses import odd_fields
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as policy
from pipelines.resources.spotify import http
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
import time

policy.FIRST_WAIT_S = 0
http.RESPONSE_TIMEOUT_S = int(sys.argv[1])
settings = Settings()
now = time.time()
token = Token(refresh_token="r", access_token="a", obtained_at=now, expires_at=now + 3600)
TokenFile(settings.tokens_dir, "nico").write(token)
client = policy.Spotify(settings, Lake.open(settings)).client("nico")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    response = client.get("profile", lambda api: api.current_user())
    print("taken" if odd_fields(response, Profile) == ["a"] else "not taken")
except Exception as problem:
    print(type(problem).__name__, problem)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""

MOST_MIB = 100
"""What a refused answer may take: of 8 MiB, in pieces, copied, and decoded in vain."""


def bomb(times: int) -> bytes:
    """A GiB of zeros, compressed so many times; its end, which nobody should reach, is missing."""
    packing = zlib.compressobj(wbits=31)
    begin = packing.compress(b"") + packing.flush(zlib.Z_FULL_FLUSH)
    block = packing.compress(bytes(MIB)) + packing.flush(zlib.Z_FULL_FLUSH)
    whole = begin + block * 1024
    for _ in range(times - 1):
        whole = gzip.compress(whole, mtime=0)
    return whole


def endless() -> Iterator[bytes]:
    while True:
        yield b"100000\r\n" + b" " * MIB + b"\r\n"


def dripping() -> Iterator[bytes]:
    while True:
        yield b"["
        time.sleep(0.2)


ANSWERS: dict[str, tuple[int, dict[str, str], Callable[[], Iterator[bytes]]]] = {
    "endless": (200, {"Transfer-Encoding": "chunked"}, endless),
    "one that drips": (200, {"Content-Length": "1000000"}, dripping),
    "a GiB": (200, {"Content-Length": f"{2**30}"}, lambda: iter([b"[" * MIB] * 1024)),
    "a bomb": (200, {"Content-Encoding": "gzip"}, lambda: iter([bomb(1)])),
    "a bomb in a bomb": (200, {"Content-Encoding": "gzip, gzip"}, lambda: iter([bomb(2)])),
    "too deep": (200, {}, lambda: iter([b'{"a":' * MIB + b"1" + b"}" * MIB])),
    "a number": (200, {}, lambda: iter([b'{"a":' + b"9" * 7 * MIB + b"}"])),
    "a refusal": (403, {}, lambda: iter([b'{"error":{"message":' * (MIB // 3)])),
    "a lockout": (429, {"Retry-After": "7200"}, lambda: iter([b"\xe4\xf6 QUOTA" * MIB])),
}

TOO_LONG = (
    r"SpotifyDown profile: no answer from http://\S+ \(it answered more than 8,388,608 bytes\)"
)

LINES = {
    "one that drips": r"SpotifyDown profile: .* \(its answer did not end within 1 s\)",
    "endless": TOO_LONG,
    "a GiB": TOO_LONG,
    "a bomb": TOO_LONG,
    "a bomb in a bomb": TOO_LONG,
    "too deep": "taken",
    "a number": "taken",
    "a refusal": "RefusedRequest profile: Spotify answered 403",
    "a lockout": r"LockedOut Spotify refuses requests until .*",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kind = ""

    def do_GET(self) -> None:
        status, headers, body = ANSWERS[self.kind]
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Connection": "close",
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for piece in body():
                self.wfile.write(piece)
        except ConnectionError:  # the other side has had enough
            pass
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def harmful(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    environment.set(SPOTIFY_API_URL=f"http://127.0.0.1:{server.server_port}/v1")
    yield lambda kind: monkeypatch.setattr(Handler, "kind", kind)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_that_does_harm_ends_in_a_line_and_takes_little_memory(
    kind: str, harmful: Callable[[str], None]
) -> None:
    harmful(kind)
    # Only for the one that does not end by itself: the others have some MiB to bring.
    process = python(ASK, "1" if kind == "one that drips" else "60")
    out, error = process.communicate(timeout=240)
    assert process.returncode == 0, error
    line, taken = out.splitlines()
    assert re.fullmatch(LINES[kind], line), line
    assert int(taken) < MOST_MIB
