"""Own parts of a survey's page: what their code opens, and that nothing else tells of them."""

import hashlib
import hmac
import json
import zlib
from base64 import b64decode
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipelines.report.survey_own import NOBODY, Sealed, normalised, sealed
from tests.report.surveys import code

TAG, NONCE = 12, 12
Json = Any


def entries(own: Sealed) -> list[bytes]:
    every, size = b64decode(own.carried["entries"]), own.carried["size"]
    return [every[at : at + size] for at in range(0, len(every), size)]


def derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"playledger survey {purpose}".encode(), hashlib.sha256)


def opened(own: Sealed, secret: str) -> list[Json]:
    """What `js/survey/unseal.js` finds, without the names of fields."""
    tag = derived(secret, "tag")[:TAG]
    found = []
    for entry in entries(own):
        if entry[:TAG] == tag:
            nonce, text = entry[TAG : TAG + NONCE], entry[TAG + NONCE :]
            plain = AESGCM(derived(secret, "key")).decrypt(nonce, text, tag)
            length = int.from_bytes(plain[:3], "big")
            found.append(json.loads(zlib.decompress(plain[3 : 3 + length], wbits=-15)))
    return found


def part(n: int, songs: int = 10) -> Json:
    return {"songs": [f"Song {n} {k} of somebody" for k in range(songs)], "place": None}


def parts(people: int) -> dict[str, Json]:
    return {code(n): part(n) for n in range(people)}


def test_a_code_opens_its_own_part_and_no_other() -> None:
    own = sealed(parts(12))
    for n in range(12):
        [(place, songs)] = opened(own, normalised(code(n)))
        assert (place, songs) == (None, part(n)["songs"])
    assert opened(own, normalised(code(12))) == []
    assert own.carried["shape"] == {"place": None, "songs": [None]}


def test_an_entry_that_was_changed_is_not_opened() -> None:
    own = sealed(parts(1))
    tag = derived(normalised(code(0)), "tag")[:TAG]
    [entry] = [one for one in entries(own) if one[:TAG] == tag]
    key, nonce = derived(normalised(code(0)), "key"), entry[TAG : TAG + NONCE]
    changed = entry[TAG + NONCE : -1] + bytes([entry[-1] ^ 1])
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(nonce, changed, tag)


def test_entries_are_equally_long_whatever_somebody_wrote() -> None:
    own = sealed({code(0): part(0, songs=0), code(1): part(1, songs=40)})
    assert len({len(one) for one in entries(own)}) == 1


@pytest.mark.parametrize(("people", "told"), [(1, 10), (9, 10), (10, 10), (11, 20), (45, 50)])
def test_how_many_answered_cannot_be_counted_on_entries(people: int, told: int) -> None:
    found = entries(sealed(parts(people)))
    assert len(found) == told
    assert len({one[:TAG] for one in found}) == told


def test_the_order_of_entries_is_not_that_of_people() -> None:
    found = entries(sealed(parts(45)))
    assert found == sorted(found)


def test_the_same_parts_make_the_same_bytes_in_any_order() -> None:
    backwards = dict(reversed(parts(12).items()))
    assert sealed(parts(12)) == sealed(backwards)


def test_no_nonce_is_used_for_two_texts() -> None:
    before, after = sealed(parts(12)), sealed(parts(12) | {code(0): part(99)})
    first, second = ({one[:TAG]: one[TAG:] for one in entries(own)} for own in (before, after))
    changed = [tag for tag in first.keys() & second.keys() if first[tag] != second[tag]]
    assert changed == [derived(normalised(code(0)), "tag")[:TAG]]
    assert first[changed[0]][:NONCE] != second[changed[0]][:NONCE]


def test_a_part_without_anybody_is_none() -> None:
    assert sealed({}) == NOBODY


def test_codes_may_be_typed_in_any_case_with_blanks_and_with_signs_that_look_alike() -> None:
    assert normalised(" ABCD-obl2 ") == normalised("abcd 0812") == "abcdobl2"
