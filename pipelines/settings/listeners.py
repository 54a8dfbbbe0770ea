"""The listeners, as `listeners.toml` describes them.

Add here what a listener may set. Where the file is, and who reads it, is `environment.py`; what a
setting does belongs in `listening/`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from pipelines.errors import SettingsError
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import DAY_MINUTES, NAMED, Hours, Override
from pipelines.listening.contexts.sessions import PAUSE
from pipelines.listening.insights.inputs import DEFAULT_ROTATION, WINDOW_DAYS, Rotation
from pipelines.listening.time.local_time import Zone

LISTENER_NAME = re.compile(r"[a-z0-9_]{1,40}")
MAIN = "main"
"""The app of those who name none: that of `SPOTIFY_CLIENT_ID`."""

_LASTFM_USER = re.compile(r"[A-Za-z0-9_-]{1,64}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_EXCLUDE = ("sleep", "kids")
MAX_PAUSE_MINUTES = 240
MAX_ROTATION = 1000
"""Largest number of plays, and last rank, that heavy rotation can ask for."""

MAX_REQUESTS_PER_RUN = 100_000
MAX_DISPLAY_NAME = 60

_SETTINGS = {
    *("timezone", "exclude", "override", "session_pause_minutes", "heavy_rotation"),
    *("lastfm", "playlists", "display_name", "compare_with", "app"),
}


@dataclass(frozen=True)
class PlaylistsToRead:
    """Which playlists are read item by item, and how quickly.

    Attributes:
        read: their names, ids, uris or addresses; None for all that the listener owns.
        liked: whether the songs that they like are read too.
        requests_per_run: after so many a scheduled run stops; the next day's goes on.
    """

    read: tuple[str, ...] | None = None
    liked: bool = True
    requests_per_run: int = 600


DEFAULT_PLAYLISTS = PlaylistsToRead()


@dataclass(frozen=True)
class Listener:
    """A person whose plays are collected.

    Attributes:
        name: `[a-z0-9_]{1,40}`; asset prefix, folder and token file are named after it.
        zones: the time zones of the listener's clock, in order of time.
        exclude: contexts that do not count as "mine".
        overrides: their own rules for the context of artists, tracks, playlists and hours.
        session_pause: the longest silence within a session.
        rotation: what counts as heavy rotation.
        lastfm_user: their name at Last.fm, if it is asked for their scrobbles.
        playlists: which of their playlists are read.
        display_name: what pages call them; their name unless they said otherwise.
        compare_with: the listeners with whom they agreed to be compared; see `may_compare`.
        app: the name of the Spotify app through which they are asked for.
    """

    name: str
    zones: tuple[Zone, ...]
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    overrides: tuple[Override, ...] = ()
    session_pause: timedelta = PAUSE
    rotation: Rotation = DEFAULT_ROTATION
    lastfm_user: str | None = None
    playlists: PlaylistsToRead = DEFAULT_PLAYLISTS
    display_name: str = ""
    compare_with: tuple[str, ...] = ()
    app: str = MAIN

    def __post_init__(self) -> None:
        """Whoever says nothing else is called by their name."""
        if not self.display_name:
            object.__setattr__(self, "display_name", self.name)


def may_compare(one: Listener, other: Listener) -> bool:
    """Whether both agreed to be compared: each must name the other."""
    return other.name in one.compare_with and one.name in other.compare_with


def parse_listeners(text: str) -> tuple[Listener, ...]:
    """The listeners of a `listeners.toml`.

    Raises:
        SettingsError: with the listener's and the setting's name.
    """
    return tuple(_listener(name, table) for name, table in tomllib.loads(text).items())


def _listener(name: str, table: Any) -> Listener:
    if not LISTENER_NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} is not a listener's name: use a to z, 0 to 9 and _, up to 40"
        )
    if not isinstance(table, dict):
        raise SettingsError(f"{name}: write it as a table, [{name}]")
    unknown = sorted(set(table) - _SETTINGS)
    if unknown:
        raise SettingsError(f"{name}: {unknown[0]!r} is not a setting")
    exclude = table.get("exclude", list(DEFAULT_EXCLUDE))
    if not isinstance(exclude, list) or not all(context in CONTEXTS for context in exclude):
        raise SettingsError(
            f"{name}.exclude: {exclude!r} is not a list out of {', '.join(CONTEXTS)}"
        )
    return Listener(
        name,
        _zones(name, table.get("timezone", "UTC")),
        tuple(exclude),
        _overrides(name, table.get("override", [])),
        _pause(name, table.get("session_pause_minutes")),
        _rotation(name, table.get("heavy_rotation", {})),
        _lastfm_user(name, table["lastfm"]) if "lastfm" in table else None,
        _playlists(name, table.get("playlists", {})),
        _display_name(name, table["display_name"]) if "display_name" in table else "",
        _compare_with(name, table.get("compare_with", [])),
        _app(name, table.get("app", MAIN)),
    )


def _display_name(name: str, value: Any) -> str:
    shown = value.strip() if isinstance(value, str) else ""
    in_one_line = not any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in shown)
    if not 1 <= len(shown) <= MAX_DISPLAY_NAME or not in_one_line:
        raise SettingsError(
            f"{name}.display_name: {value!r} is not a text of one line, up to {MAX_DISPLAY_NAME}"
        )
    return shown


def _compare_with(name: str, value: Any) -> tuple[str, ...]:
    # Whether there is such a listener is not asked: who leaves should break nobody's settings.
    are_names = isinstance(value, list) and all(
        isinstance(one, str) and LISTENER_NAME.fullmatch(one) for one in value
    )
    if not are_names or name in value:
        raise SettingsError(
            f'{name}.compare_with: {value!r} is not a list of other listeners, such as ["mira"]'
        )
    return tuple(dict.fromkeys(value))


def _app(name: str, value: Any) -> str:
    if not isinstance(value, str) or not LISTENER_NAME.fullmatch(value):
        raise SettingsError(
            f"{name}.app: {value!r} is not an app's name: use a to z, 0 to 9 and _, up to 40"
        )
    if value.strip("_") != value:
        raise SettingsError(
            f"{name}.app: {value!r} begins or ends with _, as no name on Kubernetes may: "
            "take another"
        )
    return value


def _playlists(name: str, table: Any) -> PlaylistsToRead:
    known = vars(DEFAULT_PLAYLISTS)
    if not isinstance(table, dict):
        raise SettingsError(f"{name}.playlists: write it as a table, [{name}.playlists]")
    for setting, value in table.items():
        where = f"{name}.playlists.{setting}"
        if setting not in known:
            raise SettingsError(f"{where}: there are {', '.join(known)} to be set")
        if setting == "read" and not _are_texts(value):
            raise SettingsError(
                f'{where}: {value!r} is not a list of names, ids or addresses, such as ["My mix"]'
            )
        if setting == "liked" and not isinstance(value, bool):
            raise SettingsError(f"{where}: {value!r} is neither true nor false")
        if setting == "requests_per_run" and not _is_whole(value, 1, MAX_REQUESTS_PER_RUN):
            raise SettingsError(
                f"{where}: {value!r} is not a whole number from 1 to {MAX_REQUESTS_PER_RUN:,}"
            )
    read = {"read": tuple(table["read"])} if "read" in table else {}
    return PlaylistsToRead(**{**table, **read})


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)


def _lastfm_user(name: str, table: Any) -> str:
    if not isinstance(table, dict) or set(table) != {"user"}:
        raise SettingsError(f'{name}.lastfm: write it as a table with one setting, user = "…"')
    user = table["user"]
    if not isinstance(user, str) or not _LASTFM_USER.fullmatch(user):
        raise SettingsError(f"{name}.lastfm.user: {user!r} is not the name of a user of Last.fm")
    return user


def _pause(name: str, minutes: Any) -> timedelta:
    if minutes is None:
        return PAUSE
    if (
        not isinstance(minutes, int)
        or isinstance(minutes, bool)
        or not 1 <= minutes <= MAX_PAUSE_MINUTES
    ):
        raise SettingsError(
            f"{name}.session_pause_minutes: {minutes!r} is not a whole number "
            f"from 1 to {MAX_PAUSE_MINUTES}"
        )
    return timedelta(minutes=minutes)


def _is_whole(number: Any, least: int, most: int) -> bool:
    # In Python, a bool is an int too.
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def _rotation(name: str, table: Any) -> Rotation:
    if not isinstance(table, dict):
        raise SettingsError(f"{name}.heavy_rotation: write it as a table with plays, days, rank")
    known = vars(DEFAULT_ROTATION)
    for setting, number in table.items():
        where = f"{name}.heavy_rotation.{setting}"
        if setting not in known:
            raise SettingsError(f"{where}: there are {', '.join(known)} to be set")
        most = WINDOW_DAYS if setting == "days" else MAX_ROTATION
        if not _is_whole(number, 1, most):
            raise SettingsError(f"{where}: {number!r} is not a whole number from 1 to {most}")
    return Rotation(**table)


def _overrides(name: str, rules: Any) -> tuple[Override, ...]:
    if not isinstance(rules, list):
        raise SettingsError(f"{name}.override: write each rule as a table, [[{name}.override]]")
    return tuple(_override(f"{name}.override {n}", rule) for n, rule in enumerate(rules, 1))


def _override(where: str, rule: Any) -> Override:
    if not isinstance(rule, dict):
        raise SettingsError(f"{where}: write it as a table with a context")
    unknown = sorted(set(rule) - {"context", "weekdays", "hours", *NAMED})
    if unknown:
        raise SettingsError(f"{where}: {unknown[0]!r} is not a setting")
    if rule.get("context") not in CONTEXTS:
        raise SettingsError(f"{where}.context: write one of {', '.join(CONTEXTS)}")
    if not set(rule) - {"context"}:
        raise SettingsError(
            f"{where}: name what it applies to: {', '.join(NAMED)}, weekdays, hours"
        )
    for kind in NAMED:
        if kind in rule and not (isinstance(rule[kind], str) and rule[kind].strip()):
            raise SettingsError(f"{where}.{kind}: {rule[kind]!r} is not a name, an id or a uri")
    named = {kind: rule.get(kind) for kind in NAMED}
    return Override(rule["context"], **named, hours=_hours(where, rule))


def _hours(where: str, rule: Mapping[str, Any]) -> Hours | None:
    if not {"weekdays", "hours"} & set(rule):
        return None
    days = rule.get("weekdays", list(WEEKDAYS))
    if not isinstance(days, list) or not days or not all(day in WEEKDAYS for day in days):
        raise SettingsError(f"{where}.weekdays: {days!r} is not a list out of {WEEKDAYS}")
    hours = rule.get("hours", "00:00-24:00")
    match = isinstance(hours, str) and re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", hours)
    if not match:
        raise SettingsError(f"{where}.hours: {hours!r} is not written like 22:00-06:30")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or max(start + 1, end) > DAY_MINUTES or start == end:  # noqa: PLR2004
        raise SettingsError(f"{where}.hours: {hours!r} are not two different times of day")
    return Hours(tuple(WEEKDAYS.index(day) for day in days), start, end)


def _zones(name: str, value: Any) -> tuple[Zone, ...]:
    if isinstance(value, str):
        return (_zone(name, value, None),)
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise SettingsError(f"{name}.timezone: write a zone or a list of {{zone = …, from = …}}")
    unknown = sorted({setting for one in value for setting in one} - {"zone", "from"})
    if unknown:
        raise SettingsError(f"{name}.timezone: {unknown[0]!r} is not a setting")
    zones = tuple(_zone(name, one.get("zone"), one.get("from")) for one in value)
    days = [zone.since for zone in zones[1:]]
    # Compared by type: in Python, a datetime is an instance of date too.
    if zones[0].since is not None or not all(type(day) is date for day in days):
        raise SettingsError(f"{name}.timezone: every period but the first needs a date as `from`")
    if days != sorted(set(days), key=str):
        raise SettingsError(f"{name}.timezone: the periods are not in order of time")
    return zones


@cache
def _time_zones() -> frozenset[str]:
    """All that there are; looking for them reads a whole folder, and nobody adds one meanwhile."""
    return frozenset(available_timezones() - {"localtime"})


def _zone(name: str, zone: Any, since: date | None) -> Zone:
    # `ZoneInfo` would accept any file of the zone database ("posixrules"); DuckDB knows names only.
    if not isinstance(zone, str) or zone not in _time_zones():
        raise SettingsError(
            f"{name}.timezone: {zone!r} is not an IANA time zone such as Europe/Berlin"
        )
    return Zone(zone, since)
