"""Plans from the ledger: what was heard most in a month or a year, loved and forgotten, looped.

Each pick is a question that a table already answers; here it becomes a list of recordings, in
order, and each of these the track of Spotify's under which it was played last. Podcasts are in
none of them. Unless a pick asks for something else, they are of the plays that are the listener's
own (`mine`), so that what is in the contexts that they exclude, sleep and kids, is left out.

The figures of such a plan are those of `merging.py` that make sense for it, and `plays` of all its
songs, `confidence` (the mean, of a context), and `at_least` (plays may be missing).

Add a pick to `PICKS`, with the query of its recordings and the tables that it reads.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.playlists.items_to_write import WHY, counted, left_out
from pipelines.listening.playlists.parts import Pace, Planned, cost_of, parts_of, preview_of
from pipelines.listening.playlists.plan import Options, new_plan
from pipelines.listening.schema.sql import query

LEDGER = "ledger"
"""Stands for the id of the playlist in `left` and among the items of such a plan."""

FIRST_YEAR = 1900
SURE = 0.5
"""Mean confidence from which a song belongs to a context; more than half of it is right then."""

HEARD_SO = 2
"""Plays in a context from which a song may belong to it: once may be chance."""

MOST_OF_A_YEAR = 100


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for.

    Attributes:
        kind: one of `PICKS`.
        of: the month, year or context; empty for the other kinds.
        scope: `mine`, or `all` with what the listener excludes.
        confidence: of a context: how sure its plays must be, on average.
        top: at most so many songs; None for all of them.
    """

    kind: str
    of: str = ""
    scope: str = "mine"
    confidence: float = SURE
    top: int | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of pick.

    Attributes:
        tables: the tables that it reads.
        sql: its recordings, each once: recording_id, plays (in what was asked for), amount (by
            which they are in order, most first), at_least (plays may be missing), and confidence;
            where amounts are often equal also then_by.
        example: as a person writes it.
        name: what the playlist is called by default.
        check: raises ValueError where the part after the colon is none; None: there is no such.
    """

    tables: tuple[str, ...]
    sql: str
    example: str
    name: Callable[[Pick], str]
    check: Callable[[str], object] | None = None


def _month(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(f"{text}-01")


def _year(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text) or int(text) < FIRST_YEAR:
        raise ValueError(text)
    return int(text)


def _context(text: str) -> int:
    return CONTEXTS.index(text)


_MUSIC = f"counts AND kind NOT IN {SPOKEN}"

PICKS: Mapping[str, Kind] = {
    "rotation": Kind(
        tables=("heavy_rotation", "labelled_plays"),
        sql="""
            SELECT recording_id, coalesce(plays, 0) AS plays, coalesce(plays, 0) AS amount,
                at_least, NULL::DOUBLE AS confidence, coalesce(ms, 0) AS then_by
            FROM (
                SELECT recording_id, bool_or(at_least) AS at_least
                FROM heavy_rotation CROSS JOIN asked
                -- One that lasts does so up to the last day that is known, and nobody knows longer.
                WHERE heavy_rotation.scope = asked.scope
                    AND entered_on < first + INTERVAL 1 MONTH AND entered_on + days > first
                GROUP BY recording_id
            ) LEFT JOIN (
                SELECT recording_id, count(*) AS plays, sum(coalesce(ms_played, 0))::BIGINT AS ms
                FROM labelled_plays CROSS JOIN asked
                WHERE counts AND date_trunc('month', local_date) = first
                    AND (mine OR scope = 'all')
                GROUP BY recording_id
            ) USING (recording_id)
        """,
        example="rotation:2026-10",
        name=lambda pick: f"Heavy rotation {_month(pick.of):%B %Y}",
        check=_month,
    ),
    "forgotten": Kind(
        tables=("forgotten_favourites",),
        sql="""
            SELECT recording_id, plays, -rank AS amount, at_least, NULL::DOUBLE AS confidence
            FROM forgotten_favourites JOIN asked USING (scope)
        """,
        example="forgotten",
        name=lambda _: "Forgotten favourites",
    ),
    "obsessions": Kind(
        tables=("obsessions",),
        sql="""
            SELECT recording_id, plays, epoch(starts_on) AS amount, at_least,
                NULL::DOUBLE AS confidence
            FROM obsessions JOIN asked USING (scope) WHERE scope = 'all' OR loop IS NULL
        """,
        example="obsessions",
        name=lambda _: "Obsessions",
    ),
    "context": Kind(
        tables=("labelled_plays",),
        sql=f"""
            SELECT recording_id, plays, amount, false AS at_least,
                round(amount / plays, 4) AS confidence
            FROM (
                SELECT recording_id, count(*) AS ever,
                    count(*) FILTER (context = of) AS plays,
                    -- A sum of integers is the same in whatever order the plays are.
                    (sum(round(context_confidence * 1e6)::BIGINT) FILTER (context = of)) / 1e6
                        AS amount
                FROM labelled_plays CROSS JOIN (SELECT of FROM asked) WHERE {_MUSIC}
                GROUP BY recording_id
            ) CROSS JOIN asked
            WHERE plays >= {HEARD_SO} AND 2 * plays > ever AND amount / plays >= asked.sure
        """,  # noqa: S608 built from constants
        example="context:focus",
        name=lambda pick: f"My {pick.of} music",
        check=_context,
    ),
    "year": Kind(
        tables=("labelled_plays",),
        sql=f"""
            SELECT recording_id, count(*) AS plays, count(*) AS amount, false AS at_least,
                NULL::DOUBLE AS confidence, sum(coalesce(ms_played, 0))::BIGINT AS then_by
            FROM labelled_plays CROSS JOIN asked
            WHERE {_MUSIC} AND year(local_date) = year(first) AND (mine OR asked.scope = 'all')
            GROUP BY recording_id
        """,  # noqa: S608 built from constants
        example="year:2025",
        name=lambda pick: f"My top songs of {pick.of}",
        check=_year,
    ),
}

PLAYS_COLUMNS = (
    "local_date",
    "kind",
    "counts",
    "ms_played",
    "recording_id",
    "context",
    "context_confidence",
    "mine",
)
"""The columns of `labelled_plays` that picks, and `heard_in`, need."""


def parse_pick(
    text: str, *, scope: str = "mine", confidence: float = SURE, top: int | None = None
) -> Pick:
    """What a person asks for, such as `rotation:2026-10`, `forgotten` or `context:focus`.

    Args:
        text: the kind, and after a colon of what.
        scope: see `Pick`.
        confidence: see `Pick`.
        top: see `Pick`; of a year `MOST_OF_A_YEAR` where it is not said.

    Raises:
        RefusedPlan: where it is none of `PICKS`.
    """
    name, _, of = text.strip().lower().partition(":")
    kind = PICKS.get(name)
    examples = ", ".join(one.example for one in PICKS.values())
    if kind is None or bool(of) != (kind.check is not None):
        raise RefusedPlan(f"{text!r} is nothing to pick from the ledger: write {examples}")
    try:
        if kind.check:
            kind.check(of)
    except ValueError:
        which = f" (contexts: {', '.join(CONTEXTS)})" if name == "context" else ""
        raise RefusedPlan(f"{text!r}: write it like {kind.example}{which}") from None
    if name == "year" and top is None:
        top = MOST_OF_A_YEAR
    return Pick(kind=name, of=of, scope=scope, confidence=confidence, top=top)


def default_name(pick: Pick) -> str:
    """What the new playlist is called where nobody says."""
    return PICKS[pick.kind].name(pick)


def picked(
    pick: Pick, tables: Mapping[str, pa.Table], tracks: pa.Table, heard: pa.Table
) -> pa.Table:
    """The songs of a pick, in order, each with the track under which it was played last.

    Args:
        pick: what was asked for.
        tables: the rows of those that it reads, by name.
        tracks: `unique_tracks` rows.
        heard: what `heard_in` gives for the contexts that are to be left out; no rows where none
            are.

    Returns:
        Columns place (from 1), recording_id, track_name, artist_name, uri, plays_of_pick,
        confidence, at_least; and why, as `WHY` decides it, with plays and inside, which decided.
    """
    kind = PICKS[pick.kind]
    first = _month(pick.of) if kind.check is _month else None
    if kind.check is _year:
        first = date(_year(pick.of), 1, 1)
    asked = {
        "scope": [pick.scope],
        "of": [pick.of],
        "first": pa.array([first], pa.date32()),
        "sure": [pick.confidence],
        "top": pa.array([pick.top], pa.int64()),
        "unplayable": [True],
    }
    then_by = "then_by" if "then_by" in kind.sql else "0"
    return query(
        _PICKED.format(sql=kind.sql, then_by=then_by, why=WHY),
        **tables,
        tracks=tracks,
        heard=heard,
        asked=pa.table(asked),
    )


def is_incomplete(pick: Pick, songs: pa.Table, gaps: pa.Table) -> bool:
    """Whether plays may be missing of which there could be other songs, or another order.

    Args:
        pick: what was asked for.
        songs: what `picked` gives.
        gaps: `gaps` rows.
    """
    if pick.kind != "year":
        return bool(pc.any(songs["at_least"]).as_py())
    year = pa.table({"year": [int(pick.of)]})
    touching = query(
        "FROM gaps CROSS JOIN year WHERE closed_at IS NULL "
        "AND gap_start < make_date(year + 1, 1, 1) AND gap_end > make_date(year, 1, 1)",
        gaps=gaps.select(["gap_start", "gap_end", "closed_at"]),
        year=year,
    )
    return len(touching) > 0


def plan_of(
    listener: str,
    options: Options,
    songs: pa.Table,
    *,
    made_at: datetime,
    pace: Pace,
    notes: Sequence[str] = (),
) -> Planned:
    """A plan of songs from the ledger.

    Args:
        listener: whose.
        options: what was asked for.
        songs: what `picked` gives.
        made_at: now.
        pace: of this machine.
        notes: what else a person should know, in sentences.

    Raises:
        RefusedPlan: where there is nothing to write, or the options fit no such plan.
    """
    if options.keep_weights or options.order == "added":
        what = "--keep-weights" if options.keep_weights else "--order added"
        raise RefusedPlan(
            f"{what} is about playlists: what is picked from the ledger stands there once, and was "
            "never added to anything"
        )
    items = songs.append_column("playlist_id", pa.repeat(LEDGER, len(songs)))
    items = items.append_column("position", items["place"])
    left = left_out(items, options.without)
    stays = items.filter(pc.is_null(items["why"]))
    if not len(stays):
        because = (
            f"all {len(left):,} songs are left out ({left[0].reason})"
            if left
            else "the ledger has no song of it"
        )
        raise RefusedPlan(f"there is nothing to write for {options.name!r}: {because}")
    ordered = _ordered(stays, options.order)
    ordered = ordered.append_column("weight", ordered["plays_of_pick"]).drop_columns("place")
    ordered, made = parts_of(options, ordered, np.arange(len(ordered)))
    sure = pc.mean(ordered["confidence"]).as_py()
    figures: dict[str, Any] = {
        "before": len(items),
        "unique": len(ordered),
        "items": len(ordered),
        "dropped": 0,
        "left": {
            "total": len(left),
            "reasons": counted(items["why"].drop_null().to_pylist()),
            "anyway": 0,
        },
        "plays": pc.sum(ordered["plays_of_pick"]).as_py(),
        "confidence": None if sure is None else round(sure, 4),
        "at_least": pc.any(ordered["at_least"]).as_py(),
        "requests": cost_of([len(part.uris) for part in made], 0, pace),
        "preview": preview_of(ordered),
        "notes": list(notes),
    }
    plan = new_plan(listener, options, made, left=left, figures=figures, made_at=made_at)
    return Planned(plan, ordered, ordered.slice(0, 0))


def _ordered(songs: pa.Table, order: str) -> pa.Table:
    names = {"sorted_artist": "artist_name", "sorted_title": "track_name"}
    for name, of in names.items():
        songs = songs.append_column(name, normal_names(songs[of]))
    by = {
        "as_is": "place",
        "weight": "plays_of_pick DESC, place",
        "artist": "nullif(sorted_artist, '') NULLS LAST, sorted_title NULLS LAST, place",
    }
    return query(f"FROM songs ORDER BY {by[order]}", songs=songs)


_PICKED = """
WITH chosen AS ({sql}),
ranked AS (
    SELECT *, row_number() OVER (ORDER BY amount DESC, {then_by} DESC, recording_id) AS place
    FROM chosen
),
-- The track of Spotify's under which the recording was played last; else any, for its names.
known AS (
    SELECT recording_id, kind, track_name, artist_name,
        coalesce('spotify:track:' || if(kind = 'local', NULL, track_id), track_uri) AS uri
    FROM tracks WHERE recording_id IN (SELECT recording_id FROM chosen)
    QUALIFY row_number() OVER (
        PARTITION BY recording_id
        ORDER BY track_id IS NULL, last_played_at DESC, plays DESC, track_key
    ) = 1
),
named AS (
    SELECT place::INTEGER AS place, ranked.recording_id, known.kind, artist_name,
        coalesce(track_name, recording_id) AS track_name,
        if(uri LIKE 'spotify:local:%', NULL, uri) AS uri,
        ranked.plays::INTEGER AS plays_of_pick, confidence, at_least
    FROM ranked LEFT JOIN known USING (recording_id) CROSS JOIN asked
    WHERE place <= coalesce(top, place)
),
judged AS (
    SELECT named.*, 'unknown' AS state, heard.plays, inside
    FROM named LEFT JOIN heard USING (recording_id)
)
SELECT judged.* EXCLUDE (state, kind),
    CASE WHEN kind IS DISTINCT FROM 'local' AND uri IS NULL THEN 'name_only' ELSE {why} END AS why
FROM judged CROSS JOIN asked ORDER BY place
"""
