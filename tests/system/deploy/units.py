"""The services of `deploy/systemd/`, and their commands as processes of this machine.

What a test does with them does not belong here.
"""

import shlex
from collections.abc import Mapping

from tests.system.deploy.deployment import DEPLOY

UNITS = DEPLOY / "systemd"


def unit(name: str) -> dict[str, list[str]]:
    """What a unit says, by the names of its lines."""
    told: dict[str, list[str]] = {}
    for line in (UNITS / f"playledger-{name}.service").read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            told.setdefault(key, []).append(value)
    return told


def command(name: str, line: str, here: Mapping[str, str]) -> list[str]:
    """A command of a unit.

    Args:
        name: of the unit.
        line: such as `ExecStart`.
        here: folders, files and ports that it names, and what they are on this machine.
    """
    [told] = unit(name)[line]
    for there, this in here.items():
        told = told.replace(there, this)
    return shlex.split(told)
