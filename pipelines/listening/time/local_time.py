"""The listener's local time: which time zone applied when.

Everything that converts an instant to a local date or hour goes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Zone:
    """An IANA time zone and the local date from which the listener lived in it."""

    name: str
    since: date | None = None


YEARS_OF_SUMMER_TIME = range(1980, 2026)
"""Years in which one may see whether a zone's clocks are ahead in January or in July."""


def is_northern(zones: Sequence[Zone]) -> bool | None:
    """Whether July is summer where the listener lived.

    Args:
        zones: all in which they did.

    Returns:
        What the zones' own summer time shows; None where one of them never had any, as in the
        tropics, or where they do not agree.
    """
    shown = [_ahead_in_july(zone.name) for zone in zones]
    return shown[0] if len(set(shown)) == 1 else None


def _ahead_in_july(zone: str) -> bool | None:
    clock = ZoneInfo(zone)

    def clock_at(year: int, month: int) -> timedelta:
        return datetime(year, month, 15, tzinfo=clock).utcoffset() or timedelta()

    years = [(clock_at(year, 1), clock_at(year, 7)) for year in YEARS_OF_SUMMER_TIME]
    differences = {july > january for january, july in years if july != january}
    return differences.pop() if len(differences) == 1 else None


def local_time_sql(instant: str, zones: Sequence[Zone]) -> str:
    """DuckDB SQL for the local time (a TIMESTAMP) of an instant (a TIMESTAMPTZ column).

    Args:
        instant: the column's name.
        zones: in order of time; the first applies to all time before the second.
    """
    first, *later = zones
    choice = f"timezone('{first.name}', {instant})"
    for zone in later:
        local = f"timezone('{zone.name}', {instant})"
        choice = f"CASE WHEN {local} >= DATE '{zone.since}' THEN {local} ELSE {choice} END"
    return choice


def instant_of_local_sql(local: str, zones: Sequence[Zone]) -> str:
    """DuckDB SQL for the instant (a TIMESTAMPTZ) at which the listener's clock showed a time.

    Args:
        local: the column's name, a TIMESTAMP.
        zones: in order of time; the first applies to all time before the second.
    """
    first, *later = zones
    choice = f"timezone('{first.name}', {local})"
    for zone in later:
        choice = (
            f"CASE WHEN {local} >= DATE '{zone.since}' THEN timezone('{zone.name}', {local})"
            f" ELSE {choice} END"
        )
    return choice
