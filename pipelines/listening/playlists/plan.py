"""A plan: new playlists in full, as they are to be written, before anything is written.

What a plan is and how it is named. How sources are merged, and how a plan is described to a person,
are modules beside this one; where plans are stored is `pipelines/library/plans.py`.
"""

import hashlib
from datetime import datetime
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

MAX_AT_SPOTIFY = 10_000
"""Items that Spotify lets one playlist have."""

MAX_ITEMS = 9_900
"""Items in one of several parts: somebody may want to add a few."""

RESTORE = "restore"
"""The kind of pick of a plan that makes a kept state of a playlist again."""

Keep = Literal["first_added", "last_added", "best"]
Order = Literal["as_is", "added", "artist", "weight"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked for.

    Attributes:
        name: of the new playlist; parts are called "name 1/2".
        keep: which one of a group of duplicates stays.
        order: of the new playlist.
        keep_weights: a song stands as often as in the sources, instead of once.
        without: contexts of which the listener's songs are left out, such as kids.
        probable: whether probable duplicates, by name, count as duplicates.
        split: more than `MAX_AT_SPOTIFY` are split into parts, instead of refused.
        unplayable: whether items that could not be played at the last look are added all the same.
        picked: for a plan from the ledger: what was asked for, such as
            `{"kind": "context", "context": "focus"}`.
    """

    name: str
    keep: Keep = "first_added"
    order: Order = "as_is"
    keep_weights: bool = False
    without: tuple[str, ...] = ()
    probable: bool = False
    split: bool = True
    unplayable: bool = False
    picked: dict[str, Any] = {}


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A source of a plan, as it was.

    Attributes:
        playlist_id: Spotify's, or `LIKED`.
        name: as Spotify told it.
        snapshot_id: of the reading; None for liked songs.
        read_at: when the reading began.
        items: how many.
        digest: of the uris of its items in order; `entries_digest`.
    """

    playlist_id: str
    name: str | None
    snapshot_id: str | None
    read_at: datetime
    items: int
    digest: str


class Part(msgspec.Struct, frozen=True):
    """One playlist to be made.

    Attributes:
        name: what it is called.
        uris: its items in order.
    """

    name: str
    uris: tuple[str, ...]


class Left(msgspec.Struct, frozen=True):
    """An item of a source that the new playlist does not have.

    Attributes:
        playlist_id: in which source.
        position: where in it, counted from 1.
        title: artist and title, or what is known of it.
        reason: why, in words.
    """

    playlist_id: str
    position: int
    title: str
    reason: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """New playlists, in full.

    Attributes:
        id: `plan_id` of the sources, the options and the items: the same for the same.
        listener: whose account it is for.
        made_at: when.
        options: what was asked for.
        sources: what it was made from; none for a plan from the ledger.
        parts: the playlists to be made.
        left: what cannot be added, or was left out on purpose; duplicates are not among these.
        figures: what a person is shown: counts by name, and lists for tables. Only data that JSON
            can hold; its keys are documented where it is made (`merging.py`, `from_ledger.py`).
    """

    id: str
    listener: str
    made_at: datetime
    options: Options
    sources: tuple[SourceState, ...]
    parts: tuple[Part, ...]
    left: tuple[Left, ...] = ()
    figures: dict[str, Any] = {}


def uris_to_write(entries: pa.Table) -> pa.ChunkedArray:
    """The uri of each entry that a new playlist is given: that of the track that was added.

    Args:
        entries: `playlist_entries` rows.
    """
    return pc.coalesce(entries["relinked_from"], entries["track_uri"])


def entries_digest(entries: pa.Table) -> str:
    """`SourceState.digest` of a playlist with these `playlist_entries` rows, in their order."""
    return digest_of(pc.fill_null(uris_to_write(entries), "").to_pylist())


def digest_of(uris: "list[str] | tuple[str, ...]") -> str:
    """A digest of uris in order; an empty text stands for an item without one."""
    return hashlib.sha256("\n".join(uris).encode()).hexdigest()


def new_plan(
    listener: str,
    options: Options,
    parts: tuple[Part, ...],
    *,
    sources: tuple[SourceState, ...] = (),
    left: tuple[Left, ...],
    figures: dict[str, Any],
    made_at: datetime,
) -> Plan:
    """A plan under the id that its contents give it; see `Plan`."""
    return Plan(
        id=plan_id(listener, options, sources, parts),
        listener=listener,
        made_at=made_at,
        options=options,
        sources=sources,
        parts=parts,
        left=left,
        figures=figures,
    )


def plan_id(
    listener: str,
    options: Options,
    sources: tuple[SourceState, ...],
    parts: tuple[Part, ...],
) -> str:
    """The name of a plan: ten characters that a person can type.

    Args:
        listener: whose.
        options: what was asked for.
        sources: by their items alone, so that a reading of the same gives the same.
        parts: what is to be written.
    """
    said = [
        listener,
        options,
        [(one.playlist_id, one.digest) for one in sources],
        [(part.name, digest_of(part.uris)) for part in parts],
    ]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()[:10]
