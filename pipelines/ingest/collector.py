"""Asking Spotify on behalf of one date: what is missing, what may still be asked, whose it is.

The questions themselves and the rules about asking them live here; `assets/collect.py` gives
each its place in the graph, `resources/spotify/client.py` sends them.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import spotipy

from pipelines.errors import NothingCollected, SpotifyError, WrongAccount
from pipelines.listening.api.objects import Profile
from pipelines.listening.api.responses import (
    Page,
    Response,
    last_complete_list,
    last_list,
    next_offset,
    page_of,
)
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.listening.schema.tables import TIME_RANGES
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import Spotify, SpotifyClient

PROFILE = "profile.json"
LARGEST_PAGE = 50

Question = Callable[[spotipy.Spotify, int], object]


def _top(kind: str, time_range: str) -> Question:
    def ask(spotify: spotipy.Spotify, offset: int) -> object:
        method = getattr(spotify, f"current_user_top_{kind}")
        return method(limit=LARGEST_PAGE, offset=offset, time_range=f"{time_range}_term")

    return ask


def _profile(spotify: spotipy.Spotify, _: int) -> object:
    return spotify.current_user()


def _recently_played(spotify: spotipy.Spotify, _: int) -> object:
    # No cursor: plays that were made offline arrive late, behind any cursor.
    return spotify.current_user_recently_played(limit=LARGEST_PAGE)


def _playlists(spotify: spotipy.Spotify, offset: int) -> object:
    return spotify.current_user_playlists(limit=LARGEST_PAGE, offset=offset)


PLAYLISTS: dict[str, Question] = {"playlists": _playlists}
TOP_ITEMS: dict[str, Question] = {
    f"top_{kind}_{time_range}": _top(kind, time_range)
    for kind in ("tracks", "artists")
    for time_range in TIME_RANGES
}


def _in_words(endpoint: str) -> str:
    """What a person calls it: `top_tracks_short` is "short-term top tracks"."""
    if endpoint in TOP_ITEMS:
        kind, _, time_range = endpoint.rpartition("_")
        return f"{time_range}-term {kind.replace('_', ' ')}"
    return "recently played tracks" if endpoint == "recently_played" else endpoint


@dataclass(frozen=True)
class CollectResult:
    """What asking for some responses of a date came to.

    Attributes:
        asked: responses that were asked for now.
        kept: responses that the date has now.
        waited_s: seconds that the rate limit took.
    """

    asked: int
    kept: int
    waited_s: float


@dataclass(frozen=True)
class Collection:
    """What a run may collect.

    Attributes:
        date: YYYY-MM-DD, for which responses are kept.
        is_open: whether Spotify may still be asked on behalf of the date.
        is_backfill: whether the run leaves it at what is kept, also on the day itself.
    """

    date: str
    is_open: bool
    is_backfill: bool


class Collector:
    """Asks Spotify on behalf of one date of one listener.

    Args:
        lake: the listener's; responses are kept there.
        spotify: is asked.
        collection: what may be asked.
    """

    def __init__(self, lake: ListenerLake, spotify: Spotify, collection: Collection) -> None:
        self._lake, self._spotify, self._collection = lake, spotify, collection
        self._raw = RawResponses(lake)
        self._asked = 0

    def profile(self, *, force: bool) -> CollectResult:
        """Ask for the account that the login belongs to, unless the date has it."""
        if self._may_ask("profile") and (force or not self._names("profile")):
            if not force:
                self._is_account_verified()
            self._ask_for_profile()
        return self._result(["profile"])

    def poll(self) -> CollectResult:
        """Ask for the newest plays, whatever the date has."""
        if self._may_ask("recently_played"):
            self._verify_account()
            self._ask_for_page("recently_played", _recently_played, 0)
        return self._result(["recently_played"])

    def lists(self, questions: Mapping[str, Question], *, force: bool) -> CollectResult:
        """Ask for the lists that the date lacks.

        Args:
            questions: by the name of the endpoint, how it is asked.
            force: ask for all of them.
        """
        for endpoint, question in questions.items():
            if self._may_ask(endpoint):
                self._ask_for_list(endpoint, question, force=force)
        return self._result(questions)

    def _names(self, endpoint: str) -> list[str]:
        return self._raw.names(endpoint, self._collection.date)

    def _may_ask(self, endpoint: str) -> bool:
        """Whether Spotify may be asked; fails where it may not and nothing is kept."""
        kept = bool(self._names(endpoint))
        if not self._collection.is_open and not kept:
            raise NothingCollected(_in_words(endpoint), self._collection.date)
        return self._collection.is_open and not (self._collection.is_backfill and kept)

    def _ask_for_list(self, endpoint: str, question: Question, *, force: bool) -> None:
        kept = [
            response
            for response in self._raw.read(endpoint, self._collection.date)
            if page_of(response)
        ]
        if last_complete_list(kept) and not force:
            return
        self._verify_account()
        # A list that a killed run left unfinished is continued where it stopped.
        begun = [] if force else last_list(kept)
        pages = [page for response in begun if (page := page_of(response))]
        offset = next_offset(pages) if pages else 0
        if offset is None:  # it has its end, but not all that comes before it
            pages, offset = [], 0
        while offset is not None:
            pages.append(self._ask_for_page(endpoint, question, offset))
            offset = next_offset(pages)

    @cached_property
    def _client(self) -> SpotifyClient:
        return self._spotify.client(self._lake.listener)

    def _verify_account(self) -> None:
        """Pass where the login belongs to the account whose plays are kept; ask if need be."""
        if not self._is_account_verified():
            self._ask_for_profile()

    def _is_account_verified(self) -> bool:
        """Whether nobody needs to be asked; fails where the login is known to be another's."""
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
        """`profile.json`; where it is gone or damaged, derived from the last responses kept."""
        document = self._lake.document_if_valid(PROFILE)
        if document is not None:
            return document
        for date in reversed(self._raw.dates("profile")):
            for response in reversed(self._raw.read("profile", date)):
                with suppress(msgspec.ValidationError):
                    return self._write_profile(profile_in(response), {})
        return {}

    def _wrong_account(self, user_id: str, accounts: tuple[str, ...]) -> WrongAccount:
        listener = self._lake.listener
        return WrongAccount(
            f"{listener}'s login belongs to the account {user_id}, but the lake keeps "
            f"plays of {accounts[-1]}: log in with that account "
            f"(`playledger login {listener}`), or give this one a listener of its own"
        )

    def _ask_for_profile(self) -> None:
        """Ask for the login's account, and refuse another one than that of the plays."""
        token = self._client.login.current()
        response = self._ask("profile", _profile, 0)
        try:
            who = profile_in(response)
        except msgspec.ValidationError as problem:
            raise SpotifyError(f"profile: Spotify answered without an account: {problem}") from None
        # Also of a wrong one: the next run then knows it without asking.
        self._client.login.record_account(who.account_id or who.id, who.id, token_used=token)
        accounts = self._accounts()
        if accounts and not {who.account_id, who.id} & set(accounts):
            raise self._wrong_account(who.id, accounts)
        before = self._profile_document()
        self._raw.keep(self._collection.date, response)
        self._write_profile(who, before)

    def _write_profile(self, who: Profile, before: Mapping[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = {
            "user_id": who.id,
            # The old shape of /me does not have it; that is no reason to forget it.
            "account_id": who.account_id or before.get("account_id"),
            "display_name": who.display_name,
        }
        self._lake.write_document(PROFILE, document)
        return document

    def _ask_for_page(self, endpoint: str, question: Question, offset: int) -> Page:
        response = self._ask(endpoint, question, offset)
        page = page_of(response)
        if page is None:
            raise SpotifyError(f"{endpoint}: Spotify answered without a list of items")
        self._raw.keep(self._collection.date, response)
        return page

    def _ask(self, endpoint: str, question: Question, offset: int) -> Response:
        self._asked += 1
        return self._client.get(endpoint, lambda spotify: question(spotify, offset))

    def _result(self, endpoints: Iterable[str]) -> CollectResult:
        kept = sum(len(self._names(endpoint)) for endpoint in endpoints)
        waited_s = self._client.throttle.total_wait_s if self._asked else 0.0
        return CollectResult(self._asked, kept, round(waited_s, 3))
