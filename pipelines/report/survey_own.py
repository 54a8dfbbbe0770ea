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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TAG, _NONCE = 12, 12
_LENGTH, _BLOCK = 3, 64
_TOGETHER = 10
"""Entries come in tens: the number of people is not to be counted on them."""


@dataclass(frozen=True)
class Sealed:
    """Own parts as a page carries them.

    Attributes:
        carried: `size`, the bytes of an entry; `entries`, one after another in the order of their
            tags: tag, nonce and what is encrypted; and `skeleton`, with which texts are compressed.
    """

    carried: Mapping[str, Any]


NOBODY = Sealed({"size": 0, "entries": "", "skeleton": ""})


def sealed(parts: Mapping[str, object]) -> Sealed:
    """Seal own parts.

    Args:
        parts: by code, what JSON can hold.

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
    skeleton = max((_text(_skeleton(part)) for part in parts.values()), key=lambda one: (len(one), one))
    texts = {
        normalised(code): _compressed(_text(part), skeleton)
        for code, part in {**parts, **nobody}.items()
    }
    longest = max(map(len, texts.values()))
    length = -(-(longest + _LENGTH) // _BLOCK) * _BLOCK
    entries = sorted(_entry(code, _padded(text, length)) for code, text in texts.items())
    return Sealed(
        {
            "size": len(entries[0]),
            "entries": b64encode(b"".join(entries)).decode("ascii"),
            "skeleton": skeleton,
        }
    )


def normalised(code: str) -> str:
    """A code without what people add when they type it."""
    return re.sub(r"[^a-z0-9]", "", code.lower())


def _entry(code: str, text: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = _derived(code, "key")
    nonce = hmac.digest(key, text, "sha256")[:_NONCE]
    tag = _derived(code, "tag")[:_TAG]
    return tag + nonce + AESGCM(key).encrypt(nonce, text, tag)


def _derived(code: str, purpose: str) -> bytes:
    return hmac.digest(code.encode(), f"playledger survey {purpose}".encode(), hashlib.sha256)


def _text(part: object) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _skeleton(part: object) -> object:
    """What parts have in common: names of fields, and nothing of anybody."""
    match part:
        case dict():
            return {name: _skeleton(value) for name, value in part.items()}
        case list():
            return [_skeleton(value) for value in part[:1]]
        case str():
            return ""
    return 0


def _compressed(text: str, skeleton: str) -> bytes:
    packer = zlib.compressobj(9, wbits=-15, zdict=skeleton.encode())
    return packer.compress(text.encode()) + packer.flush()


def _padded(text: bytes, length: int) -> bytes:
    return (len(text).to_bytes(_LENGTH, "big") + text).ljust(length, b"\0")
