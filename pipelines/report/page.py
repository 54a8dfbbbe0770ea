"""The report's page: one HTML file with its data, its charts and all scripts.

What it shares with other pages is `embedding.py`; the columns that its charts need are in
`packed.py`, and the cards that it offers to save in `cards/`. The same tables give the same bytes.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping

import pyarrow as pa

from pipelines.report.cards.drawn import svg
from pipelines.report.cards.words import SCOPES, cards_of, whose
from pipelines.report.embedding import FLAT, self_contained
from pipelines.report.packed import pack_tables


def page(listener: str, tables: Mapping[str, pa.Table], display_name: str | None = None) -> str:
    """The report of one listener.

    Args:
        listener: their name in files and commands.
        tables: by name, the insights and `sessions` and `gaps`; any may be empty or missing.
        display_name: what people call them, which the page says wherever it names them; None:
            the same. Cards say it only where it was set.

    Returns:
        HTML in UTF-8, of less than two and a half million bytes for ten years.
    """
    data = {
        "listener": listener,
        **pack_tables(tables),
        "cards": packed_cards(tables, chosen_name(listener, display_name)),
    }
    named = whose(display_name or listener)
    return self_contained("page.html", FLAT, "page.js", data, whose=named)


def chosen_name(listener: str, display_name: str | None) -> str | None:
    """The name that a card may show: one that the listener set, and never the one of their files.

    Args:
        listener: their name in files and commands.
        display_name: as the settings have it, where it is `listener` if nothing else was set.
    """
    return None if display_name in {None, "", listener} else display_name


def packed_cards(tables: Mapping[str, pa.Table], name: str | None) -> str:
    """Every card by scope and period, as JSON that is deflated, in base64.

    Cards differ in a few words: together they take a hundredth of what they would alone. The other
    side is `js/page/card.js`.
    """
    drawn = {
        scope: {period: svg(card) for period, card in cards_of(tables, scope, name).items()}
        for scope in SCOPES
    }
    told = json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(zlib.compress(told, 9)).decode()
