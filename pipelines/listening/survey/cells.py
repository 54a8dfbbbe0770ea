"""The cells of a sheet, whatever kept it: what they say as text, and that they are no formulas.

Google sends numbers, texts and booleans; XLSX has dates and times too; in CSV everything is text.
Add here what holds of a cell in any column. What an answer means is `values.py`.
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


MOST_CHARACTERS = 2000
"""Of a cell that is read: more are no answer."""

LARGEST = 1e15
"""Numbers from here on are no answer."""

_LINK = re.compile(
    r"""^=\s*hyperlink\s*\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)"\s*)?\)\s*$""", re.IGNORECASE
)
_ERRORS = {
    *("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!"),
    *("#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#VALEUR!", "#NOM?", "#VALOR!", "#NOMBRE?"),
}

_NO_ANSWERS = {
    *("idk", "dk", "dunno", "none", "nothing", "no idea", "n a", "na", "nan", "null", "nil"),
    *("unknown", "not sure", "i don t know", "i dont know", "don t know", "dont know", "no answer"),
    *("prefer not to say", "rather not say", "not applicable", "nope", "no", "x", "xx", "xxx"),
    *("tbd", "skip", "can t decide", "cant decide", "undecided", "it depends", "depends"),
    *("keine", "keiner", "keins", "kein", "nichts", "keine ahnung", "weiß nicht", "weiss nicht"),
    *("ich weiß nicht", "ich weiss nicht", "weiß ich nicht", "keine angabe", "k a", "unbekannt"),
    *("nein", "aucun", "aucune", "rien", "je ne sais pas", "j sais pas", "jsp", "sais pas"),
    *("inconnu", "sans reponse", "pas de reponse", "aucune idee", "non", "je sais pas"),
    *("ninguno", "ninguna", "nada", "no se", "no lo se", "ni idea", "desconocido"),
    *("sin respuesta", "prefiero no decirlo", "nessuno", "nessuna", "niente", "non so"),
    *("non lo so", "boh", "sconosciuto", "nenhum", "nenhuma", "nao sei", "nao", "desconhecido"),
    *("geen", "niets", "weet niet", "weet ik niet", "geen idee", "nee", "onbekend"),
}
"""Answers that are none, in the languages of the questions, by their words."""


def text_of(cell: Cell) -> str:
    """What a cell says, in one line; "" where it says nothing.

    A formula is never worked out, and what is returned is none: of a link its text is left, of any
    other what is behind the sign.
    """
    cell = without_odd_number(cell)
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = plain(str(cell)[:MOST_CHARACTERS])
    if text.startswith("="):
        link = _LINK.match(text)
        text = (link[2] or link[1]) if link else text.lstrip("= ")
    return "" if text in _ERRORS else text


def without_odd_number(cell: Cell) -> Cell:
    """A cell, or None for a number that nobody means: infinite, or none at all."""
    odd = isinstance(cell, int | float) and not abs(cell) < LARGEST
    return None if odd else cell


def is_formula(cell: Cell) -> bool:
    """Whether a cell would be worked out, were it put into a sheet."""
    return isinstance(cell, str) and cell.lstrip().startswith("=")


def says_nothing(text: str) -> bool:
    """Whether an answer is none, such as "idk" or "-"."""
    return not any(letter.isalnum() for letter in text) or name_words(text) in _NO_ANSWERS


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing, be it in words."""
    return isinstance(cell, str | None) and says_nothing(text_of(cell))
