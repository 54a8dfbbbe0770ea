"""When the next request may be sent: one at a time, spaced, and limited per hour, machine-wide.

All processes on a machine that use the same app share one throttle, and one for each other service:
a lock, which the kernel releases when its holder dies, and a small file with the times of past
requests. Several machines each get their share through `REQUEST_INTERVAL_S` and
`REQUESTS_PER_HOUR`.
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
from pipelines.resources.spotify.token_store import file_lock, read_file, translate_os_errors

HOUR_S = 3600.0
MAX_WAIT_S = 65.0
"""A run sleeps no longer than this for its slot: a short Retry-After, a little rounded up."""


@dataclass
class Throttle:
    """Hands out slots in which one request may be sent.

    Attributes:
        path: file of the shared state; its lock is beside it.
        interval_s: minimum seconds from the end of one request to the start of the next.
        per_hour: maximum number of requests in any 3,600 seconds.
        clock: the current time, Unix seconds.
        total_wait_s: seconds that this process has waited for its slots.
    """

    path: Path
    interval_s: float
    per_hour: int
    clock: Callable[[], float] = time.time
    total_wait_s: float = field(default=0.0, init=False)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot and hold it while the request is in progress.

        Raises:
            BudgetSpent: where the wait would be longer than a run should sleep.
            TokenFileError: where the shared state cannot be stored; then nobody may send.
        """
        began = time.monotonic()
        with file_lock(FileLock(self.path.with_suffix(".lock"))):
            try:
                self._sleep_until_due()
            finally:
                self.total_wait_s += time.monotonic() - began
            self._record_request()
            try:
                yield
            finally:
                # The interval counts from the end of a request, so that a slow response does not
                # bring the next request closer to it. If the process is killed, the start stays
                # recorded; also if the disk is full by now: the response must not be lost for that.
                with suppress(TokenFileError):
                    self._record_request(replace_last=True)

    def full_until(self, requests: int, window_s: float = HOUR_S) -> datetime | None:
        """From when so many more requests fit, UTC; None where they do by now.

        Args:
            requests: how many; more than fit into an empty window count as these.
            window_s: seconds, an hour at most, into which its share of the hour's requests fits.

        Raises:
            TokenFileError: where the shared state cannot be read.
        """
        now = self.clock()
        most = int(self.per_hour * window_s / HOUR_S)
        sent = [at for at in self._read()[0] if at > now - window_s]
        too_many = len(sent) + min(requests, most) - most
        if too_many <= 0 or (due := sent[too_many - 1] + window_s) <= now + MAX_WAIT_S:
            return None
        return datetime.fromtimestamp(due, UTC)

    def block_for(self, seconds: float) -> None:
        """Let no process send anything for this long, because the service asked for it.

        To be called within a slot, so that nobody who waits for theirs gets in between.
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
        if wait > MAX_WAIT_S:
            at = datetime.fromtimestamp(max(due), UTC).strftime("%H:%M UTC")
            raise BudgetSpent(
                f"{self.per_hour} requests were sent to Spotify within an hour "
                f"(REQUESTS_PER_HOUR); the next may be sent at {at}"
            )
        if wait > 0:
            time.sleep(wait)

    def _record_request(self, *, replace_last: bool = False) -> None:
        sent, not_before = self._read()
        if replace_last:
            sent = sent[:-1]
        self._write([*sent, self.clock()], not_before)

    def _read(self) -> tuple[list[float], float]:
        """Times of the last hour's requests, and until when nothing may be sent.

        Times in the future were written before the clock was set back, and are ignored.
        """
        now = self.clock()
        try:
            state = json.loads(read_file(self.path) or b"")
            sent = [float(at) for at in state["sent"] if now - HOUR_S < at <= now]
            not_before = float(state["not_before"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return [], 0.0
        return sent, not_before if not_before <= now + MAX_WAIT_S else 0.0

    def _write(self, sent: list[float], not_before: float) -> None:
        # A process may be killed at any moment; half a file would lose the hour's requests.
        draft = self.path.with_suffix(".new")
        with translate_os_errors("write", self.path):
            draft.write_text(json.dumps({"sent": sent, "not_before": not_before}))
            draft.replace(self.path)
