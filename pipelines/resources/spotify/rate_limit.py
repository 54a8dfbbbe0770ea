"""When the next request may go out: one at a time, spaced, and so many an hour, machine-wide.

All processes on a machine that use the same app share one throttle, through a lock that the
kernel frees when its holder dies and a small file of the times of past requests. On several
machines each gets its own share through `REQUEST_INTERVAL_S` and `REQUESTS_PER_HOUR`.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from pipelines.errors import BudgetSpent, TokenFileError
from pipelines.resources.spotify.token_store import content, held, reported

HOUR_S = 3600.0
LONGEST_WAIT_S = 65.0
"""A run sleeps no longer than this for its turn: a short Retry-After, a little rounded up."""


@dataclass
class Throttle:
    """Turns to send a request.

    Attributes:
        path: file of the shared state; its lock lies beside it.
        interval_s: least time from the end of one request to the start of the next.
        per_hour: most requests in any 3,600 seconds.
        waited_s: time that this process has spent waiting for its turns.
    """

    path: Path
    interval_s: float
    per_hour: int
    clock: Callable[[], float] = time.time
    waited_s: float = field(default=0.0, init=False)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it while the request is under way.

        Raises:
            BudgetSpent: where the wait would be longer than a run should sleep.
            TokenFileError: where the shared state cannot be kept; nobody may send then.
        """
        began = time.monotonic()
        with held(FileLock(self.path.with_suffix(".lock"))):
            try:
                self._sleep_until_due()
            finally:
                self.waited_s += time.monotonic() - began
            self._note()
            try:
                yield
            finally:
                # The spacing counts from the end of a request, so that a slow answer does not
                # bring the next request closer to it; a killed process leaves the start noted,
                # and so does a disk that is full by now: the answer must not be lost for that.
                with suppress(TokenFileError):
                    self._note(instead_of_last=True)

    def hold(self, seconds: float) -> None:
        """Let no process send anything for this long: Spotify said so.

        To be called within a turn, so that nobody who waits for theirs comes in between.
        """
        sent, _ = self._read()
        self._write(sent, not_before=self.clock() + seconds)

    def _sleep_until_due(self) -> None:
        sent, not_before = self._read()
        now = self.clock()
        due = [not_before]
        if sent:
            due.append(sent[-1] + self.interval_s)
        if len(sent) >= self.per_hour:
            due.append(sent[-self.per_hour] + HOUR_S)
        wait = max(due) - now
        if wait > LONGEST_WAIT_S:
            at = datetime.fromtimestamp(max(due), UTC).strftime("%H:%M UTC")
            raise BudgetSpent(
                f"{self.per_hour} requests were sent to Spotify within an hour "
                f"(REQUESTS_PER_HOUR); the next may go out at {at}"
            )
        if wait > 0:
            time.sleep(wait)

    def _note(self, *, instead_of_last: bool = False) -> None:
        sent, not_before = self._read()
        if instead_of_last:
            sent = sent[:-1]
        self._write([*sent, self.clock()], not_before)

    def _read(self) -> tuple[list[float], float]:
        """Times of the last hour's requests, and until when nothing may be sent.

        Times in the future were written before the clock was set back: they say nothing.
        """
        now = self.clock()
        try:
            state = json.loads(content(self.path) or b"")
            sent = [float(at) for at in state["sent"] if now - HOUR_S < at <= now]
            not_before = float(state["not_before"])
        except (ValueError, KeyError, TypeError):
            return [], 0.0
        return sent, not_before if not_before <= now + LONGEST_WAIT_S else 0.0

    def _write(self, sent: list[float], not_before: float) -> None:
        # A process may be killed at any moment; half a file would forget the hour's requests.
        draft = self.path.with_suffix(".new")
        with reported("write", self.path):
            draft.write_text(json.dumps({"sent": sent, "not_before": not_before}))
            draft.replace(self.path)
