"""Which texts hold what somebody searches for: every word, in any order, whatever its case.

Marks on letters make no difference, so that `beyonce` finds `Beyoncé`. Which names are the same
name is decided elsewhere (`catalogue/names.py`): here a wider net does no harm.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_WORDS = 12


def words_of(search: str) -> list[str]:
    """The words of a search, as they are compared."""
    folded: str = folded_texts(pa.array([search], pa.string()))[0].as_py()
    return folded.split()[:_MOST_WORDS]


def folded_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Texts in lower case, without marks; nulls are empty."""
    if pc.all(pc.string_is_ascii(texts), skip_nulls=True).as_py() is not False:
        return pc.ascii_lower(pc.fill_null(texts, ""))
    apart = pc.utf8_normalize(pc.fill_null(texts, ""), form="NFKD")
    return pc.utf8_lower(pc.replace_substring_regex(apart, r"\p{Mn}", ""))


def holding(
    words: Sequence[str], *columns: pa.Array | pa.ChunkedArray, are_folded: bool = False
) -> pa.BooleanArray:
    """For each row whether each word is in one of its texts.

    Args:
        words: of a search, by `words_of`; without any, every row holds them.
        columns: texts of the rows, all as long as each other; encoded by a dictionary or not.
        are_folded: whether they come from `folded_texts` already.
    """
    rows = len(columns[0])
    if not words:
        return pa.array(np.ones(rows, bool))
    found, nowhere = None, pa.array(np.zeros(rows, bool))
    encoded = [_encoded(one) for one in columns]
    texts = [one.dictionary if are_folded else folded_texts(one.dictionary) for one in encoded]
    for word in words:
        anywhere = nowhere
        for one, text in zip(encoded, texts, strict=True):
            matching = pc.match_substring(text, word)
            # Most months have no name with the word; to say so for each play would take longest.
            if pc.any(matching).as_py():
                here = pc.fill_null(matching.take(one.indices), False)
                anywhere = here if anywhere is nowhere else pc.or_(anywhere, here)
        if anywhere is nowhere:
            return nowhere
        found = anywhere if found is None else pc.and_(found, anywhere)
    return found


def _encoded(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return (
        flat if pa.types.is_dictionary(flat.type) else pc.dictionary_encode(pc.fill_null(flat, ""))
    )
