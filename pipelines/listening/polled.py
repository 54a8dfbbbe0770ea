"""Plays out of recently-played answers: one row per play that a date's polls showed.

Decoding an answer, uniting the answers of a date and naming what was played from live here.
How several dates and exports become one ledger is `ledger.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa

from pipelines.listening.responses import Page, Response
from pipelines.listening.spotify_objects import Play
from pipelines.listening.tables import POLLS, RECENT_TRACKS, REFUSED

FIRST_PLAY_EVER = datetime(2006, 1, 1, tzinfo=UTC)
"""Spotify was founded in 2006: an older time is not a play's."""

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far a play may lie after the answer that showed it. Reasoned: two clocks, not a future."""


@dataclass(frozen=True)
class Polled:
    """What answers showed: `recent_tracks` rows, `polls` rows and `refused` rows."""

    plays: pa.Table
    polls: pa.Table
    refused: pa.Table

    @classmethod
    def nothing(cls) -> "Polled":
        """Before the first answer."""
        return cls(RECENT_TRACKS.empty(), POLLS.empty(), REFUSED.empty())


def read(response: Response, name: str) -> Polled:
    """The plays in one answer.

    Args:
        response: a recently-played answer as kept.
        name: its file's name, by which `polls` and `refused` point to it.

    Raises:
        msgspec.ValidationError: where the answer is no list at all.
    """
    page = Page.of(response)
    latest = max(response.fetched_at, response.server_date or response.fetched_at) + CLOCKS_DIFFER
    plays: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    equal: Counter[tuple[object, ...]] = Counter()
    for position, item in enumerate(page.items, start=1):
        try:
            row = _row(item, latest)
        except ValueError as problem:
            refused.append(
                {
                    "response": name,
                    "item": position,
                    "reason": str(problem),
                    "row": bytes(item).decode(errors="replace"),
                }
            )
            continue
        same = (row["played_at"], row["track_id"] or row["track_uri"] or row["track_name"])
        equal[same] += 1
        plays.append({**row, "ordinal": equal[same], "fetched_at": _ms(response.fetched_at)})
    times = [row["played_at"] for row in plays]
    poll = {
        "fetched_at": _ms(response.fetched_at),
        "response": name,
        "items": len(page.items),
        "refused": len(refused),
        "full": bool(page.next) or len(page.items) >= int(response.request.params["limit"]),
        "oldest_played_at": min(times, default=None),  # type: ignore[type-var]
        "newest_played_at": max(times, default=None),  # type: ignore[type-var]
    }
    return Polled(
        RECENT_TRACKS.from_rows(plays), POLLS.from_rows([poll]), REFUSED.from_rows(refused)
    )


def _row(item: msgspec.Raw, latest: datetime) -> dict[str, object]:
    play = msgspec.json.decode(item, type=Play)
    if play.played_at.tzinfo is None:
        raise ValueError(f"played_at has no time zone: {play.played_at.isoformat()}")
    if not FIRST_PLAY_EVER <= play.played_at <= latest:
        raise ValueError(
            f"played_at {play.played_at.isoformat()} is not between 2006 and the answer's own time"
        )
    if play.track is None:
        raise ValueError("track is null")
    track = play.track
    if not (track.id or track.uri or track.name):
        raise ValueError("track has no id, uri or name")
    context = play.context
    return {
        "played_at": _ms(play.played_at),
        "kind": track.kind,
        **track.columns(),
        "genres": None,
        "played_from_type": context.type if context else None,
        "played_from_uri": context.uri if context else None,
        "played_from_name": None,
    }


def _ms(moment: datetime) -> datetime:
    """Cut to whole milliseconds: more than that is not kept in any table."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def unite(parts: Sequence[Polled]) -> Polled:
    """Several answers as one: whatever their order and overlap, each play once.

    Equal rows (same time, same track) of different answers are one play; equal rows of one
    answer are as many plays as they stand there, so over all answers the largest count holds.
    A play keeps the description of the answer that showed it first.
    """
    parts = [Polled.nothing(), *parts]
    refused = pa.concat_tables([part.refused for part in parts])
    return Polled(
        RECENT_TRACKS.conform(once(pa.concat_tables([part.plays for part in parts]))),
        POLLS.conform(pa.concat_tables([part.polls for part in parts])),
        REFUSED.conform(refused.group_by(REFUSED.schema.names).aggregate([])),
    )


def once(shown: pa.Table) -> pa.Table:
    """Rows of any number of answers or dates, each play once, as it was shown first."""
    import duckdb  # noqa: PLC0415 a tenth of a second that loading the definitions need not pay

    with duckdb.connect() as db:
        db.register("shown", shown)
        rows = db.sql(
            """
            SELECT * FROM shown
            QUALIFY row_number() OVER (
                PARTITION BY played_at, coalesce(track_id, track_uri, track_name), ordinal
                ORDER BY fetched_at, track_uri, track_name
            ) = 1
            """
        )
        return rows.to_arrow_table().cast(RECENT_TRACKS.schema)


def name_sources(
    plays: pa.Table, *, playlists: Mapping[str, str], genres: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Fill in what other answers of the same date tell: names of playlists, genres of artists.

    Args:
        plays: `recent_tracks` rows.
        playlists: name by playlist uri.
        genres: genres by artist id, from the date's top artists.
    """
    columns = plays.select(["played_from_uri", "album_id", "album_name", "artist_id"]).to_pylist()
    names = [
        playlists.get(row["played_from_uri"])
        or (
            row["album_name"]
            if row["played_from_uri"] == f"spotify:album:{row['album_id']}"
            else None
        )
        for row in columns
    ]
    told = [genres.get(row["artist_id"]) for row in columns]
    for column, values in (("played_from_name", names), ("genres", told)):
        at = plays.schema.get_field_index(column)
        declared = plays.schema.field(column)
        plays = plays.set_column(at, declared, pa.array(values, declared.type))
    return plays
