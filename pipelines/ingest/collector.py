"""Collecting Spotify's responses for one date: what is missing, what may still be requested.

Which requests there are, and the rules about sending them, live here, as does the check that the
login belongs to the right account. `assets/collect.py` makes assets of them,
`resources/spotify/client.py` sends them.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import msgspec
import spotipy

from pipelines.errors import NothingCollected, UnreadableAnswer, WrongAccount
from pipelines.listening.api.json_text import members
from pipelines.listening.api.objects import Artist, Play, Playlist, Profile, Track
from pipelines.listening.api.responses import (
    LARGEST_PAGE,
    Page,
    Response,
    is_cut_off,
    last_complete_list,
    last_list,
    next_offset,
    odd_fields,
    page_of,
)
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.listening.schema.tables import TIME_RANGES
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.settings import Purpose

PROFILE = "profile.json"
LISTED_BEFORE = 2
"""How many days before its own a poll looks at, for answers that came late."""

MOST_NAMED = 5
"""How many odd fields of an answer a line of the log names."""

log = logging.getLogger("playledger")

PageRequest = Callable[[spotipy.Spotify, int], object]
"""Calls one of spotipy's methods for the page that begins at an offset, in items."""


def _top(kind: str, time_range: str) -> PageRequest:
    def request(spotify: spotipy.Spotify, offset: int) -> object:
        method = getattr(spotify, f"current_user_top_{kind}")
        return method(limit=LARGEST_PAGE, offset=offset, time_range=f"{time_range}_term")

    return request


def _profile(spotify: spotipy.Spotify, _: int) -> object:
    return spotify.current_user()


def _recently_played(spotify: spotipy.Spotify, _: int) -> object:
    # No cursor: plays made offline arrive late, and would be before the cursor.
    return spotify.current_user_recently_played(limit=LARGEST_PAGE)


def playlists_request(spotify: spotipy.Spotify, offset: int) -> object:
    """A page of the listener's own list of playlists."""
    return spotify.current_user_playlists(limit=LARGEST_PAGE, offset=offset)


PLAYLISTS: dict[str, PageRequest] = {"playlists": playlists_request}
PLAYLIST_SNAPSHOTS = "playlist_snapshots"
"""The same list as it is when playlists are read: the daily run's says what plays were made from,
and is asked for once a day."""
TOP_ITEMS: dict[str, PageRequest] = {
    f"top_{kind}_{time_range}": _top(kind, time_range)
    for kind in ("tracks", "artists")
    for time_range in TIME_RANGES
}

_OBJECTS: dict[str, type[msgspec.Struct]] = {
    "profile": Profile,
    "recently_played": Play,
    "playlists": Playlist,
    PLAYLIST_SNAPSHOTS: Playlist,
    **{f"top_tracks_{time_range}": Track for time_range in TIME_RANGES},
    **{f"top_artists_{time_range}": Artist for time_range in TIME_RANGES},
}
"""What is made of an answer, or of each item of a list."""


def _in_words(endpoint: str) -> str:
    """The endpoint in plain words: `top_tracks_short` is "short-term top tracks"."""
    if endpoint in TOP_ITEMS:
        kind, _, time_range = endpoint.rpartition("_")
        return f"{time_range}-term {kind.replace('_', ' ')}"
    return "recently played tracks" if endpoint == "recently_played" else endpoint


@dataclass(frozen=True)
class CollectResult:
    """The result of collecting some of a date's responses.

    Attributes:
        requested: how many responses were requested now.
        stored: how many responses the date has now.
        waited_s: seconds that the rate limit took.
        odd: what could not be read in them, as `playlists: items[3].name`.
    """

    requested: int
    stored: int
    waited_s: float
    odd: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """The date to collect for, and what may be requested.

    Attributes:
        date: YYYY-MM-DD, under which responses are stored.
        is_open: whether responses may still be requested for the date.
        is_backfill: whether stored responses are enough, also on the day itself.
    """

    date: str
    is_open: bool
    is_backfill: bool


class Collector:
    """Collects Spotify's responses for one date of one listener.

    Args:
        lake: the listener's; responses are stored there.
        spotify: creates the client that sends requests.
        collection: the date, and what may be requested.
        purpose: of the login that is used.
    """

    def __init__(
        self,
        lake: ListenerLake,
        spotify: Spotify,
        collection: Collection,
        purpose: Purpose = "read",
    ) -> None:
        self._lake, self._spotify, self._collection = lake, spotify, collection
        self._purpose = purpose
        self._raw = RawResponses(lake)
        self._requested = 0
        self._odd: list[str] = []

    def profile(self, *, force: bool) -> CollectResult:
        """Request the account of the login, unless the date has it or it is forced."""
        if self._may_request("profile") and (force or not self._names("profile")):
            if not force:
                self._is_account_verified()
            self._request_profile()
        return self._result(["profile"])

    def poll(self) -> CollectResult:
        """Request the newest plays, whatever the date has."""
        if self._lake.remembers:  # one listing for all that the run asks of it
            self._raw.names_since("recently_played", self._days_before(LISTED_BEFORE))
        if self._may_request("recently_played"):
            self.verify_account()
            self._request_page("recently_played", _recently_played, 0)
        return self._result(["recently_played"])

    def lists(self, page_requests: Mapping[str, PageRequest], *, force: bool) -> CollectResult:
        """Request the lists that the date lacks.

        Args:
            page_requests: by the name of the endpoint.
            force: request all of them.
        """
        unreadable: list[UnreadableAnswer] = []
        for endpoint, page_request in page_requests.items():
            if self._may_request(endpoint):
                try:
                    self._request_list(endpoint, page_request, force=force)
                except UnreadableAnswer as problem:  # the other lists may be as they should
                    unreadable.append(problem)
        if unreadable:
            raise UnreadableAnswer("; ".join(str(problem) for problem in unreadable))
        return self._result(page_requests)

    def _names(self, endpoint: str) -> list[str]:
        return self._raw.names(endpoint, self._collection.date)

    def _days_before(self, days: int) -> str:
        day = date.fromisoformat(self._collection.date) - timedelta(days=days)
        return day.isoformat()

    def _may_request(self, endpoint: str) -> bool:
        """Whether a request may be sent; raises where it may not and nothing is stored."""
        is_stored = bool(self._names(endpoint))
        if not self._collection.is_open and not is_stored:
            raise NothingCollected(_in_words(endpoint), self._collection.date)
        return self._collection.is_open and not (self._collection.is_backfill and is_stored)

    def _request_list(self, endpoint: str, page_request: PageRequest, *, force: bool) -> None:
        stored = [
            response
            for response in self._raw.read(endpoint, self._collection.date)
            if page_of(response)
        ]
        if last_complete_list(stored) and not force:
            return
        self.verify_account()
        # A list that a killed run left incomplete is continued where it stopped.
        begun = [] if force else last_list(stored)
        pages = [page for response in begun if (page := page_of(response))]
        offset = next_offset(pages) if pages else 0
        if offset is None:  # its last page is stored, but not all pages before it
            pages, offset = [], 0
        while offset is not None:
            pages.append(self._request_page(endpoint, page_request, offset))
            offset = next_offset(pages)
        if is_cut_off(pages):
            self._odd.append(f"{endpoint}: goes on after {len(pages):,} pages, which are not all")
            log.warning("%s: goes on after %d pages, which are not all", endpoint, len(pages))

    @cached_property
    def _client(self) -> SpotifyClient:
        return self._spotify.client(self._lake.listener, self._purpose)

    @property
    def requested(self) -> int:
        """How many responses were requested."""
        return self._requested

    @property
    def waited_s(self) -> float:
        """Seconds that the rate limit took."""
        return self._client.throttle.total_wait_s if self._requested else 0.0

    def verify_account(self) -> None:
        """Pass where the login is that of the stored plays' account; send a request if needed."""
        if not self._is_account_verified():
            self._request_profile()

    def _is_account_verified(self) -> bool:
        """Whether no request is needed; raises where the login is known to be another account's."""
        token, accounts = self._client.login.current(), self._accounts()
        if token.account is None or not accounts:
            return False
        if token.account not in accounts:
            raise self._wrong_account(token.user_id or token.account, accounts)
        return True

    def _accounts(self) -> tuple[str, ...]:
        document = self._profile_document()
        return tuple(document[name] for name in ("account_id", "user_id") if document.get(name))

    def _profile_document(self) -> dict[str, Any]:
        """`profile.json`; where it is missing or damaged, derived from the last stored response."""
        document = self._lake.document_if_valid(PROFILE)
        if document is not None:
            return document
        for day in reversed(self._raw.dates("profile")):
            for response in reversed(self._raw.read("profile", day)):
                with suppress(msgspec.DecodeError):
                    return self._write_profile(profile_in(response), {})
        return {}

    def _wrong_account(self, user_id: str, accounts: tuple[str, ...]) -> WrongAccount:
        listener = self._lake.listener
        return WrongAccount(
            f"{listener}'s login belongs to the account {user_id}, but the lake keeps "
            f"plays of {accounts[-1]}: log in with that account "
            f"(`{self._client.login.command}`), or give this one a listener of its own"
        )

    def _request_profile(self) -> None:
        """Request the login's account, and refuse any other than that of the stored plays."""
        token = self._client.login.current()
        response = self._request("profile", _profile, 0)
        try:
            who = profile_in(response)
        except msgspec.DecodeError as problem:
            raise self._kept_aside(response, f"without an account: {problem}") from None
        identity = who.account_id or who.id or ""
        # Also a wrong one: the next run then recognizes it without a request.
        self._client.login.record_account(identity, who.id or identity, token_used=token)
        accounts = self._accounts()
        if accounts and not {who.account_id, who.id} & set(accounts):
            raise self._wrong_account(who.id or identity, accounts)
        before = self._profile_document()
        self._raw.keep(self._collection.date, response)
        self._write_profile(who, before)

    def _write_profile(self, who: Profile, before: Mapping[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = {
            "user_id": who.id or before.get("user_id"),
            # The old format of /me lacks it; then the stored one stays.
            "account_id": who.account_id or before.get("account_id"),
            "display_name": who.display_name,
        }
        self._lake.write_document(PROFILE, document)
        return document

    def _request_page(self, endpoint: str, page_request: PageRequest, offset: int) -> Page:
        response = self._request(endpoint, page_request, offset)
        page = page_of(response)
        if page is None:
            raise self._kept_aside(response, "without a list of items")
        self._raw.keep(self._collection.date, response)
        return page

    def _request(self, endpoint: str, page_request: PageRequest, offset: int) -> Response:
        self._requested += 1
        response = self._client.get(endpoint, lambda spotify: page_request(spotify, offset))
        if odd := odd_fields(response, _OBJECTS[endpoint]):
            self._odd += [f"{endpoint}: {path}" for path in odd]
            log.warning("%s: not readable in what Spotify sent: %s", endpoint, _in_short(odd))
        return response

    def _kept_aside(self, response: Response, problem: str) -> UnreadableAnswer:
        """Keep the bytes of an answer in which nothing can be read; the exception to raise."""
        path = self._raw.keep_aside(self._collection.date, response)
        try:
            members(response.body)
        except ValueError:
            problem = "200 with a body that is no JSON object"
        return UnreadableAnswer(
            f"{response.request.endpoint}: Spotify answered {problem}; "
            f"what it sent is in {path}, and the next run asks again"
        )

    def _result(self, endpoints: Iterable[str]) -> CollectResult:
        stored = sum(len(self._names(endpoint)) for endpoint in endpoints)
        return CollectResult(self._requested, stored, round(self.waited_s, 3), tuple(self._odd))


def _in_short(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(paths[:MOST_NAMED]) + more
