"""When two names are the same name, and which names are nobody's.

Every comparison of names of tracks, artists, albums and playlists uses this module. Which names are
compared belongs to the modules that do so; how names are searched for telling words is
`contexts/phrases.py`.

Folding must not make different songs equal, so it takes away only what is no difference in any
script:

- how a character is stored: composed or not, full or half width, ligatures, superscripts
  (Unicode's NFKC); invisible characters (category Cf but for those of flags, variation selectors)
  and the stretching of Arabic letters;
- case, with "ß" as "ss", "æ" as "ae", "œ" as "oe" and the dotless i of Turkish as "i", since "I"
  may be either;
- marks (categories Mn, Me) on Latin letters alone: people write "Beyonce" for "Beyoncé".
  Elsewhere a mark is part of the word: dakuten make "ハハ" (mother) "パパ" (papa), vowel signs make
  "दल" "दिल", tones "ปา" "ป้า", the breve "и" "й", the tonos "πότε" "ποτέ", points and hamza Hebrew
  and Arabic words. Letters with a stroke ("ø", "ł") are letters of their own to Unicode, and stay;
- punctuation (categories P and Z) and how many spaces there are; a name of it alone ("!!!",
  "???") stays as it is.

Symbols (category S) stay: "+", "÷" and "=" are three albums, "❤" and "💔" two songs. Exceptions are
those that serve as punctuation (| ~ ^ `, and "+" between two words, where others write "&"), and
that sharp and flat are read as words, so that "C#" is "C♯" and not "C".
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.schema.sql import add_function

_APART = str.maketrans(
    {**dict.fromkeys("\u00b4\u00a8`\u02bc\u02bb", "'"), "\u309b": "\u3099", "\u309c": "\u309a"}
)
"""Accents that serve as apostrophes, and dakuten that stand alone. Before anything is decomposed:
NFKD would make a blank and a mark of them."""

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "\u0131": "i", "♯": " sharp ", "♭": " flat "})

_MARKS_ON_LATIN = re.compile(
    "([a-z\u00df-\u024f\u0250-\u02af\u1e00-\u1eff])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
"""Latin letters in lower case, as they are after decomposition, with the marks that Unicode has for
any script; the marks of other scripts are in blocks of their own."""

_AND = re.compile(r"(?<=[^\W\d]) \+ (?=[^\W\d])")

_SHARP = re.compile(r"\b([a-g])#")


_FLAGS = range(0xE0020, 0xE0080)
"""Invisible letters that tell the flags of England, Scotland and Wales apart."""


class _Kept(dict[int, str | int]):
    """For `str.translate`: what is no word becomes a blank, what cannot be seen nothing."""

    def __missing__(self, code: int) -> str | int:
        letter = chr(code)
        category = unicodedata.category(letter)
        if (
            (category == "Cf" and code not in _FLAGS)
            or letter == "ـ"
            or "VARIATION SELECTOR" in unicodedata.name(letter, "")
        ):
            kept: str | int = ""
        elif (
            code in _FLAGS or category[0] in "LNM" or (category[0] == "S" and letter not in "|~^`")
        ):
            kept = code
        else:
            kept = " "
        self[code] = kept
        return kept


_KEPT = _Kept()


@lru_cache(maxsize=1 << 16)
def normal_name(name: str) -> str:
    """A name as it is compared."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name.translate(_APART)).casefold()
        name = _MARKS_ON_LATIN.sub(r"\1", name.translate(_LETTERS))
        name = unicodedata.normalize("NFC", name)
    name = _SHARP.sub(r"\1 sharp ", name.lower())
    name = _AND.sub(" ", name)
    return " ".join(name.translate(_KEPT).split()) or name.strip()


def normal_names(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Names as they are compared, in the same order; null stays null.

    Args:
        names: names in any spelling; each different one is folded once.
    """
    encoded = _encoded(names)
    different = encoded.dictionary
    # Most names are plain: these are folded together, ten times as fast as one by one.
    folded = pc.replace_substring_regex(pc.ascii_lower(different), _NO_WORD, " ")
    folded = pc.ascii_trim_whitespace(folded)
    rare = pc.match_substring_regex(different, _NOT_PLAIN)
    rare = pc.or_(pc.or_(rare, pc.invert(pc.string_is_ascii(different))), pc.equal(folded, ""))
    one_by_one = [normal_name(name) for name in different.filter(rare).to_pylist()]
    folded = pc.replace_with_mask(folded, rare, pa.array(one_by_one, pa.string()))
    return folded.take(encoded.indices)


_NO_WORD = r"[^a-z0-9$+<=>]+"
"""What becomes a blank in a name of ASCII in lower case."""

_NOT_PLAIN = r"#| \+ "
"""What is more than a blank or a symbol to `normal_name`, in a name of ASCII."""


def _each(names: pa.Array | pa.ChunkedArray, fold: Callable[[str], str]) -> pa.Array:
    encoded = _encoded(names)
    folded = [fold(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(folded, pa.string()).take(encoded.indices)


def _encoded(names: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
    return whole.cast(pa.string()).dictionary_encode()


add_function("normal_name", normal_names)


def normal_sql(name: str) -> str:
    """DuckDB SQL for a name as it is compared, as `normal_names` gives it.

    Args:
        name: an expression of type VARCHAR.
    """
    return f"normal_name({name})"


_SPELLED_WITH = re.compile(
    r"[\u3099\u309a\u0900-\u0903\u093a\u093b\u093e-\u094f]|(?<=\u0438)\u0306"
)
"""Marks that everybody writes: dakuten, the vowel signs of Devanagari, the breve of й."""


@lru_cache(maxsize=1 << 16)
def name_words(name: str) -> str:
    """The words of a name, to search in: in lower case, without symbols, with few marks.

    People look for a word as they would write it, so marks that are often left out (accents, points
    of Hebrew and Arabic, tones of Thai) are. This is never to say that two names are the same.
    """
    lower = unicodedata.normalize("NFD", name.lower())
    if not lower.isascii():
        kept = {match.start() for match in _SPELLED_WITH.finditer(lower)}
        lower = "".join(
            letter
            for at, letter in enumerate(lower)
            if at in kept or unicodedata.category(letter)[0] != "M"
        )
        lower = unicodedata.normalize("NFC", lower)
    words = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in lower)
    return " ".join(words.split()) or name.lower()


def _each_words(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    return _each(names, name_words)


add_function("name_words", _each_words)


def words_sql(name: str) -> str:
    """DuckDB SQL for the same as `name_words`.

    Args:
        name: an expression of type VARCHAR.
    """
    return f"name_words({name})"


NOBODYS_ID = "0LyfQWJT6nXafLPZqxke9x"
"""Spotify's id of "Various Artists"."""


def data_lines(name: str) -> list[str]:
    """The lines of a file in `reference_data/`."""
    return files("reference_data").joinpath(name).read_text(encoding="utf-8").splitlines()


def nobody_sql(name: str, id_: str) -> str:
    """DuckDB SQL for whether an artist is nobody: "Various Artists", in any language.

    Args:
        name: an expression for the name, VARCHAR.
        id_: an expression for Spotify's id, where it is known.
    """
    return f"coalesce({id_} = '{NOBODYS_ID}', false) OR {is_nobody_sql(normal_sql(name))}"


def is_nobody_sql(artist: str) -> str:
    """DuckDB SQL for the same of a name that is folded already.

    Args:
        artist: an expression for the name as it is compared.
    """
    return f"coalesce({artist} IN ({_quoted(sorted(nobodys()))}), false)"


@cache
def nobodys() -> frozenset[str]:
    """What "Various Artists" is called, as names are compared."""
    return frozenset(normal_name(name) for name in data_lines("various_artists.txt"))


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
