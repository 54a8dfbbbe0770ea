"""How listeners are divided among Dagster's code locations: one location for each Spotify app.

With one app there is one location, which has everything. With several, that of the app `main`
also has what all listeners share, so that it is there once. `PLAYLEDGER_APP` says which location a
process is; one that is told nothing has everything. Add here what follows from the division; what
a location is made of is `definitions.py`, and how they are served is `ops/code_servers.py`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.settings.listeners import MAIN, Listener

APP_VARIABLE = "PLAYLEDGER_APP"

NAME = "playledger"
MOST_LISTENERS = 5
"""Whom Spotify lets use an app in development mode, as of 2026."""


@dataclass(frozen=True)
class Location:
    """A code location.

    Attributes:
        app: the Spotify app whose listeners it has; empty for the only one, which has all.
        listeners: these.
        has_shared: whether surveys, the deployment's sensors and shared assets are here.
    """

    app: str
    listeners: tuple[Listener, ...]
    has_shared: bool

    @property
    def name(self) -> str:
        """What Dagster calls it."""
        return NAME if self.has_shared else f"{NAME}-{self.app.replace('_', '-')}"

    @property
    def variables(self) -> dict[str, str]:
        """What tells a process that it is this location."""
        return {APP_VARIABLE: self.app}


def locations(listeners: Sequence[Listener]) -> tuple[Location, ...]:
    """All locations, the one with what is shared first, then in the order of their apps' names.

    Their ports follow each other in this order, and somebody wrote them down: where a listener
    stands in the file must not change it.

    Args:
        listeners: everybody.
    """
    apps = {one.app for one in listeners}
    if len(apps) <= 1:
        return (location_of(listeners, ""),)
    return tuple(location_of(listeners, app) for app in (MAIN, *sorted(apps - {MAIN})))


def location_of(listeners: Sequence[Listener], app: str) -> Location:
    """One location.

    Args:
        listeners: everybody.
        app: as `PLAYLEDGER_APP` says it; empty for everything.
    """
    own = tuple(one for one in listeners if app in {"", one.app})
    return Location(app, own, has_shared=app in {"", MAIN})


def without_listeners(listeners: Sequence[Listener], app: str) -> Iterator[str]:
    """A sentence where nobody names the app whose location this is to be: it would have nothing.

    Args:
        listeners: everybody.
        app: as `PLAYLEDGER_APP` says it.
    """
    apps = {MAIN, *(one.app for one in listeners)}
    if app and app not in apps:
        yield (
            f"{APP_VARIABLE}: no listener's app is {app!r}, and so nothing is collected here: "
            f"there are {', '.join(sorted(apps))}"
        )


def crowded(listeners: Sequence[Listener]) -> Iterator[str]:
    """A sentence about each app that has more listeners than Spotify lets use it.

    Args:
        listeners: everybody.
    """
    for app, count in Counter(one.app for one in listeners).items():
        if count > MOST_LISTENERS:
            yield (
                f"the app {app} has {count} listeners: in development mode Spotify answers for "
                f"{MOST_LISTENERS} of them, and refuses the others"
            )
