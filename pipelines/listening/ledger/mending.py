"""What an export lacks of a play and another one knows: names, the uri, platform, reasons.

Add here what a play has from which export. Which rows may be the same play in the first place is
decided in `export_union.py`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.ledger.assignment import Candidates
from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import SECOND

REPLACEMENT = "\ufffd"
"""Stands for a character that was lost when a file was saved."""

DISTINCTIVE_MS = 10 * SECOND
"""Two plays longer than this hardly have equal milliseconds by chance. Reasoned."""

NAMES = ("track_name", "artist_name", "album_name")

TIMES = ("played_at", "started_at", "precision_ms")
"""Columns that say together when a play was."""

AS_FIRST = ("source", "ms_played", "file", "row", "ordinal", "imported_at")
"""Columns that all rows of a play have alike, or that say where the first one stands."""


def lacks(rows: pa.Table) -> pa.Array:
    """How much of the uri and the names each row lacks.

    Args:
        rows: `streaming_history` rows.
    """
    count = pc.is_null(rows["track_uri"]).cast(pa.int32())
    for name in NAMES:
        count = pc.add(count, pc.invert(_is_clean(rows[name])).cast(pa.int32()))
    return count.combine_chunks() if isinstance(count, pa.ChunkedArray) else count


def _is_clean(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.match_substring(texts, REPLACEMENT)).fill_null(False)


def compatible(rows: pa.Table, known: pa.Table, pairs: Candidates) -> Ints:
    """Which pairs of rows of one time and length are the same play.

    One lacks the uri or a name that the other has, or has U+FFFD for characters of it, and all
    else agrees; or uri and album differ, as Spotify replaces tracks. Both exports have to cover
    the time (`kind` 1), unless nothing but what is missing differs, and time and length are
    enough to know a play by.

    Args:
        rows: `streaming_history` rows on the left.
        known: those on the right.
        pairs: candidates with equal milliseconds; the cost is how far apart they are.

    Returns:
        Indices into `pairs`.
    """
    if not len(pairs.left):
        return np.empty(0, np.int64)
    columns = {
        f"{side}_{name}": table[name].take(pa.array(at))
        for side, table, at in (("a", rows, pairs.left), ("b", known, pairs.right))
        for name in ("track_uri", *NAMES)
    }
    lengths = rows["ms_played"].take(pa.array(pairs.left))
    certain = pc.greater_equal(lengths, DISTINCTIVE_MS).to_numpy() & (pairs.cost == 0)
    table = pa.table(columns | {"covered": pairs.kind == 1, "certain": certain})
    verdict = query(_COMPATIBLE, pairs=table)["same"].to_numpy()
    same: Ints = np.flatnonzero(verdict)
    return same


def _agree(name: str) -> str:
    one, other = f"a_{name}", f"b_{name}"
    return (
        f"({one} IS NULL OR {other} IS NULL OR {one} = {other}"
        f" OR {_like(one, other)} OR {_like(other, one)})"
    )


def _like(damaged: str, whole: str) -> str:
    """DuckDB SQL: whether a name is another one with U+FFFD for some of its characters."""
    escaped = rf"regexp_replace({damaged}, '([%_\\])', '\\\1', 'g')"
    pattern = f"regexp_replace({escaped}, '{REPLACEMENT}+', '%', 'g')"
    return rf"(contains({damaged}, '{REPLACEMENT}') AND {whole} LIKE {pattern} ESCAPE '\')"


_COMPATIBLE = f"""
SELECT coalesce(
    CASE WHEN a_track_uri <> b_track_uri
        THEN covered AND a_track_name = b_track_name AND a_artist_name = b_artist_name
        ELSE (covered OR certain) AND {" AND ".join(map(_agree, NAMES))}
    END, false) AS same
FROM pairs
"""  # noqa: S608 built from constants


def mend(rows: pa.Table, first: pa.Table, plays: Ints, latest: Ints, fuller: Ints) -> pa.Table:
    """One row per play, with what any of its rows knows.

    Where rows differ, the one from the export that Spotify made last is right; U+FFFD is worse
    than any other name, and that a play was skipped is believed whoever says so, since for years
    exports denied it.

    Args:
        rows: `streaming_history` rows of all imports.
        first: the first row of each play.
        plays: the play of each row.
        latest: rank of each row's import: 0 for the one that was made last.
        fuller: the same, and of those made at one time the one with the fewest nulls first.

    Returns:
        `streaming_history` rows in the order of plays.
    """
    choose = _Choice(plays, fuller)
    all_good = np.ones(len(rows), np.bool_)
    latest_row = _Choice(plays, latest).of(all_good, all_good)
    worst = {
        name: _is_clean(rows[name]).to_numpy()
        for name in rows.column_names
        if rows.schema.field(name).type == pa.string()
    }
    has_uri = pc.is_valid(rows["track_uri"]).to_numpy()
    kind = rows["kind"]
    known_kind = pc.invert(pc.is_in(kind, pa.array(["unknown"]))).to_numpy()
    named_only = pc.equal(kind, "local").to_numpy() & ~has_uri
    better = worst | {
        "kind": known_kind & ~named_only,
        "skipped": rows["skipped"].fill_null(False).to_numpy(),
    }
    columns = []
    for name in rows.column_names:
        if name in AS_FIRST:
            columns.append(first[name])
            continue
        valid = known_kind if name == "kind" else pc.is_valid(rows[name]).to_numpy()
        if name in TIMES:
            columns.append(rows[name].take(pa.array(latest_row)))
            continue
        columns.append(rows[name].take(pa.array(choose.of(better.get(name, valid), valid))))
    return pa.Table.from_arrays(columns, schema=rows.schema)


class _Choice:
    """Chooses one row for each play.

    Args:
        plays: the play of each row; each has one.
        rank: of rows that are equally good, that of the lowest rank is chosen.
    """

    def __init__(self, plays: Ints, rank: Ints) -> None:
        self._order = np.lexsort((rank, plays))
        ordered = plays[self._order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))

    def of(self, better: Bools, good: Bools) -> Ints:
        """The row for each play.

        Args:
            better: rows that are chosen before all others.
            good: rows that are chosen before those that are neither.
        """
        count = len(self._order)
        score = np.where(better, 0, np.where(good, 1, 2))[self._order]
        best = np.minimum.reduceat(score * count + np.arange(count), self._starts)
        chosen: Ints = self._order[best % count]
        return chosen
