"""Who may see what: a login or a Spotify account -> a listener -> what is open to them.

Asked by the gate at every request and by the script at every run, so that a login that ended, or a
listener who was taken out of `listeners.toml`, ends at once. How somebody logs in is `routes.py`.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.errors import DashboardError, LakeError, LoginError, SettingsError
from pipelines.listening.api.objects import Profile
from pipelines.resources.dashboard_logins import DashboardLogin, DashboardLogins
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Listener, Settings, may_compare

PROFILE = "profile.json"
"""In a listener's folder of the lake: whose account their plays are of."""

COOKIE = "playledger"

log = logging.getLogger("playledger.dashboard")


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in.

    Attributes:
        listener: who they are.
        is_owner: whether they see how collecting goes, of all listeners.
        sees: whose tables they may open: their own.
        operates: for whom they see, and may start, what collects and imports.
        compared_with: with whom they agreed to be compared, both ways.
    """

    listener: str
    is_owner: bool
    sees: tuple[str, ...]
    operates: tuple[str, ...] = ()
    compared_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownAccount:
    """What is known of the Spotify account of a listener.

    Attributes:
        account_id: what identifies it, if it was ever told.
        user_id: its user name, of which older answers know alone.
    """

    account_id: str | None
    user_id: str | None

    def is_of(self, who: Profile) -> bool:
        """Whether it is the account of this profile."""
        if who.account_id and self.account_id:
            return who.account_id == self.account_id
        return bool(who.id) and who.id == self.user_id


class Access:
    """Who may see what.

    Args:
        settings: of the process.
        url: the address that people use, without a path.
        clock: the current time, Unix seconds.
    """

    def __init__(
        self, settings: Settings, url: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings, self.url, self.clock = settings, url, clock
        self.logins = DashboardLogins(settings.dashboard, clock)
        self._read: tuple[object, tuple[Listener, ...]] | None = None
        for owner in settings.dashboard.owners:
            if not self._knows(owner):
                known = ", ".join(one.name for one in self.listeners) or "nobody"
                raise SettingsError(
                    f"DASHBOARD_OWNERS: {owner!r} is not in {settings.listeners_file} "
                    f"(there is: {known})"
                )

    @property
    def is_https(self) -> bool:
        """Whether browsers come over TLS; whoever serves us adds it."""
        return self.url.startswith("https://")

    def cookie(self, purpose: str = "") -> str:
        """The name of a cookie; over TLS one that no other host or path can set.

        Cookies know no ports, so that two dashboards of one machine need two names.
        """
        name = f"{COOKIE}{purpose}"
        return f"__Host-{name}" if self.is_https else f"{name}-{urlsplit(self.url).port or 80}"

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The listeners as the file has them now; it is read again when it has changed."""
        version = _version(self.settings.listeners_file)
        if self._read is None or self._read[0] != version:
            self._read = (version, self.settings.listeners)
        return self._read[1]

    def login(self, token: str | None, *, is_used: bool = True) -> DashboardLogin | None:
        """The login of a cookie, if it lasts and its listener is still one.

        Args:
            token: what the cookie holds; None where there is none.
            is_used: whether somebody uses it, so that it does not count as idle.
        """
        login = self.logins.find(token, is_used=is_used) if token else None
        return login if login and self._knows(login.listener) else None

    def visitor(self, key: str | None) -> Visitor | None:
        """Who somebody is and what they see, by the key of their login; None for nobody."""
        login = self.logins.by_key(key) if key else None
        return self.visitor_of(login.listener) if login else None

    def visitor_of(self, listener: str) -> Visitor | None:
        """What a listener sees; None where they are none any more."""
        if not self._knows(listener):
            return None
        everybody = tuple(one.name for one in self.listeners)
        is_owner = listener in owners(self.settings.dashboard.owners, everybody)
        return Visitor(
            listener,
            is_owner,
            sees=(listener,),
            operates=everybody if is_owner else (listener,),
            compared_with=agreed(self.listeners, listener),
        )

    def _knows(self, listener: str) -> bool:
        return any(one.name == listener for one in self.listeners)

    def listener_of(self, who: Profile, *, of_all: bool = False) -> str | None:
        """Whose account this is; None for a stranger's.

        Args:
            who: what Spotify says of it.
            of_all: whether it has to be known of everybody whose account theirs is. Otherwise a
                file that cannot be used keeps out nobody but its own listener.

        Raises:
            LoginError, LakeError: where that is not known of somebody, with `of_all`.
            StoreUnavailable: where the lake cannot be read.
        """
        for listener in self.listeners:
            try:
                accounts = self.accounts(listener.name)
            except (LoginError, LakeError) as problem:
                if of_all:
                    raise
                log.warning("whose account that of %s is: %s", listener.name, problem)
                continue
            if any(account.is_of(who) for account in accounts):
                return listener.name
        return None

    def accounts(self, listener: str) -> list[KnownAccount]:
        """What is known of a listener's account: by their plays, or else by their login."""
        document = Lake.open(self.settings).of(listener).document_if_valid(PROFILE) or {}
        account = KnownAccount(document.get("account_id"), document.get("user_id"))
        if account.account_id or account.user_id:
            return [account]
        token = TokenFile(self.settings.tokens_dir, listener).read()
        if token is None or not token.account:
            return []
        # An account that Spotify gave no id is noted by its user name in both.
        is_named = token.account == token.user_id
        return [KnownAccount(None if is_named else token.account, token.user_id)]


def owners(named: Sequence[str], everybody: Sequence[str]) -> tuple[str, ...]:
    """Who sees how collecting goes for everybody; who is alone does anyhow.

    Args:
        named: by `DASHBOARD_OWNERS`.
        everybody: all listeners.
    """
    return tuple(named) or (tuple(everybody) if len(everybody) == 1 else ())


def agreed(listeners: Sequence[Listener], listener: str) -> tuple[str, ...]:
    """With whom a listener agreed to be compared, where the others did too.

    Args:
        listeners: all there are.
        listener: one of them.
    """
    own = [one for one in listeners if one.name == listener]
    return tuple(other.name for one in own for other in listeners if may_compare(one, other))


def _version(path: Path) -> object:
    try:
        status = path.stat()
    except OSError as problem:
        return problem.errno
    return status.st_mtime_ns, status.st_size, status.st_ino


_serving: list[Access] = []


def open_access(settings: Settings, url: str, clock: Callable[[], float] = time.time) -> Access:
    """Say who may see what in this process, before it serves anything."""
    _serving[:] = [Access(settings, url, clock)]
    return _serving[0]


def current_access() -> Access:
    """Who may see what in this process.

    Raises:
        DashboardError: where it serves nothing, such as when a page is run by hand.
    """
    if not _serving:
        raise DashboardError("nobody is let in: start the dashboard with `playledger dashboard`")
    return _serving[0]
