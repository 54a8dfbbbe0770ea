"""Other people's text, such as a playlist's name, as one line that does a terminal no harm.

What a language such as Markdown would take for markup is escaped where that language is written.
"""

import unicodedata

_INVISIBLE = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Text in one line: without control characters, half characters and marks of direction."""
    if text.isprintable():
        return " ".join(text.split())
    seen = "".join(
        " " if unicodedata.category(char) in _INVISIBLE else char
        for char in text
        if char not in _DIRECTIONS
    )
    return " ".join(seen.split())
