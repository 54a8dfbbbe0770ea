"""Receiving HTTP responses: without redirects, and with limits on size and duration.

What requests to any service have in common lives here, those to Last.fm and Google too. What a
response means belongs to the code that sent the request, such as `oauth.py` and `client.py`.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Any

import requests

MAX_RESPONSE_BYTES = 8 * 2**20
"""50 plays have 200 kB, and no list is requested in longer pages."""
RESPONSE_TIMEOUT_S = 60
CHUNK_BYTES = 64 * 2**10


class ResponseTooLong(requests.RequestException):
    """A response that no service would send: it would fill the memory, or does not end."""


class DirectSession(requests.Session):
    """A session that follows no redirect: a login must not go to an address nobody configured.

    It reads no more than `MAX_RESPONSE_BYTES` of a response, after decompression, and waits no
    longer than `RESPONSE_TIMEOUT_S` for its end, since nobody else on the machine sends meanwhile.
    """

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request and read the response to its end.

        Args:
            request: the request.
            kwargs: as for `requests.Session.send`.

        Raises:
            ResponseTooLong: where the response is too large or takes too long.
        """
        response = super().send(request, **kwargs | {"stream": True})
        body = bytearray()
        with _total_timeout(RESPONSE_TIMEOUT_S, response):
            for chunk in response.iter_content(CHUNK_BYTES):
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    response.close()
                    raise ResponseTooLong(f"it answered more than {MAX_RESPONSE_BYTES:,} bytes")
        response._content = bytes(body)  # noqa: SLF001 what `content` returns; there is no other way
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Never follow: a redirect is a response like any other."""
        return None


@contextmanager
def _total_timeout(seconds: float, response: requests.Response) -> Iterator[None]:
    """Cut off a response that takes longer; a timeout of requests is for one chunk alone."""
    began = time.monotonic()
    timer = Timer(seconds, _shut_down, [response])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if time.monotonic() - began > seconds:
            response.close()
            raise ResponseTooLong(f"its answer did not end within {seconds:g} s")


def _shut_down(response: requests.Response) -> None:
    with suppress(OSError, ValueError):  # it has just ended
        response.raw.shutdown()


def retry_after(response: requests.Response) -> timedelta | None:
    """How long a `Retry-After` asks to wait: seconds or a date; None where there is none."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return timedelta(seconds=float(text))
    moment = parse_http_date(text)
    # By the clock that wrote it, where that is known.
    now = parse_http_date(response.headers.get("Date")) or datetime.now(UTC)
    return max(moment - now, timedelta()) if moment else None


def parse_http_date(http_date: str | None) -> datetime | None:
    """The moment that a header tells; None where it is no date."""
    try:
        moment = parsedate_to_datetime(http_date or "")
        # HTTP knows no other zone, whether a date names it or not.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter: a date that is not in our calendar
        return None
