"""When the listener sleeps, by their own days: the hours in which they start next to nothing.

Hours are compared with these quiet hours rather than with everyone's night, so that a night
nurse's noon is her midnight (Louail and Barthelemy 2017 found four such daily profiles).
"""

import numpy as np

from pipelines.listening.arrays import Ints
from pipelines.listening.contexts.timeline import Timeline, sliding

REACH = 14
"""Days either side whose sessions tell the quiet hours."""

QUIET = 6
"""Hours of quiet that are looked for. Reasoned."""

_USUAL = np.array([3, 2, 1, 1, 1, 2, 4, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 8, 7, 5])
"""Starts of sessions per hour that are assumed before any is seen, in tenths. Reasoned."""


def since_quiet(line: Timeline) -> Ints:
    """Whole hours from the end of the listener's quiet hours to each play's start, 0 to 23."""
    if not len(line):
        return np.zeros(0, np.int64)
    first = int(line.day.min())
    days = int(line.day.max()) - first + 1
    begun = (line.day - first)[line.first] * 24 + line.hour[line.first]
    starts = np.bincount(begun, minlength=days * 24).reshape(days, 24).astype(np.int64)
    usual = sliding(starts, REACH) * 10 + _USUAL
    ahead = np.concatenate([usual, usual[:, : QUIET - 1]], axis=1)
    sums = sum(ahead[:, hour : hour + 24] for hour in range(QUIET))
    over = (np.asarray(sums).argmin(axis=1) + QUIET) % 24
    since: Ints = (line.hour - over[line.day - first]) % 24
    return since
