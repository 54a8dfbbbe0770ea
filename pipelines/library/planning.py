"""Plans made of what lies in the lake: no request goes to Spotify.

Sources are the last complete readings of playlists, whatever their age, which the plan says; who
wants newer ones reads the playlists first. Add here what a plan reads from the lake; what becomes
of it is `listening/playlists/`, and how plans are stored `plans.py`.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from pipelines.errors import RefusedPlan
from pipelines.library.plans import Plans
from pipelines.library.wanted import Named, find_wanted
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.insights import runner
from pipelines.listening.plain_text import plain
from pipelines.listening.playlists import from_ledger
from pipelines.listening.playlists.describe import markdown
from pipelines.listening.playlists.from_ledger import PICKS, PLAYS_COLUMNS, Pick
from pipelines.listening.playlists.items_to_write import heard_in
from pipelines.listening.playlists.merging import merge
from pipelines.listening.playlists.parts import Pace, Planned
from pipelines.listening.playlists.plan import Options, SourceState, entries_digest
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES, PLAYLIST_READINGS
from pipelines.listening.schema.tables import GAPS, UNIQUE_TRACKS
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.settings import Listener

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
        found = self._found(named)
        entries = {one: self._entries(row) for one, row in found.items()}
        notes = [note for row in found.values() if (note := self._note(row))]
        return merge(
            self.listener.name,
            options,
            [_state(row, entries[one]) for one, row in found.items()],
            entries,
            self.lake.read(UNIQUE_TRACKS),
            heard=self._heard(options, notes),
            duplicates_of=self._duplicates_of,
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
        notes: list[str] = []
        tables = {name: self._heard_most(name) for name in PICKS[pick.kind].tables}
        heard = self._heard(options, notes)
        songs = from_ledger.picked(pick, tables, self.lake.read(UNIQUE_TRACKS), heard)
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

    def _found(self, named: Sequence[str]) -> dict[str, Row]:
        """The readings of the playlists that a person means, by their ids, each once."""
        who = self.listener.name
        known: list[Row] = self.lake.read(PLAYLIST_READINGS).to_pylist()
        by_id = {row["playlist_id"]: row for row in known}
        listed = [Named(key, row["name"], row["owned"]) for key, row in by_id.items()]
        wanted, problems = find_wanted(named, listed)
        if problems:
            raise RefusedPlan(
                f"{'; '.join(problems)}: `playledger playlists list {who}` shows those that are "
                f"known, `playledger playlists fetch {who}` reads them"
            )
        for one in wanted:
            row = by_id.get(one.playlist_id, {})
            if row.get("read_at") is None:
                because = f" ({row['reason']})" if row.get("reason") else ""
                raise RefusedPlan(
                    f"{one.name!r} was not read to its end yet{because}: "
                    f"`playledger playlists fetch {who} {shlex.quote(one.name)}` reads it"
                )
        return {one.playlist_id: by_id[one.playlist_id] for one in wanted}

    def _entries(self, row: Row) -> pa.Table:
        entries = self.lake.read(PLAYLIST_ENTRIES, playlist=row["playlist_id"])
        if len(entries) != row["items"]:
            raise RefusedPlan(
                f"of {row['name'] or row['playlist_id']!r} {len(entries):,} items are stored, and "
                f"{row['items']:,} were read: `playledger playlists fetch {self.listener.name}` "
                "makes its table again"
            )
        return entries

    def _heard_most(self, table: str) -> pa.Table:
        """The rows of a table that a pick reads."""
        if table == LABELLED_PLAYS.name:
            rows = self.lake.read_months(LABELLED_PLAYS, PLAYS_COLUMNS)
        else:
            stored = self.lake.find(runner.insights()[table].table)
            rows = stored.rows if stored else None
        if rows is None or (table == LABELLED_PLAYS.name and not len(rows)):
            raise RefusedPlan(
                f"{self.listener.name} has no table {table} yet: it is made by the daily run"
            )
        return rows

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
        plays = LABELLED_PLAYS.with_columns(PLAYS_COLUMNS).empty()
        if options.without:
            plays = self.lake.read_months(LABELLED_PLAYS, PLAYS_COLUMNS)
        if options.without and not len(plays):
            notes.append(
                f"No plays of {self.listener.name}'s are known, so nothing is left out by context."
            )
        return heard_in(plays, options.without)

    def _duplicates_of(self, entries: pa.Table) -> pa.Table:
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


def name_in(text: str) -> str:
    """The name of a new playlist, as a person writes it.

    Raises:
        RefusedPlan: where it cannot be read, or has characters that cannot be seen.
    """
    seen = plain(text)
    if not seen or seen.replace(" ", "") != text.strip().replace(" ", ""):
        raise RefusedPlan(f"{text!r} is no name for a playlist: write one that can be read")
    return text.strip()


def _state(row: Row, entries: pa.Table) -> SourceState:
    return SourceState(
        playlist_id=row["playlist_id"],
        name=row["name"],
        snapshot_id=row["snapshot_id"],
        read_at=row["read_at"],
        items=len(entries),
        digest=entries_digest(entries),
    )
