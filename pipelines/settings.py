"""The environment and `listeners.toml` as typed settings.

Every variable is read here, when it is needed and not before, so that the definitions load on a
machine without credentials. A wrong value is one line that names the variable and says what to do.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pipelines.errors import SettingsError
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import DAY_MINUTES, NAMED, Hours, Override
from pipelines.listening.contexts.sessions import PAUSE
from pipelines.listening.insights.inputs import DEFAULT_ROTATION, WINDOW_DAYS, Rotation
from pipelines.listening.time.local_time import Zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_EXCLUDE = ("sleep", "kids")
LONGEST_PAUSE = 240
LOG_FORMATS = ("text", "json")
MOST = 1000
_SETTINGS = {"timezone", "exclude", "override", "session_pause_minutes", "heavy_rotation"}
LISTENER_NAME = re.compile(r"[a-z0-9_]{1,40}")
DEFAULT_LISTENERS_FILE = "./listeners.toml"


@dataclass(frozen=True)
class Listener:
    """A person whose plays are kept.

    Attributes:
        name: `[a-z0-9_]{1,40}`; asset prefix, folder and token file are named after it.
        zones: where the listener's clock was, in order of time.
        exclude: contexts that are left out of "mine".
        overrides: what they say themselves of artists, tracks, playlists and hours.
        session_pause: the longest silence within a session.
        rotation: what counts as heavy rotation.
    """

    name: str
    zones: tuple[Zone, ...]
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    overrides: tuple[Override, ...] = ()
    session_pause: timedelta = PAUSE
    rotation: Rotation = DEFAULT_ROTATION


@dataclass(frozen=True)
class SpotifyApp:
    """The app that asks Spotify, and where Spotify is.

    `developer` names who is asked to slow down: since July 2026 all apps of one developer have one
    quota.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    developer: str
    api_url: str
    accounts_url: str


class Settings:
    """Values from the environment, each read and checked when it is asked for."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> "Settings":
        """Settings from these variables instead of the environment."""
        return cls(variables)

    def _text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def _number(self, name: str, default: float, least: float, most: float) -> float:
        text = self._text(name, str(default))
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise SettingsError(f"{name}: {text!r} is not a number from {least:g} to {most:,.0f}")
        return number

    def _url(self, name: str, default: str) -> str:
        text = self._text(name, default)
        if not re.match(r"https?://[^/\s]+", text):
            raise SettingsError(f"{name}: {text!r} is not an http(s) address")
        return text.rstrip("/")

    @property
    def lake_url(self) -> str:
        """A folder or s3://bucket/prefix."""
        return self._text("LAKE_URL", "./lake")

    @property
    def is_bucket(self) -> bool:
        """Whether the lake is in a bucket."""
        return self.lake_url.startswith("s3://")

    @property
    def s3(self) -> dict[str, str | None]:
        """How to reach the bucket, as `open_store` takes it."""
        return {
            "endpoint_url": self._text("S3_ENDPOINT_URL") or None,
            "region": self._text("AWS_REGION", "auto"),
            "access_key": self._text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": self._text("AWS_SECRET_ACCESS_KEY") or None,
        }

    @property
    def app(self) -> SpotifyApp:
        """The Spotify app; without a secret its logins use PKCE."""
        client_id = self._text("SPOTIFY_CLIENT_ID")
        if not client_id:
            raise SettingsError(
                "SPOTIFY_CLIENT_ID is not set: make an app on developer.spotify.com/dashboard "
                "and set its client id"
            )
        return SpotifyApp(
            client_id,
            self._text("SPOTIFY_CLIENT_SECRET") or None,
            self._text("SPOTIFY_DEVELOPER", client_id),
            self._url("SPOTIFY_API_URL", "https://api.spotify.com/v1") + "/",
            self._url("SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com"),
        )

    def refresh_token(self, listener: str) -> str | None:
        """A refresh token that was given by hand, to begin with."""
        return self._text(f"SPOTIFY_REFRESH_TOKEN_{listener.upper()}") or None

    @property
    def tokens_dir(self) -> Path:
        """The folder of the token files."""
        return Path(self._text("TOKENS_DIR", "~/.config/playledger/tokens")).expanduser()

    @property
    def request_interval_s(self) -> float:
        """Seconds between two requests to Spotify from this machine."""
        return self._number("REQUEST_INTERVAL_S", 2, least=0, most=60)

    @property
    def requests_per_hour(self) -> int:
        """Requests to Spotify from this machine in any hour."""
        return int(self._number("REQUESTS_PER_HOUR", 1000, least=1, most=100_000))

    @property
    def alert_urls(self) -> tuple[str, ...]:
        """Where alerts go, as Apprise writes addresses; each holds a secret."""
        return tuple(self._text("ALERT_URLS").split())

    @property
    def heartbeat_url(self) -> str | None:
        """The address that is asked for after each good daily run; a secret."""
        if not self._text("HEARTBEAT_URL"):
            return None
        try:
            return self._url("HEARTBEAT_URL", "")
        except SettingsError:
            raise SettingsError("HEARTBEAT_URL: it is not an http(s) address") from None

    @property
    def log_format(self) -> str:
        """How log lines are written: `text` or `json`."""
        told = self._text("LOG_FORMAT", "text")
        if told not in LOG_FORMATS:
            raise SettingsError(f"LOG_FORMAT: {told!r} is not one of {', '.join(LOG_FORMATS)}")
        return told

    @property
    def listeners_file(self) -> Path:
        """The file that names the listeners."""
        return Path(self._text("LISTENERS_FILE", DEFAULT_LISTENERS_FILE))

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The listeners in `LISTENERS_FILE`; none where the default file does not exist yet."""
        path = self.listeners_file
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            if self._text("LISTENERS_FILE"):
                raise SettingsError(f"LISTENERS_FILE: there is no file {path}") from None
            return ()
        except OSError as problem:
            raise SettingsError(f"LISTENERS_FILE: {path}: {problem.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"LISTENERS_FILE: {path} is not written in UTF-8") from None
        try:
            return parse_listeners(text)
        except (tomllib.TOMLDecodeError, SettingsError) as problem:
            raise SettingsError(f"{path}: {problem}") from None

    def listener(self, name: str) -> Listener:
        """The listener of this name."""
        for listener in self.listeners:
            if listener.name == name:
                return listener
        if not LISTENER_NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not a listener's name")
        known = ", ".join(listener.name for listener in self.listeners) or "nobody"
        raise SettingsError(f"{name} is not in {self.listeners_file} (there is: {known})")


def parse_listeners(text: str) -> tuple[Listener, ...]:
    """The listeners of a `listeners.toml`.

    Raises:
        SettingsError: with the listener's and the setting's name.
    """
    return tuple(_listener(name, told) for name, told in tomllib.loads(text).items())


def _listener(name: str, told: Any) -> Listener:
    if not LISTENER_NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} is not a listener's name: use a to z, 0 to 9 and _, up to 40"
        )
    if not isinstance(told, dict):
        raise SettingsError(f"{name}: write it as a table, [{name}]")
    unknown = sorted(set(told) - _SETTINGS)
    if unknown:
        raise SettingsError(f"{name}: {unknown[0]!r} is not a setting")
    exclude = told.get("exclude", list(DEFAULT_EXCLUDE))
    if not isinstance(exclude, list) or not all(context in CONTEXTS for context in exclude):
        raise SettingsError(
            f"{name}.exclude: {exclude!r} is not a list out of {', '.join(CONTEXTS)}"
        )
    return Listener(
        name,
        _zones(name, told.get("timezone", "UTC")),
        tuple(exclude),
        _overrides(name, told.get("override", [])),
        _pause(name, told.get("session_pause_minutes")),
        _rotation(name, told.get("heavy_rotation", {})),
    )


def _pause(name: str, told: Any) -> timedelta:
    if told is None:
        return PAUSE
    if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= LONGEST_PAUSE:
        raise SettingsError(
            f"{name}.session_pause_minutes: {told!r} is not a whole number "
            f"from 1 to {LONGEST_PAUSE}"
        )
    return timedelta(minutes=told)


def _rotation(name: str, told: Any) -> Rotation:
    if not isinstance(told, dict):
        raise SettingsError(f"{name}.heavy_rotation: write it as a table with plays, days, rank")
    known = vars(DEFAULT_ROTATION)
    for setting, number in told.items():
        place = f"{name}.heavy_rotation.{setting}"
        if setting not in known:
            raise SettingsError(f"{place}: there are {', '.join(known)} to be set")
        most = WINDOW_DAYS if setting == "days" else MOST
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
            raise SettingsError(f"{place}: {number!r} is not a whole number from 1 to {most}")
    return Rotation(**told)


def _overrides(name: str, told: Any) -> tuple[Override, ...]:
    if not isinstance(told, list):
        raise SettingsError(f"{name}.override: write each rule as a table, [[{name}.override]]")
    return tuple(_override(f"{name}.override {n}", one) for n, one in enumerate(told, 1))


def _override(place: str, told: Any) -> Override:
    if not isinstance(told, dict):
        raise SettingsError(f"{place}: write it as a table with a context")
    unknown = sorted(set(told) - {"context", "weekdays", "hours", *NAMED})
    if unknown:
        raise SettingsError(f"{place}: {unknown[0]!r} is not a setting")
    if told.get("context") not in CONTEXTS:
        raise SettingsError(f"{place}.context: write one of {', '.join(CONTEXTS)}")
    if not set(told) - {"context"}:
        raise SettingsError(f"{place}: name what it holds for: {', '.join(NAMED)}, weekdays, hours")
    for kind in NAMED:
        if kind in told and not (isinstance(told[kind], str) and told[kind].strip()):
            raise SettingsError(f"{place}.{kind}: {told[kind]!r} is not a name, an id or a uri")
    named = {kind: told.get(kind) for kind in NAMED}
    return Override(told["context"], **named, hours=_hours(place, told))


def _hours(place: str, told: Mapping[str, Any]) -> Hours | None:
    if not {"weekdays", "hours"} & set(told):
        return None
    days = told.get("weekdays", list(WEEKDAYS))
    if not isinstance(days, list) or not days or not all(day in WEEKDAYS for day in days):
        raise SettingsError(f"{place}.weekdays: {days!r} is not a list out of {WEEKDAYS}")
    hours = told.get("hours", "00:00-24:00")
    found = isinstance(hours, str) and re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", hours)
    if not found:
        raise SettingsError(f"{place}.hours: {hours!r} is not written like 22:00-06:30")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in found.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or max(start + 1, end) > DAY_MINUTES or start == end:  # noqa: PLR2004
        raise SettingsError(f"{place}.hours: {hours!r} are not two different times of day")
    return Hours(tuple(WEEKDAYS.index(day) for day in days), start, end)


def _zones(name: str, told: Any) -> tuple[Zone, ...]:
    if isinstance(told, str):
        return (_zone(name, told, None),)
    if not isinstance(told, list) or not told or not all(isinstance(one, dict) for one in told):
        raise SettingsError(f"{name}.timezone: write a zone or a list of {{zone = …, from = …}}")
    unknown = sorted({setting for one in told for setting in one} - {"zone", "from"})
    if unknown:
        raise SettingsError(f"{name}.timezone: {unknown[0]!r} is not a setting")
    zones = tuple(_zone(name, one.get("zone"), one.get("from")) for one in told)
    days = [zone.since for zone in zones[1:]]
    # By type: a date with a time of day is a date too, as Python sees it.
    if zones[0].since is not None or not all(type(day) is date for day in days):
        raise SettingsError(f"{name}.timezone: every period but the first needs a date as `from`")
    if days != sorted(set(days), key=str):
        raise SettingsError(f"{name}.timezone: the periods are not in order of time")
    return zones


def _zone(name: str, zone: Any, since: date | None) -> Zone:
    # Any file of the zone database would pass for a zone ("posixrules"); DuckDB knows names only.
    if not isinstance(zone, str) or zone not in available_timezones() - {"localtime"}:
        raise SettingsError(
            f"{name}.timezone: {zone!r} is not an IANA time zone such as Europe/Berlin"
        )
    return Zone(zone, since)
