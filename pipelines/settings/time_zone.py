"""Which time zone a person means, and which one their machine has.

Add here what helps somebody to name their zone. What is done with it is `listening/time/`.
"""

import contextlib
import difflib
from pathlib import Path
from zoneinfo import available_timezones


def zone_of_machine(variable: str, etc: Path = Path("/etc")) -> str | None:
    """The zone of this machine's clock, by IANA's name; None where it does not say.

    Args:
        variable: the value of TZ, empty where it is not set.
        etc: the folder of the machine's settings.
    """
    told = [variable.removeprefix(":")]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        told.append((etc / "timezone").read_text(encoding="utf-8").strip())
    with contextlib.suppress(OSError, RuntimeError):
        told.append((etc / "localtime").resolve().as_posix().partition("/zoneinfo/")[2])
    known = _zones()
    return next((zone for zone in told if zone in known), None)


def zone_named(text: str) -> str | None:
    """The zone that somebody means who writes `Europe/Berlin`, `europe/berlin` or `Berlin`."""
    written = text.strip().replace(" ", "_").casefold()
    zones = {zone.casefold(): zone for zone in sorted(_zones())}
    cities = [zone for zone in zones.values() if zone.casefold().rpartition("/")[2] == written]
    return zones.get(written) or (cities[0] if len(cities) == 1 else None)


def zones_like(text: str) -> list[str]:
    """A few zones whose names are near to this, the nearest first."""
    written = text.strip().replace(" ", "_").casefold()
    by_name = {zone.casefold(): zone for zone in _zones()}
    by_city = {name.rpartition("/")[2]: zone for name, zone in sorted(by_name.items())}
    same_city = [zone for name, zone in by_name.items() if name.rpartition("/")[2] == written]
    near = difflib.get_close_matches(written, by_name, 3, 0.7)
    near_city = difflib.get_close_matches(written, by_city, 3, 0.7)
    found = [*same_city, *(by_name[one] for one in near), *(by_city[one] for one in near_city)]
    return list(dict.fromkeys(found))[:3]


def _zones() -> set[str]:
    return available_timezones() - {"localtime"}
