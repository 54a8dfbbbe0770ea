"""A stored response of Spotify's: its bytes as received, the request, and the time.

The envelope of a response and the rules for paged lists live here. What the rows inside mean
belongs in `polled.py` and `top_lists.py`.
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from pipelines.errors import UnreadableResponse
from pipelines.listening.api.json_text import odd_paths
from pipelines.listening.api.objects import decode

LARGEST_PAGE = 50
"""Items of a list that one request can ask for."""

MAX_PAGES = 2_000
"""Spotify answers for no offset beyond 100,000: what goes on after that never ends."""


class Request(msgspec.Struct, frozen=True):
    """A request: our name of the endpoint, its path at Spotify, and the parameters."""

    endpoint: str
    path: str
    params: dict[str, str | int] = {}


class Response(msgspec.Struct, frozen=True):
    """One response. `body` is what Spotify sent, byte for byte."""

    request: Request
    fetched_at: datetime
    status: int
    body: msgspec.Raw
    server_date: datetime | None = None
    """The `Date` header: the time by Spotify's clock."""

    def pack(self) -> bytes:
        """The content of its file in raw/, gzipped; the same bytes for the same response.

        The first line is JSON with the request and the time, the rest is the body. Within one JSON
        document a body would lose its surrounding whitespace, and one that is not JSON could not
        be stored.
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
    """The response stored in a file.

    Args:
        packed: the file's content, as `Response.pack` gives it.
        name: the file's name, for the error.

    Raises:
        UnreadableResponse: if the file is truncated, altered or something else; names the file.
    """
    try:
        first, _, body = gzip.decompress(packed).partition(b"\n")
        head = _decoder.decode(first)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as problem:
        raise UnreadableResponse(f"{name}: not a kept response: {problem}") from problem
    return Response(head.request, head.fetched_at, head.status, msgspec.Raw(body), head.server_date)


class KeptResponse(NamedTuple):
    """A stored response and its file name."""

    name: str
    response: Response


class DamagedResponse(NamedTuple):
    """The name of a file that is not a readable response, and the problem."""

    name: str
    problem: UnreadableResponse


def file_name(fetched_at: datetime) -> str:
    """The file name of a response: its time in UTC, sortable, with microseconds."""
    return fetched_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ.json.gz")


def fetched_at(name: str) -> datetime:
    """The time in a response's file name.

    Raises:
        ValueError: if it is no such name.
    """
    return datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ.json.gz").replace(tzinfo=UTC)


UNREADABLE_NEXT = "?"
"""Stands for the address of the next page if it is not a text."""


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str | None = None
    offset: int | None = None


class _Id(msgspec.Struct):
    id: str | None = None
    uri: str | None = None


def _item_id(item: msgspec.Raw) -> str:
    try:
        one, _ = decode(item, _Id)
    except msgspec.DecodeError:
        return ""
    return one.id or one.uri or ""


@dataclass(frozen=True)
class Page:
    """A page of a list.

    Attributes:
        items: its items as received.
        requested_offset: the offset in the request.
        actual_offset: the offset in the response; None if it has none.
        next: address of the next page; None for the last one.
    """

    items: Sequence[msgspec.Raw]
    requested_offset: int
    actual_offset: int | None
    next: str | None

    @classmethod
    def of(cls, response: Response) -> "Page":
        """The page in a response.

        Raises:
            msgspec.DecodeError: if the body is not a list of items.
        """
        page, dropped = decode(response.body, _Page)
        asked = int(response.request.params.get("offset", 0))
        return cls(
            page.items, asked, page.offset, UNREADABLE_NEXT if "next" in dropped else page.next
        )

    @property
    def is_repeat(self) -> bool:
        """Whether the server returned another page than the requested one."""
        return self.actual_offset is not None and self.actual_offset != self.requested_offset

    @cached_property
    def item_ids(self) -> list[str]:
        """The id of each item, or else its uri; empty if it has neither."""
        return [_item_id(item) for item in self.items]


def page_of(response: Response) -> Page | None:
    """The page in a response; None if it is not an object with a list called `items`."""
    try:
        return Page.of(response)
    except msgspec.DecodeError:
        return None


def odd_fields(response: Response, type_: type[msgspec.Struct]) -> list[str]:
    """Where an answer holds what cannot be read, whether anything is made of it or not.

    Args:
        response: a list, or a single object.
        type_: what is made of each item of the list, or of the object.

    Returns:
        Paths such as `items[3].track.name`.
    """
    page = page_of(response)
    named = enumerate(page.items) if page else ()
    objects = [(f"items[{at}]", item) for at, item in named] if page else [("", response.body)]
    paths = dict.fromkeys(odd_paths(response.body))
    for where, raw in objects:
        try:
            _, dropped = decode(raw, type_)
        except msgspec.DecodeError:
            dropped = {"": "it is no such object"}
        paths |= dict.fromkeys(f"{where}.{path}".strip(".") for path in dropped)
    return [path for path in paths if path]


def next_offset(pages: Sequence[Page]) -> int | None:
    """The offset to request after these pages of one list; None if the list is complete.

    A list ends if `next` is null or a page is empty. It also ends if a server returns another page
    than the requested one, or only items of earlier pages: such a server would go on forever.
    Absolute `next` addresses are not followed, since they may lead to a host other than the
    configured one.
    """
    last = pages[-1]
    if not last.next or not last.items or last.is_repeat or len(pages) >= MAX_PAGES:
        return None
    seen = {name for page in pages[:-1] for name in page.item_ids}
    if seen.issuperset(last.item_ids):
        return None
    next_ = offset_in(last.next)
    return next_ if next_ > last.requested_offset else last.requested_offset + len(last.items)


def is_cut_off(pages: Sequence[Page]) -> bool:
    """Whether these pages are not all of their list, although no more are asked for."""
    return len(pages) >= MAX_PAGES and bool(pages[-1].next and pages[-1].items)


def offset_in(address: str) -> int:
    """The offset that an address asks for; 0 where it is none that a list can have."""
    try:
        offset = parse_qs(urlsplit(address).query).get("offset", [""])[0]
    except ValueError:
        return 0
    return int(offset) if re.fullmatch(r"[0-9]{1,9}", offset) else 0


def last_list(responses: Iterable[Response]) -> list[Response]:
    """The pages of the list that was requested last, first page first."""
    pages: list[Response] = []
    for response in sorted(responses, key=lambda one: one.fetched_at):
        if int(response.request.params.get("offset", 0)) == 0:
            pages = []
        pages.append(response)
    return pages


def last_complete_list(responses: Iterable[Response]) -> list[Response]:
    """The pages of the last complete list; empty if there is none.

    A page counts if its offset is the next one after the pages before it: a list with a missing
    page, or with a response that is not a page, is never complete.
    """
    complete: list[Response] = []
    begun: list[Response] = []
    pages: list[Page] = []
    due: int | None = 0
    for response in sorted(responses, key=lambda one: one.fetched_at):
        offset = int(response.request.params.get("offset", 0))
        if offset == 0:
            begun, pages, due = [], [], 0
        if offset != due or (page := page_of(response)) is None:
            continue
        begun.append(response)
        pages.append(page)
        due = next_offset(pages)
        if due is None:
            complete = list(begun)
    return complete


def items_of(pages: Iterable[Response]) -> list[msgspec.Raw]:
    """The distinct items of a list's pages, in order."""
    items: dict[str, msgspec.Raw] = {}
    for response in pages:
        page = Page.of(response)
        if page.is_repeat:
            continue
        for name, item in zip(page.item_ids, page.items, strict=True):
            items.setdefault(name or f"unnamed {len(items)}", item)
    return list(items.values())
