"""Rows of JSON that other programs write: one per line, in a list, or in a list within an object.

A source names the struct of its rows, and no other key is ever decoded. Add here what many files
have in common, such as another way to be damaged. What a row means is its source's business.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
import numpy as np
import pyarrow as pa

from pipelines.listening.api.json_text import elements, is_string, members, readable
from pipelines.listening.arrays import Ints
from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.sources.pieces import PIECE, Pieces
from pipelines.listening.sources.source import SourceFile

Row = TypeVar("Row", bound=msgspec.Struct)

MAX_ROW_BYTES = 2**20
"""A row that does not end until then is damage."""

MAX_TRIES = 1_000
"""How many objects in a row may be none that is a row, before a damaged stretch is given up."""

LIKELY_ROW_BYTES = 64 * 2**10
"""Within so many bytes nearly every row ends."""

MAX_HEADER_BYTES = 2**20
"""How far into an object the list of its rows may begin."""

DAMAGED = "is damaged: what is here cannot be read"
CUT_OFF = "is damaged: the file is cut off here"
NO_OBJECT = "is no JSON object"

_BLANKS = b" \t\r\n"
_BETWEEN = re.compile(rb"[\s,\xef\xbb\xbf]*+")
_CLOSING = re.compile(
    rb'[\s,}]*+\](?:[\s,}]*+"[^"]*+"\s*+:\s*+(?:"[^"]*+"|[^"\[\]{},]*+))*+[\s,}]*+'
)
"""The end of a list, and what may follow in the object that it stands in."""

_OBJECT = re.compile(rb'\{\s*+"[^"\\]{1,64}"\s*+:')
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NUL = rb"\u0000"

_fields = cache(msgspec.structs.fields)


@dataclass(frozen=True)
class JsonRows(Generic[Row]):
    """Some consecutive rows of a file.

    Attributes:
        rows: in the file's order; an empty one where it is damaged.
        problems: why a row cannot be read, by its index.
        first: number of the first row in the file, counted from 1.
    """

    rows: list[Row]
    problems: Mapping[int, str] = field(default_factory=dict)
    first: int = 1

    def column(self, of: Callable[[Row], Any], type_: pa.DataType | None = None) -> pa.Array:
        """A column of the rows.

        Args:
            of: its value in a row.
            type_: its type; texts if none is given.
        """
        return pa.array(list(map(of, self.rows)), type_ or pa.string())


@dataclass
class _Found(Generic[Row]):
    """Rows while a piece is read, and whether the end of their list was seen among damage."""

    empty: Row
    rows: list[Row] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)
    closed: bool = False

    def damage(self, reason: str) -> None:
        self.problems[len(self.rows)] = reason
        self.rows.append(self.empty)


def read_rows(
    pieces: Pieces, type_: type[Row], mark: str, wrappers: Sequence[str] = ()
) -> Iterator[JsonRows[Row]]:
    """The rows of a file, piece by piece; what cannot be read is counted, stretch by stretch.

    Args:
        pieces: its text.
        type_: of a row; every field has a default.
        mark: a key that every row has.
        wrappers: keys of objects under which the list of rows may stand.

    Raises:
        NotAnExport: where the file is empty or no such JSON.
    """
    text = pieces.begin(MAX_HEADER_BYTES).lstrip(_BLANKS)
    if not text:
        raise NotAnExport(pieces.damage or f"{pieces.name} is empty")
    wrapped = rb'"(?:' + "|".join(wrappers).encode() + rb')"\s*+:\s*+\['
    opening = re.search(wrapped, text) if wrappers and text.startswith(b"{") else None
    row = text.find(f'"{mark}"'.encode())
    if text.startswith(b"["):
        reader = _of_list(pieces, 1, mark)
    elif opening and not -1 < row < opening.start():
        reader = _of_list(pieces, opening.end(), mark)
    elif text.startswith(b"{"):
        reader = _of_lines(pieces)
    else:
        raise NotAnExport(f"{pieces.name} is no JSON")
    pieces.buffer = text
    first = 1
    for raw, end in reader:
        found = _Found(type_())
        _decode(raw, type_, mark, found)
        if end and not pieces.damage and not found.closed:  # which is told once, with its reason
            if found.problems.get(len(found.rows) - 1) == DAMAGED:
                found.problems[len(found.rows) - 1] = end
            else:
                found.damage(end)
        if found.rows:
            yield JsonRows(found.rows, found.problems, first)
            first += len(found.rows)


_Reader = Iterator[tuple[list[bytes], str]]
"""Texts of rows, joined where they are whole, and what is wrong after them."""


def _of_lines(pieces: Pieces) -> _Reader:
    while True:
        pieces.fill()
        while not pieces.exhausted and b"\n" not in pieces.buffer:
            if len(pieces.buffer) > MAX_ROW_BYTES:
                break
            pieces.fill(len(pieces.buffer) + PIECE)
        if not pieces.buffer:
            return
        end = len(pieces.buffer) if pieces.exhausted else pieces.buffer.rfind(b"\n") + 1
        lines = pieces.take(end or len(pieces.buffer)).split(b"\n")
        stripped = (line.strip(_BLANKS).rstrip(b",") for line in lines)
        yield [line for line in stripped if line], ""


def _of_list(pieces: Pieces, begin: int, mark: str) -> _Reader:
    of_row = re.compile(rb'"' + re.escape(mark.encode()) + rb'"\s*+:')
    pieces.take(begin)
    while True:
        pieces.fill()
        ends, closed = _row_ends(pieces.buffer)
        while not len(ends) and closed < 0 and not pieces.exhausted:
            if len(pieces.buffer) > MAX_ROW_BYTES:
                break
            pieces.fill(len(pieces.buffer) + PIECE)
            ends, closed = _row_ends(pieces.buffer)
        after = pieces.buffer[closed + 1 :].lstrip(_BLANKS + b",") if closed >= 0 else b""
        is_next = after.startswith(b"[")
        broken = closed >= 0 and (
            pieces.buffer[closed : closed + 1] != b"]"
            or (not is_next and of_row.search(after) is not None)
        )
        if closed >= 0 and not broken:
            yield _parts(pieces, ends, closed), ""
            if not is_next:
                pieces.buffer, pieces.exhausted = b"", True
                return
            pieces.take(pieces.buffer.index(b"[") + 1)
        elif pieces.exhausted:
            yield _parts(pieces, ends[:0] if broken else ends, len(pieces.buffer)), CUT_OFF
            return
        elif broken or not len(ends):
            # Brackets do not match: what is before the last row that begins is looked at closely.
            rows = [match.start() for match in of_row.finditer(pieces.buffer)]
            last = pieces.buffer.rfind(b"{", 0, rows[-1]) if rows else -1
            yield [pieces.take(last if last > 0 else len(pieces.buffer))], ""
        else:
            # Of a text in UTF-8 or in any alphabet of one byte, a bracket is one byte.
            yield [pieces.take(int(ends[-1]))], ""


def _parts(pieces: Pieces, ends: Ints, size: int) -> list[bytes]:
    """The whole rows of the next bytes together, and what follows them."""
    # Bytes are counted before they are taken: what is no UTF-8 has another length then.
    end = int(ends[-1]) if len(ends) else 0
    parts = [pieces.take(end), pieces.take(size - end)]
    return [part for part in parts if _BETWEEN.fullmatch(part) is None]


def _row_ends(text: bytes) -> tuple[Ints, int]:
    """After which bytes a list's objects end, and where the list does; -1 if not in this text."""
    letters = np.frombuffer(_ESCAPED.sub(b"__", text) if b"\\" in text else text, np.uint8)
    marks = np.flatnonzero(np.isin(letters, np.frombuffer(b'"{}[]', np.uint8)))
    kinds = letters[marks]
    outside = np.cumsum(kinds == ord('"')) % 2 == 0
    opens = (kinds == ord("{")) | (kinds == ord("["))
    closes = (kinds == ord("}")) | (kinds == ord("]"))
    depth = np.cumsum(np.where(outside, opens.astype(np.int64) - closes, 0))
    below = np.flatnonzero(depth < 0)
    until = int(below[0]) if len(below) else len(marks)
    at_end = outside[:until] & closes[:until] & (depth[:until] == 0)
    return marks[:until][at_end] + 1, int(marks[until]) if until < len(marks) else -1


def _decode(parts: Sequence[bytes], type_: type[Row], mark: str, found: _Found[Row]) -> None:
    text = b",".join(part.strip(_BLANKS + b",") for part in parts)
    if _NUL not in text:
        try:
            found.rows += msgspec.json.decode(b"[" + text + b"]", type=list[type_], strict=False)  # type: ignore[valid-type]
        except (ValueError, RecursionError):
            pass
        else:
            return
    for part in parts:
        try:
            # Strictly: what only looks like JSON may run from one lone quote to the next.
            listed = b"[" + part.strip(_BLANKS + b",") + b"]"
            rows = [bytes(row) for row in msgspec.json.decode(listed, type=list[msgspec.Raw])]
        except (ValueError, RecursionError):
            _salvage(part, type_, mark, found)
        else:
            for row in rows:
                _add(row, type_, mark, found)


def _add(row: bytes, type_: type[Row], mark: str, found: _Found[Row]) -> None:
    if not row.startswith(b"{"):
        found.damage(NO_OBJECT)
        return
    try:
        found.rows.append(_object(row, type_))
    except (ValueError, RecursionError, IndexError):
        _salvage(row, type_, mark, found)


def _salvage(text: bytes, type_: type[Row], mark: str, found: _Found[Row]) -> None:
    """Every row that can be read in a text, and the stretches between them that cannot."""
    at, tried = 0, 0
    for match in _OBJECT.finditer(text):
        if match.start() < at:
            continue
        tried += 1
        if tried > MAX_TRIES:
            break
        raw = _whole_object(text, match.start())
        try:
            row = _object(raw, type_) if mark in members(raw) else None
        except (ValueError, RecursionError, IndexError):
            continue
        if row is None:
            continue
        if not _BETWEEN.fullmatch(text[at : match.start()]):
            found.damage(DAMAGED)
        found.rows.append(row)
        at, tried = match.start() + len(raw), 0
    found.closed = _CLOSING.fullmatch(text[at:]) is not None
    if not found.closed and not _BETWEEN.fullmatch(text[at:]):
        found.damage(DAMAGED)


def _whole_object(text: bytes, begin: int) -> bytes:
    """The object that begins there; "" where it does not end, or has damage before its end."""
    decoder = json.JSONDecoder(strict=False)
    for size in (LIKELY_ROW_BYTES, MAX_ROW_BYTES):
        some = text[begin : begin + size].decode(errors="ignore")
        try:
            _, end = decoder.raw_decode(some)
        except json.JSONDecodeError as problem:
            if problem.pos < len(some) - LIKELY_ROW_BYTES // 2 or begin + size >= len(text):
                return b""
        except RecursionError:
            return b""
        else:
            return some[:end].encode()
    return b""


def _object(raw: msgspec.Raw | bytes, type_: type[Row]) -> Row:
    """A row of which some values may be odd: those are null."""
    values = members(raw)
    kept = {
        one.name: _value(values[one.encode_name], one.type)
        for one in _fields(type_)
        if one.encode_name in values
    }
    return type_(**kept)


def _value(raw: msgspec.Raw, type_: Any) -> Any:
    text = bytes(raw)
    if _NUL not in text:
        try:
            return msgspec.json.decode(raw, type=type_, strict=False)
        except (ValueError, RecursionError):
            pass
    try:
        return next(
            (value for one in _plain(type_) if (value := _lenient(raw, one)) is not None), None
        )
    except (ValueError, RecursionError):
        return None


def _lenient(raw: msgspec.Raw, type_: Any) -> Any:
    text = bytes(raw)
    if get_origin(type_) is list:
        [one] = get_args(type_)
        return [_value(item, one) for item in elements(raw)] if text.startswith(b"[") else None
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _object(raw, type_) if text.startswith(b"{") else None
    if type_ is str:
        is_number = text[:1] in b"-0123456789" and not text.startswith(b'"')
        return readable(raw) if is_string(raw) else text.decode() if is_number else None
    if type_ is float and is_string(raw):
        return float(readable(raw).strip())
    return None


def _plain(type_: Any) -> list[Any]:
    if get_origin(type_) in {Union, UnionType}:
        return [one for one in get_args(type_) if one is not NoneType]
    return [type_]


def read_parts(
    file: SourceFile,
    part: Callable[[JsonRows[Row]], Part],
    type_: type[Row],
    mark: str,
    wrappers: Sequence[str] = (),
) -> Iterator[Part]:
    """The parts of a file, each with how its text was read, and whether some of it is damaged.

    Args:
        file: the file.
        part: makes a part of some rows.
        type_: as for `read_rows`.
        mark: likewise.
        wrappers: likewise.

    Raises:
        NotAnExport: where the file is empty or no such JSON.
    """
    pieces = Pieces(file.name, file.chunks())
    any_rows = False
    for rows in read_rows(pieces, type_, mark, wrappers):
        any_rows = True
        damaged = any(why in {DAMAGED, CUT_OFF, NO_OBJECT} for why in rows.problems.values())
        yield pieces.described(replace(part(rows), damaged=damaged))
    yield pieces.end(any_rows=any_rows)
