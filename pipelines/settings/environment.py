"""Environment variables as typed settings.

Each is read and checked when it is needed, and not before, so that the definitions load on a
machine without credentials. Add a property here for a new variable; what `listeners.toml` may hold
is `listeners.py`, and how `.env` is written is `environment_file.py`.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipelines.errors import SettingsError
from pipelines.settings.environment_file import parse_environment_file
from pipelines.settings.listeners import LISTENER_NAME, MAIN, Listener, parse_listeners
from pipelines.settings.locations import APP_VARIABLE, Location
from pipelines.settings.surveys import SURVEY_NAME, Survey, parse_surveys

DEFAULT_LISTENERS_FILE = "./listeners.toml"
DEFAULT_SURVEYS_FILE = "./surveys.toml"
DEFAULT_ENV_FILE = "./.env"
DEFAULT_DAGSTER_HOME = ".dagster"
"""Beside the file of settings; `playledger up` makes it."""

LOG_FORMATS = ("text", "json")

Purpose = Literal["read", "write"]
"""What a login is for: to collect and read, or to write playlists."""

SEEDS: dict[Purpose, str] = {
    "read": "SPOTIFY_REFRESH_TOKEN_",
    "write": "SPOTIFY_WRITE_REFRESH_TOKEN_",
}
"""How the names of variables begin that hold a refresh token; a listener's name follows."""

OF_AN_APP = ("SPOTIFY_CLIENT_ID_", "SPOTIFY_CLIENT_SECRET_", "SPOTIFY_DEVELOPER_")
"""How the names of variables begin that describe a further app; its name follows."""


@dataclass(frozen=True)
class SpotifyApp:
    """The app that sends requests, and the addresses of Spotify's services.

    Attributes:
        client_id: of the app.
        client_secret: None for an app without one, whose logins use PKCE.
        developer: whose quota the requests count towards: since July 2026 all apps of one developer
            share one.
        api_url: of the Web API, ending in '/'.
        accounts_url: of the accounts service.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    developer: str
    api_url: str
    accounts_url: str


@dataclass(frozen=True)
class LastfmApp:
    """What Last.fm's interface is asked with.

    Attributes:
        api_key: of an account of its developers.
        api_url: the address of the interface.
    """

    api_key: str = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class GoogleSheets:
    """What Google is asked with for the sheets of surveys.

    Attributes:
        account_file: the key of a service account, as Google's console gives it out.
        url: of the service.
    """

    account_file: Path
    url: str


@dataclass(frozen=True)
class CacheSettings:
    """Where answers of Spotify's catalogue are kept.

    Attributes:
        file: on this machine; 0 hours of `fresh_for` do without.
        url: of a server that speaks Redis's commands, if there is one; may hold a password.
        fresh_for: how long an answer is as good as a new one.
        most_bytes: how large the file may become.
    """

    file: Path
    url: str | None = field(repr=False)
    fresh_for: timedelta
    most_bytes: int


@dataclass(frozen=True)
class DashboardSettings:
    """How the dashboard is reached, and whom it lets in.

    Attributes:
        url: the address that people use, without a path; None where none is set.
        owners: listeners who see how collecting goes for all; none where none are named.
        file: of its logins, on this machine.
        lasts: after so long everybody has to log in again.
        idle: likewise after so long without a click.
    """

    url: str | None
    owners: tuple[str, ...]
    file: Path
    lasts: timedelta
    idle: timedelta


def read_environment_file(*, dagster_home: bool = False) -> None:
    """Set what `.env` sets and the environment does not, in this process and those it starts.

    For the edges alone: a command, and the definitions.

    Args:
        dagster_home: whether DAGSTER_HOME is set too, to the folder that `playledger up` made.

    Raises:
        SettingsError: where the file cannot be read; it names the line.
    """
    settings = Settings.of(os.environ)
    for name, value in settings.file_variables.items():
        os.environ.setdefault(name, value)
    home = settings.default_dagster_home
    if dagster_home and (home / "dagster.yaml").is_file():
        os.environ.setdefault("DAGSTER_HOME", str(home))


def become(location: Location) -> None:
    """Make this process, and those that it starts, the code servers of a location."""
    os.environ.update(location.variables)


class Settings:
    """Values from the environment, each read and checked when it is needed."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> "Settings":
        """Settings from these variables instead of the environment."""
        return cls(variables)

    @classmethod
    def of_program(cls) -> "Settings":
        """Those of a program that is no command: of the environment, and of the file beside it."""
        read_environment_file()
        return cls()

    @property
    def variables(self) -> dict[str, str]:
        """All variables, for a process that is to have the same; secrets are among them."""
        return dict(self._environment)

    @property
    def env_file(self) -> Path:
        """The file with further settings."""
        return self._path("ENV_FILE", DEFAULT_ENV_FILE)

    @property
    def file_variables(self) -> dict[str, str]:
        """What the file of settings sets; nothing where the default one does not exist."""
        path = self.env_file
        text = self._file("ENV_FILE", path)
        try:
            return parse_environment_file(text) if text is not None else {}
        except SettingsError as problem:
            raise SettingsError(f"{path}, {problem}") from None

    @property
    def default_dagster_home(self) -> Path:
        """Where `playledger up` has Dagster keep its records if DAGSTER_HOME is not set."""
        return self.env_file.absolute().parent / DEFAULT_DAGSTER_HOME

    @property
    def dagster_home(self) -> Path | None:
        """Where Dagster keeps its records, if that is set."""
        text = self._text("DAGSTER_HOME")
        return Path(text) if text else None

    def _text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def _path(self, name: str, default: str) -> Path:
        path = Path(self._text(name, default))
        try:
            return path.expanduser()
        except RuntimeError:
            raise SettingsError(
                f"{name}: {path}: there is no home folder of that user; write the whole path"
            ) from None

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
        """How to reach the bucket, as arguments of `open_store`."""
        return {
            "endpoint_url": self._text("S3_ENDPOINT_URL") or None,
            "region": self._text("AWS_REGION", "auto"),
            "access_key": self._text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": self._text("AWS_SECRET_ACCESS_KEY") or None,
        }

    @property
    def app(self) -> SpotifyApp:
        """The Spotify app of those who name no other; without a secret its logins use PKCE."""
        return self._app(MAIN)

    def app_of(self, listener: str) -> SpotifyApp:
        """The Spotify app through which a listener is asked for.

        Args:
            listener: their name; who is not in the file yet has the one that all have.
        """
        named = (one.app for one in self.listeners if one.name == listener)
        return self._app(next(named, MAIN))

    @property
    def apps(self) -> tuple[SpotifyApp, ...]:
        """The Spotify apps of all listeners, each once."""
        names = dict.fromkeys(one.app for one in self.listeners)
        return tuple(self._app(name) for name in names or (MAIN,))

    def _app(self, name: str) -> SpotifyApp:
        suffix = "" if name == MAIN else f"_{name.upper()}"
        client_id = self._text(f"SPOTIFY_CLIENT_ID{suffix}")
        if not client_id:
            raise SettingsError(
                f"SPOTIFY_CLIENT_ID{suffix} is not set: make an app on "
                "developer.spotify.com/dashboard and set its client id"
            )
        return SpotifyApp(
            client_id,
            self._text(f"SPOTIFY_CLIENT_SECRET{suffix}") or None,
            self._text(f"SPOTIFY_DEVELOPER{suffix}") or self._text("SPOTIFY_DEVELOPER", client_id),
            self._url("SPOTIFY_API_URL", "https://api.spotify.com/v1") + "/",
            self.accounts_url,
        )

    @property
    def accounts_url(self) -> str:
        """The address of Spotify's accounts service, where people give consent."""
        return self._url("SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com")

    def refresh_token(self, listener: str, purpose: Purpose = "read") -> str | None:
        """A refresh token from the environment, with which a first run can log in."""
        return self._text(f"{SEEDS[purpose]}{listener.upper()}") or None

    @property
    def tokens_dir(self) -> Path:
        """The folder of the token files."""
        return self._path("TOKENS_DIR", "~/.config/playledger/tokens")

    @property
    def request_interval_s(self) -> float:
        """Seconds between two requests to Spotify from this machine."""
        return self._number("REQUEST_INTERVAL_S", 2, least=0, most=60)

    @property
    def requests_per_hour(self) -> int:
        """Requests to Spotify from this machine in any hour."""
        return int(self._number("REQUESTS_PER_HOUR", 1000, least=1, most=100_000))

    @property
    def cache_password(self) -> str | None:
        """The password in `CACHE_URL`, whatever else is wrong with it."""
        with suppress(ValueError):
            return urlsplit(self._text("CACHE_URL")).password
        return None

    @property
    def cache(self) -> CacheSettings:
        """Where answers of Spotify's catalogue are kept, and for how long they are good."""
        url = self._text("CACHE_URL")
        if url and not _is_of_a_server(url):
            raise SettingsError(
                "CACHE_URL: it is not an address such as redis://:password@host:6379/0 (rediss:// "
                "with TLS)"
            )
        return CacheSettings(
            self._path("CACHE_FILE", "~/.cache/playledger/answers.sqlite"),
            url or None,
            timedelta(hours=self._number("CACHE_TTL_HOURS", 12, least=0, most=24 * 30)),
            int(self._number("CACHE_MB", 256, least=1, most=100_000)) * 2**20,
        )

    @property
    def catalogue_reads_per_day(self) -> int:
        """Requests a day about tracks of which something is missing, of all listeners together."""
        return int(self._number("CATALOGUE_READS_PER_DAY", 200, least=0, most=10_000))

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What is wrong with values that the ledger does without, one line each."""
        found = []
        for read in (
            lambda: self.cache,
            lambda: self.catalogue_reads_per_day,
            lambda: self.dashboard_url,
        ):
            try:
                read()
            except SettingsError as problem:
                found.append(str(problem))
        return tuple(found)

    @property
    def lastfm(self) -> LastfmApp:
        """The key for Last.fm, and its address."""
        api_key = self._text("LASTFM_API_KEY")
        if not api_key:
            raise SettingsError(
                "LASTFM_API_KEY is not set: make a key on https://www.last.fm/api/account/create"
            )
        return LastfmApp(
            api_key, self._url("LASTFM_API_URL", "https://ws.audioscrobbler.com/2.0") + "/"
        )

    @property
    def lastfm_request_interval_s(self) -> float:
        """Seconds between two requests to Last.fm from this machine."""
        return self._number("LASTFM_REQUEST_INTERVAL_S", 1, least=0, most=60)

    @property
    def google(self) -> GoogleSheets:
        """The service account that reads Google Sheets, and the address of the service."""
        if not self._text("GOOGLE_SERVICE_ACCOUNT_FILE"):
            raise SettingsError(
                "GOOGLE_SERVICE_ACCOUNT_FILE is not set: make a key for a service account on "
                "https://console.cloud.google.com/iam-admin/serviceaccounts and set the path of "
                "its JSON file; or download the answers as CSV, and name the file in surveys.toml"
            )
        return GoogleSheets(
            self._path("GOOGLE_SERVICE_ACCOUNT_FILE", ""),
            self._url("GOOGLE_SHEETS_URL", "https://sheets.googleapis.com"),
        )

    @property
    def google_request_interval_s(self) -> float:
        """Seconds between two requests to Google from this machine."""
        return self._number("GOOGLE_REQUEST_INTERVAL_S", 1, least=0, most=60)

    @property
    def survey_keys_dir(self) -> Path:
        """The folder of the surveys' keys."""
        return self._path("SURVEY_KEYS_DIR", "~/.config/playledger/surveys")

    @property
    def alert_urls(self) -> tuple[str, ...]:
        """Where alerts go, as Apprise URLs; each holds a secret."""
        return tuple(self._text("ALERT_URLS").split())

    @property
    def heartbeat_url(self) -> str | None:
        """The address to request after each successful daily run; a secret."""
        if not self._text("HEARTBEAT_URL"):
            return None
        try:
            return self._url("HEARTBEAT_URL", "")
        except SettingsError:
            raise SettingsError("HEARTBEAT_URL: it is not an http(s) address") from None

    @property
    def dagster_url(self) -> str:
        """Where Dagster's webserver answers to the dashboard."""
        return self._url("DAGSTER_WEBSERVER_URL", "http://127.0.0.1:3000")

    @property
    def dashboard(self) -> DashboardSettings:
        """How the dashboard is reached, and whom it lets in."""
        return DashboardSettings(
            self.dashboard_url,
            tuple(self._text("DASHBOARD_OWNERS").replace(",", " ").split()),
            self._path("DASHBOARD_FILE", "~/.config/playledger/dashboard.sqlite"),
            timedelta(hours=self._number("DASHBOARD_SESSION_HOURS", 12, least=0.1, most=24 * 30)),
            timedelta(hours=self._number("DASHBOARD_IDLE_HOURS", 2, least=0.1, most=24 * 30)),
        )

    @property
    def dashboard_url(self) -> str | None:
        """The address that people use for the dashboard; None where none is set."""
        if not self._text("DASHBOARD_URL"):
            return None
        url = self._url("DASHBOARD_URL", "")
        try:
            parts = urlsplit(url)
            whole = f"{parts.scheme}://{parts.netloc}" == url and parts.port != 0
        except ValueError:
            whole = False
        if not whole or "@" in url or parts.hostname == "localhost":
            raise SettingsError(
                f"DASHBOARD_URL: {url!r} is not an address such as https://music.example or "
                "http://127.0.0.1:8501: write it without a path, and 127.0.0.1 for localhost, "
                "which Spotify refuses"
            )
        port = {"http": ":80", "https": ":443"}[parts.scheme]
        return url.lower().removesuffix(port)

    @property
    def log_format(self) -> str:
        """How log lines are written: `text` or `json`."""
        log_format = self._text("LOG_FORMAT", "text")
        if log_format not in LOG_FORMATS:
            raise SettingsError(
                f"LOG_FORMAT: {log_format!r} is not one of {', '.join(LOG_FORMATS)}"
            )
        return log_format

    @property
    def location_app(self) -> str:
        """The Spotify app whose code location this process is; empty where it is all of them."""
        return self._text(APP_VARIABLE)

    @property
    def listeners_file(self) -> Path:
        """The file that names the listeners."""
        return self._path("LISTENERS_FILE", DEFAULT_LISTENERS_FILE)

    def _file(self, variable: str, path: Path) -> str | None:
        """The text of a file of settings; None where the default one does not exist yet."""
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            if self._text(variable):
                raise SettingsError(f"{variable}: there is no file {path}") from None
            return None
        except OSError as problem:
            raise SettingsError(f"{variable}: {path}: {problem.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{variable}: {path} is not UTF-8") from None

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The listeners in `LISTENERS_FILE`; none where the default file does not exist yet."""
        path = self.listeners_file
        text = self._file("LISTENERS_FILE", path)
        try:
            return parse_listeners(text) if text is not None else ()
        except (tomllib.TOMLDecodeError, SettingsError) as problem:
            raise SettingsError(f"{path}: {problem}") from None

    def listener(self, name: str) -> Listener:
        """The listener of this name.

        Raises:
            SettingsError: where the file cannot be read, or has no such listener.
        """
        for listener in self.listeners:
            if listener.name == name:
                return listener
        if not LISTENER_NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not a listener's name")
        known = ", ".join(listener.name for listener in self.listeners) or "nobody"
        raise SettingsError(f"{name} is not in {self.listeners_file} (there is: {known})")

    @property
    def surveys_file(self) -> Path:
        """The file that names the surveys."""
        return self._path("SURVEYS_FILE", DEFAULT_SURVEYS_FILE)

    @property
    def surveys(self) -> tuple[Survey, ...]:
        """The surveys in `SURVEYS_FILE`; none where the default file does not exist."""
        path = self.surveys_file
        text = self._file("SURVEYS_FILE", path)
        try:
            return parse_surveys(text, path.parent) if text is not None else ()
        except (tomllib.TOMLDecodeError, SettingsError) as problem:
            raise SettingsError(f"{path}: {problem}") from None

    def survey(self, name: str) -> Survey:
        """The survey of this name.

        Raises:
            SettingsError: where the file cannot be read, or has no such survey.
        """
        for survey in self.surveys:
            if survey.name == name:
                return survey
        if not SURVEY_NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not a survey's name")
        known = ", ".join(survey.name for survey in self.surveys) or "none"
        raise SettingsError(f"{name} is not in {self.surveys_file} (there is: {known})")


def _is_of_a_server(url: str) -> bool:
    """Whether it is the address of a server that speaks Redis's commands."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is none
        return False
