"""Plays of the polled service and those that other sources tell of, become one list of plays.

The polled service's own plays come first; then each other source joins, those that are trusted most
before the others: its rows are plays that are there already, or plays of their own. Add here what
follows from a row being such a play, or none. Whether it is one is decided in `same_play.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import Faces, faces
from pipelines.listening.ledger import matching, moved
from pipelines.listening.ledger.export_union import ImportedExport, MergedExports
from pipelines.listening.ledger.one_source import SourcePlays, plays_from_elsewhere
from pipelines.listening.ledger.same_play import WINDOW, Times, pair, with_beginnings
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from pipelines.listening.sources.registry import exact_exports, has_source, precisions
from pipelines.listening.time.intervals import MINUTE, SECOND, instants

ROOM = 5 * SECOND
"""By so much a play of assumed length may reach into the next one."""

MEASURED, ASSUMED, UNKNOWN = "measured", "assumed", "unknown"

MEASURES = (
    "skipped",
    "shuffle",
    "offline",
    "incognito",
    "reason_start",
    "reason_end",
    "platform",
    "country",
)
"""What only sources tell that know how a play went."""

TOLD = (
    "kind",
    "track_uri",
    "track_name",
    "artist_name",
    "album_name",
    "duration_ms",
    "isrc",
    "recording_mbid",
    "moved",
    *MEASURES,
)
"""What a play has from the most trusted source that tells it."""

DESCRIBED = pa.schema(
    [
        *(pa.field(name, HISTORY.schema.field(name).type) for name in TOLD),
        pa.field("played_at", UTC_MS),
        pa.field("started_at", UTC_MS),
        pa.field("ms_played", pa.int32()),
        pa.field("ms_played_source", pa.string()),
        pa.field("probable_double", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Joined:
    """A source's plays and where they stand among all plays.

    Attributes:
        told: the source's plays.
        play_of: for each of them the play in the ledger.
        double: whether it is probably another one of them once more, from another program.
    """

    told: SourcePlays
    play_of: Ints
    double: Bools

    @property
    def play_of_rows(self) -> list[Ints]:
        """For each import, for each of its rows, the play; -1 for rows of other sources."""
        play_of = np.append(self.play_of, MISSING)
        return [play_of[rows] for rows in self.told.play_of_rows]

    def row_of(self, count: int) -> Ints:
        """For each of `count` plays its row index among the source's; -1 where it has none."""
        rows = np.full(count, MISSING, np.int64)
        rows[self.play_of] = np.arange(len(self.play_of))
        return rows


@dataclass(frozen=True)
class Elsewhere:
    """What other sources tell.

    Attributes:
        joined: each source, those that are trusted most first.
        times: when all plays were: first those of the polled service, in their order.
        own: how many those are.
    """

    joined: tuple[Joined, ...]
    times: Times
    own: int


def join(
    polled: pa.Table,
    exports: MergedExports,
    matches: matching.Matches,
    polled_of: Ints,
    imports: Sequence[ImportedExport],
) -> Elsewhere | None:
    """Find the plays that other sources tell of among those of the polled service.

    Args:
        polled: `polled` rows.
        exports: rows of exports, one per play.
        matches: which of them are polled rows.
        polled_of: for each play its row index in `polled`.
        imports: rows of all sources, in order of import.

    Returns:
        None where no other source tells anything.
    """
    found = plays_from_elsewhere(imports)
    if not found:
        return None
    names = faces(polled, [exports.rows, exports.account, *(one.rows for one in found)])
    own = len(polled_of)
    times = own_times(polled, exports, matches, polled_of)
    exported = np.where(np.arange(own) < len(exports.rows), np.arange(own), MISSING)
    account = np.full(own, MISSING, np.int64)
    account[: len(exports.account_of)] = exports.account_of
    called = [
        names[0].take(polled_of),
        names[1].take(exported),
        names[2].take(account),
    ]
    rows = [Times.of(one.rows, name) for one, name in zip(found, names[3:], strict=True)]
    times = with_beginnings(Times.concat(rows), Faces.concat(names[3:]), times, called)
    joined = []
    for told, row, name in zip(found, rows, names[3:], strict=True):
        one, times, called = _join_source(told, row, name, times, called)
        joined.append(one)
    return Elsewhere(tuple(joined), times, own)


def _join_source(
    told: SourcePlays, rows: Times, names: Faces, times: Times, called: Sequence[Faces]
) -> tuple[Joined, Times, list[Faces]]:
    play_of = pair(rows, names, times, called)
    merged = play_of != MISSING
    double = moved.doubles(told.rows, probable_doubles(rows, names.loose, merged))
    times = times.told_by(rows, play_of)
    alone = np.flatnonzero(~merged)
    play_of[alone] = len(times.start) + np.arange(len(alone))
    times = Times.concat([times, replace(rows.take(alone), doubtful=double[alone])])
    more = np.full(len(alone), MISSING, np.int64)
    row_of = np.full(len(times.start), MISSING, np.int64)
    row_of[play_of] = np.arange(len(play_of))
    called = [one.take(np.append(np.arange(len(one.id)), more)) for one in called]
    return Joined(told, play_of, double), times, [*called, names.take(row_of)]


def own_times(
    polled: pa.Table, exports: MergedExports, matches: matching.Matches, polled_of: Ints
) -> Times:
    """When the plays of the polled service were, as `plays` tells it.

    Args:
        polled: `polled` rows.
        exports: rows of exports, one per play.
        matches: which of them are polled rows.
        polled_of: for each play its row index in `polled`.
    """
    rows, count = exports.rows, len(polled_of)
    exported = np.arange(count) < len(rows)
    more = count - len(rows)
    nothing = np.full(more, MISSING, np.int64)
    told = np.append(instants(rows["played_at"]), nothing)
    measured = np.append(rows["ms_played"].to_numpy().astype(np.int64), nothing)
    exact = np.append(has_source(rows, exact_exports()), np.zeros(more, np.bool_))
    shown = np.append(instants(polled["played_at"]), MISSING)[polled_of]
    lengths = np.asarray(polled["duration_ms"].fill_null(MISSING).to_numpy(), np.int64)
    duration = np.append(lengths, MISSING)[polled_of]
    kind = np.append(matches.kind, MISSING)[polled_of]
    is_polled = polled_of != MISSING
    began = shown + np.where(np.isin(kind, matching.STARTS), measured, 0)
    ended = ~exported | (is_polled & np.isin(kind, matching.ENDS))
    at = np.where(ended, shown, np.where(exact | ~is_polled, told, began))
    heard = np.where(exported, measured, duration)
    minute = exported & ~is_polled & ~exact
    early, late = np.where(minute, MINUTE // 2, 0), np.where(minute, MINUTE - 1, 0)
    start = np.where(heard >= 0, at - heard, MISSING)
    trackdone = pc.equal(rows["reason_end"], "trackdone").fill_null(False)
    reached = (duration >= 0) & (heard >= duration - matching.COMPLETE_TOLERANCE)
    whole = reached | ~exported
    whole[: len(rows)] |= trackdone.to_numpy(zero_copy_only=False)
    polls_alone = is_polled & ~exact
    return Times(
        np.where(start >= 0, start - early, MISSING),
        np.where(start >= 0, start + late, MISSING),
        at - early,
        at + late,
        shown,
        heard,
        duration,
        heard,
        whole,
        np.zeros(count, np.bool_),
        exact,
        np.zeros(count, np.bool_),
        polls_alone,
        exported,
    )


def probable_doubles(rows: Times, recording: Ints, merged: Bools) -> Bools:
    """Which rows are probably another row of their source once more, from another program.

    Of two that begin closer than half a minute, or half their length, the later one, or the one
    that no other source tells of.

    Args:
        rows: times of rows of one source.
        recording: code of each row's recording.
        merged: whether another source tells of the same play.
    """
    double = np.zeros(len(recording), np.bool_)
    order = np.lexsort((np.arange(len(recording)), rows.start, recording))
    order = order[(rows.start[order] >= 0) & (recording[order] >= 0)]
    code, start = recording[order], rows.start[order]
    if not (np.diff(start, prepend=0)[np.diff(code, prepend=MISSING) == 0] < WINDOW).any():
        return double  # nearly always
    number = np.unique(code, return_inverse=True)[1]
    longest = np.full(int(number.max()) + 1, MISSING)
    np.maximum.at(longest, number, rows.duration[order])
    limit = np.where(longest >= 0, np.minimum(WINDOW, longest // 2), WINDOW)[number]
    sure = merged[order]
    stride = int(start.max()) + 4 * WINDOW
    key = number * stride + start
    beside = ~sure & _any_within(key, key[sure], limit)
    # Of the others every first one is kept, and those that begin long enough after it.
    rest = np.flatnonzero(~sure & ~beside)
    kept = _first_of_near(key[rest], limit[rest])
    double[order[beside]] = True
    double[order[rest[~kept]]] = True
    return double


def _any_within(keys: Ints, others: Ints, limit: Ints) -> Bools:
    """For which keys another one lies nearer than a limit."""
    first = np.searchsorted(others, keys - limit, "right")
    last = np.searchsorted(others, keys + limit, "left")
    return last > first


def _first_of_near(keys: Ints, limit: Ints) -> Bools:
    """Which sorted keys are at least a limit after the last one of which that holds."""
    count = len(keys)
    kept = np.zeros(count + 1, np.bool_)
    if not count:
        return kept[:0]
    jump = np.append(np.searchsorted(keys, keys + limit, "left"), count)
    kept[:-1] = np.diff(keys, prepend=keys[0] - limit[0]) >= limit
    for _ in range(int(count).bit_length()):
        kept[jump[np.flatnonzero(kept)]] = True
        jump = jump[jump]
    return kept[:-1]


def described(found: Elsewhere | None) -> tuple[Ints, pa.Table]:
    """What other sources tell of plays, and of which.

    Args:
        found: what they tell; None where that is nothing.

    Returns:
        Indices of plays, and a row for each: the columns `TOLD`, and played_at, started_at,
        ms_played, ms_played_source and probable_double, as of a play that no export or poll tells.
    """
    if found is None:
        return np.empty(0, np.int64), DESCRIBED.empty_table()
    count = len(found.times.start)
    touched = np.zeros(count, np.bool_)
    for one in found.joined:
        touched[one.play_of] = True
    plays = np.flatnonzero(touched)
    row_of = [one.row_of(count)[plays] for one in found.joined]
    columns = {name: _first_told(found, row_of, name) for name in TOLD}
    return plays, pa.table(columns | _times_told(found, row_of, plays)).cast(DESCRIBED)


def _indices(rows: Ints) -> pa.Array:
    return pa.array(rows, mask=rows == MISSING)


def _first_told(found: Elsewhere, row_of: Sequence[Ints], name: str) -> pa.ChunkedArray:
    told = [
        one.told.rows[name].take(_indices(rows))
        for one, rows in zip(found.joined, row_of, strict=True)
    ]
    if name == "kind":
        known = [pc.if_else(pc.equal(kind, "unknown"), None, kind) for kind in told]
        return pc.coalesce(*known, *told)
    return pc.coalesce(*told)


def _times_told(
    found: Elsewhere, row_of: Sequence[Ints], plays: Ints
) -> dict[str, pa.Array | pa.ChunkedArray]:
    start, least, ended, heard, length = (np.full(len(plays), MISSING) for _ in range(5))
    double, supposed = np.zeros((2, len(plays)), np.bool_)
    for one, rows in zip(found.joined, row_of, strict=True):
        table = one.told.rows
        there = rows != MISSING
        began, at = _numbers(table["started_at"]), instants(table["played_at"])
        ran, whole = _numbers(table["ms_played"]), _numbers(table["duration_ms"])
        exact = precisions(table) < MINUTE
        supposed |= (heard < 0) & np.append(moved.assumed(table), False)[rows]
        for into, values in (
            (start, np.where(exact, began, MISSING)),
            (least, began),
            (ended, np.where((began < 0) | (ran >= 0), at, MISSING)),
            (heard, ran),
            (length, whole),
        ):
            new = there & (into < 0)
            into[new] = values[rows[new]]
        double |= there & np.append(one.double, False)[rows]
    double &= plays >= found.own
    start = np.where(start >= 0, start, least)
    fits = (length >= 0) & ((start < 0) | _has_room(found, plays, start, length)) & ~double
    assumed = (heard < 0) & fits
    ms_played = np.where(assumed, length, heard)
    by_start = np.where(start >= 0, start + np.maximum(ms_played, 0), MISSING)
    # A measured play tells its end by itself; it may have been paused.
    played = np.where((ended >= 0) & ((heard >= 0) | (start < 0)), ended, by_start)
    assumed |= supposed
    source = np.where(assumed, ASSUMED, np.where(heard >= 0, MEASURED, UNKNOWN))
    return {
        "played_at": pa.array(played).cast(UTC_MS),
        "started_at": pa.array(start, mask=start < 0).cast(UTC_MS),
        "ms_played": pa.array(ms_played, mask=ms_played < 0).cast(pa.int32()),
        "ms_played_source": pa.array(source),
        "probable_double": pa.array(double),
    }


def _numbers(values: pa.ChunkedArray) -> Ints:
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return np.asarray(values.fill_null(MISSING).to_numpy(), np.int64)


def _has_room(found: Elsewhere, plays: Ints, start: Ints, length: Ints) -> Bools:
    """Whether a play of its whole length would have ended when the next one began."""
    times = found.times
    known = np.where(times.start_to >= 0, times.start_to, times.end_to)
    known = np.sort(known[~times.doubtful])
    own = times.start_to[plays]
    after = np.searchsorted(known, own, "right")
    alike = after - np.searchsorted(known, own, "left")
    following = np.append(known, np.iinfo(np.int64).max)[after]
    room: Bools = (alike <= 1) & (start + length - ROOM <= following)
    return room
