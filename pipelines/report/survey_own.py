"""Everybody's own part of a survey's page, sealed so that only their code opens it.

The page is the same file for everybody, so what is one person's lies in it encrypted: AES-256-GCM,
with a key derived from their code. A code has 130 bits, too many to guess, so one HMAC is enough to
derive from it. An entry is found by a tag that is derived from the code too: the page has no
pseudonym in the clear. All entries are equally long, those of nobody among them, so that neither
how much somebody wrote nor how many answered can be read from them. `js/survey/unseal.js` opens
them. What is in an own part is `listening/survey/own_parts.py`.
"""

import hashlib
import hmac
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

_TAG, _NONCE = 12, 12
_LENGTH, _BLOCK = 3, 32
_TOGETHER = 10
"""Entries come in tens: the number of people is not to be counted on them."""


@dataclass(frozen=True)
class Sealed:
    """Own parts as a page carries them.

    Attributes:
        carried: `size`, the bytes of an entry; `entries`, one after another in the order of their
            tags: tag, nonce and what is encrypted; and `shape`, the names of the fields of a part,
            which the parts themselves lack.
    """

    carried: Mapping[str, Any]


NOBODY = Sealed({"size": 0, "entries": "", "shape": None})


def sealed(parts: Mapping[str, object]) -> Sealed:
    """Seal own parts.

    Args:
        parts: by code, what JSON can hold; all with the same fields, any of which may be null.

    Returns:
        the same for the same parts: a nonce is derived from what it encrypts, so that none is used
        for two texts.
    """
    if not parts:
        return NOBODY
    codes = sorted(normalised(code) for code in parts)
    seed = _derived("|".join(codes), "nobody")
    nobody = {
        hmac.digest(seed, str(n).encode(), "sha256").hex(): None
        for n in range(-len(parts) % _TOGETHER)
    }
    texts = {normalised(code): _compressed(part) for code, part in {**parts, **nobody}.items()}
    longest = max(map(len, texts.values()))
    length = -(-(longest + _LENGTH) // _BLOCK) * _BLOCK
    entries = sorted(_entry(code, _padded(text, length)) for code, text in texts.items())
    return Sealed(
        {
            "size": len(entries[0]),
            "entries": b64encode(b"".join(entries)).decode("ascii"),
            "shape": _shape(list(parts.values())),
        }
    )


def normalised(code: str) -> str:
    """A code without what people add when they type it, and with no sign taken for another."""
    return re.sub(r"[^a-z0-9]", "", code.lower()).translate(str.maketrans("018", "olb"))


def _entry(code: str, text: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 not for who makes no page

    key = _derived(code, "key")
    nonce = hmac.digest(key, text, "sha256")[:_NONCE]
    tag = _derived(code, "tag")[:_TAG]
    return tag + nonce + AESGCM(key).encrypt(nonce, text, tag)


def _derived(code: str, purpose: str) -> bytes:
    return hmac.digest(code.encode(), f"playledger survey {purpose}".encode(), hashlib.sha256)


def _shape(parts: Sequence[Any]) -> object:
    """Names of fields, as parts have them: nothing of anybody."""
    known = [one for one in parts if one is not None]
    if known and isinstance(known[0], Mapping):
        return {name: _shape([one[name] for one in known]) for name in sorted(known[0])}
    if known and isinstance(known[0], list):
        return [_shape(list(chain.from_iterable(known)))]
    return None


def _values(part: object) -> object:
    """A part without the names of its fields: two thirds as long, even when compressed."""
    if isinstance(part, Mapping):
        return [_values(part[name]) for name in sorted(part)]
    return [_values(one) for one in part] if isinstance(part, list) else part


def _compressed(part: object) -> bytes:
    text = json.dumps(_values(part), ensure_ascii=False, separators=(",", ":"))
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(text.encode()) + packer.flush()


def _padded(text: bytes, length: int) -> bytes:
    return (len(text).to_bytes(_LENGTH, "big") + text).ljust(length, b"\0")
