"""Scrobbles of Last.fm's in JSON: answers of its interface, and what programs make of them.

There are lists of pages, a single page, a list of tracks, one object per line, and the files of
lastfmstats.com (`{"username": …, "scrobbles": […]}`). In any of them, one track may stand in place
of a list of tracks. Add here another shape in which they come. What the fields mean is
`lastfm_rows.py`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import msgspec
import pyarrow as pa

from pipelines.listening.api.json_text import storable
from pipelines.listening.privacy_export.parser import LEFT_OUT, NotAnExport, Part
from pipelines.listening.sources.lastfm_rows import Scrobbles
from pipelines.listening.sources.pieces import PIECE, Pieces, column
from pipelines.listening.sources.source import Reading, Source

MAX_WHOLE = 256 * 2**20
"""Bytes without the end of a page or track, after which a file is no such file."""

MAX_OVERLAP = 1000
"""How many tracks of a page the next one may begin with again: all of the largest page."""

REPEATED = f"stands at the end of the page before too{LEFT_OUT}"

MAX_CUTS = 8
"""How many possible ends of items are tried, from the last one back."""


class Named(msgspec.Struct, gc=False):
    """An artist or an album, as an object."""

    text: str | None = msgspec.field(name="#text", default=None)
    name: str | None = None
    title: str | None = None


class Date(msgspec.Struct, gc=False):
    """When a track began."""

    uts: str | int | None = None
    text: str | None = msgspec.field(name="#text", default=None)


class Attributes(msgspec.Struct, gc=False):
    """What is said of a page, or of a track."""

    total: str | int | None = None
    nowplaying: str | bool | None = None


class Item(msgspec.Struct, gc=False):
    """A track, or a page of tracks: both have a field `track`, the one a text, the other a list."""

    name: str | None = None
    artist: Named | str | None = None
    album: Named | str | None = None
    mbid: str | None = None
    date: Date | int | str | None = None
    uts: str | int | None = None
    attributes: Attributes | None = msgspec.field(name="@attr", default=None)
    track: "list[Item] | Item | str | None" = None
    recenttracks: "Item | None" = None
    scrobbles: "list[Item] | None" = None


Items = list[Item | list[Item]]

_TYPES: dict[str, Any] = {one.encode_name: one.type for one in msgspec.structs.fields(Item)}
_NAMES = {one.encode_name: one.name for one in msgspec.structs.fields(Item)}
_HOLDERS = ("track", "recenttracks", "scrobbles")

_DECODE = msgspec.json.Decoder(Items)

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_PLAIN = rb'[^{}\[\]"]++|' + _STRING
_FLAT = rb"\{(?:" + _PLAIN + rb")*+\}"
_LIST = rb"\[(?:" + _PLAIN + rb"|" + _FLAT + rb")*+\]"
_TRACK = re.compile(rb"\{(?:" + _PLAIN + rb"|" + _FLAT + rb"|" + _LIST + rb")*+\}", re.DOTALL)
_BETWEEN = re.compile(rb'(?:[\s,\[\]{}]|"[^"\\]*"\s*:\s*(?:[\[{]|"[^"\\]*"|-?\d+|null))*')
"""What may stand between tracks and pages."""

_OF_A_TRACK = re.compile(rb'"(?:artist|name|date|uts|url|image|streamable|mbid)"\s*:')
_NUMBER = re.compile(r"[0-9]{1,11}")
_MILLISECONDS = re.compile(r"\s*-?[0-9]{1,15}\s*")
_TOTAL = re.compile(rb'"total"\s*:\s*"?(\d{1,11})\b')

_BEGINNING = re.compile(
    rb'\s*+(?P<opening>(?:\{(?:\s*+"[^"]*"\s*+:\s*+(?:"(?:[^"\\]|\\.)*"|-?\d+|null)\s*+,)*+'
    rb'\s*+"scrobbles"\s*+:\s*+)?\[)\s*+\{\s*+(?P<key>"[^"]*")\s*+:',
    re.DOTALL,
)

_END = re.compile(rb'\s*+(?:,\s*+"[^{}\[\]]*+)?+\}?+\s*+')
"""What follows the last list of a file."""

_LIKE_A_TRACK = re.compile(rb'"uts"\s*:\s*"?-?\d|"nowplaying"\s*:')
_LIKE_AN_ARTIST = re.compile(rb'"artist"\s*:\s*[{"]')
_LIKE_A_PAGE = re.compile(rb'"totalPages"\s*:')
_HOLDS_TRACKS = re.compile(rb'"track"\s*:\s*[\[{]|"recenttracks"\s*:')
_STATISTICS = re.compile(rb'"scrobbles"\s*:\s*\[\s*\{')
_LIKE_STATISTICS = (
    re.compile(rb'"date"\s*:\s*"?-?\d'),
    re.compile(rb'"track"\s*:\s*(?:"|null)'),
    re.compile(rb'"artist"\s*:\s*(?:"|null)'),
)
"""What rows of such a list have, in any order."""


def begins_like(head: bytes) -> bool:
    """Whether a file begins like scrobbles in JSON.

    Args:
        head: its first bytes.
    """
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in {b"[", b"{"}:
        return False
    if _LIKE_A_TRACK.search(head) and _LIKE_AN_ARTIST.search(head):
        return True
    if _LIKE_A_PAGE.search(head) and _HOLDS_TRACKS.search(head):
        return True
    rows = _STATISTICS.search(head)
    return rows is not None and all(one.search(head, rows.end()) for one in _LIKE_STATISTICS)


@dataclass
class _Found:
    """Tracks of a file in its order, and what its pages say of all of them.

    Attributes:
        tracks: each one; None where a stretch of the file is damaged.
        problems: what is wrong with damaged stretches, by index.
        stated: the most that any page says that there are.
        left_out: tracks that were read from the page before, by index, and why they are left out.
        page: the tracks of the last page, without the one that was playing.
    """

    tracks: list[Item] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    page: list[Item] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)
    stated: int | None = None

    def add(self, items: Iterable[Item | list[Item]]) -> None:
        """Add tracks, and those of pages."""
        for item in items:
            if isinstance(item, list):
                self._add_page(item) if _is_page(item) else self.add(item)
            elif item.recenttracks is not None:
                self.add([item.recenttracks])
            elif item.scrobbles is not None:
                self.add(item.scrobbles)
            elif isinstance(item.track, list):
                self._note_total(item)
                self._add_page(item.track)
            elif isinstance(item.track, Item):
                self._note_total(item)
                self._add_page([item.track])
            elif item.attributes and item.attributes.total is not None and item.name is None:
                self._note_total(item)
            else:
                self.tracks.append(item)

    def _add_page(self, tracks: Sequence[Item]) -> None:
        """Add tracks of a page; those with which the page before ends are the same plays.

        A play that is scrobbled while pages are fetched moves all others on by one.
        """
        at = len(self.tracks)
        heard = [number for number, one in enumerate(tracks) if not _is_playing(one)]
        page = [tracks[number] for number in heard]
        most = min(len(self.page), len(page), MAX_OVERLAP)
        again = next((n for n in range(most, 0, -1) if self.page[-n:] == page[:n]), 0)
        self.left_out |= {at + number: REPEATED for number in heard[:again]}
        self.tracks += tracks
        self.page = page or self.page

    def damage(self, reason: str) -> None:
        """Add a stretch in which nothing can be read."""
        self.problems[len(self.tracks)] = reason
        self.tracks.append(Item())

    def _note_total(self, page: Item) -> None:
        total = str(page.attributes.total) if page.attributes else ""
        if _NUMBER.fullmatch(total):
            self.stated = max(self.stated or 0, int(total))


def read(pieces: Pieces, reading: Reading, source: Source) -> Iterator[Part]:
    """The rows of a file.

    Args:
        pieces: its text.
        reading: what is known beside it.
        source: the declaration.

    Raises:
        NotAnExport: where it is no such file.
    """
    first, stated, page = 1, None, list[Item]()
    for text, is_last in _texts(pieces):
        found = _found(text, page, may_be_cut_off=is_last and not pieces.damage)
        if found is None:
            raise NotAnExport(f"{pieces.name} is no JSON")
        if found.stated is not None:
            stated = max(stated or 0, found.stated)
        if found.tracks:
            part = _scrobbles(found).part(source, pieces.name, reading, first)
            damaged = any(is_damage(why) for why in found.problems.values())
            yield pieces.described(replace(part, damaged=damaged))
            reading = replace(reading, listed=max(0, reading.listed - len(part.refused)))
            first += len(found.tracks)
            page = found.page
    yield pieces.end(stated, any_rows=first > 1)


def page(body: bytes, name: str, reading: Reading, source: Source, first: int = 1) -> Part:
    """The rows of one answer of Last.fm's, and how many rows it says there are in all.

    Args:
        body: as received, in UTF-8.
        name: what the column `file` says.
        reading: what is known beside it.
        source: the declaration.
        first: number of the first row.

    Raises:
        NotAnExport: where it is no answer with tracks.
    """
    found = _found(b"[" + body + b"]")
    if found is None or (found.stated is None and not found.tracks):
        raise NotAnExport(f"{name} holds no tracks")
    part = _scrobbles(found).part(source, name, reading, first)
    return replace(part, stated=found.stated)


def is_damage(reason: str) -> bool:
    """Whether a row is refused since a stretch of unknown length is damaged."""
    return reason.startswith("is damaged")


def _texts(pieces: Pieces) -> Iterator[tuple[bytes, bool]]:
    """The file as JSON lists of pages or tracks, and whether each is the last one."""
    start = _BEGINNING.match(pieces.begin(64 * 2**10))
    if start is None:
        yield _whole(pieces), True
        return
    pieces.take(start.end("opening"))
    # Every item begins with the same key: within a title, this would not stand unescaped.
    boundary = re.compile(rb"\}\s*+,(?=\s*+\{\s*+" + re.escape(start["key"]) + rb"\s*+:)")
    while True:
        pieces.fill()
        while not pieces.exhausted and boundary.search(pieces.buffer) is None:
            if len(pieces.buffer) > MAX_WHOLE:
                raise NotAnExport(f"{pieces.name} has a page of more than {MAX_WHOLE:,} bytes")
            pieces.fill(len(pieces.buffer) + PIECE)
        if pieces.exhausted:
            break
        yield _up_to_an_item(pieces, boundary), False
    text = pieces.take(len(pieces.buffer))
    body, closed, rest = text.rpartition(b"]")
    yield b"[" + (body if closed and _END.fullmatch(rest) else text) + b"]", True


def _up_to_an_item(pieces: Pieces, boundary: re.Pattern[bytes]) -> bytes:
    """As many items as the buffer holds whole; up to its last boundary where none fits."""
    ends = [match.end() for match in boundary.finditer(pieces.buffer)][-MAX_CUTS:]
    for end in reversed(ends):
        text = b"[" + pieces.buffer[: end - 1] + b"]"
        try:
            _DECODE.decode(text)
        except msgspec.ValidationError:
            pass  # its brackets match
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        return b"[" + pieces.take(end)[:-1] + b"]"
    return b"[" + pieces.take(ends[-1])[:-1] + b"]"


def _whole(pieces: Pieces) -> bytes:
    """A file that is one object, or one object per line."""
    pieces.fill(MAX_WHOLE)
    if not pieces.exhausted:
        raise NotAnExport(f"{pieces.name} is one page of more than {MAX_WHOLE:,} bytes")
    text = pieces.take(len(pieces.buffer)).strip()
    if not text:
        raise NotAnExport(f"{pieces.name} is empty")
    if text.startswith(b"["):
        return text
    return b"[" + re.sub(rb"\}\s*\n\s*\{", rb"},{", text) + b"]"


def _found(
    text: bytes, before: Sequence[Item] = (), *, may_be_cut_off: bool = False
) -> _Found | None:
    """The tracks in a JSON list of pages or tracks; None where nothing of it is JSON.

    Args:
        text: the list.
        before: the tracks of the page before.
        may_be_cut_off: whether the file may end within it.
    """
    found = _Found(page=[*before])
    try:
        found.add(_DECODE.decode(text))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _salvaged(text, may_be_cut_off=may_be_cut_off)
    return found


def _salvaged(text: bytes, *, may_be_cut_off: bool) -> _Found | None:
    """Every track that can be read, one by one, and the stretches between them that cannot."""
    found, at, odd = _Found(), 0, False
    for match in _TRACK.finditer(text):
        item, is_odd = _lenient(match.group())
        if item is None:
            continue  # part of something that is damaged, or nothing that matters
        if not _is_harmless(text[at : match.start()]):
            found.damage("is damaged: what is here cannot be read")
        found.add([item])
        odd, at = odd or is_odd, match.end()
    is_cut_off = may_be_cut_off and not found.problems and not odd
    if is_cut_off or not _is_harmless(text[at:]):
        if not found.tracks:
            return None
        found.damage("is damaged: the file is cut off here")
    totals = [int(total) for total in _TOTAL.findall(text)]
    found.stated = max(totals, default=None)
    return found


def _is_harmless(text: bytes) -> bool:
    return _OF_A_TRACK.search(text) is None and _BETWEEN.fullmatch(text) is not None


def _lenient(text: bytes) -> tuple[Item | None, bool]:
    """A track, with fields that are of no use as null, and whether it is odd; None for others."""
    try:
        [item] = _DECODE.decode(b"[" + text + b"]")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    else:
        return (item, False) if isinstance(item, Item) and _tells(item) else (None, False)
    try:
        values = json.loads(text.decode(errors="replace"), strict=False)
    except (ValueError, RecursionError):
        return None, True
    item = Item()
    for key, value in values.items():
        if key in _TYPES and key not in _HOLDERS:
            try:
                usable = msgspec.convert(_storable(value), _TYPES[key], strict=False)
            except msgspec.ValidationError:
                continue
            setattr(item, _NAMES[key], usable)
    if isinstance(values.get("track"), str):
        item.track = storable(values["track"])
    return (item, True) if _tells(item) else (None, True)


def _is_page(items: Sequence[Item | list[Item]]) -> TypeGuard[Sequence[Item]]:
    """Whether a list within the list has tracks, and not pages."""
    return all(isinstance(one, Item) and _tells(one) for one in items)


def _tells(item: Item) -> bool:
    """Whether an object is a track and not a part of one."""
    return item.artist is not None or item.date is not None


def _storable(value: Any) -> Any:
    """Texts as they can be stored; numbers, which are titles too, as texts."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _name(value: Named | str | None) -> str | None:
    if isinstance(value, Named):
        return value.text or value.name or value.title
    return value


def _scrobbles(found: _Found) -> Scrobbles:
    tracks: Sequence[Item] = found.tracks
    seconds: list[str | None] = []
    milliseconds: list[str | None] = []
    written: list[str | None] = []
    for one in tracks:
        date, exact, number, text = one.date, one.uts, None, None
        if isinstance(date, Date):
            exact, text = date.uts if exact is None else exact, date.text
        elif isinstance(date, int) or (date and _MILLISECONDS.fullmatch(date)):
            number = str(date)
        else:
            text = date
        seconds.append(None if exact is None else str(exact))
        milliseconds.append(number)
        written.append(text)
    names = [one.name if one.name is not None else _title(one) for one in tracks]
    return Scrobbles(
        track=column(names),
        artist=column([_name(one.artist) for one in tracks]),
        album=column([_name(one.album) for one in tracks]),
        mbid=column([one.mbid for one in tracks]),
        seconds=column(seconds),
        milliseconds=column(milliseconds),
        written=column(written),
        playing=pa.array([_is_playing(one) for one in tracks], pa.bool_()),
        left_out=found.left_out,
        problems=found.problems,
    )


def _title(one: Item) -> str | None:
    return one.track if isinstance(one.track, str) else None


def _is_playing(one: Item) -> bool:
    if one.date is not None or one.uts is not None or one.attributes is None:
        return False
    return one.attributes.nowplaying in {True, "true", "1"}
