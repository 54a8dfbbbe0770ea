"""Stage 8: the page that a listener reads, and the cards beside it.

What it shows and how is `pipelines/report/`; the figures are the insights'. Add an asset here for
another document to look at.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pyarrow as pa

from pipelines.assets.contexts import context_tables
from pipelines.assets.insights import insight_tables
from pipelines.assets.ledger import coverage_tables
from pipelines.listening.all_tables import TABLES
from pipelines.ops.reports import PAGE
from pipelines.report.cards.drawn import svg
from pipelines.report.cards.painted import png
from pipelines.report.cards.words import ALL, Card, cards_of
from pipelines.report.packed import SELECTIONS, columns_of
from pipelines.report.page import chosen_name, page
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.object_store import md5
from pipelines.run_context import expected_failures, listener_of

SHOWN = [table for table in TABLES if table.name in SELECTIONS]
CARDS = "report/cards/"

_MONTHS_OF_CARDS = 12

_INPUTS = [*coverage_tables.keys, *context_tables.keys, *insight_tables.keys]


@dg.asset(
    deps=[key for key in _INPUTS if key.path[-1] in SELECTIONS],
    group_name="report",
    kinds={"html"},
)
def report(
    context: dg.AssetExecutionContext, lake: LakeResource, listeners: ListenersResource
) -> dg.MaterializeResult:
    """`report/index.html`: one self-contained file that opens in any browser, and cards."""
    with expected_failures():
        own = lake.of(listener_of(context))
        size = write_report(own, listeners.get(own.listener).display_name)
    where = dg.MetadataValue.path(own.store.url(PAGE))
    return dg.MaterializeResult(metadata={"report": where, "bytes": size})


def write_report(lake: ListenerLake, display_name: str | None = None) -> int:
    """Write the report of the stored tables and its cards, as far as other ones are stored.

    Args:
        lake: the listener's.
        display_name: what people call them; None: as their files do.

    Returns:
        The page's size in bytes.
    """
    with ThreadPoolExecutor(READERS) as readers:
        names = [table.name for table in SHOWN]
        read = readers.map(lambda table: lake.read(table, columns_of(table)), SHOWN)
        tables = dict(zip(names, read, strict=True))
    body = page(lake.listener, tables, display_name).encode()
    if lake.etag_of(PAGE) != md5(body):
        lake.store.put(PAGE, body)
    write_cards(lake, stored_cards(tables, chosen_name(lake.listener, display_name)))
    return len(body)


def stored_cards(tables: Mapping[str, pa.Table], name: str | None) -> dict[str, Card]:
    """The cards that are stored as files: of all time, each year and the last months.

    They count the listener's own plays: what was on for children or for sleep is nobody's business.
    Who has no others has cards of all.

    Args:
        tables: insights by name.
        name: what the listener wants to be called on cards; None: no name stands there.
    """
    cards = cards_of(tables, "mine", name) or cards_of(tables, "all", name)
    months = [period for period in cards if "-" in period]
    kept = {period for period in cards if period == ALL or "-" not in period}
    kept |= set(months[-_MONTHS_OF_CARDS:])
    return {period: card for period, card in cards.items() if period in kept}


def write_cards(lake: ListenerLake, cards: Mapping[str, Card]) -> None:
    """Write each card as SVG and PNG unless the same one is stored, and remove all others.

    Args:
        lake: the listener's.
        cards: by period.
    """
    stored = {entry.key: entry for entry in lake.store.list(CARDS)}
    wanted = {f"{CARDS}{period}{ending}" for period in cards for ending in (".svg", ".png")}
    for key in stored.keys() - wanted:
        lake.store.delete(key)
    for period, card in cards.items():
        drawn, painted = f"{CARDS}{period}.svg", f"{CARDS}{period}.png"
        body = svg(card).encode()
        same = drawn in stored and stored[drawn].etag == md5(body)
        if not same or painted not in stored:
            # The PNG first: the SVG says that both are there.
            lake.store.put(painted, png(card))
            lake.store.put(drawn, body)
