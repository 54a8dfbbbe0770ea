"""The health of a lake and its listeners: what `playledger status` shows and alerts report.

It reads the lake and the token files; no request goes to Spotify or to Dagster. Add here what an
operator has to know although no run reports it. Results of runs and checks do not belong here.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from pipelines.errors import (
    LoginExpired,
    LoginMissing,
    PlayledgerError,
    SettingsError,
    StoreUnavailable,
    Subject,
)
from pipelines.ingest.lastfm_reading import Pages
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.listening.schema.tables import GAPS, REFUSED
from pipelines.resources.cache.opening import open_file, open_store
from pipelines.resources.cache.responses import OUTCOMES
from pipelines.resources.cache.store import CacheUnavailable
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.token_store import Token, TokenFile, digest
from pipelines.settings import Listener, Settings
from pipelines.settings.surveys import Survey
from pipelines.surveys.closing import why_closed

WARN_DAYS = 30
FAIL_DAYS = 3
STALE_AFTER = timedelta(days=1)
SCROBBLES_STALE_AFTER = timedelta(days=3)
SNAPSHOT_LOOKBACK = timedelta(days=60)
ANSWERS_LOOKBACK = timedelta(days=7)
"""How long answers that could not be read are reported."""

Level = Literal["warning", "failure"]
T = TypeVar("T")

LAKE, LOCKOUT, APP, SETTINGS, CACHE = "lake", "lockout", "app", "settings", "cache"
SURVEYS = "surveys"
CATALOGUE = "catalogue"
IMPORTS_ONLY: Final = "imports only"
LISTENER_LOGIN, LISTENER_LAKE = "{listener} login", "{listener} lake"
ANSWERS = "{listener} answers"
"""Topics of problems; alerts compare them from one tick to the next."""

_TOPICS = {
    Subject.LAKE: LAKE,
    Subject.LOCKOUT: LOCKOUT,
    Subject.LOGIN: LISTENER_LOGIN,
    Subject.SETTINGS: APP,
}


def survey_topic(survey: str) -> str:
    """The topic of problems of a survey, which is also whose its runs are.

    No listener's name has a space, so that a survey of the same name is never taken for them.
    """
    return f"survey {survey}"


def topic_of(subject: Subject, listener: str) -> str | None:
    """The topic under which health reports the cause of an error; None where it does not.

    Args:
        subject: what the error is about.
        listener: whose run failed with it.
    """
    topic = _TOPICS.get(subject)
    return topic and topic.format(listener=listener)


class Problem(msgspec.Struct, frozen=True):
    """Something that a person should know about.

    The names of its fields in JSON stay: cursors and the output of `status --json` hold them.

    Attributes:
        topic: what it is about, the same for as long as it lasts: `lake`, `nico login`.
        sentence: what is wrong and what to do.
        level: whether it is wrong already, or will be.
    """

    topic: str = msgspec.field(name="about")
    sentence: str
    level: Level = "failure"


@dataclass(frozen=True)
class LoginHealth:
    """The state of a listener's login.

    Attributes:
        state: `good`, `expiring`, `expired`, `missing`, `unreadable`, or `imports only` where
            none is wanted.
        age_days: since the listener consented; null where that is unknown, as for a token from
            the environment.
        days_left: whole days until it expires; for a token from the environment, at most.
        ends_at: when it expires; for a token from the environment, at the latest.
    """

    state: Literal["good", "expiring", "expired", "missing", "unreadable", "imports only"]
    age_days: int | None = None
    days_left: int | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class ListenerHealth:
    """The state of one listener's collecting; null where there is none, or it cannot be read.

    Attributes:
        listener: their name.
        login: of theirs.
        last_response_at: when Spotify last said what was played.
        last_snapshot: the last date, YYYY-MM-DD, with a complete snapshot.
        open_gaps: how many there are.
        unreadable_answers: how many answers of the last seven days could not be read at all.
        odd_answers: how many polls of today and yesterday had a field that could not be read; all
            else in them was.
        scrobbles_read_at: when Last.fm was last read; null where it never was.
        write_login: of the login that may write playlists; null where there is none, as for most.
    """

    listener: str
    login: LoginHealth
    last_response_at: datetime | None
    last_snapshot: str | None
    open_gaps: int | None
    unreadable_answers: int | None = None
    odd_answers: int | None = None
    scrobbles_read_at: datetime | None = None
    write_login: LoginHealth | None = None


@dataclass(frozen=True)
class SurveyHealth:
    """The state of a survey.

    Attributes:
        survey: its name.
        people: how many answered, as of its last run; None where nothing is stored.
        keep_until: its retention date, YYYY-MM-DD, if it has one.
        closed: why its sheet is not read; None where it is.
    """

    survey: str
    people: int | None
    keep_until: str | None
    closed: str | None


@dataclass(frozen=True)
class LockoutHealth:
    """A lockout in force."""

    group: str
    reason: str
    locked_at: datetime
    retry_at: datetime


@dataclass(frozen=True)
class CacheHealth:
    """The answers of Spotify's that are kept, and what became of questions.

    Attributes:
        backend: where they are kept.
        entries: how many; None where that is not known.
        bytes: what they take; likewise.
        hits: questions of this machine's in the last week that were answered from them.
        misses: those that were sent.
        stale: those that were answered with an old one, while Spotify could not be asked.
    """

    backend: str
    entries: int | None
    bytes: int | None
    hits: int
    misses: int
    stale: int


@dataclass
class Health:
    """The result of a health check: the state of everything, and what is wrong."""

    checked_at: datetime
    lake_url: str
    lake_reachable: bool = True
    lockouts: Sequence[LockoutHealth] = ()
    listeners: list[ListenerHealth] = field(default_factory=list)
    surveys: list[SurveyHealth] = field(default_factory=list)
    cache: CacheHealth | None = None
    catalogue_reads_per_day: int | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; warnings do not count."""
        return all(problem.level == "warning" for problem in self.problems)


def login_health(token: Token | None, now: datetime) -> LoginHealth:
    """The state of the login that a token belongs to.

    Args:
        token: the stored token; None where there is none.
        now: the current time, UTC.
    """
    if token is None:
        return LoginHealth("missing")
    age = (now - token.authorized_at).days if token.authorized_at else None
    ends_at = token.ends_at
    left = (ends_at - now).days if ends_at else None
    if token.refused or (left is not None and left < 0):
        return LoginHealth("expired", age, left, ends_at)
    expiring = left is not None and left <= WARN_DAYS
    return LoginHealth("expiring" if expiring else "good", age, left, ends_at)


def login_problem(
    listener: str, login: LoginHealth, dashboard_url: str | None = None
) -> Problem | None:
    """What is wrong with a login, if anything is.

    Args:
        listener: whose login it is.
        login: its state.
        dashboard_url: where a listener can renew it without the command; None for nowhere.
    """
    topic, renew = LISTENER_LOGIN.format(listener=listener), f"run `playledger login {listener}`"
    page = f", or renew it at {dashboard_url}/auth/account" if dashboard_url else ""
    if login.state == "missing":
        return Problem(topic, f"{LoginMissing(listener)}{page}")
    if login.state == "expired":
        return Problem(topic, f"{LoginExpired(listener)}{page}")
    if login.state == "expiring" and login.ends_at and login.days_left is not None:
        days = f"{login.days_left} days" if login.days_left != 1 else "1 day"
        ends = f"expires in {days}, on {login.ends_at:%Y-%m-%d}"
        sentence = f"{listener}'s login {ends}: {renew}{page}"
        return Problem(topic, sentence, "failure" if login.days_left <= FAIL_DAYS else "warning")
    return None


def usable_dashboard_url(settings: Settings) -> str | None:
    """Where the dashboard is; None where that is not set, or wrong: then it stays at the command.

    Args:
        settings: of the process.
    """
    with suppress(SettingsError):
        return settings.dashboard_url
    return None


def check_health(
    settings: Settings,
    lake: Lake,
    now: datetime | None = None,
    *,
    only: Sequence[str] | None = None,
) -> Health:
    """Check everything; what cannot be checked is a problem, and the rest goes on.

    Args:
        settings: the listeners and where their tokens are.
        lake: the lake to check.
        now: the time to check for, UTC; None for the current time.
        only: the listeners of whom to tell, and then of no survey; None for everything.

    Raises:
        SettingsError: where `LISTENERS_FILE` or `LAKE_URL` cannot be used.
    """
    now = now or datetime.now(UTC)
    listeners = [one for one in settings.listeners if only is None or one.name in only]
    health = Health(now, lake.store.url(""))
    if problem := _unreachable(lake):
        health.lake_reachable = False
        health.problems.append(problem)
    check = _HealthCheck(settings, lake, now, health)
    for listener in listeners:
        health.listeners.append(check.listener(listener))
    surveys = only is None and check.surveys()
    # Lockouts need the app; who only imports has none, and neither has who only reads surveys.
    beginner = not listeners and not surveys
    if beginner or any(one.login.state != IMPORTS_ONLY for one in health.listeners):
        check.lockouts()
    check.cache()
    check.catalogue()
    return health


def imports_only(settings: Settings, lake: ListenerLake, *, scrobbles: bool = False) -> bool:
    """Whether a listener imports exports and wants no login.

    That is so where there is an import, and neither a token nor a response of Spotify's ever: a
    login that was lost leaves responses behind.

    Args:
        settings: where the tokens are.
        lake: the listener's.
        scrobbles: whether Last.fm is read for them, which imports by itself.

    Raises:
        StoreUnavailable, TokenFileError, CorruptFile: where that cannot be found out.
    """
    listener = lake.listener
    if settings.refresh_token(listener) or TokenFile(settings.tokens_dir, listener).read():
        return False
    if RawResponses(lake).first_date("recently_played"):
        return False
    return scrobbles or bool(ImportedExports(lake).all)


def health_unavailable(reason: str) -> Health:
    """The result where not even the settings could be read, as `reason` says in one sentence."""
    problems = [Problem(SETTINGS, reason)]
    return Health(datetime.now(UTC), "", lake_reachable=False, problems=problems)


def _unreachable(lake: Lake) -> Problem | None:
    try:
        lake.store.check()
    except StoreUnavailable as problem:
        return Problem(LAKE, str(problem))
    return None


@dataclass
class _HealthCheck:
    settings: Settings
    lake: Lake
    now: datetime
    health: Health

    def lockouts(self) -> None:
        try:
            in_force = Spotify(self.settings, self.lake).lockouts_in_force(self.now)
        except StoreUnavailable:  # already reported as the lake's problem
            return
        except PlayledgerError as problem:
            self._add_problem(APP, str(problem))
            return
        self.health.lockouts = [
            LockoutHealth(one.group, one.reason, one.locked_at, one.retry_at) for one in in_force
        ]
        for longest in in_force[:1]:
            self._add_problem(LOCKOUT, str(longest.error()))

    def surveys(self) -> bool:
        """Tell of each survey; returns whether there are any."""
        try:
            surveys = self.settings.surveys
        except SettingsError as problem:
            self._add_problem(SURVEYS, str(problem))
            return True
        for survey in surveys if self.health.lake_reachable else ():
            try:
                self.health.surveys.append(self._survey(survey))
            except PlayledgerError as problem:
                self._add_problem(survey_topic(survey.name), str(problem))
        return bool(surveys)

    def _survey(self, survey: Survey) -> SurveyHealth:
        own = self.lake.survey(survey.name)
        stored = own.find_if_valid(RESPONSES)
        closed = why_closed(own, survey, self.now.astimezone(ZoneInfo(survey.timezone)).date())
        if closed and stored:
            self._add_problem(survey_topic(survey.name), closed, "warning")
        return SurveyHealth(
            survey.name,
            len(stored.rows) if stored else None,
            str(survey.keep_until) if survey.keep_until else None,
            closed,
        )

    def cache(self) -> None:
        try:
            settings = self.settings.cache
            store = open_store(settings)
        except SettingsError as problem:
            self._add_problem(CACHE, str(problem), "warning")
            return
        if not settings.fresh_for:
            return
        try:
            used = store.usage()
            week = f"{self.now - timedelta(days=7):%Y-%m-%d}"
            tallied = open_file(settings).tallied()
        except CacheUnavailable as problem:
            self._add_problem(
                CACHE,
                f"the cache cannot be used ({problem}), so every question is sent to Spotify: "
                "check CACHE_FILE and its disk",
                "warning",
            )
            return
        if used.problem:
            self._add_problem(
                CACHE,
                f"the cache's server is away ({used.problem}), and {settings.file} is used "
                "instead: check CACHE_URL and the server",
                "warning",
            )
        times: Counter[str] = Counter()
        for day, _, what, number in tallied:
            times[what] += number if day >= week else 0
        self.health.cache = CacheHealth(
            *(used.backend, used.entries, used.bytes),
            *(times[outcome] for outcome in OUTCOMES),
        )

    def catalogue(self) -> None:
        try:
            self.health.catalogue_reads_per_day = self.settings.catalogue_reads_per_day
        except SettingsError as problem:
            self._add_problem(CATALOGUE, f"{problem}: no track is looked up", "warning")

    def listener(self, listener: Listener) -> ListenerHealth:
        name = listener.name
        token, login = self._login(name, scrobbles=listener.lastfm_user is not None)
        last = self._read_lake(name, lambda: self._last_response(name, token))
        unreadable, odd = self._read_lake(name, lambda: self._answers(name)) or (None, None)
        return ListenerHealth(
            name,
            login,
            last,
            self._read_lake(name, lambda: self._last_snapshot(name)),
            self._read_lake(name, lambda: self._open_gaps(name)),
            unreadable,
            odd,
            self._read_lake(name, lambda: self._scrobbles(name, listener.lastfm_user)),
            self._write_login(name),
        )

    def _write_login(self, name: str) -> LoginHealth | None:
        """The state of the login that may write; nothing waits for it, so it is no problem."""
        try:
            token = TokenFile(self.settings.tokens_dir, name, "write").read()
        except PlayledgerError:
            return LoginHealth("unreadable")
        seed = self.settings.refresh_token(name, "write")
        if seed and (token is None or token.seed != digest(seed)):
            return LoginHealth("good")  # the next command adopts it
        return login_health(token, self.now) if token else None

    def _scrobbles(self, name: str, user: str | None) -> datetime | None:
        """When Last.fm was last read."""
        if user is None:
            return None
        last = Pages(self.lake.of(name), user).last_read_at()
        if last and self.now - last <= SCROBBLES_STALE_AFTER:
            return last
        topic, unread = f"{name} scrobbles", f"Last.fm has not been read for {name} "
        unread += f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet, or has no scrobbles of it"
        try:
            _ = self.settings.lastfm
        except SettingsError as missing:
            self._add_problem(topic, f"{unread}: {missing}")
            return last
        self._add_problem(
            topic,
            f"{unread}: look at the last runs of daily_{name} (of scrobbles_{name}, without a "
            f"login), and at the check of {name}/lastfm_scrobbles",
            "warning",
        )
        return last

    def _login(self, name: str, *, scrobbles: bool) -> tuple[Token | None, LoginHealth]:
        try:
            token = TokenFile(self.settings.tokens_dir, name).read()
        except PlayledgerError as problem:
            self._add_problem(LISTENER_LOGIN.format(listener=name), str(problem))
            return None, LoginHealth("unreadable")
        seed = self.settings.refresh_token(name)
        if seed and (token is None or token.seed != digest(seed)):
            return token, LoginHealth("good")  # the next run adopts it
        if token is None:
            # A lake that cannot be read is a problem of its own, and may be that of the listener
            # who only imports: whether a login is missing cannot be told then.
            only = self._read_lake(
                name,
                lambda: imports_only(self.settings, self.lake.of(name), scrobbles=scrobbles),
            )
            if only is not False:
                return None, LoginHealth(IMPORTS_ONLY if only else "missing")
        login = login_health(token, self.now)
        if wrong := login_problem(name, login, usable_dashboard_url(self.settings)):
            self.health.problems.append(wrong)
        return token, login

    def _last_response(self, name: str, token: Token | None) -> datetime | None:
        last = RawResponses(self.lake.of(name)).last_fetched_at("recently_played")
        self._check_collecting(name, token, last)
        if token and token.collecting_since:
            self._check_history(name, token.collecting_since)
        return last

    def _check_history(self, name: str, since: datetime) -> None:
        """A disk that is not mounted looks like an empty lake."""
        first = RawResponses(self.lake.of(name)).first_date("recently_played")
        just_begun = self.now - since <= STALE_AFTER
        if just_begun or (first and first <= f"{since + STALE_AFTER:%Y-%m-%d}"):
            return
        begins = f"begins on {first}" if first else "has nothing"
        self._add_problem(
            f"{name} history",
            f"{self.health.lake_url} {begins} for {name}, whose plays have been collected since "
            f"{since:%Y-%m-%d}: is its disk mounted, and is LAKE_URL right? "
            f"If the lake is meant to be new, run `playledger login {name}`",
        )

    def _check_collecting(self, name: str, token: Token | None, last: datetime | None) -> None:
        """Report a listener of whom nothing is collected, but not on the day of their login."""
        began = (token.authorized_at or token.seeded_at) if token else None
        since = max((at for at in (began, last) if at), default=None)
        # A token from the environment that no run has used yet: collecting has not begun.
        if since is None or self.now - since <= STALE_AFTER:
            return
        period = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "for 60 days, if ever"
        self._add_problem(
            f"{name} collecting",
            f"nothing has been collected for {name} {period}: plays are being lost; check the "
            f"last runs of poll_{name}, and that the daemon is running",
        )

    def _read_lake(self, name: str, read: Callable[[], T]) -> T | None:
        if not self.health.lake_reachable:
            return None
        try:
            return read()
        except PlayledgerError as problem:
            self._add_problem(LISTENER_LAKE.format(listener=name), str(problem))
            return None

    def _last_snapshot(self, name: str) -> str | None:
        own = self.lake.of(name)
        since = f"{self.now - SNAPSHOT_LOOKBACK:%Y-%m-%d}"
        complete = (
            date
            for date in reversed(own.dates("snapshots/", since))
            if own.etag_of(f"snapshots/date={date}/metadata.json")
        )
        return next(complete, None)

    def _open_gaps(self, name: str) -> int:
        gaps = self.lake.of(name).read(GAPS, ["closed_at"])
        return int(gaps["closed_at"].null_count)

    def _answers(self, name: str) -> tuple[int, int]:
        """How many answers could not be read at all, and how many polls not in full."""
        own = self.lake.of(name)
        raw, since = RawResponses(own), f"{self.now - ANSWERS_LOOKBACK:%Y-%m-%d}"
        aside = raw.kept_aside(since)
        damaged, odd = set[str](), set[str]()
        for day in (self.now - timedelta(days=1), self.now):
            refused = own.find_if_valid(REFUSED, date=f"{day:%Y-%m-%d}")
            for row in refused.rows.to_pylist() if refused else ():
                (odd if row["item"] else damaged).add(row["response"])
        if count := len(aside) + len(damaged):
            last = raw.describe_aside(*aside[-1]) if aside else f"recently_played, {max(damaged)}"
            sentence = (
                f"{count} of Spotify's answers about {name} could not be read since {since} (the "
                f"last one: {last}), and nothing was taken from them: what came is kept in "
                f"{raw.aside_url if aside else own.store.url('raw/')}; if this goes on, upgrade"
            )
            self._add_problem(ANSWERS.format(listener=name), sentence, "warning")
        return count, len(odd)

    def _add_problem(self, topic: str, sentence: str, level: Level = "failure") -> None:
        if topic not in {problem.topic for problem in self.health.problems}:
            self.health.problems.append(Problem(topic, sentence, level))
