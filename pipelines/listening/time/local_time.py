"""The listener's local time: which time zone applied when.

Everything that converts an instant to a local date or hour goes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Zone:
    """An IANA time zone and the local date from which the listener lived in it."""

    name: str
    since: date | None = None


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
