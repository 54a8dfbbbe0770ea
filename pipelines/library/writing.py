"""Writing a plan to Spotify: new playlists, batch by batch, each sent once and looked at in doubt.

What is certain is what the journal says. Before anything is sent it says what, and after it what
came of that; where nobody knows what came of it (a 5xx, a cut connection, a process that was
killed) the playlist is read, has to begin like the plan, and writing goes on from there. So it can
be stopped at any moment and go on from any machine with the same lake. Only playlists that the
plan itself made are ever written to.

Add here what concerns sending. What the journal's entries say is `listening/playlists/written.py`,
whether the sources are as they were is `sources.py`.
"""

import html
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import requests
import spotipy

from pipelines.errors import (
    OutcomeUnknown,
    PlayledgerError,
    RefusedPlan,
    RefusedRequest,
    SpotifyError,
    TargetDiffers,
)
from pipelines.library.journal import Journal, machine, process_of
from pipelines.library.target import find_made, read_uris
from pipelines.listening.api.responses import Response
from pipelines.listening.playlists.batches import Batches, none_taken
from pipelines.listening.playlists.plan import MAX_AT_SPOTIFY, Plan
from pipelines.listening.playlists.written import (
    Applied,
    Created,
    Creating,
    Entry,
    Looked,
    NotApplied,
    PartWritten,
    Sending,
    begins_like,
    differences,
)
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.spotify.client import ApiCall, SpotifyClient

LOOKS_S = (0.0, 1.0, 2.0)
"""Waits before looking, and looking again: what was written shows after 0.6 s, as was measured."""

SLOW_LOOKS_S = (*LOOKS_S, 4.0)
"""The same where no answer came, and Spotify may still be at work on the request."""

LIST_LOOKS_S = (0.0, 1.0, 3.0, 6.0)
"""The same for a list of playlists. Reasoned: nobody has measured how late that is."""

IN_FLIGHT = timedelta(seconds=30)
"""A request that another machine has sent is over by then: it waits 25 s for an answer."""

REFUSES_SONGS = {requests.codes.bad_request, requests.codes.not_found}
"""Answers that may be about one song of a batch."""

Progress = Callable[[int, int], None]
"""Takes how much is done, and of how much: songs that are written, or pages that are read."""


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


class _Made(msgspec.Struct):
    id: str


@dataclass
class Writer:
    """Writes the parts of a plan, as far as they are not written yet.

    Attributes:
        lake: the listener's.
        client: with their login that may write.
        journal: of the plan.
        progress: is told how far it is.
    """

    lake: ListenerLake
    client: SpotifyClient
    journal: Journal
    progress: Progress = no_progress

    def __post_init__(self) -> None:
        self._machine = machine(self.client.login.folder)
        self._process = process_of(self._machine)
        self._known: dict[int, int] = {}

    @property
    def plan(self) -> Plan:
        """What is written."""
        return self.journal.written.plan

    def write(self) -> None:
        """Write everything that is not written yet, part by part.

        Raises:
            RefusedPlan: where a part is larger than a playlist can be, or another process writes.
            TargetDiffers: where a playlist is not as the plan left it.
            LockedOut, SpotifyDown, LoginError, …: as the client; it can go on later.
        """
        for part in self.plan.parts:
            if len(part.uris) > MAX_AT_SPOTIFY:
                raise RefusedPlan(
                    f"{part.name!r} has {len(part.uris):,} items, and Spotify lets a playlist have "
                    f"{MAX_AT_SPOTIFY:,}: make a plan that is split"
                )
        for number in range(len(self.plan.parts)):
            self._tell()
            written = self._part(number)
            if written.written:
                continue
            if written.playlist_id is None:
                self._create(number)
            else:
                count = self._settle(number, known=self._part(number).looked_at)
                self._note(Looked(number, count, _now()))
            self._fill(number)

    def settle(self, number: int) -> None:
        """Pass where a part that is written shows as it was written, at its end at least."""
        self._settle(number, known=len(self._part(number).expected))

    def _part(self, number: int) -> PartWritten:
        return self.journal.written.parts[number]

    def _tell(self) -> None:
        total = sum(len(part.uris) for part in self.plan.parts)
        self.progress(self.journal.written.items_written, total)

    # Making a playlist

    def _create(self, number: int) -> None:
        """Make the playlist of a part, unless it was made and only nobody heard of it."""
        marker = f"plan {self.plan.id}, part {number + 1} of {len(self.plan.parts)}"
        begun = self._part(number).creating
        if begun and self._found(number, marker, self._patience(LIST_LOOKS_S, begun)):
            return

        def call(spotify: spotipy.Spotify) -> object:
            self._note(Creating(number, _now(), self._process))
            return spotify.current_user_playlist_create(
                self._part(number).part.name, public=False, description=f"Playledger, {marker}"
            )

        try:
            response = self._post(number, "playlist_create", call)
            made = msgspec.json.decode(response.body, type=_Made).id
        except (OutcomeUnknown, msgspec.DecodeError) as problem:
            if self._found(number, marker, LIST_LOOKS_S):
                return
            # `Creating` stays without an outcome: it may show later, so the next apply looks first.
            raise SpotifyError(
                f"Spotify did not make the playlist {self._part(number).part.name!r}, as far as "
                f"its list shows ({problem}): apply the plan again in a few minutes, which looks "
                "once more first"
            ) from None
        self._note(Created(number, made, _now()))

    def _found(self, number: int, marker: str, waits: Sequence[float]) -> bool:
        """Whether a playlist that this plan made is in the listener's list; it is noted then."""
        sources = {source.playlist_id for source in self.plan.sources}
        for wait in waits:
            time.sleep(wait)
            for playlist_id, description in find_made(self.client):
                if marker in html.unescape(description) and playlist_id not in sources:
                    self._note(Created(number, playlist_id, _now()))
                    return True
        return False

    # Filling it

    def _fill(self, number: int) -> None:
        """Send the songs of a part, in batches; narrow down to those that Spotify does not take."""
        batches = Batches(self._part(number).part.uris)
        while batch := batches.next(self._part(number).stop):
            reason = self._send(number, batch.stop, batches)
            if reason is None:
                batches.was_taken(self._part(number).stop)
            else:
                batches.was_refused(batch, reason)
            self._tell()
        if batches.refused:
            # The last ones: no other song follows by which to see whether it is up to them.
            if not any(part.expected for part in self.journal.written.parts):
                raise none_taken(batches.refused)
            self._note(Applied(number, len(batches.uris), batches.refused, _now()))

    def _send(self, number: int, stop: int, batches: Batches) -> str | None:
        """Send one batch; returns why nothing of it was taken, None where anything was."""
        part, without = self._part(number), batches.refused

        def sending() -> Sending:
            return Sending(number, part.stop, stop, without, _now(), self._process)

        uris = list(part.batch(sending()).values())
        path = f"playlists/{part.playlist_id}/items"

        def call(spotify: spotipy.Spotify) -> object:
            self._note(sending())
            return _add(spotify, path, uris)

        try:
            self._post(number, "playlist_add", call)
        except OutcomeUnknown as problem:
            before = self._part(number).stop
            self._settle(number, waits=LOOKS_S if problem.answered else SLOW_LOOKS_S)
            if self._part(number).stop > before:
                return None
            if len(uris) == 1 and not batches.any_taken:
                self._check_that_writing_works(path, str(problem))
            return str(problem)
        except RefusedRequest as problem:
            if problem.status not in REFUSES_SONGS:
                raise
            if problem.status == requests.codes.not_found:
                self._settle(number)
            return str(problem)
        self._note(Applied(number, stop, without, _now()))
        self._known[number] = len(self._part(number).expected)
        return None

    def _check_that_writing_works(self, path: str, reason: str) -> None:
        """Pass where Spotify answers a request to add no songs, with a refusal or anything but 5xx.

        Done after each try of a song on its own where nothing else was taken lately, so that every
        further try of it lies between two moments at which writing worked: then the 5xx is about
        the song, not about Spotify.

        Raises:
            SpotifyError: where writing is down for any songs.
        """
        problem: PlayledgerError | None = None
        for wait in LOOKS_S:
            time.sleep(wait)
            try:
                self.client.post("playlist_add", lambda spotify: _add(spotify, path, []))
            except OutcomeUnknown as unknown:
                problem = unknown
            except RefusedRequest:
                return
            else:
                return
        raise SpotifyError(
            f"Spotify adds no songs to playlists now ({reason}; without any songs: {problem}): no "
            "song is left out for that; apply the plan again later"
        )

    def _post(self, number: int, endpoint: str, call: ApiCall) -> Response:
        """Send a request that writes; where it did nothing for certain, that is noted.

        Raises:
            OutcomeUnknown: where nobody knows; the journal has it without an outcome.
        """
        try:
            return self.client.post(endpoint, call)
        except OutcomeUnknown:
            raise
        except PlayledgerError as problem:
            part = self._part(number)
            if part.sending or part.creating:
                self._note(NotApplied(number, str(problem), _now()))
            if isinstance(problem, RefusedRequest) and problem.status == requests.codes.forbidden:
                message = f"{problem}: if the login may not write, `{self.client.login.command}`"
                raise RefusedRequest(
                    message, problem.status, problem.reason, problem.answer
                ) from None
            raise

    # Looking

    def _settle(
        self, number: int, *, known: int | None = None, waits: Sequence[float] | None = None
    ) -> int:
        """Read the end of a playlist, which has to be that of what was written.

        Args:
            number: of the part.
            known: how many items need not be read; by default those that this process wrote.
            waits: before each look.

        Returns:
            How many items it has.

        Raises:
            TargetDiffers: where it is not as the plan left it.
        """
        part = self._part(number)
        sending, before = part.sending, list(part.expected)
        batch = part.batch(sending) if sending else {}
        expected = [*before, *batch.values()]
        known = self._known.get(number, part.looked_at) if known is None else known
        offset = max(min(known, len(before)) - 1, 0)
        found: Sequence[str] = ()
        for wait in self._patience(waits or SLOW_LOOKS_S, sending):
            time.sleep(wait)
            found = self._read_from(part, offset)
            if list(found) == expected[offset:]:
                break
        if offset and not _fits(found, expected[offset:], len(before) - offset):
            found, offset = self._read_from(part, 0), 0  # to say where it differs
        if not _fits(found, expected[offset:], len(before) - offset):
            raise self._differs(part, found, before)
        count = offset + len(found) - len(before)
        if sending and count:
            places = list(batch)
            stop = sending.stop if count == len(places) else places[count - 1] + 1
            self._note(Applied(number, stop, sending.without, _now()))
        elif sending:
            self._note(NotApplied(number, "it is not in the playlist", _now()))
        self._known[number] = len(before) + count
        return self._known[number]

    def _patience(self, waits: Sequence[float], sent: Sending | Creating | None) -> Sequence[float]:
        """How long to look: until a request of another machine is over for certain."""
        if sent is None or sent.writer.startswith(self._machine):
            return waits
        left = (min(sent.at + IN_FLIGHT, _now() + IN_FLIGHT) - _now()).total_seconds()
        return (*waits, max(left - sum(waits), 0.0))

    def _read_from(self, part: PartWritten, offset: int) -> Sequence[str]:
        try:
            return read_uris(self.client, part.playlist_id or "", offset)
        except RefusedRequest as problem:
            if problem.status != requests.codes.not_found:
                raise
            raise TargetDiffers(
                f"the playlist {part.part.name!r} ({part.address}) is gone: nothing more is "
                "written; make a new plan with another --name"
            ) from None

    def _differs(
        self, part: PartWritten, found: Sequence[str], before: Sequence[str]
    ) -> TargetDiffers:
        told = differences(list(found), before)
        return TargetDiffers(
            f"the playlist {part.part.name!r} ({part.address}) is not as this plan left it, so "
            f"somebody has changed it: {'; '.join(told)}. Nothing more is written: put it back as "
            "it was and apply the plan again, or make a new plan with another --name"
        )

    def _note(self, entry: Entry) -> None:
        self.journal.add(entry)


def _add(spotify: spotipy.Spotify, path: str, uris: Sequence[str]) -> object:
    # `playlist_add_items` posts a bare list, in which Spotify has once seen no uris.
    return spotify._post(path, payload={"uris": uris})  # noqa: SLF001 there is no other way


def _fits(found: Sequence[str], expected: Sequence[str], least: int) -> bool:
    """Whether at least so many items are there, and all are those that are expected."""
    return len(found) >= least and begins_like(found, expected)


def _now() -> datetime:
    return datetime.now(UTC)
