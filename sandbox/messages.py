"""Requests and responses as plain values, so that everything behind the socket is a function.

Add here what every part of the sandbox says about one exchange: the shape of a refusal, how a body
becomes bytes. What an endpoint answers belongs in `endpoints`, what the socket does in `server`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

Json = dict[str, Any]

SPOTIFY_API = "https://api.spotify.com/v1"
"""Bodies are written with Spotify's own addresses; `Response.payload` puts the sandbox's in."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: In capitals.
        path: Decoded, without the query and without a trailing slash.
        query: The last value of each parameter.
        headers: Names in lower case.
        body: As received.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self) -> str:
        """The path with its query, as the log shows it."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def form(self) -> dict[str, str]:
        """The body's form fields; empty when it holds none."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))

    def json(self) -> Any:
        """The body as JSON, `{}` when it is empty.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer.

    Attributes:
        status: HTTP status.
        body: A JSON value, bytes to be sent as they are, or None for no body.
        headers: Besides Content-Type and Content-Length, which are set from the body, and Date;
            one that is None is left out.
        cut: Where the connection breaks: nowhere, before the first byte, or amid the body.
    """

    status: int = 200
    body: object = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    cut: Literal["", "before", "middle"] = ""

    def payload(self, api: str) -> bytes:
        """The body as bytes, with the sandbox's API address (no trailing slash) in every URL."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        return text.replace(SPOTIFY_API, api).encode()


class Refused(Exception):
    """The Web API says no: carries the status and the message of Spotify's error body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def refusal(status: int, message: str, **more: object) -> Response:
    """An error in the Web API's shape: `{"error": {"status": ..., "message": ...}}`."""
    return Response(status, {"error": {"status": status, "message": message, **more}})


def address(path: str, query: Mapping[str, object] | None = None) -> str:
    """The absolute URL of an API path such as `/me/playlists`."""
    return SPOTIFY_API + path + (f"?{urlencode(query)}" if query else "")
