"""Lockouts that a clock wrote down which was ahead, or which a clock meets that is behind."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from pipelines.errors import LockedOut
from pipelines.resources.spotify.lockouts import Lockouts


def test_a_clock_set_back_and_right_again_does_not_end_a_lockout(lockouts: Lockouts) -> None:
    noon, day = datetime(2026, 11, 20, 12, tzinfo=UTC), timedelta(days=1)
    until = noon + timedelta(hours=20)

    def locked_at(moment: datetime) -> bool:
        with time_machine.travel(moment, tick=False):
            try:
                lockouts.check()
            except LockedOut:
                return True
            return False

    with time_machine.travel(noon, tick=False):
        lockouts.lock("profile", until, "QUOTA_EXCEEDED")
    assert locked_at(noon - day)
    assert locked_at(noon - day + timedelta(hours=19))
    assert locked_at(noon + timedelta(hours=1)), "the clock is right again"
    assert locked_at(until - timedelta(seconds=1))
    assert not locked_at(until)


def test_a_lockout_of_a_clock_a_year_ahead_is_over_for_good(lockouts: Lockouts) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with time_machine.travel(now + timedelta(days=365), tick=False):
        lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=20), "429")
    for hours, locked in ((0, True), (19, True), (20, False), (365 * 24 + 1, False)):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            if locked:
                with pytest.raises(LockedOut):
                    lockouts.check()
            else:
                lockouts.check()
