"""Stage 6: the context of each play, and summaries of contexts.

Add an asset here when it is about contexts. How a context is determined belongs in
`listening/contexts/`; figures that merely exclude some contexts belong to the insights.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.assets.catalogue import unique_tracks
from pipelines.assets.ledger import THREADS, coverage_tables, plays
from pipelines.assets.shared.reference import REFERENCE_KEYS
from pipelines.listening.contexts import labels as labelling
from pipelines.listening.contexts import phrases, summaries, weights
from pipelines.listening.contexts.labels import Labelled, label, reference_data_of
from pipelines.listening.contexts.overrides import read_labels
from pipelines.listening.schema.context_tables import (
    CONTEXT_EVALUATION,
    LABELLED_PLAYS,
    LABELS,
    SESSIONS,
)
from pipelines.listening.schema.reference_tables import (
    ARTIST_GENRES,
    AUDIO_FEATURES,
    REFERENCE_TABLES,
)
from pipelines.listening.schema.tables import GAPS, PLAYS, UNIQUE_TRACKS
from pipelines.listening.time.months import Month, split_by_month
from pipelines.report.pictures import as_markdown, calibration_picture, confusion_picture
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lake.manifest import ROWS, Inputs, Manifest, MonthFiles, digest
from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lake.tables import retry_on_conflict
from pipelines.run_context import column_schema, expected_failures, listener_of
from pipelines.settings import Listener

AROUND = 4
"""How many months before and after it a month's labels depend on."""

MONTHS_AT_ONCE = 48
"""More would need more memory; fewer would read neighbouring months more often."""

TABLES = {table.name: table for table in (SESSIONS, CONTEXT_EVALUATION)}
"""Summaries of labelled plays."""


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)  # an operator can do nothing about it

    @dg.observable_source_asset(description=LABELS.grain)
    def labels(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.DataVersion:
        """Manual labels; only `playledger label` writes them."""
        with expected_failures():
            return dg.DataVersion(lake.of(listener_of(context)).etag(LABELS) or "none")


@dg.asset(
    deps=[plays, *coverage_tables.keys, unique_tracks, labels, *REFERENCE_KEYS],
    group_name="contexts",
    kinds={"parquet"},
    code_version=str(labelling.VERSION),
    metadata=column_schema(LABELLED_PLAYS),
)
def labelled_plays(
    context: dg.AssetExecutionContext, lake: LakeResource, listeners: ListenersResource
) -> dg.MaterializeResult:
    """Every play with its context, month by month.

    Evidence is added up with the weights of `reference_data/context_weights.toml`; the listener's
    own rules in `listeners.toml` and labels of `playledger label` take precedence. A month is
    derived again only if its plays, neighbours, tracks, reference data, weights or rules changed.
    """
    with expected_failures():
        listener = listeners.get(listener_of(context))
        outcome = update_labelled_plays(lake.of(listener.name), listener)
    return dg.MaterializeResult(metadata=outcome)


@retry_on_conflict
def update_labelled_plays(lake: ListenerLake, listener: Listener) -> dict[str, int | float]:
    """Label the plays of every month whose stored labels are out of date.

    Args:
        lake: the listener's.
        listener: their settings.

    Returns:
        Numbers of rows, of months, and of month files written; the share of plays that each kind
        of evidence covers.
    """
    files = MonthFiles(lake, LABELLED_PLAYS)
    sources = LabelSources(lake, listener)
    stale = files.stale({month: sources.inputs(month) for month in sources.months()})

    def derive(months: Sequence[Month]) -> int:
        labelled = sources.labelled(months)
        rows = split_by_month(labelled.rows)
        covered = split_by_month(_covered(labelled))
        if missing := set(months) - set(rows):
            raise Conflict(f"another run has moved the plays of {min(missing)}")
        changed = 0
        for month in months:
            totals = {kind: pc.sum(covered[month][kind]).as_py() for kind in labelled.covered}
            changed += files.write(month, rows[month], coverage=totals)
        return changed

    with ThreadPoolExecutor(THREADS) as threads:
        changed = sum(threads.map(derive, _batches(stale)))
    counts = files.finish()
    coverage = _coverage(files.notes("coverage"), counts[ROWS])
    return counts | {"months_changed": changed} | coverage


def _coverage(months: Sequence[Mapping[str, int]], plays: int) -> dict[str, float]:
    """The share of all plays that each kind of evidence covers."""
    total = Counter[str]()
    for month in months:
        total.update(month)
    return {f"coverage_{kind}": round(count / plays, 4) for kind, count in total.items()}


def _covered(labelled: Labelled) -> pa.Table:
    return pa.table({"local_date": labelled.rows["local_date"], **labelled.covered})


def _batches(months: Sequence[Month]) -> Iterator[list[Month]]:
    """Runs of consecutive months, of limited length."""
    batch: list[Month] = []
    for month in months:
        if batch and (month.plus_months(-1) != batch[-1] or len(batch) == MONTHS_AT_ONCE):
            yield batch
            batch = []
        batch.append(month)
    if batch:
        yield batch


class LabelSources:
    """The inputs of a listener's labels.

    Args:
        lake: the listener's.
        listener: their settings.
    """

    def __init__(self, lake: ListenerLake, listener: Listener) -> None:
        self._lake, self._listener = lake, listener
        self._plays = lake.month_versions(PLAYS)
        self._gaps = lake.read(GAPS)
        self._labels = read_labels(lake.read(LABELS))
        described = Manifest(lake, UNIQUE_TRACKS.path).entry()
        tracks = lake.find(UNIQUE_TRACKS)
        self._tracks = tracks.rows if tracks else UNIQUE_TRACKS.empty()
        # Of a table that a killed run left without its manifest, nothing is known.
        is_noted = tracks and described.get("etag") == tracks.etag
        self._described = described.get("described", {}) if is_noted else {}
        self._lost = [
            (gap["gap_start"], gap["gap_end"])
            for gap in self._gaps.to_pylist()
            if not gap["closed_at"]
        ]
        self._common = digest(
            labelling.VERSION,
            weights.default_weights().text,
            phrases.phrases_file(),
            str(LABELLED_PLAYS.schema),
            [lake.lake.etag(table) for table in REFERENCE_TABLES],
            listener.overrides,
            listener.exclude,
            listener.session_pause,
        )

    def months(self) -> list[Month]:
        """Months with plays."""
        return sorted(self._plays)

    def inputs(self, month: Month) -> Inputs:
        """The inputs of a month's labels."""
        around = self._around([month])
        manual = [label for label in self._labels if _between(around, label.at, label.at)]
        lost = [gap for gap in self._lost if _between(around, *gap)]
        described = [self._described.get(str(month)) for month in around]
        parts = {
            UNIQUE_TRACKS.path: digest(described),
            LABELS.path: digest(manual),
            GAPS.path: digest(lost),
        }
        return {one.path(PLAYS.path): self._plays[one] for one in around} | parts, self._common

    def labelled(self, months: Sequence[Month]) -> Labelled:
        """The labelled plays of some consecutive months."""
        rows = [self._read(month) for month in self._around(months)]
        return label(
            pa.concat_tables(rows),
            tracks=self._tracks,
            known=self._known,
            gaps=self._gaps,
            exclude=self._listener.exclude,
            overrides=self._listener.overrides,
            labels=self._labels,
            pause=self._listener.session_pause,
        )

    @cached_property
    def _known(self) -> pa.Table:
        return read_reference_data(self._lake.lake, self._tracks)

    def _around(self, months: Sequence[Month]) -> list[Month]:
        first, last = months[0].plus_months(-AROUND), months[-1].plus_months(AROUND)
        return [month for month in self.months() if first <= month <= last]

    def _read(self, month: Month) -> pa.Table:
        return self._lake.read(PLAYS, **month.parts)


def read_reference_data(lake: Lake, tracks: pa.Table) -> pa.Table:
    """The reference data of tracks, as `reference_data_of` returns it.

    Args:
        lake: the whole lake.
        tracks: `unique_tracks` rows.
    """
    return reference_data_of(tracks, lake.read(AUDIO_FEATURES), lake.read(ARTIST_GENRES))


def _between(months: Sequence[Month], start: datetime, end: datetime) -> bool:
    """Whether an interval touches these months, in any time zone."""
    day = timedelta(days=1)
    return Month.of(start - day) <= months[-1] and Month.of(end + day) >= months[0]


@dg.multi_asset(
    outs={
        table.name: dg.AssetOut(
            description=table.grain,
            group_name="contexts",
            kinds={"parquet"},
            metadata=column_schema(table),
            is_required=False,
        )
        for table in TABLES.values()
    },
    deps=[labelled_plays],
    can_subset=True,
)
def context_tables(
    context: dg.AssetExecutionContext, lake: LakeResource
) -> Iterator[dg.MaterializeResult]:
    """Summaries of labelled plays, which are read once for all of them."""
    selected = {key.path[-1]: key for key in context.selected_asset_keys}
    with expected_failures():
        own = lake.of(next(iter(selected.values())).path[0])
        summaries_of_plays = Summaries(own)
        for table, key in selected.items():
            rows, metadata = getattr(summaries_of_plays, table)()
            written = own.replace(TABLES[table], rows)
            yield dg.MaterializeResult(asset_key=key, metadata={ROWS: written.rows} | metadata)


RowsAndMetadata = tuple[pa.Table, dict[str, Any]]


class Summaries:
    """Tables that sum up a listener's labelled plays; each method is the table of its name."""

    def __init__(self, lake: ListenerLake) -> None:
        self._lake = lake

    @cached_property
    def _plays(self) -> pa.Table:
        return self._lake.read_months(LABELLED_PLAYS, summaries.COLUMNS)

    def sessions(self) -> RowsAndMetadata:
        """Every session with its context."""
        return summaries.sessions(self._plays), {}

    def context_evaluation(self) -> RowsAndMetadata:
        """How well the evidence predicts the listener's manual labels."""
        evaluation, sessions = summaries.evaluation(self._plays, weights.default_weights())
        metadata: dict[str, Any] = {
            "sessions_labelled_by_hand": pc.sum(sessions["sessions"]).as_py()
        }
        if evaluation.macro_f1 is None:
            return CONTEXT_EVALUATION.empty(), metadata
        rows = evaluation.by_context.append_column("sessions", sessions["sessions"])
        confusion = as_markdown(
            confusion_picture(evaluation), "minutes by manual and by predicted label"
        )
        calibration = as_markdown(
            calibration_picture(evaluation), "confidence, and share of correct labels"
        )
        return rows, metadata | {
            "macro_f1": evaluation.macro_f1,
            "calibration_error": evaluation.calibration_error,
            "confusion": dg.MetadataValue.md(confusion),
            "calibration": dg.MetadataValue.md(calibration),
        }
