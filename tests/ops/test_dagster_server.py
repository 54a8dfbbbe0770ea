"""Dagster's webserver as it is asked: what it is that does not answer, and what is told of runs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipelines.errors import DagsterAway, DagsterRefused
from pipelines.ops.dagster_server import DagsterServer, Repository


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[str]:
    """Somebody who gives this answer to everything."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: tests read what else is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("body", [b"", b"<html>another server</html>", b"[]", b'{"detail": "no"}'])
def test_whoever_is_no_dagster_is_as_if_nobody_answered(body: bytes) -> None:
    with answering(body) as url, pytest.raises(DagsterAway, match=f"does not answer at {url}"):
        DagsterServer(url).runs()


def test_what_dagster_refuses_is_told_in_one_line() -> None:
    refused = {"errors": [{"message": "Unknown argument\n  at line 3"}]}
    with (
        answering(json.dumps(refused).encode()) as url,
        pytest.raises(DagsterRefused, match=r"did not take the question: Unknown argument$"),
    ):
        DagsterServer(url).runs()
    unlaunched = {"data": {"runsOrError": {"message": "bad filter"}}}
    with (
        answering(json.dumps(unlaunched).encode()) as url,
        pytest.raises(DagsterRefused, match=r"did not do it: bad filter$"),
    ):
        DagsterServer(url).runs()


def test_all_that_is_made_of_an_asset_is_followed_within_one_listener() -> None:
    following = {
        ("nico", "labels"): frozenset({("nico", "sessions"), ("views",)}),
        ("nico", "sessions"): frozenset({("nico", "report"), ("mira", "x")}),
        ("nico", "report"): frozenset({("nico", "sessions")}),
        ("nico", "plays"): frozenset({("nico", "labels")}),
        ("views",): frozenset[tuple[str, ...]](),
    }
    repository = Repository("r", "l", frozenset(), following)
    assert repository.from_asset_on(("nico", "labels")) == [
        ("nico", "labels"),
        ("nico", "report"),
        ("nico", "sessions"),
    ]
