"""How runs get the lake and Spotify: through the environment, when they first use them.

They hold no configuration of their own, so that no secret shows in the UI or in a run's record.
A wrong value is an asset's failure, in one line, and not a failure to start.
"""

import dagster as dg

from pipelines.resources.lake.tables import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings


@dg.resource(description="The lake at LAKE_URL: a folder or a bucket.")
def lake(_: dg.InitResourceContext) -> Lake:
    """The lake of a run."""
    return Lake.open(Settings())


@dg.resource(description="Spotify, asked as one listener at a time.")
def spotify(_: dg.InitResourceContext) -> Spotify:
    """Spotify for a run, whose steps share one circuit breaker."""
    settings = Settings()
    return Spotify(settings, Lake.open(settings))
