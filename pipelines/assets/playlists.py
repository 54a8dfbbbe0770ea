"""Beside the stages: what is in the listener's playlists, read from Spotify once a week.

Reading and its tables are one step, in a job of their own: a daily run should not wait for hundreds
of pages. What is asked for is `library/fetching.py`; weights, duplicates and the like are insights.
Add an asset here for something else that is made of kept pages.
"""

import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from pipelines.library.fetching import ReadResult, read_playlists
from pipelines.library.reading import Progress
from pipelines.listening.schema.playlist_tables import (
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.resources.dagster_resources import LakeResource, ListenersResource, SpotifyResource
from pipelines.resources.lake.manifest import ROWS
from pipelines.run_context import column_schema, expected_failures

GROUP = "playlists"
TOLD_EVERY = 20
"""Pages after which a run says how far it is."""

MOST_NAMED = 20

log = logging.getLogger("playledger")

TABLES = (PLAYLIST_READINGS, PLAYLIST_ENTRIES, PLAYLIST_CHANGES)


class PlaylistsConfig(dg.Config):
    """How playlists are read.

    Attributes:
        names: names, ids, uris or addresses; empty for those in listeners.toml.
        force: read them even if they have not changed.
        playable: read them a second time, with a market: that says what can be played.
        scheduled: read only what was not read for a week, and stop at `requests_per_run`.
    """

    names: list[str] = Field(default_factory=list)
    force: bool = False
    playable: bool = False
    scheduled: bool = False


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            table.name,
            description=table.grain,
            group_name=GROUP,
            kinds={"spotify", "parquet"},
            metadata=column_schema(table),
        )
        for table in TABLES
    ],
    op_tags={"dagster/priority": "1"},
)
def playlist_tables(
    context: dg.AssetExecutionContext,
    config: PlaylistsConfig,
    lake: LakeResource,
    listeners: ListenersResource,
    spotify: SpotifyResource,
) -> Iterator[dg.MaterializeResult]:
    """The items of playlists, page by page, as far as they have changed, and their tables.

    A run that is stopped, by a lockout or by its own limit, keeps every page; the next one goes on.
    """
    keys = {key.path[-1]: key for key in context.selected_asset_keys}

    def tell(progress: Progress) -> None:
        if progress.pages % TOLD_EVERY == 0 or progress.pages == progress.of:
            context.log.info(in_words(progress))

    with expected_failures():
        listener = listeners.get(next(iter(keys.values())).path[0])
        result = read_playlists(
            lake.of(listener.name),
            spotify.open(),
            listener.playlists,
            names=config.names,
            force=config.force,
            playable=config.playable,
            scheduled=config.scheduled,
            progress=tell,
        )
        for problem in result.problems:
            context.log.warning(problem)
        derived = result.derived
        rows = {
            PLAYLIST_READINGS.name: len(derived.rows),
            PLAYLIST_ENTRIES.name: derived.items,
            PLAYLIST_CHANGES.name: derived.changes,
        }
        if result.stopped is None:
            for name, key in keys.items():
                about = _metadata(result) if name == PLAYLIST_READINGS.name else {}
                yield dg.MaterializeResult(asset_key=key, metadata={ROWS: rows[name], **about})
        else:
            context.log.info(what_is_kept(result))
            raise result.stopped


def in_words(progress: Progress) -> str:
    """How far a run is, in one line."""
    left = progress.seconds_left
    minutes = "" if left is None else f", {max(1, round(left / 60))} minutes left at this pace"
    return (
        f"{progress.playlist}: page {progress.pages:,} of {progress.of:,}; "
        f"{progress.done:,} of {progress.total:,} pages, {progress.requests:,} requests{minutes}"
    )


def what_is_kept(result: ReadResult) -> str:
    """What a run leaves that ended before its end."""
    return (
        f"{result.pages:,} pages are kept that this run read; "
        "the next one goes on with the page after them"
    )


def _metadata(result: ReadResult) -> dict[str, Any]:
    left = result.count("goes_on")
    outcome = (
        f"{result.count('read')} playlists read, {result.count('unchanged', 'later')} as before, "
        f"{result.count('not_readable')} not readable"
    )
    problems = [*result.problems, *result.derived.damaged.values()]
    return {
        "outcome": outcome + (f"; {left} go on with the next run" if left else ""),
        "requests": result.requests,
        "pages": result.pages,
        "items": result.items,
        "playlists_read": result.count("read"),
        "playlists_unchanged": result.count("unchanged", "later"),
        "playlists_not_readable": result.count("not_readable"),
        "playlists_going_on": left,
        "throttle_wait_s": result.waited_s,
        **({"problems": "; ".join(problems[:MOST_NAMED])} if problems else {}),
    }
