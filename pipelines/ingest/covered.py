"""Which time polls and imports cover, kept up to date in the table `covered`.

Add here how that table finds what it lacks. How far an answer or an import reaches is decided in
`listening/ledger/covered.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import pyarrow as pa

from pipelines.ingest.recent_tracks import ENDPOINT, RecentTracks
from pipelines.listening.ledger.covered import LATE_ARRIVAL, VERSION, Covered, distinct, of_import
from pipelines.listening.ledger.gaps import EARLIEST, CoveredInterval
from pipelines.listening.schema.tables import COVERED, POLLS
from pipelines.resources.lake.imported_exports import IMPORTS, ImportedExports
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import Manifest
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import retry_on_conflict

LOOK_BACK = LATE_ARRIVAL + timedelta(days=1)
"""A poll's response may be stored under the date before the one on which it was fetched."""

Names = Mapping[str, Sequence[str]]
"""File names of the responses of each date."""


@retry_on_conflict
def update_covered(lake: ListenerLake, *, date: str | None, full_refresh: bool) -> Covered:
    """Bring `covered` up to date with all polls and imports.

    Only polls of the latest dates are read, unless something arrived that should have been added
    before what already was, as by a clock that was set back: then all are.

    Args:
        lake: the listener's.
        date: the date, YYYY-MM-DD, that the run is for; None for the polls that are missing.
        full_refresh: start from scratch.
    """
    update = _Update(lake, full_refresh=full_refresh)
    before = update.before
    if before and not (date and date < look_back(before)):
        if known := update.added_to(before):
            return known
        lake.forget()
        return update_covered(lake, date=date, full_refresh=True)
    return update.from_scratch()


class _Update:
    """An update of `covered`: what is stored, read before any of its inputs."""

    def __init__(self, lake: ListenerLake, *, full_refresh: bool) -> None:
        self._lake = lake
        self._manifest = Manifest(lake, COVERED.path)
        stored = None if full_refresh else lake.find_if_valid(COVERED)
        self._over = stored.etag if stored else lake.etag(COVERED)
        entry = self._manifest.entry()
        is_whole = entry.get("code") == VERSION and entry.keys() >= Covered().notes().keys()
        is_known = stored and is_whole and entry["etag"] == stored.etag
        self.before = Covered.of(stored.rows, entry) if stored and is_known else None
        self._imports = ImportedExports(lake)

    def added_to(self, before: Covered) -> Covered | None:
        """What is covered with all that is not added yet; None if that should have come before."""
        taken: Mapping[str, str] = self._manifest.entry()["inputs"]
        names = RawResponses(self._lake).names_since(ENDPOINT, look_back(before))
        # A date of which as many responses are added as there are is not read again.
        days = [day for day, n in _counts(names).items() if taken.get(_raw_path(day)) != n]
        count = sum(int(taken.get(_raw_path(day), "0").split()[0]) for day in days)
        polls = self._polls(days)
        imports = [_import_path(one) for one in self._imports.ids]
        imported = self._imported(
            one for one, path in zip(self._imports.ids, imports, strict=True) if path not in taken
        )
        if before.origins - set(self._imports.ids) or not before.is_consistent(
            polls, imported, taken=count
        ):
            return None
        return self._write(before.add_all(polls, imported), names)

    def from_scratch(self) -> Covered:
        """What all polls and imports cover."""
        names = RawResponses(self._lake).names_since(ENDPOINT, "")
        imported = self._imported(self._imports.ids)
        return self._write(Covered().add_all(self._polls(names), imported), names)

    def _write(self, known: Covered, names: Names) -> Covered:
        since = look_back(known)
        inputs = {_raw_path(day): n for day, n in _counts(names).items() if day >= since}
        inputs |= {_import_path(one): one for one in self._imports.ids}
        written = self._lake.write(COVERED, known.table(), over=self._over)
        self._manifest.record((inputs, VERSION), written, **known.notes())
        self._manifest.save()
        return known

    def _polls(self, days: Iterable[str]) -> pa.Table:
        polls = (RecentTracks(self._lake, day).polls() for day in days)
        return pa.concat_tables([POLLS.empty(), *polls])

    def _imported(self, ids: Iterable[str]) -> list[CoveredInterval]:
        """What some imports cover."""
        some = [one for one in map(self._imports.find, ids) if one]
        found = [
            of_import(
                span,
                self._imports.at_ends(one.id, span.start, span.end),
                origin=one.id,
                known_at=one.imported_at,
            )
            for one in some
            for span in one.spans
        ]
        return distinct([one for one in found if one])


def look_back(known: Covered) -> str:
    """The first date whose polls may still be added."""
    # `max`: an import may have been added before the first poll.
    return (max(known.watermark[0], EARLIEST + LOOK_BACK) - LOOK_BACK).date().isoformat()


def _counts(names: Names) -> dict[str, str]:
    """How many responses there are of each date; a response is stored once and never changed."""
    return {day: f"{len(one)} responses" for day, one in names.items()}


def _raw_path(day: str) -> str:
    return f"raw/{ENDPOINT}/date={day}/"


def _import_path(import_id: str) -> str:
    return f"{IMPORTS}{import_id}"
