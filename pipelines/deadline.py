"""Waiting for something that may never answer, for no longer than whoever waits can afford.

For ticks, which Dagster ends after 60 s, and which keep each other waiting. Requests have timeouts
of their own; a bucket that hangs is asked five times, though.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineExceeded(TimeoutError):
    """It took longer; the work goes on by itself, and what it comes to is lost."""


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """What some work comes to.

    Raises:
        DeadlineExceeded: where it takes longer.
    """
    came: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            came.append(work())
        except Exception as problem:  # noqa: BLE001 raised again by whoever waits
            failed.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not came:
        raise DeadlineExceeded(f"no answer within {seconds:g} s")
    return came[0]
