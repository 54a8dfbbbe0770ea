"""Plans made of what lies in the lake: no request goes to Spotify.

Sources are the last complete readings of playlists, whatever their age, which the plan says; who
wants newer ones reads the playlists first. Add here what a plan reads from the lake; what becomes
of it is `listening/playlists/`, and how plans are stored `plans.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan
from pipelines.listening.catalogue.identifiers import LIKED_SONGS, spotify_uri, type_of_uri
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.insights import runner
from pipelines.listening.playlists import from_ledger, merging
from pipelines.listening.playlists.describe import markdown
from pipelines.listening.playlists.from_ledger import PICKS, PLAYS_COLUMNS, Pick
from pipelines.listening.playlists.items_to_write import heard_in
from pipelines.listening.playlists.parts import Pace, Planned
from pipelines.listening.playlists.plan import Options, SourceState, entries_digest
from pipelines.listening.playlists.recordings import with_recordings
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.playlist_tables import (
    LIKED,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.tables import GAPS, UNIQUE_TRACKS
from pipelines.library.plans import Plans
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.settings import Listener

LIKED_NAMES = ("liked", "liked songs", "liked_songs")

Row = dict[str, Any]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Planner:
    """Makes plans for one listener.

    Attributes:
        lake: the listener's.
        listener: their settings.
        pace: how fast this machine asks Spotify.
        clock: the current time.
    """

    lake: ListenerLake
    listener: Listener
    pace: Pace
    clock: Callable[[], datetime] = _now

    def of_playlists(self, named: Sequence[str], options: Options) -> Planned:
        """A plan for one playlist of several.

        Args:
            named: names, ids, uris or addresses of playlists that were read; one that is named
                twice counts once.
            options: what is wanted.

        Raises:
            RefusedPlan: where a source is not known, or was never read to its end, or nothing is
                left of all.
        """
        known: list[Row] = self.lake.read(PLAYLIST_READINGS).to_pylist()
        found = {row["playlist_id"]: row for row in (self._find(name, known) for name in named)}
        entries = {one: self.lake.read(PLAYLIST_ENTRIES, playlist=one) for one in found}
        sources = merging.in_order(
            [_state(row, entries[one]) for one, row in found.items()], options.order
        )
        rows = pa.concat_tables([entries[source.playlist_id] for source in sources])
        notes = [note for row in found.values() if (note := self._note(row))]
        heard = self._heard(options, notes)
        tracks = self.lake.read(UNIQUE_TRACKS)
        known_rows = with_recordings(merging.as_added(rows), tracks)
        items = merging.candidates(known_rows, sources, options, heard)
        return merging.merge(
            self.listener.name,
            options,
            sources,
            items,
            self._duplicates(merging.as_one_playlist(items)),
            made_at=self._made_at(),
            pace=self.pace,
            notes=notes,
        )

    def of_ledger(self, pick: Pick, options: Options) -> Planned:
        """A plan of songs that were heard.

        Args:
            pick: what is wanted.
            options: likewise; `picked` says the same as `pick`.

        Raises:
            RefusedPlan: where there is nothing of it, or the table it is made from is not there.
        """
        table = PICKS[pick.kind].table
        notes: list[str] = []
        if table == LABELLED_PLAYS.name:
            rows = self.lake.read_months(LABELLED_PLAYS, PLAYS_COLUMNS)
        else:
            rows = self.lake.read(runner.insights()[table].table)
        heard = self._heard(options, notes)
        songs = from_ledger.picked(pick, rows, self.lake.read(UNIQUE_TRACKS), heard)
        if from_ledger.is_incomplete(pick, songs, self.lake.read(GAPS)):
            notes.append(
                "Plays of that time may be missing: there is an open gap, or only polls tell of it."
            )
        return from_ledger.plan_of(
            self.listener.name,
            msgspec.structs.replace(options, picked=msgspec.to_builtins(pick)),
            songs,
            made_at=self._made_at(),
            pace=self.pace,
            notes=notes,
        )

    def save(self, planned: Planned) -> str:
        """Store a plan and its page; returns the page's address."""
        return Plans(self.lake).save(planned.plan, markdown(planned))

    def _made_at(self) -> datetime:
        return self.clock().replace(microsecond=0)

    def _find(self, name: str, known: Sequence[Row]) -> Row:
        """The reading of the playlist that a person means."""
        who = self.listener.name
        wanted = _id_in(name)
        found = [row for row in known if row["playlist_id"] in {wanted, name.strip()}]
        for same in (str, normal_name):
            found = found or [row for row in known if same(row["name"] or "") == same(name)]
        if not found:
            raise RefusedPlan(
                f"{who} has no playlist {name!r} among those that are known: `playledger playlists "
                f"list {who}` shows them, `playledger playlists fetch {who}` reads them"
            )
        if len(found) > 1:
            ids = ", ".join(sorted(row["playlist_id"] for row in found))
            raise RefusedPlan(f"{who} has {len(found)} playlists called {name!r}: name an id: {ids}")
        [row] = found
        if row["read_at"] is None:
            because = f" ({row['reason']})" if row["reason"] else ""
            raise RefusedPlan(
                f"{name!r} was not read to its end yet{because}: `playledger playlists fetch {who}` "
                "reads it"
            )
        return row

    def _note(self, row: Row) -> str | None:
        """What a person should know of a reading, besides its age."""
        name, read_at = row["name"] or row["playlist_id"], f"{row['read_at']:%Y-%m-%d %H:%M} UTC"
        as_of = f"the plan has its items as of {read_at}"
        if row["state"] == "not_readable":
            because = f" ({row['reason']})" if row["reason"] else ""
            return f"{name} cannot be read any more{because}: {as_of}, and cannot be checked."
        if row["state"] == "partly" or row["changed"]:
            return (
                f"{name} has changed since it was read: {as_of}. Read it again before you write: "
                f"playledger playlists fetch {self.listener.name}."
            )
        return None

    def _heard(self, options: Options, notes: list[str]) -> pa.Table:
        """How often songs were heard in the contexts to be left out; no rows if there are none."""
        columns = PLAYS_COLUMNS if options.without else PLAYS_COLUMNS[:1]
        plays = (
            self.lake.read_months(LABELLED_PLAYS, columns)
            if options.without
            else LABELLED_PLAYS.with_columns(PLAYS_COLUMNS).empty()
        )
        if options.without and not len(plays):
            notes.append(
                f"No plays of {self.listener.name}'s are known, so nothing is left out by context."
            )
        return heard_in(plays, options.without)

    def _duplicates(self, entries: pa.Table) -> pa.Table:
        [(_, rows)] = runner.compute(
            ["playlist_duplicates"], {"playlist_entries": entries}, self.listener.zones
        )
        return rows


def contexts_in(text: str) -> tuple[str, ...]:
    """The contexts in a list such as "kids,sleep", each once, in the order of `CONTEXTS`.

    Raises:
        RefusedPlan: where one is none.
    """
    named = {one.strip().lower() for one in text.split(",") if one.strip()}
    if unknown := sorted(named - set(CONTEXTS)):
        raise RefusedPlan(f"{unknown[0]!r} is no context: there are {', '.join(CONTEXTS)}")
    return tuple(context for context in CONTEXTS if context in named)


def _id_in(name: str) -> str | None:
    """The id in a uri or an address of a playlist; None where it is neither."""
    if normal_name(name) in {normal_name(liked) for liked in LIKED_NAMES}:
        return LIKED
    uri = spotify_uri(name)
    if uri == LIKED_SONGS:
        return LIKED
    return uri.split(":")[2] if uri and type_of_uri(uri) == "playlist" and uri.count(":") == 2 else None  # noqa: PLR2004


def _state(row: Row, entries: pa.Table) -> SourceState:
    return SourceState(
        playlist_id=row["playlist_id"],
        name=row["name"],
        snapshot_id=row["snapshot_id"],
        read_at=row["read_at"],
        items=len(entries),
        digest=entries_digest(entries),
    )
