"""Text of an export's files in UTF-8, however a program has saved them since Spotify sent them.

Add here another encoding in which programs save text. What the text means is `parser.py`.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WINDOWS = "Windows-1252"

REPLACEMENT = "\ufffd"
"""Stands for a character that is lost."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Byte order marks: what a file begins with, and its encoding."""

_LONGEST_MARK = 4

_WITHOUT_MARK = (
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[^\0]"), "utf-16-be"),
)
"""JSON begins with an ASCII character: zeros beside it show how wide a character is."""

_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half of a surrogate pair, written as if it were a character."""

_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4,}")
_MULTIBYTE = re.compile("[^\x00-\x7f\ufffd]")


class Legible(NamedTuple):
    """Text in UTF-8, and how it was read where it was not written so.

    Attributes:
        text: valid UTF-8.
        encoding: the encoding that it was taken for; "" where it was UTF-8.
        lost: number of characters that nothing could be made of.
    """

    text: bytes
    encoding: str = ""
    lost: int = 0


def as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file that may be in UTF-16 or UTF-32, in UTF-8 and without a mark.

    Other encodings are passed on as they are: see `legible`.

    Args:
        chunks: its bytes, split anywhere.
    """
    held, decoder, known = b"", None, False
    for chunk in chunks:
        held += chunk
        if not known and len(held) < _LONGEST_MARK:
            continue
        if not known:
            held, decoder, known = *_decoder_of(held), True
        yield _decode(decoder, held) if decoder else held
        held = b""
    if not known:
        held, decoder = _decoder_of(held)
    yield _decode(decoder, held, final=True) if decoder else held


def _decoder_of(begin: bytes) -> tuple[bytes, codecs.IncrementalDecoder | None]:
    """The bytes after the mark, and what decodes them; None for UTF-8."""
    mark = next((mark for mark in _MARKS if begin.startswith(mark)), b"")
    unmarked = next((name for zeros, name in _WITHOUT_MARK if zeros.match(begin)), "utf-8")
    name = _MARKS.get(mark, unmarked)
    decoder = None if name == "utf-8" else codecs.getincrementaldecoder(name)("playledger-half")
    return begin[len(mark) :], decoder


def _decode(decoder: codecs.IncrementalDecoder, text: bytes, *, final: bool = False) -> bytes:
    return decoder.decode(text, final).encode(errors="surrogatepass")


def _half(problem: UnicodeError) -> tuple[str | bytes, int]:
    """Half of a surrogate pair as it is, for `legible` to count; anything else as lost."""
    try:
        return codecs.lookup_error("surrogatepass")(problem)
    except UnicodeDecodeError as hopeless:
        return REPLACEMENT, hopeless.end


codecs.register_error("playledger-half", _half)


def legible(text: bytes, before: str = "") -> Legible:
    """Text as UTF-8, where it may also be Windows-1252 (which includes Latin-1) or damaged.

    It is Windows-1252 if most of what is not ASCII in it is not UTF-8, as long as it looks like
    a language in Latin letters: there, non-ASCII letters hardly ever stand four in a row.

    Args:
        text: whole characters.
        before: the encoding that the text before it was taken for.
    """
    try:
        text.decode()
    except UnicodeDecodeError:
        pass
    else:
        return Legible(text)
    text, halves = _HALF.subn(REPLACEMENT.encode(), text)
    decoded = text.decode(errors="replace")
    lost = decoded.count(REPLACEMENT) - text.count(REPLACEMENT.encode())
    high, in_runs = len(_HIGH.findall(text)), sum(map(len, _HIGH_RUN.findall(text)))
    if lost > len(_MULTIBYTE.findall(decoded)) and (before or 2 * in_runs <= high):
        decoded = text.decode("cp1252", errors="replace")
        return Legible(decoded.encode(), WINDOWS, halves + decoded.count(REPLACEMENT))
    return Legible(decoded.encode(), "", halves + lost)


def without_zeros(text: bytes) -> bytes:
    """ASCII in a text of any encoding, to look for words in it; not to be read."""
    return text.replace(b"\0", b"") if b"\0" in text else text
