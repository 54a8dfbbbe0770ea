"""The listener's quiet hours: those in which they start the fewest sessions.

Hours are counted from these quiet hours rather than from midnight, so that a night nurse's noon is
her midnight (Louail and Barthelemy 2017 found four such daily profiles). Other evidence of the
clock belongs in `shape.py`.
"""

import numpy as np

from pipelines.listening.arrays import Ints
from pipelines.listening.contexts.timeline import Timeline, rolling_sum

WINDOW_DAYS = 14
"""Days on either side whose sessions determine the quiet hours."""

QUIET_HOURS = 6
"""Length of the quiet hours. Reasoned."""

_USUAL = np.array([3, 2, 1, 1, 1, 2, 4, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 8, 7, 5])
"""The prior: starts of sessions per hour, in tenths. Reasoned."""


def since_quiet(timeline: Timeline) -> Ints:
    """Whole hours from the end of the listener's quiet hours to each play's start, 0 to 23."""
    if not len(timeline):
        return np.zeros(0, np.int64)
    first = int(timeline.day.min())
    days = int(timeline.day.max()) - first + 1
    begun = (timeline.day - first)[timeline.first] * 24 + timeline.hour[timeline.first]
    starts = np.bincount(begun, minlength=days * 24).reshape(days, 24).astype(np.int64)
    expected = rolling_sum(starts, WINDOW_DAYS) * 10 + _USUAL
    ahead = np.concatenate([expected, expected[:, : QUIET_HOURS - 1]], axis=1)
    sums = sum(ahead[:, hour : hour + 24] for hour in range(QUIET_HOURS))
    over = (np.asarray(sums).argmin(axis=1) + QUIET_HOURS) % 24
    since: Ints = (timeline.hour - over[timeline.day - first]) % 24
    return since
