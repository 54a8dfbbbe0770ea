"""Running something that may hang, for no longer than the caller can wait.

For ticks, which Dagster ends after 60 s and which delay each other. Requests have timeouts of their
own, but a request to a bucket that hangs is tried five times.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineExceeded(TimeoutError):
    """It took too long; it goes on in the background, and its result is lost."""


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """Run a function in a thread and return its result, if that comes in time.

    Args:
        seconds: how long to wait.
        work: the function; its exception is raised here.

    Raises:
        DeadlineExceeded: where it takes longer.
    """
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as problem:  # noqa: BLE001 raised again by the caller's thread
            errors.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise DeadlineExceeded(f"no answer within {seconds:g} s")
    return results[0]
