"""From a list of items to playlists: where it is cut, how parts are called, what writing costs.

Add here what holds for any plan, whatever it was made from. Which items there are, and in which
order, is decided by `merging.py` and `from_ledger.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan
from pipelines.listening.api.responses import LARGEST_PAGE
from pipelines.listening.arrays import Ints
from pipelines.listening.playlists.items_to_write import title_of
from pipelines.listening.playlists.plan import MAX_AT_SPOTIFY, MAX_ITEMS, Options, Part, Plan

BATCH = 100
"""Items that one request adds."""

PREVIEW = 10
"""Items of each part that are shown before anything is written."""

HOUR_S = 3600


class Pace(NamedTuple):
    """How fast this machine asks Spotify.

    Attributes:
        interval_s: seconds between two requests.
        per_hour: requests in any hour.
    """

    interval_s: float
    per_hour: int


@dataclass(frozen=True)
class Planned:
    """A plan, with what a page in full needs besides.

    Attributes:
        plan: the plan.
        items: what is to be written, in order: part and place (from 1), uri, track_name,
            artist_name, weight, and playlist_id and position of where it is from.
        dropped: duplicates that are not: playlist_id, position, track_name, artist_name, uri,
            match, reason and kept_reason, and the same of the one that stays as kept_….
    """

    plan: Plan
    items: pa.Table
    dropped: pa.Table


def parts_of(options: Options, ordered: pa.Table, songs: Ints) -> tuple[pa.Table, tuple[Part, ...]]:
    """The playlists of a list of items.

    Args:
        options: what was asked for.
        ordered: the items in order, at least `uri`.
        songs: a number for the song of each.

    Returns:
        The items with their part and their place in it (from 1), and the parts.

    Raises:
        RefusedPlan: as `cut`.
    """
    part = cut(songs, split=options.split)
    by_part = np.argsort(part, kind="stable")
    part, ordered = part[by_part], ordered.take(by_part)
    sizes = np.bincount(part)
    ends = np.cumsum(sizes)
    uris = ordered["uri"].to_pylist()
    names = names_of(options.name, len(sizes))
    made = tuple(
        Part(name, tuple(uris[end - size : end]))
        for name, size, end in zip(names, sizes, ends, strict=True)
    )
    place = np.arange(1, len(part) + 1) - np.repeat(ends - sizes, sizes)
    for name, numbers in (("part", part + 1), ("place", place)):
        ordered = ordered.append_column(name, pa.array(numbers))
    return ordered, made


def preview_of(items: pa.Table) -> list[dict[str, Any]]:
    """The first items of each part.

    Args:
        items: see `Planned`.
    """
    first = items.filter(pc.less_equal(items["place"], PREVIEW))
    return [
        {
            **{name: row[name] for name in ("part", "place", "uri", "weight")},
            "title": title_of(row["artist_name"], row["track_name"], row["uri"]),
        }
        for row in first.to_pylist()
    ]


def cut(songs: Ints, *, split: bool) -> Ints:
    """The part, counted from 0, to which each item of a list belongs.

    Parts are about equally long, so that each has room for more, and all items of one song are in
    one part: its share among the others is then what it was meant to be, in whichever part is
    played. A song that would fill half of a part by itself is the exception.

    Args:
        songs: a number for the song of each item, in the order of the list.
        split: whether there may be more than one part.

    Raises:
        RefusedPlan: where there would have to be several parts, and may not.
    """
    count = len(songs)
    if count <= MAX_AT_SPOTIFY:
        return np.zeros(count, np.int64)
    if not split:
        raise RefusedPlan(
            f"{count:,} items are more than the {MAX_AT_SPOTIFY:,} that Spotify lets a playlist "
            "have: allow parts (without --no-split), or leave something out"
        )
    units = _units(songs)
    _, first, unit, sizes = np.unique(
        units, return_index=True, return_inverse=True, return_counts=True
    )
    in_order = np.argsort(first)
    before = np.empty_like(sizes)
    before[in_order] = np.cumsum(sizes[in_order]) - sizes[in_order]
    parts = ceil(count / MAX_ITEMS)
    while True:
        part = before * parts // count
        if np.bincount(part, sizes).max() <= MAX_ITEMS:
            return np.unique(part, return_inverse=True)[1][unit]
        parts += 1


def _units(songs: Ints) -> Ints:
    """What must not be cut: songs, but each item of a song that is too many."""
    _, code, sizes = np.unique(songs, return_inverse=True, return_counts=True)
    too_many = sizes[code] > MAX_ITEMS // 2
    return np.where(too_many, len(sizes) + np.arange(len(songs)), code)


def names_of(name: str, parts: int) -> list[str]:
    """The names of so many parts: the name itself, or "name 1/2" and so on."""
    return [name] if parts == 1 else [f"{name} {n}/{parts}" for n in range(1, parts + 1)]


def cost_of(sizes: Sequence[int], sources: int, pace: Pace) -> dict[str, Any]:
    """What writing takes: requests by what they are for, and minutes.

    Args:
        sizes: how many items each part has.
        sources: how many playlists are looked at again, to see whether they changed.
        pace: of this machine.
    """
    requests = {
        "checking": 1 + sources,  # whose account it is
        "creating": len(sizes),
        "adding": sum(ceil(size / BATCH) for size in sizes),
        # What the playlist is like is asked before its items and after them.
        "reading_back": sum(ceil(size / LARGEST_PAGE) + 2 for size in sizes),
    }
    total = sum(requests.values())
    # Of any `per_hour` requests in a row the last and the next first are an hour apart.
    hours, more = divmod(max(total - 1, 0), pace.per_hour)
    seconds = hours * max(HOUR_S, pace.per_hour * pace.interval_s) + more * pace.interval_s
    return {**requests, "total": total, "minutes": ceil(seconds / 60)}
