"""All rows of one source of plays from elsewhere: one row per play, whichever imports have it.

Several files, exports that overlap and pages of an answer may tell of one play many times. Add here
what decides whether two rows of one source are the same play. Which plays of other sources these
are is `elsewhere.py`; several exports of the polled service are merged in `export_union.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import Faces, faces
from pipelines.listening.ledger.assignment import cumcount
from pipelines.listening.ledger.mending import mend
from pipelines.listening.ledger.moved import has_ids, merged_by_id
from pipelines.listening.ledger.same_play import Times, pair
from pipelines.listening.schema.tables import HISTORY, POLLED
from pipelines.listening.sources.registry import has_source, only_minutes
from pipelines.listening.sources.source import Source
from pipelines.listening.time.intervals import instants

if TYPE_CHECKING:
    from pipelines.listening.ledger.export_union import ImportedExport


@dataclass(frozen=True)
class SourcePlays:
    """The plays that one source tells of.

    Attributes:
        source: the source.
        rows: `streaming_history` rows, one per play, with what all its imports know of it.
        first_rows: the same plays as in the first import that has each.
        play_of_rows: for each import, in the order given, the index in `rows` of each of its rows;
            -1 for those of other sources.
    """

    source: Source
    rows: pa.Table
    first_rows: pa.Table
    play_of_rows: tuple[Ints, ...]


def plays_of_source(source: Source, imports: "Sequence[ImportedExport]") -> SourcePlays | None:
    """One row for each play that a source tells of; None where it tells of none.

    Of rows with the same time, title and length, as many are kept as the file has that has most.
    Rows that tell the minute only are the plays that others of the source tell in that minute, or
    in one beside it. Neither depends on the order of import, but for `first_rows`.

    Args:
        source: the source.
        imports: in order of import; the rows of each in order of time.
    """
    mine = [has_source(one.rows, (source.name,)) for one in imports]
    if not any(rows.any() for rows in mine):
        return None
    tables = [
        one.rows if rows.all() else one.rows.filter(pa.array(rows))
        for one, rows in zip(imports, mine, strict=True)
    ]
    table = pa.concat_tables(tables)
    sizes = [len(rows) for rows in tables]
    rank = _rank_of_files(table, imports, sizes)
    minutes = only_minutes(table)
    if has_ids(table):
        rows, first_rows, plays = merged_by_id(table, rank)
    elif _may_repeat(table, rank) or (minutes.any() and not minutes.all()):
        rows, first_rows, plays = _merged(table, rank, minutes)
    else:
        order = np.lexsort((rank, instants(table["played_at"])))
        rows = first_rows = table if _is_sorted(order) else table.take(order)
        plays = np.empty(len(table), np.int64)
        plays[order] = np.arange(len(table))
    play_of_rows = []
    edges = np.cumsum([0, *sizes])
    for at, here in enumerate(mine):
        whole = np.full(len(here), MISSING, np.int64)
        whole[here] = plays[edges[at] : edges[at + 1]]
        play_of_rows.append(whole)
    return SourcePlays(source, rows, first_rows, tuple(play_of_rows))


def _rank_of_files(
    table: pa.Table, imports: "Sequence[ImportedExport]", sizes: Sequence[int]
) -> Ints:
    """Of each row the place of its file among all files of all imports, whenever those came."""
    by_name = sorted(range(len(imports)), key=lambda at: imports[at].id)
    place = np.empty(len(imports), np.int64)
    place[by_name] = np.arange(len(imports))
    files = _text_order(table["file"])
    rank: Ints = np.repeat(place, sizes) * (files.max(initial=0) + 1) + files
    return rank


def _may_repeat(table: pa.Table, rank: Ints) -> bool:
    """Whether two files tell of one moment."""
    times = instants(table["played_at"])
    order = np.lexsort((rank, times))
    again = (np.diff(times[order]) == 0) & (np.diff(rank[order]) != 0)
    return bool(again.any())


def _is_sorted(order: Ints) -> bool:
    return bool((order == np.arange(len(order))).all())


def _merged(table: pa.Table, rank: Ints, minutes: Bools) -> tuple[pa.Table, pa.Table, Ints]:
    """Rows of several imports as plays: their rows, their first rows, and the play of each row.

    Args:
        table: the rows, import after import.
        rank: of each row, that of its file.
        minutes: which rows tell the minute only.
    """
    [_, names] = faces(POLLED.empty(), [table])
    groups = _equal_rows(table, names, rank, minutes)
    # One row stands for each group: that of the first file by name, with its place in it.
    position = np.asarray(table["row"].to_numpy(), np.int64)
    order = np.lexsort((position, rank, groups))
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    chosen = order[starts]
    play_of_group = _without_minutes(table.take(chosen), names.take(chosen), minutes[chosen])
    # In order of time, so that what is chosen among equals is the same however the rows came.
    times = instants(table["played_at"])[chosen]
    stands = np.flatnonzero(play_of_group == np.arange(len(chosen)))
    by_time = stands[np.lexsort((position[chosen[stands]], rank[chosen[stands]], times[stands]))]
    number = np.full(len(chosen), MISSING, np.int64)
    number[by_time] = np.arange(len(by_time))
    plays = number[play_of_group[groups]]
    first = np.unique(plays, return_index=True)[1]
    first_rows = table.take(first)
    trusted = rank + np.where(minutes, rank.max() + 1, 0)
    rows = mend(table, first_rows, plays, trusted, trusted)
    return rows.cast(HISTORY.schema), first_rows, plays


def _equal_rows(table: pa.Table, names: Faces, rank: Ints, minutes: Bools) -> Ints:
    """The number of each row's group: rows of several imports that are equal, one of each."""
    heard = pc.fill_null(table["ms_played"], MISSING).to_numpy().astype(np.int64)
    ended = pc.is_null(table["started_at"]).to_numpy().astype(np.int64)
    time = np.where(ended, instants(table["played_at"]), instants(pc.coalesce(*_times(table))))
    keys = [names.title, heard, ended, minutes.astype(np.int64), time]
    # Of two artists with one title, in one second, the first of one file is the first of another.
    by_artist = np.lexsort((_text_order(table["artist_name"]), rank))
    nth = np.empty(len(table), np.int64)
    nth[by_artist] = cumcount([*(key[by_artist] for key in keys), rank[by_artist]])
    order = np.lexsort([*keys, nth])
    new = np.any([np.diff(key[order], prepend=key[order][:1] - 1) != 0 for key in (*keys, nth)], 0)
    groups = np.empty(len(table), np.int64)
    groups[order] = np.cumsum(new) - 1
    return groups


def _times(table: pa.Table) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    return table["started_at"], table["played_at"]


def _text_order(texts: pa.ChunkedArray) -> Ints:
    """The place of each text in the order of the alphabet."""
    encoded = texts.combine_chunks().dictionary_encode()
    place = np.empty(len(encoded.dictionary) + 1, np.int64)
    place[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(place) - 1)
    place[-1] = MISSING
    of_text: Ints = place[encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)]
    return of_text


def _without_minutes(rows: pa.Table, names: Faces, minutes: Bools) -> Ints:
    """For each row the row of the same play that tells more than the minute, or the row itself."""
    play = np.arange(len(rows))
    told, least = np.flatnonzero(~minutes), np.flatnonzero(minutes)
    if len(told) and len(least):
        times = [Times.of(rows.take(at), names.take(at)) for at in (least, told)]
        partner = pair(times[0], names.take(least), times[1], [names.take(told)])
        found = np.flatnonzero(partner != MISSING)
        play[least[found]] = told[partner[found]]
    return play
