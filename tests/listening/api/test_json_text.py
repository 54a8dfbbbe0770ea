"""JSON that a strict parser refuses is taken apart all the same; Python's own is the measure."""

import json
import re
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.api.json_text import (
    elements,
    is_string,
    members,
    odd_paths,
    readable,
    storable,
    strict,
)
from pipelines.listening.api.objects import Profile, decode

PIECES = [r"\ud83d", r"\ude00", r"\uD83D\uDE00", r"\u0041", r"\u0000", r"\n", r"\\", r"\"", r"\/"]
PIECES += ["a", "é", "😀", "u0000", " ", "{", "]", ",", ":"]
strings = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda them: f'"{"".join(them)}"')


@given(strings)
def test_a_text_is_what_python_reads_with_a_sign_for_what_is_no_unicode(text: str) -> None:
    plain = json.loads(text)
    storable_text = re.sub("[\0\ud800-\udfff]", "\ufffd", plain)

    assert is_string(text.encode())
    assert readable(text.encode()) == storable_text == storable(plain)
    if plain == storable_text:
        assert strict(text.encode(), str) == plain
    else:
        with pytest.raises(ValueError, match=r"."):
            strict(text.encode(), str)


values = st.recursive(
    strings
    | st.sampled_from(["1", "-2.5", "true", "null", "NaN", "-Infinity", "1e999", "{}", "[]"]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda them: f"[{', '.join(them)}]")
        | st.lists(st.tuples(strings, inner), max_size=4).map(
            lambda them: "{%s}" % " , ".join(f"{key}: {value}" for key, value in them)  # noqa: UP031
        )
    ),
    max_leaves=12,
)


@given(st.lists(values, max_size=5), st.sampled_from(["", " ", "\r\n\t"]))
def test_a_list_is_cut_where_python_cuts_it(items: list[str], blank: str) -> None:
    text = f"{blank}[{blank}{f'{blank},{blank}'.join(items)}{blank}]{blank}".encode()

    assert [bytes(one).decode() for one in elements(text)] == items


@given(st.lists(st.tuples(strings, values), max_size=5))
def test_an_object_has_the_values_of_its_keys_and_the_last_of_a_repeated_one(
    pairs: list[tuple[str, str]],
) -> None:
    text = "{%s}" % ", ".join(f"{key} : {value}" for key, value in pairs)  # noqa: UP031
    expected = {readable(key.encode()): value for key, value in pairs}

    assert {key: bytes(value).decode() for key, value in members(text.encode()).items()} == expected


@pytest.mark.parametrize(
    "text",
    [b"", b"x", b"5", b'"a"', b"<html>", b"{", b"}", b'{"a"', b'{"a":', b'{"a": 1', b'{"a": 1]'],
)
def test_what_is_no_object_is_none(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        members(text)


@pytest.mark.parametrize(
    "text",
    [
        *(b'{"a": NaN}x', b'{"a": NaN}{}', b'{"a" NaN}', b"{NaN: 1}", b'{"a: NaN}'),
        *(b'{"a": [NaN}', b'{"a": {NaN]}', b'{"a": NaN]', b'{"a": NaN,, "b": 1}'),
    ],
)
def test_what_has_no_structure_is_not_taken_apart_by_guessing(text: bytes) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        members(text)


def test_the_places_of_what_is_odd_are_named_without_any_key_that_might_tell_something() -> None:
    text = (
        b'{"items": [{"a": 1}, {"name": "x\\ud83d", "ok": "y", "deep": {"n": [1, NaN]}}],'
        b' "maria@example.com": "\\u0000", "next": "\\\\u0000"}'
    )
    assert list(odd_paths(text)) == ["items[1].name", "items[1].deep.n[1]", "?"]
    assert list(odd_paths(b'{"items": [1, "a"]}')) == []
    assert list(odd_paths(b'\xef\xbb\xbf{"items": []}')) == []


HOSTILE = {
    "nested": b'{"id": "x", "a": %s}' % (b'{"a":' * 2**20 + b"1" + b"}" * 2**20),
    "lists": b'{"id": "x", "a": %s}' % (b"[" * 2**21 + b"]" * 2**21),
    "a number": b'{"id": "x", "a": %s}' % (b"9" * 7 * 2**20),
    "quotes": b'{"id": "x", "a": ["%s"], "b": NaN}' % (rb"\"" * 3 * 2**20),
    "backslashes": b'{"id": "x", "a": "%s", "b": NaN}' % (rb"\\" * 3 * 2**20),
    "zeros": b'{"id": "x", "a": "%s", "b": NaN}' % (rb"\\u0000" * 2**20),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_in_a_field_that_nobody_reads_takes_seconds_at_most(text: bytes) -> None:
    began = time.thread_time()
    profile, _ = decode(msgspec.Raw(text), Profile)
    paths = list(odd_paths(text))

    assert profile.id == "x"
    assert set(paths) <= {"a", "b"}
    assert time.thread_time() - began < 20
