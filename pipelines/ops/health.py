"""How a lake and its listeners are: what `playledger status` shows and alerts speak of.

It reads the lake and the token files, and asks nobody: neither Spotify nor Dagster. Add here what
an operator has to know though no run says so. What a run or a check says is its own business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from pipelines.errors import LoginExpired, LoginMissing, PlayledgerError, StoreUnavailable, Subject
from pipelines.listening.schema.tables import GAPS
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.token_store import Token, TokenFile, digest
from pipelines.settings import Settings

WARN_DAYS = 30
FAIL_DAYS = 3
STALE_AFTER = timedelta(days=1)
SNAPSHOT_WITHIN = timedelta(days=60)

Level = Literal["warning", "failure"]
T = TypeVar("T")

LAKE, LOCKOUT, APP, SETTINGS = "lake", "lockout", "app", "settings"
LOGIN, LAKE_OF_ONE = "{listener} login", "{listener} lake"
"""What problems are about, which alerts compare."""

_ABOUT = {
    Subject.LAKE: LAKE,
    Subject.LOCKOUT: LOCKOUT,
    Subject.LOGIN: LOGIN,
    Subject.SETTINGS: APP,
}


def about(subject: Subject, listener: str) -> str | None:
    """What the problem that health reports of the same cause is about; None where it reports none.

    Args:
        subject: what an error is about.
        listener: whose run met it.
    """
    found = _ABOUT.get(subject)
    return found and found.format(listener=listener)


@dataclass(frozen=True)
class Problem:
    """Something that a person should know of.

    Attributes:
        about: what it is about, the same for as long as it lasts: `lake`, `nico login`.
        sentence: what is wrong and what to do.
        level: whether it is wrong already, or will be.
    """

    about: str
    sentence: str
    level: Level = "failure"


@dataclass(frozen=True)
class LoginHealth:
    """A listener's login.

    Attributes:
        state: `good`, `expiring`, `expired`, `missing` or `unreadable`.
        age_days: since the listener consented; null where a seeded token does not tell.
        days_left: whole days until it ends; of a seeded one, at most so many.
        ends_at: when it ends, or can end at the latest.
    """

    state: Literal["good", "expiring", "expired", "missing", "unreadable"]
    age_days: int | None = None
    days_left: int | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class ListenerHealth:
    """How one listener's collecting is; null is what there is none of, or cannot be read."""

    listener: str
    login: LoginHealth
    last_response_at: datetime | None
    last_snapshot: str | None
    open_gaps: int | None


@dataclass(frozen=True)
class LockoutHealth:
    """A lockout in force."""

    group: str
    reason: str
    locked_at: datetime
    retry_at: datetime


@dataclass
class Health:
    """Everything at one moment, and what is wrong with it."""

    checked_at: datetime
    lake_url: str
    lake_reachable: bool = True
    lockouts: Sequence[LockoutHealth] = ()
    listeners: list[ListenerHealth] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; what only will be does not count."""
        return all(problem.level == "warning" for problem in self.problems)


def login_health(token: Token | None, now: datetime) -> LoginHealth:
    """What a token tells of its login."""
    if token is None:
        return LoginHealth("missing")
    age = (now - token.authorized_at).days if token.authorized_at else None
    ends_at = token.ends_at
    left = (ends_at - now).days if ends_at else None
    if token.refused or (left is not None and left < 0):
        return LoginHealth("expired", age, left, ends_at)
    expiring = left is not None and left <= WARN_DAYS
    return LoginHealth("expiring" if expiring else "good", age, left, ends_at)


def login_problem(listener: str, login: LoginHealth) -> Problem | None:
    """What is wrong with a login, if anything is."""
    about, renew = LOGIN.format(listener=listener), f"run `playledger login {listener}`"
    if login.state == "missing":
        return Problem(about, str(LoginMissing(listener)))
    if login.state == "expired":
        return Problem(about, str(LoginExpired(listener)))
    if login.state == "expiring" and login.ends_at and login.days_left is not None:
        days = f"{login.days_left} days" if login.days_left != 1 else "1 day"
        sentence = f"{listener}'s login ends in {days}, on {login.ends_at:%Y-%m-%d}: {renew}"
        return Problem(about, sentence, "failure" if login.days_left <= FAIL_DAYS else "warning")
    return None


def health(settings: Settings, lake: Lake, now: datetime | None = None) -> Health:
    """Look at everything; what cannot be looked at is a problem, and the rest goes on.

    Raises:
        SettingsError: where `LISTENERS_FILE` or `LAKE_URL` cannot be used.
    """
    now = now or datetime.now(UTC)
    listeners = settings.listeners
    found = Health(now, lake.store.url(""))
    if problem := _unreachable(lake):
        found.lake_reachable = False
        found.problems.append(problem)
    examiner = _Examiner(settings, lake, now, found)
    examiner.lockouts()
    for listener in listeners:
        found.listeners.append(examiner.listener(listener.name))
    return found


def unknown(why: str) -> Health:
    """The health of what cannot even be looked at: settings that cannot be read."""
    return Health(datetime.now(UTC), "", lake_reachable=False, problems=[Problem(SETTINGS, why)])


def _unreachable(lake: Lake) -> Problem | None:
    try:
        lake.store.check()
    except StoreUnavailable as problem:
        return Problem(LAKE, str(problem))
    return None


@dataclass
class _Examiner:
    settings: Settings
    lake: Lake
    now: datetime
    found: Health

    def lockouts(self) -> None:
        try:
            in_force = Spotify(self.settings, self.lake).lockouts().in_force(self.now)
        except StoreUnavailable:  # the lake's own problem tells it
            return
        except PlayledgerError as problem:
            self._note(APP, str(problem))
            return
        self.found.lockouts = [
            LockoutHealth(one.group, one.reason, one.locked_at, one.over_at(self.now))
            for one in in_force
        ]
        for longest in in_force[:1]:
            self._note(LOCKOUT, str(longest.error(self.now)))

    def listener(self, name: str) -> ListenerHealth:
        token, login = self._login(name)
        last = self._of_lake(name, lambda: self._last_response(name, token))
        return ListenerHealth(
            name,
            login,
            last,
            self._of_lake(name, lambda: self._last_snapshot(name)),
            self._of_lake(name, lambda: self._open_gaps(name)),
        )

    def _login(self, name: str) -> tuple[Token | None, LoginHealth]:
        try:
            token = TokenFile(self.settings.tokens_dir, name).read()
        except PlayledgerError as problem:
            self._note(LOGIN.format(listener=name), str(problem))
            return None, LoginHealth("unreadable")
        seed = self.settings.refresh_token(name)
        if seed and (token is None or token.seed != digest(seed)):
            return token, LoginHealth("good")  # the next run takes it over
        login = login_health(token, self.now)
        if wrong := login_problem(name, login):
            self.found.problems.append(wrong)
        return token, login

    def _last_response(self, name: str, token: Token | None) -> datetime | None:
        last = RawResponses(self.lake.of(name)).last_fetched_at("recently_played")
        self._look_for_silence(name, token, last)
        if token and token.collecting_since:
            self._look_for_another_lake(name, token.collecting_since)
        return last

    def _look_for_another_lake(self, name: str, since: datetime) -> None:
        """A disk that is not mounted looks like a lake in which nothing lies yet."""
        first = RawResponses(self.lake.of(name)).first_date("recently_played")
        just_begun = self.now - since <= STALE_AFTER
        if just_begun or (first and first <= f"{since + STALE_AFTER:%Y-%m-%d}"):
            return
        begins = f"begins on {first}" if first else "has nothing"
        self._note(
            f"{name} history",
            f"{self.found.lake_url} {begins} for {name}, who has been collected since "
            f"{since:%Y-%m-%d}: is its disk mounted, and is LAKE_URL right? "
            f"For a lake that is meant to be new, run `playledger login {name}`",
        )

    def _look_for_silence(self, name: str, token: Token | None, last: datetime | None) -> None:
        """A listener who is not collected is told of, though not on the day of their login."""
        began = (token.authorized_at or token.seeded_at) if token else None
        since = max((at for at in (began, last) if at), default=None)
        # A token from the environment that no run has used yet: collecting has not begun.
        if since is None or self.now - since <= STALE_AFTER:
            return
        told = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "for 60 days, or ever"
        self._note(
            f"{name} collecting",
            f"nothing was collected for {name} {told}: plays are being lost; look at the last "
            f"runs of poll_{name} and whether the daemon runs",
        )

    def _of_lake(self, name: str, look: Callable[[], T]) -> T | None:
        if not self.found.lake_reachable:
            return None
        try:
            return look()
        except PlayledgerError as problem:
            self._note(LAKE_OF_ONE.format(listener=name), str(problem))
            return None

    def _last_snapshot(self, name: str) -> str | None:
        own = self.lake.of(name)
        since = f"{self.now - SNAPSHOT_WITHIN:%Y-%m-%d}"
        complete = (
            date
            for date in reversed(own.dates("snapshots/", since))
            if own.etag_of(f"snapshots/date={date}/metadata.json")
        )
        return next(complete, None)

    def _open_gaps(self, name: str) -> int:
        gaps = self.lake.of(name).read(GAPS, ["closed_at"])
        return int(gaps["closed_at"].null_count)

    def _note(self, about: str, sentence: str) -> None:
        if about not in {problem.about for problem in self.found.problems}:
            self.found.problems.append(Problem(about, sentence))
