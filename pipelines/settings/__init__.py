"""What an installation is configured with: environment, `.env`, `listeners.toml`, `surveys.toml`.

Add here what a person sets before anything runs. A wrong value is one line that names the variable
or the setting and says what to do. What is set at the start of a single run is run config, and
belongs to the assets that read it.
"""

from pipelines.settings.environment import (
    OF_AN_APP,
    SEEDS,
    CacheSettings,
    DashboardSettings,
    GoogleSheets,
    LastfmApp,
    Purpose,
    Settings,
    SpotifyApp,
    become,
    read_environment_file,
)
from pipelines.settings.listeners import (
    LISTENER_NAME,
    MAIN,
    Listener,
    PlaylistsToRead,
    may_compare,
    parse_listeners,
)
from pipelines.settings.locations import (
    Location,
    crowded,
    location_of,
    locations,
    without_listeners,
)
from pipelines.settings.surveys import Survey, parse_surveys

__all__ = [
    "LISTENER_NAME",
    "MAIN",
    "OF_AN_APP",
    "SEEDS",
    "CacheSettings",
    "DashboardSettings",
    "GoogleSheets",
    "LastfmApp",
    "Listener",
    "Location",
    "PlaylistsToRead",
    "Purpose",
    "Settings",
    "SpotifyApp",
    "Survey",
    "become",
    "crowded",
    "location_of",
    "locations",
    "may_compare",
    "parse_listeners",
    "parse_surveys",
    "read_environment_file",
    "without_listeners",
]
