"""Parses the files of Spotify's privacy exports: bytes in, Arrow tables out.

Splitting a file of any size into rows lives here, and the handling of damaged rows. What the keys
of a row mean is `formats.py`; where the bytes come from is `pipelines/ingest/archive.py`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import decode, describe_dropped
from pipelines.listening.privacy_export.formats import (
    KNOWN_KEYS,
    MAX_LOST_ROWS,
    TOO_LONG,
    ExportFormat,
    Row,
    detect_format,
    fields_of,
    table_of,
    times_of,
    too_long,
)
from pipelines.listening.schema.tables import REFUSED_HISTORY

PIECE = 2 * 2**20
"""Bytes that are decoded at once: enough for Arrow to be efficient. Measured."""

MAX_UNREADABLE = 64 * 2**20
"""Bytes without one readable row after which a stretch is given up."""

FUTURE_TOLERANCE = timedelta(days=2)
"""How far in the future a play may end, since clocks and time zones differ."""

MAX_TEXT = 2_000
"""The most characters of a refused row that are stored."""

MAX_CUTS = 8
"""How many possible row ends are tried, from the last one back: a title may look like one."""

UNDECODABLE = (ValueError, RecursionError)
BLANKS = b" \t\r\n"
BOM = b"\xef\xbb\xbf"

# JSON's grammar for one object of scalars; possessive, so that no text makes it slow.
_STRING = rb'"(?:[^"\\\x00-\x1f]|\\.)*+"'
_SCALAR = rb"(?:" + _STRING + rb"|-?[0-9][0-9.eE+-]*+|true|false|null)"
_PAIR = rb"\s*+" + _STRING + rb"\s*+:\s*+" + _SCALAR + rb"\s*+"
_FLAT = re.compile(rb"\{(?:" + _PAIR + rb"(?:," + _PAIR + rb")*+|\s*+)\}")
_KEY_VALUE = re.compile(
    rb"(?<=[{,\s])(" + _STRING + rb")\s*+:\s*+(" + _SCALAR + rb")(?=\s*+(?:[,}]|$))"
)
_HALVES = re.compile(  # of surrogate pairs: msgspec refuses a single one
    rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)"
)
_ROW_END = re.compile(rb"\}(\s*+),")

_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


class NotAnExport(ValueError):
    """A file without listening history; the message is one line with its name and the problem."""


class DamagedFile(Exception):
    """Raised by a source of chunks after the readable ones; the message is one line."""


@dataclass(frozen=True)
class Part:
    """The result of parsing some consecutive rows of one file.

    Attributes:
        rows: columns of HISTORY without `ordinal` and `imported_at`, in the file's order.
        refused: `refused_history` rows: those not in `rows`, and those in `rows` with a dropped
            field.
        lost: how many of `refused` are not in `rows`.
        damaged: whether some of these are stretches with an unknown number of rows.
    """

    rows: pa.Table
    refused: pa.Table
    lost: int
    damaged: bool = False


def read_file(
    name: str, chunks: Iterable[bytes], *, latest: datetime, piece: int = PIECE
) -> Iterator[Part]:
    """Parse one file of an export.

    Whether it is extended history or account data is detected from its rows, not from its name.
    Every row is in `rows`, in `refused`, or (if only a descriptive field is invalid) in both.
    Memory is bounded by `piece`, or by 64 MiB if that much of the file is damaged.

    Args:
        name: name of the file, for the column `file`; in a file called music, plays are tracks.
        chunks: its bytes, split anywhere. May end with `DamagedFile`: the chunks before are read.
        latest: the present; a play that ended more than 2 days later is refused.
        piece: bytes to decode at once.

    Raises:
        NotAnExport: if the file is empty, not a JSON list, or without a row of history.
    """
    source = _Source(iter(chunks), piece)
    _open(source, name)
    format_ = _detect_format(source, name)
    if format_ is None:
        return
    file, first, lost = _File(name, format_, latest + FUTURE_TOLERANCE), 1, 0
    while not source.done and lost <= MAX_LOST_ROWS:
        source.fill()
        if (rows := _decode_all(source, format_)) is not None:
            count, part = len(rows), file.part(rows, range(first, first + len(rows)))
        else:
            items = _split_rows(source)
            count, part = len(items), file.repaired_part(items, first)
        first += count
        lost += part.lost
        if count:
            yield part
    if lost > MAX_LOST_ROWS:
        source.damage = f"more than {MAX_LOST_ROWS:,} rows are none: the rest is left aside"
    if source.damage:
        yield replace(file.part([], [], {0: _Refusal(source.damage, "{}")}), damaged=True)


@dataclass(frozen=True)
class _Damage:
    """A stretch of a file without a readable row."""

    text: bytes
    reason: str = "is no JSON object"


_Item = msgspec.Raw | _Damage


class _Refusal(NamedTuple):
    reason: str
    text: str


@dataclass
class _Source:
    """The bytes of a file that are not parsed yet.

    Attributes:
        chunks: the bytes after the buffer.
        piece: bytes to buffer.
        buffer: starts at the start of a row.
        exhausted: whether nothing follows the buffer.
        damage: why the file ended too early, if that is known and not reported yet.
        done: whether nothing is left to parse.
    """

    chunks: Iterator[bytes]
    piece: int
    buffer: bytes = b""
    exhausted: bool = False
    damage: str = ""

    @property
    def done(self) -> bool:
        return self.exhausted and not self.buffer

    def fill(self) -> None:
        """Fill the buffer; double it if it holds no complete row."""
        held, size = [self.buffer], len(self.buffer)
        wanted = max(self.piece, 2 * size)
        while size < wanted and not self.exhausted:
            try:
                held.append(next(self.chunks))
                size += len(held[-1])
            except (StopIteration, DamagedFile) as end:
                self.exhausted, self.damage = True, str(end)
        self.buffer = b"".join(held)


def _open(source: _Source, name: str) -> None:
    """Skip to after the bracket that opens the list."""
    text = b""
    while not text and not source.exhausted:
        source.fill()
        text = source.buffer = source.buffer.removeprefix(BOM).lstrip(BLANKS)
    if not text:
        raise NotAnExport(source.damage or f"{name} is empty")
    if not text.startswith(b"["):
        what = "is JSON, but no list of plays" if _starts_json(source) else "is no JSON"
        raise NotAnExport(f"{name} {what}")
    source.buffer = text[1:]


def _starts_json(source: _Source) -> bool:
    if not source.exhausted:
        return source.buffer.startswith(b"{")
    try:
        msgspec.json.decode(source.buffer, type=msgspec.Raw)
    except UNDECODABLE:
        return False
    return True


def _detect_format(source: _Source, name: str) -> ExportFormat | None:
    """The format of the first row that has one; None for an empty list. Consumes no row."""
    ahead = replace(source)
    items = _split_rows(ahead)
    while not items and not ahead.done:
        source.fill()
        ahead = replace(source)
        items = _split_rows(ahead)
    rows = [item for item in items if isinstance(item, msgspec.Raw)]
    format_ = next(filter(None, (detect_format(_keys(row), name) for row in rows)), None)
    if format_ or not items:
        return format_
    cut_off = "is no JSON, or cut off before its first row ends"
    what = "no row in it is one of a listening history" if rows else cut_off
    raise NotAnExport(f"{name}: {what}{source.damage and '; ' + source.damage}")


def _keys(row: msgspec.Raw) -> Collection[str]:
    try:
        return msgspec.json.decode(row, type=dict[str, msgspec.Raw]).keys()
    except ValueError:
        return ()


def _decode_all(source: _Source, format_: ExportFormat) -> list[Row] | None:
    """Decode the rows that end in the buffer; None if any of them is invalid."""
    for cut, rest in islice(_row_ends(source), 1):
        try:
            rows = format_.decoder.decode(_as_list(source.buffer, cut))
        except UNDECODABLE:
            return None
        source.buffer = source.buffer[rest:]
        return rows
    return None


def _split_rows(source: _Source) -> list[_Item]:
    """Split the buffer into raw rows, valid or not, and damaged stretches between them."""
    for cut, rest in _row_ends(source):
        try:
            rows = _RAW_ROWS.decode(_as_list(source.buffer, cut))
        except UNDECODABLE:  # not the end of a row, or damaged before it
            continue
        source.buffer = source.buffer[rest:]
        return [_Damage(bytes(row), TOO_LONG) if too_long(row) else row for row in rows]
    return _salvage(source)


def _as_list(text: bytes, cut: int) -> bytes:
    return b"".join((b"[", memoryview(text)[:cut], b"]"))  # one copy instead of three


def _row_ends(source: _Source) -> Iterator[tuple[int, int]]:
    """Possible ends of rows, each with the start of the next row, from the last one back.

    Only decoding shows whether it is an end: it may be inside a string.
    """
    text = source.buffer
    if source.exhausted:
        body = text.rstrip(BLANKS)
        if body.endswith(b"]"):
            yield len(body) - 1, len(text)
        return
    end, tried = len(text), 0
    while tried < MAX_CUTS and (end := text.rfind(b"}", 0, end)) >= 0:
        if match := _ROW_END.match(text, end):
            tried += 1
            yield end + 1, match.end()


def _salvage(source: _Source) -> list[_Item]:
    """Every flat JSON object in the buffer, and the stretches between them."""
    text, at = source.buffer, 0
    items: list[_Item] = []
    for match in _FLAT.finditer(text):
        items += _damage_in(text[at : match.start()])
        items.append(msgspec.Raw(_HALVES.sub(_replace_half, match.group())))
        at = match.end()
    rest = text[at:].lstrip(BLANKS + b",")
    if not source.exhausted and len(rest) < MAX_UNREADABLE:
        source.buffer = rest
        return items
    source.buffer = b""
    rest = rest.rstrip(BLANKS)
    if not source.exhausted or rest.endswith(b"]"):
        return items + _damage_in(rest.removesuffix(b"]"))
    reason = "the file is cut off here" + (source.damage and f": {source.damage}")
    source.damage = ""
    return [*items, _Damage(rest, reason)]


def _replace_half(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["half"] else match.group()


def _damage_in(text: bytes) -> list[_Item]:
    return [_Damage(text)] if text.strip(BLANKS + b",") else []


@dataclass(frozen=True)
class _File:
    """A file's name, format and latest valid time, and the parsing of its rows."""

    name: str
    format: ExportFormat
    latest: datetime

    def part(
        self,
        rows: Sequence[Row],
        numbers: Sequence[int],
        refused: Mapping[int, _Refusal] | None = None,
    ) -> Part:
        """The part of decoded rows; those with an invalid time are refused."""
        fields = fields_of(rows, self.format)
        times, problems = times_of(fields[self.format.time], self.latest)
        if problems:
            refusals = {
                numbers[at]: self._time_refusal(rows[at], what) for at, what in problems.items()
            }
            good = [at for at in range(len(rows)) if at not in problems]
            return self.part(
                [rows[at] for at in good],
                [numbers[at] for at in good],
                {**(refused or {}), **refusals},
            )
        table = table_of(fields, times, numbers, self.format, self.name)
        refused = refused or {}
        return Part(table, self._refused(refused), len(refused.keys() - set(numbers)))

    def repaired_part(self, items: Sequence[_Item], first: int) -> Part:
        """The part of raw items, one by one: invalid rows are refused, invalid fields dropped."""
        rows: dict[int, Row] = {}
        refused: dict[int, _Refusal] = {}
        for number, item in enumerate(items, first):
            if isinstance(item, _Damage):
                refused[number] = _Refusal(item.reason, _text(_pairs(item.text)))
                continue
            try:
                rows[number], dropped = decode(item, self.format.row)
            except msgspec.DecodeError as problem:
                refused[number] = _Refusal(str(problem), _text(_scalars(item)))
            else:
                if dropped:
                    refused[number] = _Refusal(describe_dropped(dropped), _text(_scalars(item)))
        damaged = any(isinstance(item, _Damage) for item in items)
        return replace(self.part(list(rows.values()), list(rows), refused), damaged=damaged)

    def _time_refusal(self, row: Row, problem: str) -> _Refusal:
        return _Refusal(f"{self.format.time} {problem}", _text(msgspec.structs.asdict(row)))

    def _refused(self, refused: Mapping[int, _Refusal]) -> pa.Table:
        return REFUSED_HISTORY.from_rows(
            [
                {"file": self.name, "row": number, "reason": why.reason, "text": why.text}
                for number, why in sorted(refused.items())
            ]
        )


def _scalars(raw: msgspec.Raw) -> dict[str, object]:
    """The readable scalar values of a row."""
    try:
        values = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except ValueError:
        return _pairs(bytes(raw))
    return _decoded(values.items())


def _pairs(text: bytes) -> dict[str, object]:
    """The readable key-value pairs of a damaged stretch."""
    pairs = _KEY_VALUE.findall(text[: 8 * MAX_TEXT])
    return _decoded((key[1:-1].decode(errors="replace"), value) for key, value in pairs)


def _decoded(pairs: Iterable[tuple[str, bytes | msgspec.Raw]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in pairs:
        if key in KNOWN_KEYS:
            with suppress(ValueError):
                values[key] = msgspec.json.decode(value, type=str | int | float | bool | None)
    return values


def _text(values: Mapping[str, object]) -> str:
    """Values as a JSON object of at most `MAX_TEXT` characters, without nulls."""
    kept, room = dict[str, object](), MAX_TEXT
    for key, value in values.items():
        size = len(msgspec.json.encode({key: value}).decode())
        if value is not None and size <= room:
            kept[key] = value
            room -= size
    return msgspec.json.encode(kept).decode()
