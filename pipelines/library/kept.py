"""Readings of playlists as they are kept in `raw/playlist_items/`: a kept page is the checkpoint.

A reading is a folder: what the playlist was like when it began (`begin`), its pages by their
offset, and what it was like when the last page was there: `end` where that is the same, `changed`
where it is not, so that its pages may not fit together. `refused` is what Spotify said where it
does not give them out, `seen-…` what the playlist was like later, when it had not changed. What was
read is known from the names of the files alone. A second reading of the same, with a market, is in
`raw/playlist_playable/`: it says what can be played, and nothing else is taken from it.

Add here what concerns one kept reading. Which are begun, and when, is `reading.py`; what the pages
say is `listening/playlists/items.py`.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipelines.errors import CorruptFile, UnreadableResponse
from pipelines.listening.api.responses import Response, unpack
from pipelines.resources.lake.lakes import READERS, ListenerLake

ITEMS = "playlist_items"
PLAYABLE = "playlist_playable"
TIME = "%Y%m%dT%H%M%S.%fZ"

_FILE = re.compile(
    r"(?P<playlist>\w+)/(?P<folder>(?P<started>\d{8}T\d{6}\.\d{6}Z)-(?P<version>[0-9a-f]{16}))/"
    r"(?P<name>begin|end|changed|refused|\d{8}|seen-\d{8}T\d{6}\.\d{6}Z)\.json\.gz"
)


def version_of(snapshot: str) -> str:
    """A name for a snapshot id, which may itself have characters that no path should have."""
    return hashlib.sha256(snapshot.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Reading:
    """One reading of a playlist, complete or begun.

    Attributes:
        playlist_id: of which; `LIKED` for the songs they like.
        started_at: when it began.
        version: `version_of` the snapshot at its beginning.
        names: names of its files, without their ending.
        endpoint: `ITEMS`, or `PLAYABLE` for a reading with a market.
    """

    playlist_id: str
    started_at: datetime
    version: str
    names: frozenset[str]
    endpoint: str = ITEMS

    @property
    def folder(self) -> str:
        """Where it is, ending in '/'."""
        return f"raw/{self.endpoint}/{self.playlist_id}/{_written(self.started_at)}-{self.version}/"

    @property
    def offsets(self) -> Sequence[int]:
        """The offsets of its pages, in order."""
        return sorted(int(name) for name in self.names if name.isdecimal())

    @property
    def complete(self) -> bool:
        """Whether it has every page, and the playlist stayed the same meanwhile."""
        return "end" in self.names

    @property
    def can_go_on(self) -> bool:
        """Whether pages can still be added."""
        return not self.names & {"end", "changed", "refused"}

    @property
    def refused(self) -> bool:
        """Whether Spotify does not give out its items."""
        return "refused" in self.names

    @property
    def parts(self) -> str:
        """How many files its items are made of: another number is another reading."""
        return str(sum(not name.startswith("seen-") for name in self.names))

    @property
    def seen_at(self) -> datetime:
        """When it was last seen that the playlist is still like this."""
        seen = [_time(name[5:]) for name in self.names if name.startswith("seen-")]
        return max([self.started_at, *seen])


@dataclass(frozen=True)
class Readings:
    """The readings of one listener's playlists.

    Attributes:
        lake: the listener's.
        endpoint: as in `Reading`.
    """

    lake: ListenerLake
    endpoint: str = ITEMS

    def by_playlist(self, playlist_id: str = "") -> Mapping[str, list[Reading]]:
        """All readings by the playlist's id, each playlist's in order of time.

        Args:
            playlist_id: of this playlist only; empty for all.
        """
        found: dict[tuple[str, str], list[re.Match[str]]] = {}
        raw = f"raw/{self.endpoint}/"
        prefix = f"{raw}{playlist_id}/" if playlist_id else raw
        for entry in self.lake.store.list(prefix):
            if match := _FILE.fullmatch(entry.key.removeprefix(raw)):
                found.setdefault((match["playlist"], match["folder"]), []).append(match)
        readings: dict[str, list[Reading]] = {}
        for (playlist, _), files in sorted(found.items()):
            started = _time(files[0]["started"])
            names = frozenset(file["name"] for file in files)
            reading = Reading(playlist, started, files[0]["version"], names, self.endpoint)
            readings.setdefault(playlist, []).append(reading)
        return readings

    def last_complete(self, playlist_id: str) -> Reading | None:
        """The latest complete reading of a playlist; None where there is none."""
        some = self.by_playlist(playlist_id).get(playlist_id, [])
        return next((one for one in reversed(some) if one.complete), None)

    def keep(self, reading: Reading, name: str, response: Response) -> Reading:
        """Store a file of a reading.

        Args:
            reading: begun, or to be begun.
            name: `begin`, `end`, `changed`, `refused`, or a page's offset in eight digits.
            response: as it was received.

        Returns:
            The reading with this file.
        """
        self.lake.store.put(f"{reading.folder}{name}.json.gz", response.pack())
        return replace(reading, names=reading.names | {name})

    def keep_seen(self, reading: Reading, response: Response) -> Reading:
        """Store that a playlist is still like a reading of it."""
        return self.keep(reading, f"seen-{_written(response.fetched_at)}", response)

    def load(self, reading: Reading, names: Sequence[str]) -> Iterator[Response]:
        """Some files of a reading, a few at a time: all of them may take a lot of memory.

        Args:
            reading: which.
            names: as in `Reading.names`.

        Raises:
            CorruptFile: where a file is damaged or has disappeared; names it.
        """
        with ThreadPoolExecutor(READERS) as readers:
            for at in range(0, len(names), READERS):
                some = names[at : at + READERS]
                yield from readers.map(lambda name: self._one(reading, name), some)

    def one(self, reading: Reading, name: str) -> Response:
        """One file of a reading, as `load` gives it."""
        return self._one(reading, name)

    def pages(self, reading: Reading) -> Iterator[Response]:
        """The pages of a reading, in order, as `load` gives them."""
        return self.load(reading, [f"{offset:08}" for offset in reading.offsets])

    def _one(self, reading: Reading, name: str) -> Response:
        path = f"{reading.folder}{name}.json.gz"
        stored, where = self.lake.store.get(path), self.lake.store.url(path)
        repair = "delete its folder, and the playlist is read again"
        if stored is None:
            raise CorruptFile(f"{where} has disappeared since it was listed: {repair}")
        try:
            return unpack(stored.body, where)
        except UnreadableResponse as problem:
            raise CorruptFile(f"{where} cannot be read ({problem}): {repair}") from None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(TIME)


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)
