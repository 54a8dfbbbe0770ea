"""The cells of a sheet, whatever kept it: what they say as text, and that they are no formulas.

Google sends numbers, texts and booleans; XLSX has dates and times too; in CSV everything is text.
Add here what holds of a cell in any column. What a column's text means is `values.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.plain_text import plain

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Row = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """All cells of one sheet, or of one file of a folder.

    Attributes:
        rows: from the first one on; they may be of different lengths, or empty.
        first: the number of the first of them in the sheet.
    """

    rows: Sequence[Row]
    first: int = 1


MOST_CHARACTERS = 500
"""Of a cell: more are no answer to a question of one line."""

_LINKED = re.compile(
    r"""^=\s*hyperlink\s*\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)"\s*)?\)\s*$""", re.IGNORECASE
)

_NOTHING = {
    *("", "idk", "dk", "dunno", "none", "nothing", "no idea", "n a", "na", "nan", "null", "nil"),
    *("unknown", "not sure", "i don t know", "i dont know", "don t know", "dont know", "no answer"),
    *("prefer not to say", "not applicable", "nope", "no", "x", "xx", "xxx", "tbd", "ref", "value"),
    *("can t decide", "cant decide", "too many", "no favourite", "no favorite", "skip"),
    *("keine", "keiner", "keins", "kein", "nichts", "keine ahnung", "weiss nicht", "weiß nicht"),
    *("ich weiß nicht", "ich weiss nicht", "keine angabe", "k a", "ka", "unbekannt", "nein"),
    *("aucun", "aucune", "rien", "je ne sais pas", "j sais pas", "jsp", "sais pas", "inconnu"),
    *("sans reponse", "pas de reponse", "aucune idee", "non"),
    *("ninguno", "ninguna", "nada", "no se", "no lo se", "ni idea", "desconocido", "sin respuesta"),
    *("nessuno", "nessuna", "niente", "non so", "non lo so", "boh", "sconosciuto"),
    *("nenhum", "nenhuma", "nao sei", "nao", "desconhecido"),
    *("geen", "niets", "weet niet", "weet ik niet", "geen idee", "nee", "onbekend"),
}
"""Answers that are none, as their words are compared; of signs alone there are no words at all."""


def text_of(cell: Cell) -> str:
    """What a cell says, in one line; "" where it says nothing.

    A formula is never worked out, and what is returned is none: of a link its address is left, of
    any other the text behind the sign.
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = plain(str(cell))
    if text.startswith("="):
        linked = _LINKED.match(text)
        text = linked[1] if linked else text.lstrip("= ")
    return text


def says_nothing(text: str) -> bool:
    """Whether an answer is none, such as "idk" or "-", in the languages of the headers."""
    return not any(letter.isalnum() for letter in text) or name_words(text) in _NOTHING
