"""Plans that this process writes to Spotify for a person, so that they can watch or go away.

Each is written by the code of `playledger playlists apply`, in a thread of its own; whatever ends
it, it goes on from its journal when it is asked for again. Add here what concerns work that
outlives a click; what is written is `library/applying.py`.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipelines.errors import PlayledgerError
from pipelines.library.applying import Applying
from pipelines.library.writing import Progress

log = logging.getLogger("playledger")

BROKEN = (
    "something unexpected happened, which is in the log of the dashboard; whatever was written is "
    "known, and writing it again goes on from there"
)


@dataclass
class Write:
    """A plan that is being written, or was.

    Attributes:
        applying: what writes it.
        step: what is counted now.
        done: how much of it.
        total: of how much; 0 where that is not known yet.
        problem: why it stopped, in a sentence.
        is_over: whether it has ended, in whatever way.
        is_told: whether somebody was told of that.
    """

    applying: Applying
    step: str = "About to begin"
    done: int = 0
    total: int = 0
    problem: str = ""
    is_over: bool = False
    is_told: bool = False

    @contextmanager
    def begin(self, counted: str) -> Iterator[Progress]:
        """Open a step."""
        self.step, self.done, self.total = counted, 0, 0
        yield self._move

    def run(self, typed: str) -> None:
        """Write it."""
        try:
            self.applying.apply_confirmed(typed, self.begin)
            self.applying.check_done()
        except PlayledgerError as problem:
            self.problem = str(problem)
        except Exception:
            log.exception("a plan was not written")
            self.problem = BROKEN
        finally:
            self.is_over = True

    def _move(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass
class Writes:
    """The plans that this process writes, by listener and plan."""

    _writes: dict[tuple[str, str], Write] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, listener: str, plan_id: str) -> Write | None:
        """What is written of a plan, or was."""
        return self._writes.get((listener, plan_id))

    def start(self, applying: Applying, typed: str) -> Write:
        """Write a plan, unless that is under way.

        Args:
            applying: what writes it.
            typed: what a person typed as the plan's id.
        """
        key = (applying.lake.listener, applying.plan.id)
        with self._lock:
            last = self._writes.get(key)
            if last and not last.is_over:
                return last
            write = self._writes[key] = Write(applying)
            name = f"plan {applying.plan.id}"
            # Whatever an end of the process interrupts, the journal knows.
            threading.Thread(target=write.run, args=(typed,), name=name, daemon=True).start()
            return write
