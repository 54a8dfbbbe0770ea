"""Taking in an answer over HTTP: from where it was asked for, and no more than one can bear.

What all of Spotify's services have in common lives here. What an answer means belongs to who asked:
`oauth.py` and `client.py`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import requests

MOST_BYTES = 8 * 2**20
"""In an answer. 50 plays have 200 kB, and no list is asked for in longer pages."""
LONGEST_ANSWER_S = 60
PIECE = 64 * 2**10


class TooLong(requests.RequestException):
    """An answer that Spotify would not give: it would fill the memory, or does not end."""


class DirectSession(requests.Session):
    """Follows no redirect: a login must not travel to an address that nobody configured.

    Of an answer, it takes in no more than `MOST_BYTES`, however small that was when compressed, and
    waits no longer than `LONGEST_ANSWER_S` for its end: meanwhile nobody else on the machine sends.
    """

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The answer with its body; TooLong where that does not end in time."""
        answer = super().send(request, **kwargs | {"stream": True})
        body = bytearray()
        with _ended_after(LONGEST_ANSWER_S, answer):
            for piece in answer.iter_content(PIECE):
                body += piece
                if len(body) > MOST_BYTES:
                    answer.close()
                    raise TooLong(f"it answered more than {MOST_BYTES:,} bytes")
        answer._content = bytes(body)  # noqa: SLF001 what `content` gives; there is no other way
        return answer

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Nowhere: a redirect is an answer like any other."""
        return None


@contextmanager
def _ended_after(seconds: float, answer: requests.Response) -> Iterator[None]:
    """Hang up on an answer that takes longer; a timeout of requests is for one piece alone."""
    began = time.monotonic()
    timer = Timer(seconds, _hang_up, [answer])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if time.monotonic() - began > seconds:
            answer.close()
            raise TooLong(f"its answer had no end within {seconds:g} s")


def _hang_up(answer: requests.Response) -> None:
    with suppress(OSError, ValueError):  # it has just ended
        answer.raw.shutdown()
