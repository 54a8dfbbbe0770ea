"""Asking Spotify who somebody is, and for consent to go on collecting.

The consent itself is `resources/spotify/consent.py`, as for the command. What shows who somebody is
may read a profile and nothing else, and is kept nowhere.
"""

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import requests

from pipelines.dashboard.login.access import Access, KnownAccount
from pipelines.errors import (
    LoginExpired,
    LoginMissing,
    NotAuthorized,
    PlayledgerError,
    WrongAccount,
)
from pipelines.listening.api.objects import Profile
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.consent import Consent
from pipelines.resources.spotify.oauth import (
    IDENTITY,
    SCOPES,
    UNUSABLE_RESPONSE,
    Login,
    token_fields,
)
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings

CALLBACK = "/auth/callback"

log = logging.getLogger("playledger.dashboard")


class PassingLogin(Login):
    """A login that is stored nowhere and ends with the one question it is used for.

    Args:
        token: as it was issued just now.
    """

    def __init__(self, token: Token) -> None:
        self._token = token

    @property
    def listener(self) -> str:
        """What lines of the log call it: nobody knows yet who it is."""
        return "dashboard"

    @property
    def command(self) -> str:
        """What helps where it is refused."""
        return "playledger dashboard invite"

    @property
    def account(self) -> str:
        """Not known yet."""
        return ""

    def valid_token(self, session: requests.Session, *, rejected: str | None = None) -> Token:  # noqa: ARG002
        """The token; it is never refreshed.

        Raises:
            LoginExpired: where Spotify has refused it.
        """
        if rejected == self._token.access_token:
            raise LoginExpired(self.listener)
        return self._token


@dataclass(frozen=True)
class AtSpotify:
    """What is asked of Spotify at the door.

    Attributes:
        access: whose accounts are known.
    """

    access: Access

    @property
    def _settings(self) -> Settings:
        return self.access.settings

    def identity(self) -> Consent:
        """A request to show who one is: always by PKCE, whether the app has a secret or not."""
        self._spotify().lockouts().check()
        app = replace(self._settings.app, client_secret=None)
        return Consent(app, self.access.url + CALLBACK, IDENTITY)

    def renewal(self, listener: str) -> Consent:
        """A request to go on collecting; what is issued is refreshed as the command's is.

        Args:
            listener: who is logged in.
        """
        self._spotify().lockouts(listener).check()
        return Consent(self._settings.app_of(listener), self.access.url + CALLBACK, SCOPES["read"])

    def identify(self, consent: Consent, redirect: str) -> str | None:
        """Whose account answered; None for a stranger's. The token is dropped.

        Args:
            consent: what the browser was sent with.
            redirect: the address that it came back to.

        Raises:
            NotAuthorized: where the answer is not for this request, or consent was not given.
            PlayledgerError: where Spotify does not say who it is.
        """
        requested_at = time.time()
        who, _ = self._profile(consent.token(consent.code_from(redirect)), requested_at)
        return self.access.listener_of(who) or self._new_listener_of(who)

    def _new_listener_of(self, who: Profile) -> str | None:
        """The listener whose login was not used yet, if it is of this account.

        Whose account a login is of is told by the first poll; who has just run `playledger init`
        need not wait for that.
        """
        for listener in self.access.listeners:
            try:
                if self.access.accounts(listener.name):
                    continue
                client = self._spotify().client(listener.name)
                token = client.login.current()
                own = profile_in(client.get("profile", lambda spotify: spotify.current_user()))
                identity = own.account_id or own.id or ""
                client.login.record_account(identity, own.id or identity, token_used=token)
            except LoginMissing:
                continue
            except (PlayledgerError, msgspec.DecodeError) as problem:
                log.warning("whose account the login of %s is: %s", listener.name, problem)
                continue
            if KnownAccount(own.account_id, own.id).is_of(who):
                return listener.name
        return None

    def renew(self, consent: Consent, redirect: str, listener: str) -> None:
        """Store a listener's new consent, if it is their account that gave it.

        Args:
            consent: what the browser was sent with.
            redirect: the address that it came back to.
            listener: who is logged in.

        Raises:
            WrongAccount: where another account answered; nothing is stored.
            PlayledgerError: as `identify`.
        """
        requested_at = time.time()
        issued = consent.token(consent.code_from(redirect))
        who, token = self._profile(issued, requested_at)
        known = self.access.accounts(listener)
        # Who has no account yet could otherwise take that of somebody whose file is unreadable.
        owner = self.access.listener_of(who, of_all=not known)
        if owner not in {None, listener} or (known and owner is None):
            raise WrongAccount(
                f"this is not the Spotify account of {listener}: log in to Spotify with the "
                "account whose plays are collected, and try again; nothing was changed"
            )
        file = TokenFile(self._settings.tokens_dir, listener)
        login = Login(self._settings.app_of(listener), file, self._settings.refresh_token(listener))
        login.store_new_login(issued, requested_at)
        identity = who.account_id or who.id or ""
        stored = login.current()
        if stored.access_token == token.access_token:
            login.record_account(identity, who.id or identity, token_used=stored)

    def _spotify(self) -> Spotify:
        return Spotify(self._settings, Lake.open(self._settings))

    def _profile(self, issued: dict[str, Any], requested_at: float) -> tuple[Profile, Token]:
        try:
            token = Token(**token_fields({"refresh_token": "none", **issued}, requested_at))
        except UNUSABLE_RESPONSE:
            raise NotAuthorized("Spotify issued no token: try again") from None
        client = self._client(PassingLogin(token))
        response = client.get("profile", lambda spotify: spotify.current_user())
        try:
            return profile_in(response), token
        except msgspec.DecodeError:
            raise NotAuthorized("Spotify did not say whose account it is: try again") from None

    def _client(self, login: Login) -> SpotifyClient:
        return replace(self._spotify().client("dashboard"), login=login)
