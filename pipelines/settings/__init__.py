"""What an installation is configured with: environment variables, and `listeners.toml`.

Add here what a person sets before anything runs. A wrong value is one line that names the variable
or the setting and says what to do. What is set at the start of a single run is run config, and
belongs to the assets that read it.
"""

from pipelines.settings.environment import (
    SEEDS,
    CacheSettings,
    LastfmApp,
    Purpose,
    Settings,
    SpotifyApp,
)
from pipelines.settings.listeners import LISTENER_NAME, Listener, PlaylistsToRead, parse_listeners

__all__ = [
    "LISTENER_NAME",
    "SEEDS",
    "CacheSettings",
    "LastfmApp",
    "Listener",
    "PlaylistsToRead",
    "Purpose",
    "Settings",
    "SpotifyApp",
    "parse_listeners",
]
