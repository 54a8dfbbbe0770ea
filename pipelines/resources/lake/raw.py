"""Responses as received: `raw/<endpoint>/date=…/<fetched_at>.json.gz` in a listener's folder.

Written once, never changed, and deleted only together with everything of a listener. What cannot be
read at all is kept aside, in `raw/unreadable/`: it must not look like an answer that came. Parsing
responses belongs in `listening/api/`.
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
    last_complete_list,
    unpack,
)
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lake.tables import DATED

LAST_RESPONSE_WITHIN = timedelta(days=60)
"""How far back the last response is searched: listing every date would take longer each year."""


UNREADABLE = "unreadable"
"""In place of the endpoint; the file itself says which one it was."""


def _time(name: str) -> datetime | None:
    try:
        return fetched_at(name)
    except ValueError:  # a file of someone else among the responses
        return None


def _folder(endpoint: str, date: str = "") -> str:
    return f"raw/{endpoint}/date={date}/" if date else f"raw/{endpoint}/"


@dataclass(frozen=True)
class RawResponses:
    """The responses kept for one listener."""

    lake: ListenerLake

    def keep(self, date: str, response: Response) -> str:
        """Store a response for a date; never overwrites another one.

        Args:
            date: YYYY-MM-DD, the date that the run is for.
            response: as it was received.

        Returns:
            Its path in the listener's folder.
        """
        return self._keep(response.request.endpoint, date, response)

    def keep_aside(self, date: str, response: Response) -> str:
        """Store a response in which nothing can be read, like `keep`, but where no reader looks."""
        return self._keep(UNREADABLE, date, response)

    def _keep(self, folder: str, date: str, response: Response) -> str:
        while True:
            name = file_name(response.fetched_at)
            path = f"{_folder(folder, date)}{name}"
            try:
                self.lake.store.put_if_absent(path, response.pack())
            except Conflict:  # two responses in one microsecond, from two machines
                later = response.fetched_at + timedelta(microseconds=1)
                response = Response(
                    response.request, later, response.status, response.body, response.server_date
                )
            else:
                return path

    def kept_aside(self, since: str) -> list[tuple[str, str]]:
        """Date and file name of the responses in which nothing can be read, oldest first.

        Args:
            since: the first date to look at, YYYY-MM-DD.
        """
        folder = _folder(UNREADABLE)
        entries = self.lake.store.list(folder, start_after=f"{folder}date={since}")
        names = [entry.key.removeprefix(folder).partition("/") for entry in entries]
        return [(date.removeprefix("date="), name) for date, _, name in names if _time(name)]

    @property
    def aside_url(self) -> str:
        """Where the responses are in which nothing can be read."""
        return self.lake.store.url(_folder(UNREADABLE))

    def describe_aside(self, date: str, name: str) -> str:
        """What was requested, and when, of a response in which nothing can be read.

        Args:
            date: as `kept_aside` returns it.
            name: likewise.
        """
        at = f"{fetched_at(name):%Y-%m-%d %H:%M} UTC"
        [one] = self.load(UNREADABLE, date, [name])
        return f"{one.response.request.endpoint}, {at}" if isinstance(one, KeptResponse) else at

    def dates(self, endpoint: str, *, since: str = "") -> list[str]:
        """Dates for which there are responses, in order.

        Args:
            endpoint: the name under which they are kept.
            since: the first date to return.
        """
        return self.lake.dates(_folder(endpoint), since)

    def first_date(self, endpoint: str) -> str | None:
        """The first date for which there are responses; None where there are none at all."""
        folders = self.lake.store.folders(_folder(endpoint))
        first = next((folder for folder in folders if folder.startswith("date=")), None)
        return first and first.removeprefix("date=")

    def names(self, endpoint: str, date: str) -> list[str]:
        """File names of a date's responses, oldest first.

        Args:
            endpoint: the name under which they are kept.
            date: YYYY-MM-DD.
        """
        prefix = _folder(endpoint, date)
        return [entry.key.removeprefix(prefix) for entry in self.lake.store.list(prefix)]

    def names_since(self, endpoint: str, since: str) -> dict[str, list[str]]:
        """File names of the responses of some dates, oldest first, by date: one listing for all.

        Args:
            endpoint: the name under which they are kept.
            since: the first date, YYYY-MM-DD; "" for all.
        """
        folder = _folder(endpoint)
        names: dict[str, list[str]] = {}
        after = f"{folder}date={since}"[:-1] if since else ""
        for entry in self.lake.store.list(folder, start_after=after):
            date, _, name = entry.key.removeprefix(folder).partition("/")
            if (match := DATED.fullmatch(date)) and match[1] >= since and name:
                names.setdefault(match[1], []).append(name)
        return names

    def last_fetched_at(self, endpoint: str) -> datetime | None:
        """When this endpoint last responded; None where it has not for sixty days.

        Older versions also kept what a clock dated that was ahead; that is ignored.
        """
        now = datetime.now(UTC)
        for date in reversed(self.dates(endpoint, since=f"{now - LAST_RESPONSE_WITHIN:%Y-%m-%d}")):
            times = [_time(name) for name in self.names(endpoint, date)]
            if past := [at for at in times if at and at <= now + MAX_CLOCK_SKEW]:
                return max(past)
        return None

    def read(self, endpoint: str, date: str) -> list[Response]:
        """A date's responses, oldest first; damaged files are skipped.

        Args:
            endpoint: the name under which they are kept.
            date: YYYY-MM-DD.
        """
        every = self.load(endpoint, date, self.names(endpoint, date))
        return [one.response for one in every if isinstance(one, KeptResponse)]

    def complete_list(self, endpoint: str, date: str) -> list[Response]:
        """The pages of the last complete list of a date; none where there is no such list.

        A list with a damaged file among its pages is not complete.

        Args:
            endpoint: the name under which the pages are kept.
            date: YYYY-MM-DD.
        """
        return last_complete_list(self.read(endpoint, date))

    def load(
        self, endpoint: str, date: str, names: Sequence[str]
    ) -> list[KeptResponse | DamagedResponse]:
        """Some of a date's files: responses, or what is wrong with a file that is not one.

        Args:
            endpoint: the name under which they are kept.
            date: YYYY-MM-DD.
            names: file names, as `names` returns them.
        """
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(lambda name: self._one(endpoint, date, name), names))

    def _one(self, endpoint: str, date: str, name: str) -> KeptResponse | DamagedResponse:
        path = f"{_folder(endpoint, date)}{name}"
        stored, where = self.lake.store.get(path), self.lake.store.url(path)
        if stored is None:
            raise CorruptFile(f"{where} has disappeared since it was listed")
        try:
            return KeptResponse(name, unpack(stored.body, where))
        except UnreadableResponse as problem:
            return DamagedResponse(name, problem)
