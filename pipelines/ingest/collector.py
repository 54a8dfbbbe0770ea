"""Asking Spotify on behalf of one date: what is missing, what may still be asked, whose it is.

The questions themselves and the rules about asking them live here; `assets/collect.py` gives
each its place in the graph, `resources/spotify/client.py` sends them.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import dagster as dg
import msgspec
import spotipy

from pipelines import run_context
from pipelines.errors import NothingCollected, SpotifyError, WrongAccount
from pipelines.listening.api.objects import Profile
from pipelines.listening.api.responses import (
    Page,
    Response,
    last_complete_list,
    last_list,
    next_offset,
)
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.listening.schema.tables import TIME_RANGES
from pipelines.listening.time.dates import may_collect
from pipelines.resources.lake.raw import Raw
from pipelines.resources.lake.tables import Lake
from pipelines.resources.spotify.client import Spotify, SpotifyClient

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


@dataclass
class Collecting:
    """One asset's asking for one date."""

    raw: Raw
    date: str
    open: bool
    backfill: bool
    spotify: Spotify
    asked: int = field(default=0, init=False)

    @classmethod
    def of(cls, context: dg.AssetExecutionContext, lake: Lake, spotify: Spotify) -> "Collecting":
        """What this run may do."""
        day = run_context.as_date(context.partition_key)
        may = may_collect(day, created_at=run_context.created_at(context), now=datetime.now(UTC))
        raw = Raw(lake, run_context.listener_of(context))
        return cls(raw, context.partition_key, may, run_context.is_backfill(context), spotify)

    def profile(self, *, force: bool) -> dg.MaterializeResult:
        """Ask whose login it is, unless the date knows."""
        if self._may_ask("profile") and (force or not self.raw.names("profile", self.date)):
            if not force:
                self._account_is_known()
            self._ask_for_profile()
        return self._outcome(["profile"])

    def poll(self) -> dg.MaterializeResult:
        """Ask for the newest plays, whatever the date has."""
        if self._may_ask("recently_played"):
            self._make_sure_of_account()
            self._ask_for_page("recently_played", _recently_played, 0)
        return self._outcome(["recently_played"])

    def lists(self, questions: dict[str, Question], *, force: bool) -> dg.MaterializeResult:
        """Ask for the lists that the date lacks; for all of them where `force` says so."""
        for endpoint, question in questions.items():
            if self._may_ask(endpoint):
                self._ask_for_list(endpoint, question, force=force)
        return self._outcome(questions)

    def _may_ask(self, endpoint: str) -> bool:
        """Whether Spotify may be asked; fails where it may not and nothing is kept.

        A backfill leaves it at what is kept, also on the day itself.
        """
        kept = bool(self.raw.names(endpoint, self.date))
        if not self.open and not kept:
            raise NothingCollected(_in_words(endpoint), self.date)
        return self.open and not (self.backfill and kept)

    def _ask_for_list(self, endpoint: str, question: Question, *, force: bool) -> None:
        kept = [one for one in self.raw.read(endpoint, self.date) if Page.is_page(one)]
        if last_complete_list(kept) and not force:
            return
        self._make_sure_of_account()
        # A list that a killed run left unfinished is continued where it stopped.
        pages = [] if force else last_list(kept)
        offset = next_offset([Page.of(page) for page in pages]) if pages else 0
        if offset is None:  # it has its end, but not all that lies before it
            pages, offset = [], 0
        while offset is not None:
            pages.append(self._ask_for_page(endpoint, question, offset))
            offset = next_offset([Page.of(page) for page in pages])

    @cached_property
    def _client(self) -> SpotifyClient:
        return self.spotify.client(self.raw.listener)

    def _make_sure_of_account(self) -> None:
        """Pass where the login belongs to the account whose plays are kept; ask if need be."""
        if not self._account_is_known():
            self._ask_for_profile()

    def _account_is_known(self) -> bool:
        """Whether nobody needs to be asked; fails where the login is known to be another's."""
        token, known = self._client.login.current(), self._known_account()
        if token.account is None or not known:
            return False
        if token.account not in known:
            raise self._wrong(token.user_id or token.account, known)
        return True

    def _known_account(self) -> tuple[str, ...]:
        document = self._known_profile()
        return tuple(document[name] for name in ("account_id", "user_id") if document.get(name))

    def _known_profile(self) -> dict[str, Any]:
        """`profile.json`; where it is gone or damaged, made anew of the last answers kept."""
        document = self.raw.lake.sound_document(self._profile_path)
        if document is not None:
            return document
        for date in reversed(self.raw.dates("profile")):
            for answer in reversed(self.raw.read("profile", date)):
                with suppress(msgspec.ValidationError):
                    return self._remember(profile_in(answer), {})
        return {}

    @property
    def _profile_path(self) -> str:
        return f"users/{self.raw.listener}/profile.json"

    def _wrong(self, user_id: str, known: tuple[str, ...]) -> WrongAccount:
        return WrongAccount(
            f"{self.raw.listener}'s login belongs to the account {user_id}, but the lake keeps "
            f"plays of {known[-1]}: log in with that account "
            f"(`playledger login {self.raw.listener}`), or give this one a listener of its own"
        )

    def _ask_for_profile(self) -> None:
        """Ask whose login it is, and refuse another account than the one known."""
        asked_with = self._client.login.current()
        answer = self._ask("profile", _profile, 0)
        try:
            who = profile_in(answer)
        except msgspec.ValidationError as problem:
            raise SpotifyError(f"profile: Spotify answered without an account: {problem}") from None
        # Also of a wrong one: the next run then knows it without asking.
        self._client.login.belongs_to(who.account_id or who.id, who.id, asked_with=asked_with)
        known = self._known_account()
        if known and not {who.account_id, who.id} & set(known):
            raise self._wrong(who.id, known)
        before = self._known_profile()
        self.raw.keep(self.date, answer)
        self._remember(who, before)

    def _remember(self, who: Profile, known: Mapping[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = {
            "user_id": who.id,
            # The old shape of /me does not tell it; that is no reason to forget it.
            "account_id": who.account_id or known.get("account_id"),
            "display_name": who.display_name,
        }
        self.raw.lake.write_document(self._profile_path, document)
        return document

    def _ask_for_page(self, endpoint: str, question: Question, offset: int) -> Response:
        answer = self._ask(endpoint, question, offset)
        if not Page.is_page(answer):
            raise SpotifyError(f"{endpoint}: Spotify answered without a list of items")
        self.raw.keep(self.date, answer)
        return answer

    def _ask(self, endpoint: str, question: Question, offset: int) -> Response:
        self.asked += 1
        return self._client.ask(endpoint, lambda spotify: question(spotify, offset))

    def _outcome(self, endpoints: Iterable[str]) -> dg.MaterializeResult:
        kept = sum(len(self.raw.names(endpoint, self.date)) for endpoint in endpoints)
        waited_s = self._client.throttle.waited_s if self.asked else 0.0
        return dg.MaterializeResult(
            metadata={
                "outcome": f"{self.asked} responses asked for, {kept} responses kept",
                "responses_kept": kept,
                "responses_asked_for": self.asked,
                "throttle_wait_s": round(waited_s, 3),
            }
        )
