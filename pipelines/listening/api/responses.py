"""A response of Spotify's as it is kept: its bytes as received, what was asked, and when.

The envelope around a response and the rules for lists that come in pages live here. What the
rows inside mean belongs in `polled.py` and `top_lists.py`.
"""

import gzip
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from pipelines.errors import UnreadableResponse
from pipelines.listening.api.objects import decode

MAX_PAGES = 200
"""Reasoned: 10,000 top items. A list that goes on longer is a server repeating itself."""


class Request(msgspec.Struct, frozen=True):
    """What was asked: the endpoint's name here, its path at Spotify, and the parameters."""

    endpoint: str
    path: str
    params: dict[str, str | int] = {}


class Response(msgspec.Struct, frozen=True):
    """One answer. `body` is what Spotify sent, byte for byte."""

    request: Request
    fetched_at: datetime
    status: int
    body: msgspec.Raw
    server_date: datetime | None = None
    """The `Date` header: Spotify's own clock, whatever ours says."""

    def pack(self) -> bytes:
        """The file in raw/: two lines, gzipped; the same bytes for the same response.

        The first line is JSON that says what was asked and when, the rest is the body. Inside
        one JSON document a body would lose the space around it, and one that is no JSON its file.
        """
        head = _Head(self.request, self.fetched_at, self.status, self.server_date)
        return gzip.compress(msgspec.json.encode(head) + b"\n" + bytes(self.body), mtime=0)


class _Head(msgspec.Struct, frozen=True):
    request: Request
    fetched_at: datetime
    status: int
    server_date: datetime | None


_decoder = msgspec.json.Decoder(_Head)


def unpack(packed: bytes, name: str) -> Response:
    """The response kept in a file.

    Raises:
        UnreadableResponse: where the file is cut off, altered or something else; names it.
    """
    try:
        first, _, body = gzip.decompress(packed).partition(b"\n")
        head = _decoder.decode(first)
    except (OSError, EOFError, zlib.error, ValueError) as problem:
        raise UnreadableResponse(f"{name}: not a kept response: {problem}") from problem
    return Response(head.request, head.fetched_at, head.status, msgspec.Raw(body), head.server_date)


class KeptResponse(NamedTuple):
    """A response and the name of its file."""

    name: str
    response: Response


class DamagedResponse(NamedTuple):
    """The name of a file that should be a response, and what is wrong with it."""

    name: str
    problem: UnreadableResponse


def file_name(fetched_at: datetime) -> str:
    """The name of a response's file: its time in UTC, sortable, to the microsecond."""
    return fetched_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ.json.gz")


def fetched_at(name: str) -> datetime:
    """The time in a response's file name.

    Raises:
        ValueError: where it is no such name.
    """
    return datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ.json.gz").replace(tzinfo=UTC)


UNTOLD = "?"
"""The address of the next page where an answer tells one that cannot be read."""


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str | None = None
    offset: int | None = None


class _Id(msgspec.Struct):
    id: str | None = None
    uri: str | None = None


def _name(item: msgspec.Raw) -> str:
    try:
        one, _ = decode(item, _Id)
    except msgspec.DecodeError:
        return ""
    return one.id or one.uri or ""


@dataclass(frozen=True)
class Page:
    """A page of a list: its rows as received, where it stands, whether another follows."""

    items: Sequence[msgspec.Raw]
    asked_offset: int
    told_offset: int | None
    next: str | None

    @classmethod
    def of(cls, response: Response) -> "Page":
        """The page in a response.

        Raises:
            msgspec.DecodeError: where the body is not a list of items.
        """
        page, dropped = decode(response.body, _Page)
        asked = int(response.request.params.get("offset", 0))
        return cls(page.items, asked, page.offset, UNTOLD if "next" in dropped else page.next)

    @property
    def repeats(self) -> bool:
        """Whether the server answered another page than the one that was asked for."""
        return self.told_offset is not None and self.told_offset != self.asked_offset

    @property
    def names(self) -> list[str]:
        """What tells the items apart, in order."""
        return [_name(item) for item in self.items]


def page_of(response: Response) -> Page | None:
    """The page in a response; None where it is no object with a list called `items`."""
    try:
        return Page.of(response)
    except msgspec.DecodeError:
        return None


def following(pages: Sequence[Page]) -> int | None:
    """The offset to ask for after these pages of one list; None when the list is complete.

    A list ends where `next` is null or a page is empty. It also ends where a server answers
    another page than the one asked for, or only items it has shown before: such a server would
    never end by itself. Absolute `next` addresses are not followed, since they may lead to
    another host than the one that was configured.
    """
    last = pages[-1]
    if not last.next or not last.items or last.repeats or len(pages) >= MAX_PAGES:
        return None
    seen = {name for page in pages[:-1] for name in page.names}
    if seen.issuperset(last.names):
        return None
    told = parse_qs(urlsplit(last.next).query).get("offset", [""])[0]
    after = int(told) if told.isdecimal() else 0
    return after if after > last.asked_offset else last.asked_offset + len(last.items)


def last_list(responses: Iterable[Response]) -> list[Response]:
    """The pages of the list that was asked for last, from its first page on, oldest first."""
    pages: list[Response] = []
    for response in sorted(responses, key=lambda one: one.fetched_at):
        if int(response.request.params.get("offset", 0)) == 0:
            pages = []
        pages.append(response)
    return pages


def last_complete_list(responses: Iterable[Response]) -> list[Response]:
    """The pages of the last list that came to its end; empty where none did.

    A page counts where it is the one to ask for after those before it: with a page missing in
    between, or after an answer that is no list, a list never comes to its end.
    """
    complete: list[Response] = []
    kept: list[Response] = []
    pages: list[Page] = []
    due: int | None = 0
    for response in sorted(responses, key=lambda one: one.fetched_at):
        offset = int(response.request.params.get("offset", 0))
        if offset == 0:
            kept, pages, due = [], [], 0
        if offset != due or (page := page_of(response)) is None:
            continue
        kept.append(response)
        pages.append(page)
        due = following(pages)
        if due is None:
            complete = list(kept)
    return complete


def items_of(pages: Iterable[Response]) -> list[msgspec.Raw]:
    """The items of a list's pages in order, each once, without pages that repeat others."""
    items: dict[str, msgspec.Raw] = {}
    for response in pages:
        page = Page.of(response)
        if page.repeats:
            continue
        for name, item in zip(page.names, page.items, strict=True):
            items.setdefault(name or f"unnamed {len(items)}", item)
    return list(items.values())
