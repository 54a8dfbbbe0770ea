"""Journals of what was written to Spotify: `playlists/writes/<plan id>/<number>.json`.

Each entry is a file of its own that must not exist yet, so that of two processes that write the
same plan, on any two machines, one notices before it sends anything. Add here what concerns keeping
entries; what they say is `listening/playlists/written.py`.
"""

import hashlib
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from pipelines.errors import CorruptFile, RefusedPlan
from pipelines.listening.playlists.plan import Plan
from pipelines.listening.playlists.written import Entry, Written
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.object_store import Conflict

FOLDER = "playlists/writes/"

_decoder = msgspec.json.Decoder(Entry)


class Journal:
    """The journal of one plan, and how far its writing is.

    Args:
        lake: the listener's.
        plan: the plan.

    Raises:
        CorruptFile: where an entry is damaged or missing.
    """

    def __init__(self, lake: ListenerLake, plan: Plan) -> None:
        self._store, self._plan = lake.store, plan
        self._folder = f"{FOLDER}{plan.id}/"
        keys = [entry.key for entry in self._store.list(self._folder)]
        for number, key in enumerate(keys):
            if key != self._key(number):
                where = self._store.url(self._folder)
                raise CorruptFile(
                    f"{where} lacks {self._key(number)}: what was written of the plan is not known "
                    "any more; make a new plan with another --name"
                )
        with ThreadPoolExecutor(READERS) as readers:
            entries = list(readers.map(self._read, keys))
        self._length = len(entries)
        self.written = Written.of(plan, entries)

    def add(self, entry: Entry) -> None:
        """Keep an entry.

        Raises:
            RefusedPlan: where another process has kept one since this one has read them.
        """
        try:
            self._store.put_if_absent(self._key(self._length), msgspec.json.encode(entry))
        except Conflict:
            raise RefusedPlan(
                f"another `playledger playlists apply` is writing plan {self._plan.id}, here or on "
                "another machine: this one stops, and nothing was sent twice"
            ) from None
        self._length += 1
        self.written.add(entry)

    def _key(self, number: int) -> str:
        return f"{self._folder}{number:08}.json"

    def _read(self, key: str) -> Entry:
        stored = self._store.get(key)
        try:
            entry: Entry = _decoder.decode(stored.body if stored else b"")
        except msgspec.DecodeError as problem:
            raise CorruptFile(
                f"{self._store.url(key)} is not an entry of a journal ({problem}): what was "
                "written of the plan is not known any more; make a new plan with another --name"
            ) from None
        return entry


def machine(tokens: Path) -> str:
    """A name for a machine and its logins that tells nothing of them.

    Processes of one machine with the same `TOKENS_DIR` send one request at a time; of others nobody
    knows whether they are sending.
    """
    return hashlib.sha256(f"{socket.gethostname()}\n{tokens.resolve()}".encode()).hexdigest()[:12]


def process_of(machine_: str) -> str:
    """A name for this process on a machine."""
    return f"{machine_}-{uuid.uuid4().hex[:8]}"
