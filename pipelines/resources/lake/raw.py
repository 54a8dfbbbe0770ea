"""Responses as received: `users/<listener>/raw/<endpoint>/date=…/<fetched_at>.json.gz`.

Written once, never changed, never deleted except when a listener is forgotten. Reading what is
in them belongs in `listening/`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipelines.errors import CorruptFile, UnreadableResponse
from pipelines.listening.api.polled import MAX_CLOCK_SKEW
from pipelines.listening.api.responses import (
    DamagedResponse,
    KeptResponse,
    Response,
    fetched_at,
    file_name,
    unpack,
)
from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lake.tables import Lake

READERS = 8
LAST_RESPONSE_WITHIN = timedelta(days=60)
"""How far back the last response is looked for: listing every date would grow with the years."""


def _time(name: str) -> datetime | None:
    try:
        return fetched_at(name)
    except ValueError:  # someone else's file, between the responses
        return None


@dataclass(frozen=True)
class Raw:
    """The responses kept for one listener."""

    lake: Lake
    listener: str

    def _folder(self, endpoint: str) -> str:
        return f"users/{self.listener}/raw/{endpoint}/"

    def keep(self, date: str, response: Response) -> str:
        """Store a response for a date; never over another one. Returns its path."""
        while True:
            name = file_name(response.fetched_at)
            path = f"{self._folder(response.request.endpoint)}date={date}/{name}"
            try:
                self.lake.store.put_if_absent(path, response.pack())
            except Conflict:  # two answers in one microsecond, from two machines
                later = response.fetched_at + timedelta(microseconds=1)
                response = Response(
                    response.request, later, response.status, response.body, response.server_date
                )
            else:
                return path

    def dates(self, endpoint: str, *, since: str = "") -> list[str]:
        """Dates, from `since` on, for which this endpoint has answered."""
        return self.lake.dates(self._folder(endpoint), since)

    def names(self, endpoint: str, date: str) -> list[str]:
        """File names of a date's responses, oldest first."""
        prefix = f"{self._folder(endpoint)}date={date}/"
        return [entry.key.removeprefix(prefix) for entry in self.lake.store.list(prefix)]

    def last_fetched_at(self, endpoint: str) -> datetime | None:
        """When this endpoint last answered; None where it has not for sixty days.

        What a clock that was ahead has dated into the future says nothing of the present.
        """
        now = datetime.now(UTC)
        for date in reversed(self.dates(endpoint, since=f"{now - LAST_RESPONSE_WITHIN:%Y-%m-%d}")):
            times = [_time(name) for name in self.names(endpoint, date)]
            if known := [at for at in times if at and at <= now + MAX_CLOCK_SKEW]:
                return max(known)
        return None

    def read(self, endpoint: str, date: str) -> list[Response]:
        """A date's responses, oldest first; files that hold none are left aside."""
        every = self.sift(endpoint, date, self.names(endpoint, date))
        return [one.response for one in every if isinstance(one, KeptResponse)]

    def sift(
        self, endpoint: str, date: str, names: Sequence[str]
    ) -> list[KeptResponse | DamagedResponse]:
        """Some of a date's files: responses, and what is wrong where a file holds none."""
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(lambda name: self._one(endpoint, date, name), names))

    def _one(self, endpoint: str, date: str, name: str) -> KeptResponse | DamagedResponse:
        path = f"{self._folder(endpoint)}date={date}/{name}"
        stored = self.lake.store.get(path)
        if stored is None:
            raise CorruptFile(f"{self.lake.store.url(path)} is gone, though it was just listed")
        try:
            return KeptResponse(name, unpack(stored.body, self.lake.store.url(path)))
        except UnreadableResponse as problem:
            return DamagedResponse(name, problem)
