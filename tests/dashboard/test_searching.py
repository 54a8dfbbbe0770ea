"""A search finds what people would say holds the words."""

import unicodedata

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.searching import folded_texts, holding, words_of

NAMES = ["Beyoncé", "beyonce live", "Sigur Rós", None, "ÆON", "Tokyo 東京"]


def found(search: str, *columns: list[str | None]) -> list[bool]:
    arrays = [pa.array(one, pa.string()) for one in columns]
    return holding(words_of(search), *arrays).to_pylist()


def test_case_marks_and_order_make_no_difference() -> None:
    assert found("BEYONCE", NAMES) == [True, True, False, False, False, False]
    assert found("live beyoncé", NAMES) == [False, True, False, False, False, False]
    assert found("東京", NAMES) == [False, False, False, False, False, True]
    assert found("", NAMES) == [True] * 6


def test_words_may_be_in_different_columns() -> None:
    assert found("maze nines", ["The Maze", "Clout"], ["Nines", None]) == [True, False]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=8)), min_size=1, max_size=8),
    st.text(max_size=5),
)
def test_encoded_or_folded_before_the_same_is_found(names: list[str | None], search: str) -> None:
    plain = pa.array(names, pa.string())
    words = words_of(search)
    expected = holding(words, plain)
    assert holding(words, plain.dictionary_encode()) == expected
    encoded = plain.dictionary_encode()
    folded = pa.DictionaryArray.from_arrays(encoded.indices, folded_texts(encoded.dictionary))
    assert holding(words, folded, are_folded=True) == expected
    for name, holds in zip(names, expected.to_pylist(), strict=True):
        assert holds == all(word in _folded(name or "") for word in words)


def _folded(text: str) -> str:
    return str(folded_texts(pa.array([unicodedata.normalize("NFC", text)]))[0].as_py())
