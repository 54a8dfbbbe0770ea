"""JSON as it was received: what a parser refuses costs the value that it stands in, not the rest.

Half a surrogate pair, NUL, NaN, a control character, bytes that are no UTF-8, a number without end,
a thousand lists in each other: all of that is found here, and the values around it are taken apart
without looking into it. Add here what else may stand in a JSON text; what a value means, and which
type it should have, is `objects.py`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

NO_TEXT = "is no Unicode text"
NESTED = "is nested too deep"

MAX_DEPTH = 12
"""How deep `odd_paths` looks for the place of what is odd; Spotify nests seven levels."""

MAX_BYTES = 2**20
"""How large a value in an answer may be for `odd_paths` to look into it: 50 plays have 200 kB."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_TOKEN = re.compile(_STRING + rb'|[{}\[\],"]', re.DOTALL)
_KEY = re.compile(rb"\s*+(" + _STRING + rb")\s*+:", re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u(?P<code>[0-9a-fA-F]{4})"
    r'|\\["\\/bfnrt]'
    r"|\\(?P<unknown>.)"
    r"|(?P<control>[\x00-\x1f])",
    re.DOTALL,
)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_]{1,40}")
_CLOSING = {ord("{"): ord("}"), ord("["): ord("]")}


def strict(raw: msgspec.Raw | bytes, type_: Any = Any) -> Any:
    """A value of a type, where every text in it can be stored anywhere.

    Args:
        raw: the JSON as received.
        type_: as msgspec takes it.

    Raises:
        ValueError: if it is no such value, or holds NUL, which JSON allows and databases do not.
    """
    # Looking for the backslash alone, which is rare, takes a hundredth of the time.
    if b"\\" in (text := bytes(raw)) and _NUL.search(text):
        raise ValueError(NO_TEXT)
    try:
        return msgspec.json.decode(raw, type=type_)
    except RecursionError:
        raise ValueError(NESTED) from None


def members(raw: msgspec.Raw | bytes) -> dict[str, msgspec.Raw]:
    """The values of an object as received, by key; the last one of a repeated key.

    Raises:
        ValueError: if it is no object, or its brackets and quotes do not match.
    """
    try:
        found: dict[str, msgspec.Raw] = strict(raw, dict[str, msgspec.Raw])
    except ValueError:
        text = _utf8(raw)
        if not text.startswith(b"{"):
            raise
        keys = [(_KEY.match(part), part) for part in _parts(text)]
        if not all(key for key, _ in keys):
            raise ValueError("is no JSON: a value has no key") from None
        return {
            readable(key[1]): msgspec.Raw(part[key.end() :].strip()) for key, part in keys if key
        }
    return found


def elements(raw: msgspec.Raw | bytes) -> list[msgspec.Raw]:
    """The values of a list as received.

    Raises:
        ValueError: if it is no list, or its brackets and quotes do not match.
    """
    try:
        found: list[msgspec.Raw] = strict(raw, list[msgspec.Raw])
    except ValueError:
        text = _utf8(raw)
        if not text.startswith(b"["):
            raise
        return [msgspec.Raw(part.strip()) for part in _parts(text)]
    return found


def readable(raw: msgspec.Raw | bytes) -> str:
    """The text of a JSON string, with U+FFFD in place of what is no Unicode in it."""
    text = bytes(raw)[1:-1].decode(errors="replace")
    return str(msgspec.json.decode(f'"{_ESCAPE.sub(_repaired, text)}"'))


def is_string(raw: msgspec.Raw | bytes) -> bool:
    """Whether a value is meant to be a text, odd or not."""
    return re.fullmatch(_STRING, bytes(raw), re.DOTALL) is not None


def storable(text: str) -> str:
    """A text that is decoded already, with U+FFFD for NUL and for halves of surrogate pairs."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def odd_paths(raw: msgspec.Raw | bytes, path: str = "", depth: int = MAX_DEPTH) -> Iterator[str]:
    """Where a JSON text holds what a strict parser refuses: `items[3].track.name`.

    Keys that are not those of an API are shown as `?`: they might say anything.

    Args:
        raw: the JSON as received.
        path: where it stands itself.
        depth: how many levels to look into.
    """
    try:
        strict(raw)
    except ValueError:
        try:
            inner = _inner(raw) if depth and (not path or len(bytes(raw)) <= MAX_BYTES) else []
        except ValueError:
            inner = []
        if not inner:
            yield path
        for name, value in inner:
            yield from odd_paths(value, f"{path}{name}".removeprefix("."), depth - 1)


def _inner(raw: msgspec.Raw | bytes) -> list[tuple[str, msgspec.Raw]]:
    """The values in an object or list, with what each adds to the path; none in anything else."""
    if (begin := _utf8(raw)[:1]) == b"{":
        named = members(raw).items()
        return [(f".{key if _PLAIN_KEY.fullmatch(key) else '?'}", value) for key, value in named]
    if begin == b"[":
        return [(f"[{at}]", value) for at, value in enumerate(elements(raw))]
    return []


def _utf8(raw: msgspec.Raw | bytes) -> bytes:
    """The text in UTF-8 without a byte order mark, and without blanks around it."""
    text = bytes(raw)
    encoding = json.detect_encoding(text)
    if encoding != "utf-8":  # also `utf-8-sig`, which is UTF-8 with the mark
        text = text.decode(encoding, errors="replace").encode(errors="replace")
    return text.strip()


def _parts(text: bytes) -> list[bytes]:
    """What stands between the outer brackets, cut at the commas."""
    parts: list[bytes] = []
    begin, expected = 1, bytearray()
    for token in _TOKEN.finditer(text):
        mark = text[token.start()]
        if mark in _CLOSING:
            expected.append(_CLOSING[mark])
        elif mark in b"}]":
            if expected.pop() != mark:
                raise ValueError("is no JSON: its brackets do not match")
            if not expected:
                end = token.start()
                break
        elif mark == ord(",") and len(expected) == 1:
            parts.append(text[begin : token.start()])
            begin = token.end()
        elif token.group() == b'"':
            raise ValueError("is no JSON: a text in it does not end")
    else:
        raise ValueError("is no JSON: it is cut off")
    if text[end + 1 :].strip():
        raise ValueError("is no JSON: something follows its end")
    last = text[begin:end]
    return [*parts, last] if last.strip() else parts


def _repaired(match: re.Match[str]) -> str:
    if match["control"]:
        return "\ufffd" if match["control"] == "\0" else f"\\u{ord(match['control']):04x}"
    if match["code"]:
        code = int(match["code"], 16)
        return "\ufffd" if code == 0 or 0xD800 <= code <= 0xDFFF else match.group()  # noqa: PLR2004
    return "\ufffd" if match["unknown"] else match.group()
