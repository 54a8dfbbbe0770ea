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
from pipelines.listening.privacy_export.encodings import REPLACEMENT, as_utf8, legible
from pipelines.listening.privacy_export.formats import (
    KNOWN_KEYS,
    MAX_ROW_BYTES,
    SCHEMA,
    TOO_LONG,
    TOO_OLD,
    ExportFormat,
    Row,
    detect_format,
    fields_of,
    is_too_old,
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

MAX_LISTED = 100_000
"""Refused rows that are stored with their reasons: a file of nothing else would fill the memory."""

LEFT_OUT = ": left out, not lost"
"""How the reason ends of a row that is no play of its own, and is not counted as refused."""

MAX_TEXT = 2_000
"""The most characters of a refused row that are stored."""

MAX_CUTS = 8
"""How many possible row ends are tried, from the last one back: a title may look like one."""

UNDECODABLE = (ValueError, RecursionError)
BLANKS = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
BETWEEN = BLANKS + b",[]" + BOM
"""What may stand between rows: of one list, of lists in a list, or of one list after the other."""

LIST, LINES, WRAPPED = range(3)
"""What rows are in: a list; nothing, one after the other; or an object or a list that has lists.

Spotify sends a list; the others are what programs make of it.
"""

# JSON's grammar for one object of scalars; possessive, so that no text makes it slow. NaN is no
# JSON, but some programs write it for null.
_STRING = rb'"(?:[^"\\\x00-\x1f]|\\.)*+"'
_NAN = rb"(?:NaN|-?Infinity)"
_SCALAR = rb"(?:" + _STRING + rb"|-?[0-9][0-9.eE+-]*+|true|false|null|" + _NAN + rb")"
_PAIR = rb"\s*+" + _STRING + rb"\s*+:\s*+" + _SCALAR + rb"\s*+"
_FLAT = re.compile(rb"\{(?:" + _PAIR + rb"(?:," + _PAIR + rb")*+|\s*+)\}")
_KEY_VALUE = re.compile(
    rb"(?<=[{,\s])(" + _STRING + rb")\s*+:\s*+(" + _SCALAR + rb")(?=\s*+(?:[,}]|$))"
)
_STRING_OR_NAN = re.compile(rb"(?P<string>" + _STRING + rb")|" + _NAN)
_LOST = re.compile(  # half of a surrogate pair, which msgspec refuses, or NUL
    rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<lost>\\u(?:[dD][89a-fA-F]..|0000))"
)
_NUL = rb"\u0000"
_ROW_END = re.compile(rb"\}(\s*+),")
_LINE_END = re.compile(rb"\}[ \t\r]*+\n\s*+\{")  # not in a string: there, line breaks are escaped
_NEXT_LIST = re.compile(rb"[\s,\]\xef\xbb\xbf]*+\[")
_WRAPPING = re.compile(rb"[\s,\[\]{}]*+(?:" + _STRING + rb"\s*+:[\s\[{]*+)?")

_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


class NotAnExport(ValueError):
    """A file that cannot be read as history; the message is one line with its name and why."""


class DamagedFile(Exception):
    """Raised by a source of chunks after the readable ones; the message is one line."""


@dataclass(frozen=True)
class Part:
    """The result of parsing some consecutive rows of one file.

    Attributes:
        rows: columns of HISTORY without `ordinal` and `imported_at`, in the file's order.
        refused: `refused_history` rows: those not in `rows`, and those in `rows` with a dropped
            field.
        lost: how many rows are not in `rows`; if there are very many, not all are in `refused`.
        damaged: whether some of these are stretches with an unknown number of rows.
        encoding: what the text was taken for, where it is not written in Unicode; else "".
        lost_characters: how many characters of the text are none in that encoding.
        stated: how many rows the file says that it has, in one part of its parts; None where it
            does not say.
        note: what a person should know of the file that is no problem of it; "" for nothing.
    """

    rows: pa.Table
    refused: pa.Table
    lost: int
    damaged: bool = False
    encoding: str = ""
    lost_characters: int = 0
    stated: int | None = None
    note: str = ""


def read_file(
    name: str,
    chunks: Iterable[bytes],
    *,
    latest: datetime,
    piece: int = PIECE,
    listed: int = MAX_LISTED,
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
        listed: the most refused rows to return; others are only counted.

    Raises:
        NotAnExport: if the file is empty, no JSON, or without a row of a history that has lengths.
    """
    source = _Source(as_utf8(chunks), piece)
    _open(source, name)
    file = _File(name, latest + FUTURE_TOLERANCE, listed)
    format_: ExportFormat | None = None
    seen = _Seen()
    held: list[Part] = []
    first, lost = 1, 0
    while not source.done:
        source.fill()
        format_ = format_ or _detect_format(source, name, seen)
        rows = _decode_all(source, format_) if format_ else None
        if format_ and rows is None and source.make_legible():
            rows = _decode_all(source, format_)
        if format_ and rows is not None:
            count, part = len(rows), file.part(rows, range(first, first + len(rows)), format_)
        else:
            items = _split_rows(source)
            count = len(items)
            part, format_ = file.repaired_part(items, first, format_)
        first += count
        lost += part.lost
        if count:
            held.append(source.described(part))
        if format_:
            yield from held
            held.clear()
    if not format_ and (held or source.damage):
        raise NotAnExport(seen.problem(name, source))
    if remark := source.damage or ("more rows are refused than are listed" if file.full else ""):
        yield file.remark(remark, damaged=bool(source.damage))


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
        layout: what its rows are in.
        encoding: what `make_legible` took the text for.
        lost_characters: how many of its characters are none, since the last part.
        done: whether nothing is left to parse.
    """

    chunks: Iterator[bytes]
    piece: int
    buffer: bytes = b""
    exhausted: bool = False
    damage: str = ""
    layout: int = LIST
    encoding: str = ""
    lost_characters: int = 0

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
        if self.layout == LINES:
            self.buffer = _LINE_END.sub(b"},{", self.buffer)

    def make_legible(self) -> bool:
        """Write the rows in the buffer in UTF-8, and report whether they were not."""
        end = self.buffer.rfind(b"}") + 1
        read = legible(self.buffer[:end], before=self.encoding)
        self.encoding = self.encoding or read.encoding
        self.lost_characters += read.lost
        if not read.encoding and not read.lost:
            return False
        self.buffer = read.text + self.buffer[end:]
        return True

    def described(self, part: Part) -> Part:
        """The part, with how its text was read."""
        lost, self.lost_characters = self.lost_characters, 0
        return replace(part, encoding=self.encoding, lost_characters=lost)


def _open(source: _Source, name: str) -> None:
    """Skip to the first row, and find out what the rows are in."""
    text = b""
    while not text and not source.exhausted:
        source.fill()
        text = source.buffer = source.buffer.removeprefix(BOM).lstrip(BLANKS)
    if not text:
        raise NotAnExport(source.damage or f"{name} is empty")
    if text.startswith(b"["):
        source.buffer = text[1:]
        if source.done:
            raise NotAnExport(_Seen().problem(name, source))
        if text[1:].lstrip(BLANKS).startswith(b"["):
            source.layout = WRAPPED
    elif text.startswith(b"{"):
        while not (first := _FLAT.match(source.buffer)) and not source.exhausted:
            if len(source.buffer) > MAX_ROW_BYTES:
                break
            source.fill()
        source.layout = LINES if first else WRAPPED
    else:
        what = "is JSON, but no list of plays" if _is_json(source) else "is no JSON"
        raise NotAnExport(f"{name} {what}")


def _is_json(source: _Source) -> bool:
    if not source.exhausted:
        return False
    try:
        msgspec.json.decode(source.buffer, type=msgspec.Raw)
    except UNDECODABLE:
        return False
    return True


@dataclass
class _Seen:
    """What a file without a row of history has instead.

    Attributes:
        rows: whether it has JSON objects, or other values in a list.
        too_old: whether they are of the format that has no lengths.
    """

    rows: bool = False
    too_old: bool = False

    def problem(self, name: str, source: _Source) -> str:
        """Why the file cannot be read."""
        if self.too_old:
            return f"{name} {TOO_OLD}"
        if source.layout != LIST:
            return f"{name} is JSON, but no list of plays" if self.rows else f"{name} is no JSON"
        cut_off = "is no JSON, or cut off before its first row ends"
        what = "no row in it is one of a listening history" if self.rows else cut_off
        return f"{name}: {what}{source.damage and '; ' + source.damage}"


def _detect_format(source: _Source, name: str, seen: _Seen) -> ExportFormat | None:
    """The format of the first row in the buffer that has one. Consumes no row."""
    # Nearly always the first row has one, and the others need not be split for that.
    first = _FLAT.match(source.buffer.lstrip(BLANKS)) if source.layout == LIST else None
    row = msgspec.Raw(first.group()) if first else msgspec.Raw()
    if first and not too_long(row) and (format_ := detect_format(_keys(row), name)):
        return format_
    items = _split_rows(replace(source))
    for row in (item for item in items if isinstance(item, msgspec.Raw)):
        seen.rows = True
        if keys := _keys(row):
            if format_ := detect_format(keys, name):
                return format_
            seen.too_old = seen.too_old or is_too_old(keys)
    return None


def _keys(row: msgspec.Raw) -> Collection[str]:
    if not _is_object(row):
        return ()
    try:
        return msgspec.json.decode(row, type=dict[str, msgspec.Raw]).keys()
    except ValueError:
        return _pairs(bytes(row)).keys()


def _is_object(row: msgspec.Raw) -> bool:
    return bytes(memoryview(row)[:1]) == b"{"


def _decode_all(source: _Source, format_: ExportFormat) -> list[Row] | None:
    """Decode the rows that end in the buffer; None if any of them is invalid."""
    for cut, rest in islice(_row_ends(source), 1):
        may_be_too_long = cut > 2 * max(source.piece, MAX_ROW_BYTES)
        # One byte is found ten times as fast as several, and most rows have no escapes.
        if may_be_too_long or (b"\\" in source.buffer and _NUL in source.buffer):
            return None
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
    if source.layout == WRAPPED:
        return
    if source.exhausted:
        body = text.rstrip(BLANKS)
        if source.layout == LIST and body.endswith(b"]"):
            yield len(body) - 1, len(text)
        if source.layout == LINES and (body := body.rstrip(BLANKS + b",")).endswith(b"}"):
            yield len(body), len(text)
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
        items += _damage_in(text[at : match.start()], source.layout)
        items.append(msgspec.Raw(match.group()))
        at = match.end()
    rest = text[at:].lstrip(BLANKS + b",")
    if not source.exhausted and len(rest) < MAX_UNREADABLE:
        source.buffer = _NEXT_LIST.sub(b"", rest, count=1) if rest.startswith(b"]") else rest
        return items
    source.buffer = b""
    rest = rest.rstrip(BLANKS)
    closed = {LIST: rest.endswith(b"]"), LINES: not rest, WRAPPED: rest.endswith((b"}", b"]"))}
    if not source.exhausted or closed[source.layout]:
        return items + _damage_in(rest, source.layout)
    reason = "the file is cut off here" + (source.damage and f": {source.damage}")
    source.damage = ""
    return [*items, _Damage(rest, reason)]


def _damage_in(text: bytes, layout: int) -> list[_Item]:
    harmless = not text.strip(BETWEEN) or (layout == WRAPPED and _WRAPPING.fullmatch(text))
    return [] if harmless else [_Damage(text)]


@dataclass
class _File:
    """A file's name and latest valid time, and the parsing of its rows.

    Attributes:
        name: the file's name.
        latest: the latest time at which a play may end.
        listed: how many more refused rows may be listed.
        full: whether one was not.
    """

    name: str
    latest: datetime
    listed: int
    full: bool = False

    def part(
        self,
        rows: Sequence[Row],
        numbers: Sequence[int],
        format_: ExportFormat,
    ) -> Part:
        """The part of decoded rows; those that cannot be a play are refused."""
        refused: dict[int, _Refusal] = {}
        table = self._table(rows, numbers, format_, refused)
        return Part(table, self._refused(refused), len(refused))

    def repaired_part(
        self, items: Sequence[_Item], first: int, format_: ExportFormat | None
    ) -> tuple[Part, ExportFormat | None]:
        """The part of raw items, one by one: invalid rows are refused, invalid fields dropped.

        Args:
            items: what the file has, in order.
            first: number of the first one.
            format_: the format of the row before; None if there was none with a format.

        Returns:
            The part, and the format of its last row.
        """
        rows: dict[ExportFormat, dict[int, Row]] = {}
        refused: dict[int, _Refusal] = {}
        unlisted = 0
        for number, item in enumerate(items, first):
            if len(refused) > self.listed and not (
                isinstance(item, msgspec.Raw) and format_ and _is_object(item)
            ):
                unlisted += 1
                continue
            try:
                row, format_, remark = self._repaired(item, format_)
            except ValueError as problem:
                refused[number] = _Refusal(str(problem), self._text_of(item))
            else:
                rows.setdefault(format_, {})[number] = row
                if remark:
                    refused[number] = _Refusal(remark, self._text_of(item))
        tables = [
            self._table(list(some.values()), list(some), its_format, refused)
            for its_format, some in rows.items()
        ]
        table = pa.concat_tables([SCHEMA.empty_table(), *tables])
        table = table.sort_by("row") if len(tables) > 1 else table
        damaged = any(isinstance(item, _Damage) for item in items)
        lost = len(items) - len(table)
        self.full = self.full or unlisted > 0
        return Part(table, self._refused(refused), lost, damaged=damaged), format_

    def remark(self, reason: str, *, damaged: bool) -> Part:
        """What there is to say of the file as a whole; damage counts as a row."""
        self.listed = max(1, self.listed)
        refused = self._refused({0: _Refusal(reason, "{}")})
        return Part(SCHEMA.empty_table(), refused, int(damaged), damaged=damaged)

    def _repaired(self, item: _Item, format_: ExportFormat | None) -> tuple[Row, ExportFormat, str]:
        """A row of whatever format, and what it was kept without.

        Raises:
            ValueError: with the reason for which it is refused.
        """
        if isinstance(item, _Damage):
            raise ValueError(item.reason)  # noqa: TRY004 of the file, not of the program
        raw, lost = _without_lost_characters(item)
        if format_:
            with suppress(msgspec.DecodeError):
                row, dropped = decode(raw, format_.row)
                return row, format_, "; ".join(filter(None, (describe(dropped), lost)))
        keys = _keys(raw)
        its_format = detect_format(keys, self.name) or format_
        if is_too_old(keys):
            raise ValueError(TOO_OLD)
        if not its_format:
            raise ValueError("is no play" if keys else "is no JSON object")
        row, dropped = decode(raw, its_format.row)
        return row, its_format, "; ".join(filter(None, (describe(dropped), lost)))

    def _table(
        self,
        rows: Sequence[Row],
        numbers: Sequence[int],
        format_: ExportFormat,
        refused: dict[int, _Refusal],
    ) -> pa.Table:
        """Rows as a table, without those that are added to `refused`."""
        fields = fields_of(rows, format_)
        times, problems = times_of(fields, format_, self.latest)
        if not problems:
            return table_of(fields, times, numbers, format_, self.name)
        for at, problem in problems.items():
            values = {} if len(refused) > self.listed else msgspec.structs.asdict(rows[at])
            refused[numbers[at]] = _Refusal(problem, refused_text(values))
        good = [at for at in range(len(rows)) if at not in problems]
        return self._table(
            [rows[at] for at in good], [numbers[at] for at in good], format_, refused
        )

    def _text_of(self, item: _Item) -> str:
        return refused_text(_pairs(item.text) if isinstance(item, _Damage) else _scalars(item))

    def _refused(self, refused: Mapping[int, _Refusal]) -> pa.Table:
        listed = sorted(refused.items())[: self.listed]
        self.listed -= len(listed)
        self.full = self.full or len(listed) < len(refused)
        return REFUSED_HISTORY.from_rows(
            [
                {"file": self.name, "row": number, "reason": why.reason, "text": why.text}
                for number, why in listed
            ]
        )


def describe(dropped: Mapping[str, str]) -> str:
    """What was dropped of a row; "" for nothing."""
    return describe_dropped(dropped) if dropped else ""


def _without_lost_characters(row: msgspec.Raw) -> tuple[msgspec.Raw, str]:
    """A row with U+FFFD for characters that are none and null for NaN, and what to say of it."""
    text, told = bytes(row), ""
    if b"\\u" in text:
        legible_text = _LOST.sub(_replace_lost, text)
        told = "kept with � for what is no character" if legible_text != text else ""
        text = legible_text
    if b"NaN" in text or b"Infinity" in text:
        text = _STRING_OR_NAN.sub(lambda match: match["string"] or b"null", text)
    return msgspec.Raw(text), told


def _replace_lost(match: re.Match[bytes]) -> bytes:
    return REPLACEMENT.encode() if match["lost"] else match.group()


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


def refused_text(values: Mapping[str, object]) -> str:
    """What is kept of a refused row, as a JSON object of at most `MAX_TEXT` characters.

    Args:
        values: its fields; nulls are left out.
    """
    kept, room = dict[str, object](), MAX_TEXT
    for key, value in values.items():
        size = len(msgspec.json.encode({key: value}).decode())
        if value is not None and size <= room:
            kept[key] = value
            room -= size
    return msgspec.json.encode(kept).decode()
