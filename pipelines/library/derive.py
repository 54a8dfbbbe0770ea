"""The tables of playlists, from what is kept of them: one file per playlist, and one of all.

Of each playlist the latest complete reading counts whose pages can be read. What is made again is
decided by the manifest of the folder `playlists/`, as everywhere. Add here what is derived from
kept readings; what their pages mean is `listening/playlists/`, when they are read `reading.py`.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import CorruptFile, UnreadableResponse
from pipelines.ingest.collector import PLAYLIST_SNAPSHOTS, PROFILE
from pipelines.library.kept import PLAYABLE, Reading, Readings, version_of
from pipelines.listening.api.objects import LIKED_SONGS_NAME, Playlist, decode
from pipelines.listening.api.responses import Page, Response
from pipelines.listening.playlists import changes, items
from pipelines.listening.playlists.items import entries_of, states_of, total_of
from pipelines.listening.schema.playlist_tables import (
    LIKED,
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.table import Table
from pipelines.listening.time.intervals import whole_ms
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import Inputs, Manifest, digest
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import retry_on_conflict

FOLDER = "playlists/"

log = logging.getLogger("playledger")


@dataclass
class Derived:
    """What the tables are made of now.

    Attributes:
        rows: of `playlist_readings`.
        items: how many rows `playlist_entries` has, over all playlists.
        changes: how many `playlist_changes` has.
        used: of each playlist the folder of the reading that its entries are made of.
        newest: when something was last added to a playlist, as its entries say.
        unequal: playlists of which it has another number of items than Spotify told.
        damaged: what is wrong with readings that cannot be used, by the playlist's id.
        written: how many files were written.
    """

    rows: pa.Table = field(default_factory=PLAYLIST_READINGS.empty)
    items: int = 0
    changes: int = 0
    used: dict[str, str] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    unequal: set[str] = field(default_factory=set)
    damaged: dict[str, str] = field(default_factory=dict)
    written: int = 0


@dataclass(frozen=True)
class Listed:
    """The listener's own list of playlists, as it was last read to its end.

    Attributes:
        playlists: each once, by its id, in Spotify's order.
        answers: what the list has of each, as it was received.
        fetched_at: when.
    """

    playlists: Mapping[str, Playlist]
    answers: Mapping[str, Response]
    fetched_at: datetime


def listed(lake: ListenerLake) -> Listed | None:
    """The latest complete list of the listener's playlists; None where none is kept."""
    raw = RawResponses(lake)
    for date in reversed(raw.dates(PLAYLIST_SNAPSHOTS)):
        if pages := raw.complete_list(PLAYLIST_SNAPSHOTS, date):
            return listed_in(pages)
    return None


def listed_in(pages: Sequence[Response]) -> Listed:
    """The playlists in the pages of a list; items that are none, or have no id, are left out."""
    found: dict[str, Playlist] = {}
    answers: dict[str, Response] = {}
    for response in pages:
        page = Page.of(response)
        for raw in [] if page.is_repeat else page.items:
            try:
                playlist, _ = decode(raw, Playlist)
            except msgspec.DecodeError:
                continue
            if playlist.id and playlist.id not in found:
                found[playlist.id] = playlist
                answers[playlist.id] = msgspec.structs.replace(response, body=raw)
    return Listed(found, answers, pages[0].fetched_at)


@retry_on_conflict
def update_entries(lake: ListenerLake) -> Derived:
    """Bring the tables up to date with what is kept; what is up to date is not read again."""
    return _Update(lake).run()


class _Update:
    def __init__(self, lake: ListenerLake) -> None:
        self._lake = lake
        self._manifest = Manifest(lake, FOLDER)
        self._stored = {entry.key: entry for entry in lake.store.list(FOLDER)}
        self._kept, self._playable = Readings(lake), Readings(lake, PLAYABLE)
        self._key = _hash_key(lake)
        self._derived = Derived()
        self._last: tuple[str, pa.Table] = ("", PLAYLIST_ENTRIES.empty())

    def run(self) -> Derived:
        readings, playable = self._kept.by_playlist(), self._playable.by_playlist()
        for playlist, some in readings.items():
            self._playlist(playlist, some, playable.get(playlist, []))
        self._delete_what_has_no_reading()
        self._manifest.save()
        self._derived.rows = PLAYLIST_READINGS.conform(
            PLAYLIST_READINGS.from_rows(list(self._rows(readings)))
        )
        before = self._lake.etag(PLAYLIST_READINGS)
        self._write(PLAYLIST_READINGS, self._derived.rows, before)
        return self._derived

    def _playlist(
        self, playlist: str, some: Sequence[Reading], playable: Sequence[Reading]
    ) -> None:
        complete = [one for one in some if one.complete]
        changes_path = PLAYLIST_CHANGES.path.format(playlist=playlist)
        inputs = _inputs(complete, str(changes.VERSION), str(items.VERSION), self._key)
        changes_stale = bool(complete) and not self._is_current(changes_path, inputs)
        unusable: set[str] = set()
        # Before the entries: the earlier reading may be stored as these, and need not be read.
        if changes_stale:
            self._write_changes(playlist, complete, inputs, unusable)
        self._write_entries(playlist, complete, playable, unusable)
        entry = self._manifest.entry(PLAYLIST_ENTRIES.path.format(playlist=playlist))
        if entry:
            self._derived.items += entry["rows"]
            self._derived.used[playlist] = entry["reading"]
            if entry["total"] not in {entry["rows"], None}:
                self._derived.unequal.add(playlist)
            if entry["newest"]:
                self._derived.newest[playlist] = datetime.fromisoformat(entry["newest"])
        self._derived.changes += self._manifest.entry(changes_path).get("rows", 0)

    def _is_current(self, path: str, inputs: Inputs) -> bool:
        stored = self._stored.get(path)
        return (
            stored is not None
            and self._manifest.is_current(inputs, path=path)
            and self._manifest.entry(path)["etag"] == stored.etag
        )

    def _write_entries(
        self,
        playlist: str,
        complete: Sequence[Reading],
        playable: Sequence[Reading],
        unusable: set[str],
    ) -> None:
        path = PLAYLIST_ENTRIES.path.format(playlist=playlist)
        for reading in reversed(complete):
            states = [one for one in playable if one.complete and one.version == reading.version]
            inputs = _inputs([reading, *states[-1:]], str(items.VERSION), self._key)
            if self._is_current(path, inputs):
                return
            if reading.folder in unusable:
                continue
            try:
                rows = self._rows_of(reading, states[-1:])
                notes = self._notes(reading, rows)
            except (CorruptFile, UnreadableResponse) as problem:
                self._name_damage(reading, problem, unusable)
                continue
            written = self._write(PLAYLIST_ENTRIES, rows, self._etag(path), playlist=playlist)
            self._manifest.record(inputs, written, path=path, **notes)
            return
        self._forget_file(path)

    def _rows_of(self, reading: Reading, playable: Sequence[Reading] = ()) -> pa.Table:
        states: dict[int, str] = {}
        for one in playable:
            try:
                states = states_of(self._playable.pages(one))
            except (CorruptFile, UnreadableResponse) as problem:  # then nobody looked
                log.warning("not used: %s", _of(one, problem))
        if self._last[0] == reading.folder and not states:
            return self._last[1]
        pages = self._kept.pages(reading)
        rows = entries_of(reading.playlist_id, pages, key=self._key, states=states)
        if not states:
            self._last = (reading.folder, rows)
        return rows

    def _notes(self, reading: Reading, rows: pa.Table) -> dict[str, Any]:
        """What the manifest keeps of a reading, so that its pages need not be read for it."""
        newest = pc.max(rows["added_at"]).as_py()
        begun = self._kept.one(reading, "begin")
        return {
            "reading": reading.folder,
            "read_at": reading.started_at.isoformat(),
            "newest": newest and newest.isoformat(),
            **_described(reading.playlist_id, begun),
        }

    def _write_changes(
        self, playlist: str, complete: Sequence[Reading], inputs: Inputs, unusable: set[str]
    ) -> None:
        path = PLAYLIST_CHANGES.path.format(playlist=playlist)
        known, code = self._manifest.entry(path).get("inputs", {}), inputs[1]
        stored = self._stored.get(path)
        rows = PLAYLIST_CHANGES.empty()
        # One alone is compared with nothing, and need not be read.
        used, due = ([], complete) if len(complete) > 1 else (list(complete), ())
        before: tuple[Reading, pa.Table] | None = None
        if (
            stored
            and self._is_current(path, (known, code))
            and known == _inputs(complete[: len(known)], code)[0]
            and (last := self._stored_reading(playlist, complete[: len(known)]))
        ):
            found = self._lake.find_if_valid(PLAYLIST_CHANGES, playlist=playlist)
            if found:
                rows, before = found.rows, last
                used, due = list(complete[: len(known)]), complete[len(known) :]
        parts = [rows]
        for reading in due:
            try:
                after = self._rows_of(reading)
            except (CorruptFile, UnreadableResponse) as problem:
                self._name_damage(reading, problem, unusable)
                continue
            if before:
                parts.append(
                    changes.changes_between(
                        before[1],
                        after,
                        before_at=before[0].started_at,
                        read_at=reading.started_at,
                    )
                )
            before = (reading, after)
            used.append(reading)
        written = self._write(
            PLAYLIST_CHANGES, pa.concat_tables(parts), self._etag(path), playlist=playlist
        )
        # Without what is damaged, so that its repair is noticed.
        self._manifest.record(_inputs(used, code), written, path=path)

    def _stored_reading(
        self, playlist: str, readings: Sequence[Reading]
    ) -> tuple[Reading, pa.Table] | None:
        """The last one of these readings, where it is the one that is stored as entries."""
        path = PLAYLIST_ENTRIES.path.format(playlist=playlist)
        entry, stored = self._manifest.entry(path), self._stored.get(path)
        last = readings[-1] if readings else None
        if last is None or last.folder != entry.get("reading"):
            return None
        if stored is None or entry["etag"] != stored.etag:
            return None
        found = self._lake.find_if_valid(PLAYLIST_ENTRIES, playlist=playlist)
        return (last, found.rows) if found else None

    def _name_damage(self, reading: Reading, problem: Exception, unusable: set[str]) -> None:
        told = _of(reading, problem)
        unusable.add(reading.folder)
        self._derived.damaged.setdefault(reading.playlist_id, told)
        log.warning("not used: %s", told)

    def _write(self, table: Table, rows: pa.Table, over: str | None, **parts: str) -> Any:
        written = self._lake.write(table, rows, over=over, **parts)
        self._derived.written += written.changed
        return written

    def _etag(self, path: str) -> str | None:
        stored = self._stored.get(path)
        return stored.etag if stored else None

    def _forget_file(self, path: str) -> None:
        if path in self._stored:
            self._lake.store.delete(path)
        self._manifest.entries.pop(path, None)

    def _delete_what_has_no_reading(self) -> None:
        """Files of playlists of which somebody has deleted every reading."""
        tables = (PLAYLIST_ENTRIES, PLAYLIST_CHANGES)
        with_entries = {
            table.path.format(playlist=playlist)
            for playlist in self._derived.used
            for table in tables
        }
        for path in [*self._stored, *self._manifest.entries]:
            folder = path.removeprefix(FOLDER).partition("/")[0]
            if path not in with_entries and path in {
                table.path.format(playlist=folder) for table in tables
            }:
                self._forget_file(path)

    def _rows(self, readings: Mapping[str, Sequence[Reading]]) -> Iterator[dict[str, Any]]:
        """The rows of `playlist_readings`: what is listed, and what was ever read."""
        library = listed(self._lake)
        shown = library.playlists if library else {}
        own = own_ids(self._lake)
        for playlist in sorted({*shown, *readings}):
            some = readings.get(playlist, [])
            yield self._row(
                playlist, some, shown.get(playlist), library.fetched_at if library else None, own
            )

    def _row(
        self,
        playlist: str,
        some: Sequence[Reading],
        shown: Playlist | None,
        listed_at: datetime | None,
        own: frozenset[str],
    ) -> dict[str, Any]:
        notes = self._manifest.entry(PLAYLIST_ENTRIES.path.format(playlist=playlist))
        last = some[-1] if some else None
        used = next((one for one in some if one.folder == notes.get("reading")), None)
        told = shown or self._last_told(last) or Playlist()
        state, reason = self._state(last, used)
        seen = [one.seen_at for one in (last, used) if one]
        seen += [listed_at] if shown and listed_at else []
        is_changed = bool(
            used
            and shown
            and shown.snapshot_id
            and listed_at
            and listed_at > used.started_at
            and version_of(shown.snapshot_id) != used.version
        )
        later = last is not None and used is not None and last.started_at > used.started_at
        return {
            "playlist_id": playlist,
            "name": LIKED_SONGS_NAME if playlist == LIKED else told.name,
            "listed": bool(shown) or playlist == LIKED,
            "owned": True if playlist == LIKED else is_own(told, own),
            "collaborative": told.collaborative,
            "public": told.public,
            "state": state,
            "reason": reason,
            "total": notes["total"] if used else told.total,
            "items": notes["rows"] if used else None,
            "snapshot_id": notes["snapshot_id"] if used else None,
            "read_at": used and whole_ms(used.started_at),
            "seen_at": whole_ms(max(seen)) if seen else None,
            "changed": is_changed or bool(later and last and not last.refused),
        }

    def _state(self, last: Reading | None, used: Reading | None) -> tuple[str, str | None]:
        if last and last.refused:
            return "not_readable", self._reason(last)
        if last and last.can_go_on:
            return "partly", None
        if used:
            return "read", None
        if last:
            return "not_read", "it changed while it was read"
        return "not_read", None

    def _reason(self, refused: Reading) -> str | None:
        try:
            answer = self._kept.one(refused, "refused")
        except CorruptFile as problem:
            return str(problem)
        return refusal_in_words(answer, self._lake.listener)

    def _last_told(self, last: Reading | None) -> Playlist | None:
        if last is None or last.playlist_id == LIKED or "begin" not in last.names:
            return None
        try:
            playlist, _ = decode(self._kept.one(last, "begin").body, Playlist)
        except (CorruptFile, msgspec.DecodeError):
            return None
        return playlist


def refusal_in_words(answer: Response, listener: str) -> str:
    """Why Spotify does not give out the items of a playlist."""
    said = _said(answer)
    if "scope" in said.lower():
        return (
            f"the login does not allow it ({answer.status}: {said}): log in again, "
            f"`playledger login {listener}`"
        )
    words = {
        403: "Spotify gives its items only to whoever owns it or adds to it",
        404: "Spotify knows no such playlist",
    }
    told = f"{answer.status}: {said}" if said else str(answer.status)
    return f"{words.get(answer.status, 'Spotify refuses it')} ({told})"


class _Error(msgspec.Struct):
    message: str | None = None


class _Refusal(msgspec.Struct):
    error: _Error | None = None


def _said(answer: Response) -> str:
    try:
        refusal, _ = decode(answer.body, _Refusal)
    except msgspec.DecodeError:
        return ""
    return ((refusal.error and refusal.error.message) or "")[:300]


def _described(playlist_id: str, begun: Response) -> dict[str, Any]:
    """What a playlist was like when a reading of it began."""
    if playlist_id == LIKED:
        return {"snapshot_id": None, "total": total_of(begun)}
    try:
        told, _ = decode(begun.body, Playlist)
    except msgspec.DecodeError as problem:
        raise UnreadableResponse(f"begin.json.gz is no playlist: {problem}") from None
    return {"snapshot_id": told.snapshot_id, "total": told.total}


def _inputs(readings: Sequence[Reading], *code: str) -> Inputs:
    return {one.folder: one.parts for one in readings}, digest(*code) if len(code) > 1 else code[0]


def _of(reading: Reading, problem: Exception) -> str:
    named = str(problem)
    if reading.folder in named:
        return named
    return f"{reading.folder}: {named}: delete this folder, and the playlist is read again"


def is_own(playlist: Playlist, own: frozenset[str]) -> bool | None:
    """Whether a playlist is the listener's own; None where that is not known.

    Args:
        playlist: as Spotify tells it.
        own: what `own_ids` gives.
    """
    owner = playlist.owner.id if playlist.owner else None
    return owner in own if owner and own else None


def own_ids(lake: ListenerLake) -> frozenset[str]:
    """The names by which Spotify may call the listener as the owner of a playlist."""
    document = lake.document_if_valid(PROFILE) or {}
    told = (document.get(name) for name in ("user_id", "account_id"))
    return frozenset(one for one in told if isinstance(one, str) and one)


def _hash_key(lake: ListenerLake) -> str:
    """The key of the hash of other people: the same for the same account, another for any other."""
    return min(own_ids(lake), default=lake.listener)
