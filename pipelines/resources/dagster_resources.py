"""The resources of assets, checks and sensors: lake, Spotify, Last.fm, listeners, surveys, alerts.

Each resource holds the texts of its environment variables, as `dg.EnvVar`s, so that no secret shows
in the UI or in a run's record. They are checked when they are first used: a wrong value fails the
asset that needs it with one line, and does not stop the code location from loading. Add a resource
here when runs need another outside service; what it does belongs in the packages beside this
module.
"""

import os
from collections.abc import Mapping
from typing import ClassVar

import dagster as dg
from pydantic import Field, PrivateAttr

from pipelines import run_context
from pipelines.errors import SettingsError
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lastfm.client import Lastfm
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import OF_AN_APP, SEEDS, Listener, Settings
from pipelines.settings.surveys import Survey


class LakeResource(dg.ConfigurableResource):
    """The lake in a folder; a bucket's is `BucketLakeResource`.

    Attributes:
        url: `LAKE_URL`.
    """

    is_bucket: ClassVar[bool] = False
    url: str = "./lake"
    _lake: Lake | None = PrivateAttr(default=None)

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {"LAKE_URL": self.url}

    def open(self) -> Lake:
        """The whole lake; nothing is read or created before the lake is used."""
        if self._lake is None:
            self._lake = self._open()
        return self._lake

    def of(self, listener: str) -> ListenerLake:
        """One listener's folder in the lake."""
        return self.open().of(listener)

    def of_run(self, context: dg.AssetExecutionContext) -> ListenerLake:
        """The folder of the listener whose asset it is; a poll's run reads nothing there twice."""
        lake, listener = self.open(), run_context.listener_of(context)
        return lake.remembered(listener) if run_context.is_poll(context) else lake.of(listener)

    def _open(self) -> Lake:
        return Lake.open(Settings.of(self.variables()))


class ListenersResource(dg.ConfigurableResource):
    """The listeners and their settings.

    Attributes:
        listeners_file: `LISTENERS_FILE`.
    """

    listeners_file: str = ""

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {"LISTENERS_FILE": self.listeners_file}

    def get(self, name: str) -> Listener:
        """One listener's settings.

        Raises:
            SettingsError: where the file cannot be read, or has no such listener.
        """
        return Settings.of(self.variables()).listener(name)


class SpotifyResource(dg.ConfigurableResource):
    """Spotify's Web API, used on behalf of one listener at a time.

    Attributes:
        lake: where lockouts are recorded.
        client_id: `SPOTIFY_CLIENT_ID`; the attributes after it likewise.
    """

    lake: LakeResource
    client_id: str = ""
    client_secret: str = Field(default="", repr=False)
    developer: str = ""
    api_url: str = ""
    accounts_url: str = ""
    tokens_dir: str = ""
    request_interval_s: str = ""
    requests_per_hour: str = ""
    cache_file: str = ""
    cache_url: str = Field(default="", repr=False)  # it may contain a password
    cache_ttl_hours: str = ""
    cache_mb: str = ""
    catalogue_reads_per_day: str = ""
    listeners_file: str = ""
    _spotify: Spotify | None = PrivateAttr(default=None)

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        own = {name: getattr(self, field) for field, name in _SPOTIFY_VARIABLES.items()}
        # Not configured: Dagster keeps the configuration of everybody's jobs with each run, and
        # these variables are named after listeners, who may ask to be forgotten, or after apps.
        # Those of logins that may write stay out of runs altogether: no run writes to Spotify.
        named = (SEEDS["read"], *OF_AN_APP)
        return own | {name: text for name, text in os.environ.items() if name.startswith(named)}

    def open(self) -> Spotify:
        """The clients of a run, whose steps share a count of failures in a row."""
        if self._spotify is None:
            self._spotify = Spotify(Settings.of(self.variables()), self.lake.open())
        return self._spotify


_SPOTIFY_VARIABLES = {
    "client_id": "SPOTIFY_CLIENT_ID",
    "client_secret": "SPOTIFY_CLIENT_SECRET",
    "developer": "SPOTIFY_DEVELOPER",
    "api_url": "SPOTIFY_API_URL",
    "accounts_url": "SPOTIFY_ACCOUNTS_URL",
    "tokens_dir": "TOKENS_DIR",
    "request_interval_s": "REQUEST_INTERVAL_S",
    "requests_per_hour": "REQUESTS_PER_HOUR",
    "cache_file": "CACHE_FILE",
    "cache_url": "CACHE_URL",
    "cache_ttl_hours": "CACHE_TTL_HOURS",
    "cache_mb": "CACHE_MB",
    "catalogue_reads_per_day": "CATALOGUE_READS_PER_DAY",
    "listeners_file": "LISTENERS_FILE",  # it says who is asked for through which app
}


class LastfmResource(dg.ConfigurableResource):
    """Last.fm's interface.

    Attributes:
        api_key: `LASTFM_API_KEY`; the attributes after it likewise.
    """

    api_key: str = Field(default="", repr=False)
    api_url: str = ""
    request_interval_s: str = ""
    tokens_dir: str = ""

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {name: getattr(self, field) for field, name in _LASTFM_VARIABLES.items()}

    def open(self) -> Lastfm:
        """The maker of clients; the key is not read before there is one."""
        return Lastfm(Settings.of(self.variables()))


_LASTFM_VARIABLES = {
    "api_key": "LASTFM_API_KEY",
    "api_url": "LASTFM_API_URL",
    "request_interval_s": "LASTFM_REQUEST_INTERVAL_S",
    "tokens_dir": "TOKENS_DIR",
}


class SurveysResource(dg.ConfigurableResource):
    """The surveys, and with what their sheets are read.

    Attributes:
        surveys_file: `SURVEYS_FILE`; the attributes after it likewise.
    """

    surveys_file: str = ""
    keys_dir: str = ""
    service_account_file: str = ""
    sheets_url: str = ""
    request_interval_s: str = ""
    tokens_dir: str = ""

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {name: getattr(self, field) for field, name in _SURVEY_VARIABLES.items()}

    def get(self, name: str) -> Survey:
        """One survey's settings.

        Raises:
            SettingsError: where the file cannot be read, or has no such survey.
        """
        return Settings.of(self.variables()).survey(name)

    def names(self) -> list[str]:
        """Names of the surveys; none where their file is wrong, which their own runs report."""
        try:
            return [survey.name for survey in Settings.of(self.variables()).surveys]
        except SettingsError:
            return []


_SURVEY_VARIABLES = {
    "surveys_file": "SURVEYS_FILE",
    "keys_dir": "SURVEY_KEYS_DIR",
    "service_account_file": "GOOGLE_SERVICE_ACCOUNT_FILE",
    "sheets_url": "GOOGLE_SHEETS_URL",
    "request_interval_s": "GOOGLE_REQUEST_INTERVAL_S",
    "tokens_dir": "TOKENS_DIR",
}


class NotificationsResource(dg.ConfigurableResource):
    """Where alerts and heartbeats go.

    Attributes:
        alert_urls: `ALERT_URLS`.
        heartbeat_url: `HEARTBEAT_URL`.
    """

    alert_urls: str = Field(default="", repr=False)  # they contain passwords
    heartbeat_url: str = Field(default="", repr=False)

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {"ALERT_URLS": self.alert_urls, "HEARTBEAT_URL": self.heartbeat_url}


Resource = (
    LakeResource
    | ListenersResource
    | SurveysResource
    | SpotifyResource
    | LastfmResource
    | NotificationsResource
)


def settings_of(*resources: Resource) -> Settings:
    """The configuration of some resources as typed settings."""
    return Settings.of({k: v for one in resources for k, v in one.variables().items()})


def resources_from(
    environment: Mapping[str, str] = os.environ, *, lake: LakeResource | None = None
) -> dict[str, Resource]:
    """The resources as the environment configures them, by the name under which assets use them.

    Args:
        environment: shows which variables are set; their values are read when a run begins.
        lake: in place of the one that the environment configures.
    """
    lake = lake or _lake_from(environment)
    spotify = {field: _text(environment, name) for field, name in _SPOTIFY_VARIABLES.items()}
    lastfm = {field: _text(environment, name) for field, name in _LASTFM_VARIABLES.items()}
    surveys = {field: _text(environment, name) for field, name in _SURVEY_VARIABLES.items()}
    return {
        "lake": lake,
        "spotify": SpotifyResource(lake=lake, **spotify),
        "lastfm": LastfmResource(**lastfm),
        "listeners": ListenersResource(listeners_file=_text(environment, "LISTENERS_FILE")),
        "surveys": SurveysResource(**surveys),
        "notifications": NotificationsResource(
            alert_urls=_text(environment, "ALERT_URLS"),
            heartbeat_url=_text(environment, "HEARTBEAT_URL"),
        ),
    }


def _lake_from(environment: Mapping[str, str]) -> LakeResource:
    url = _text(environment, "LAKE_URL", "./lake")
    if not Settings.of(environment).is_bucket:
        return LakeResource(url=url)
    # Importing dagster-aws takes most of a second, which a lake in a folder should not cost.
    from dagster_aws.s3 import S3Resource  # noqa: PLC0415

    from pipelines.resources.bucket_resource import BucketLakeResource  # noqa: PLC0415

    return BucketLakeResource(
        url=url,
        s3=S3Resource(
            endpoint_url=_text(environment, "S3_ENDPOINT_URL") or None,
            region_name=_text(environment, "AWS_REGION", "auto"),
            aws_access_key_id=_text(environment, "AWS_ACCESS_KEY_ID") or None,
            aws_secret_access_key=_text(environment, "AWS_SECRET_ACCESS_KEY") or None,
        ),
    )


def _text(environment: Mapping[str, str], name: str, default: str = "") -> str:
    return dg.EnvVar(name) if environment.get(name, "").strip() else default
