"""`playledger reference`: data about tracks that does not come from Spotify, for all listeners.

How a file is read and stored is `ingest/reference_files.py` and `ingest/play_count_files.py`.
"""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from pipelines.cli.terminal import show
from pipelines.ingest import play_count_files, reference_files
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import WriteResult
from pipelines.settings import Settings


@click.group()
def reference() -> None:
    """Audio features, genres and play counts of tracks from files, for all listeners."""


@reference.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def add(settings: Settings, path: Path) -> None:
    """Add the tracks of a CSV (also with gzip) or Parquet file to the lake.

    Columns are those of the public "Spotify Tracks Dataset", and release_date, release_year and
    album_type; names near to these, such as track_artist or playlist_genre, are understood. The
    others are ignored, and named. If two files have the same track, the one added later counts.
    """
    show(outcome_table(reference_files.add(path, Lake.open(settings))))


@reference.command(name="add-counts")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def add_counts(settings: Settings, path: Path) -> None:
    """Add play counts of Spotify's, which its Web API does not tell, from a CSV file.

    Columns are plays, and track_id, or isrc, or artists and track_name; as_of, the day on which
    that was so, is welcome. The table play_counts shows them as spotify_global_plays.
    """
    outcome = play_count_files.add(path, Lake.open(settings))
    table = Table(title=f"Play counts from {escape(outcome.name)}")
    for justify in ("left", "right", "left"):
        table.add_column("", justify=justify)
    table.add_row("rows read", f"{outcome.rows_read:,}", "", end_section=True)
    table.add_row("tracks", f"{outcome.tracks:,}", "in this file")
    for spoilt in outcome.refused:
        reason = escape(reference_files.reason_with_examples(spoilt))
        table.add_row("refused", f"{spoilt.rows:,}", reason)
    table.add_section()
    table.add_row("tracks", f"{outcome.written.rows:,}", _in_the_lake(outcome.written))
    show(table)


def outcome_table(outcome: reference_files.ReferenceOutcome) -> Table:
    """What became of every row that was read, and what the lake holds now."""
    table = Table(title=f"Reference data from {escape(outcome.name)}")
    for justify in ("left", "right", "left"):
        table.add_column("", justify=justify)
    table.add_row("rows read", f"{outcome.rows_read:,}", "", end_section=True)
    table.add_row("tracks", f"{outcome.tracks:,}", "in this file")
    table.add_row("folded", f"{outcome.folded:,}", "further rows of these tracks")
    for spoilt in outcome.refused:
        reason = escape(reference_files.reason_with_examples(spoilt))
        table.add_row("refused", f"{spoilt.rows:,}", reason)
    if not outcome.refused:
        table.add_row("refused", "0", "")
    for spoilt in outcome.kept_without:
        reason = escape(reference_files.reason_with_examples(spoilt))
        table.add_row("kept without", f"{spoilt.rows:,}", reason)
    if outcome.ignored:
        table.add_row("ignored", f"{len(outcome.ignored):,}", escape(", ".join(outcome.ignored)))
    table.add_section()
    for what, written in (("tracks", outcome.features), ("artists with genres", outcome.artists)):
        table.add_row(what, f"{written.rows:,}", _in_the_lake(written))
    return table


def _in_the_lake(written: WriteResult) -> str:
    return f"in the lake, {'written' if written.changed else 'as before'}"
