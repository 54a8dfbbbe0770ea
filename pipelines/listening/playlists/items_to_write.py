"""Which items of a list can be added to a playlist, and why the others cannot.

Add a reason here, with its words, when Spotify refuses something else. That an item is left out
because it stands there twice is no such reason: that is `merging.py`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.playlists.plan import Left
from pipelines.listening.schema.sql import query

REASONS = {
    "local": "a local file, which the API cannot add",
    "gone": "Spotify shows an empty item: what it was is gone",
    "no_id": "Spotify shows no id of it",
    "other": "neither a song nor an episode, which a playlist cannot have",
    "name_only": "known by its name alone: no source told Spotify's id of it",
    "unplayable": "could not be played at the last look",
    "context": "left out on purpose: {inside} of its {plays} plays were {contexts}",
}
"""Why an item is not in a plan; `context` with the plays that decided."""

WHY = r"""CASE
    WHEN kind = 'local' OR uri LIKE 'spotify:local:%' THEN 'local'
    WHEN state = 'gone' THEN 'gone'
    WHEN uri IS NULL THEN 'no_id'
    WHEN NOT regexp_full_match(uri, 'spotify:(track|episode):[^:\s]+') THEN 'other'
    WHEN state = 'unplayable' AND NOT asked.unplayable THEN 'unplayable'
    WHEN 2 * inside > plays THEN 'context'
END"""
"""SQL for the reason why an item is left out; null where it can be added."""


def heard_in(plays: pa.Table, contexts: Sequence[str]) -> pa.Table:
    """How often each recording was heard, and how often in one of some contexts.

    Only plays of 30 seconds or more count, each as one, however sure its context is.

    Args:
        plays: `labelled_plays` rows, at least recording_id, counts and context.
        contexts: which.

    Returns:
        Columns recording_id, plays, and inside.
    """
    asked = pa.table({"context": pa.array(contexts, pa.string())})
    return query(
        "SELECT recording_id, count(*)::INTEGER AS plays, "
        "(count(*) FILTER (context IN (SELECT context FROM asked)))::INTEGER AS inside "
        "FROM plays WHERE counts GROUP BY recording_id ORDER BY recording_id",
        plays=plays,
        asked=asked,
    )


def title_of(artist: str | None, title: str | None, uri: str | None) -> str:
    """An item in one line: artist and title, as far as they are known, else its uri."""
    named = " - ".join(part for part in (artist, title) if part)
    return named or uri or "an item without a name"


def left_out(items: pa.Table, contexts: Sequence[str]) -> tuple[Left, ...]:
    """The items that have a reason not to be in the plan, in their order, with it.

    Args:
        items: columns playlist_id, position, artist_name, track_name, uri, why, plays, inside.
        contexts: those that were to be left out.
    """
    columns = ("playlist_id", "position", "artist_name", "track_name", "uri", "why")
    rows = items.filter(pc.is_valid(items["why"])).select([*columns, "plays", "inside"])
    words = " or ".join(contexts)
    return tuple(
        Left(
            row["playlist_id"],
            row["position"],
            title_of(row["artist_name"], row["track_name"], row["uri"]),
            REASONS[row["why"]].format(contexts=words, **row),
        )
        for row in rows.to_pylist()
    )


def counted(reasons: Iterable[str]) -> dict[str, Any]:
    """How often each reason occurs, in the order of `REASONS`; those that do not, not."""
    every = list(reasons)
    return {reason: every.count(reason) for reason in REASONS if reason in every}
