"""Stage 7: the tables of `pipelines/insights/`, one asset for each SQL file.

An insight is added there, not here: this module gives the files what they select from, and writes
what they select.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.catalogue import top_lists, unique_artists, unique_tracks
from pipelines.assets.contexts import known_from, labelled_plays
from pipelines.assets.ledger import gaps
from pipelines.listening.insights import inputs as insight_inputs
from pipelines.listening.insights import runner
from pipelines.listening.insights.runner import Insight
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.tables import GAPS, TOP_LISTS, UNIQUE_ARTISTS, UNIQUE_TRACKS
from pipelines.report.pictures import as_markdown, contexts_picture, days_picture, hours_picture
from pipelines.resources.lake.incremental_months import ROWS, read_months
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures
from pipelines.settings import Listener, Settings

MADE_OF = {
    "labelled_plays": labelled_plays,
    "gaps": gaps,
    "known_tracks": unique_tracks,
    "unique_artists": unique_artists,
    "top_lists": top_lists,
    "settings": labelled_plays,
}
"""The asset from which each input of the insights comes."""


PICTURES = {
    "listening_by_hour": (hours_picture, "minutes by hour of the week"),
    "listening_by_day": (days_picture, "minutes per day"),
    "contexts_by_month": (contexts_picture, "hours by context and month"),
}
"""By the name of an insight the picture that its metadata has, and what it shows."""


def _spec(insight: Insight) -> dg.AssetSpec:
    read = runner.required_inputs([insight.table.name])
    others = runner.dependencies(insight.sql) & set(runner.insights())
    return dg.AssetSpec(
        insight.table.name,
        deps=[*{MADE_OF[name].key for name in read}, *others],
        description=insight.description,
        group_name="insights",
        kinds={"parquet", "sql"},
        metadata=run_context.column_schema(insight.table),
        skippable=True,
    )


@dg.multi_asset(
    specs=[_spec(insight) for insight in runner.insights().values()],
    can_subset=True,
)
def insight_tables(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> Iterator[dg.MaterializeResult]:
    """What the ledger answers, from one reading of it."""
    selected = {key.path[-1]: key for key in context.selected_asset_keys}
    with expected_failures():
        listener = Settings().listener(next(iter(selected.values())).path[0])
        for name, rows in bring_up_to_date(lake, listener, selected):
            told: dict[str, Any] = {ROWS: len(rows)}
            if name in PICTURES and len(rows):
                draw, caption = PICTURES[name]
                told["picture"] = dg.MetadataValue.md(as_markdown(draw(rows), caption))
            yield dg.MaterializeResult(asset_key=selected[name], metadata=told)


def bring_up_to_date(
    lake: Lake, listener: Listener, wanted: Iterable[str]
) -> Iterator[tuple[str, pa.Table]]:
    """Make some insights and write them; each is told when it is written."""
    names = list(wanted)
    inputs = Inputs(lake, listener).read(runner.required_inputs(names))
    for name, rows in runner.compute(names, inputs, listener.zones):
        table = runner.insights()[name].table
        lake.replace(f"users/{listener.name}/{table.path}", table, rows)
        yield name, rows


class Inputs:
    """What insights select from, out of the lake: each method is an input of its name."""

    def __init__(self, lake: Lake, listener: Listener) -> None:
        self._lake, self._listener = lake, listener
        self._home = f"users/{listener.name}/"

    def read(self, names: set[str]) -> Mapping[str, pa.Table]:
        """Some of them; `settings` can only be told of `labelled_plays`."""
        plays = self.labelled_plays()
        inputs = {"labelled_plays": plays, "settings": self.settings(plays)}
        return inputs | {name: getattr(self, name)() for name in names - set(inputs)}

    def labelled_plays(self) -> pa.Table:
        """All labelled plays, as far as insights ask for them."""
        rows = read_months(
            self._lake, self._listener.name, LABELLED_PLAYS, insight_inputs.LABELLED_PLAYS_COLUMNS
        )
        return insight_inputs.number_plays(rows)

    def gaps(self) -> pa.Table:
        """The gaps."""
        return self._lake.read(f"{self._home}{GAPS.path}", GAPS)

    def known_tracks(self) -> pa.Table:
        """The tracks with what is known of each."""
        tracks = self._lake.read(f"{self._home}{UNIQUE_TRACKS.path}", UNIQUE_TRACKS)
        return insight_inputs.known_tracks(tracks, known_from(self._lake, tracks))

    def unique_artists(self) -> pa.Table:
        """The artists, with the genres that Spotify told."""
        return self._lake.read(f"{self._home}{UNIQUE_ARTISTS.path}", UNIQUE_ARTISTS)

    def top_lists(self) -> pa.Table:
        """Spotify's own lists."""
        return self._lake.read(f"{self._home}{TOP_LISTS.path}", TOP_LISTS)

    def settings(self, plays: pa.Table) -> pa.Table:
        """One row: how far everything is known, and what counts as heavy rotation."""
        found = self._lake.find(f"{self._home}{GAPS.path}", GAPS)
        known_to = found.notes.get("known_to") or None if found else None
        return insight_inputs.settings(
            plays, known_to, self._listener.zones, self._listener.rotation
        )
