"""A terminal in which a person types: a command sees a real one, and a test what it shows.

What is typed and what is to be seen belongs to the test.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 240
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A command at work in a terminal.

    Attributes:
        process: its process, the leader of the terminal's session.
        shown: all that was seen so far, what was typed among it, without colours.
    """

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process, self.shown = process, ""
        self._screen, self._seen = screen, 0

    def sees(self, text: str) -> str:
        """Wait until a text comes after what was last waited for; all up to it."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.shown[self._seen :]:
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.shown}"
            assert self._read(), f"{text!r} did not come before the end:\n{self.shown}"
        end = self.shown.index(text, self._seen) + len(text)
        told, self._seen = self.shown[self._seen : end], end
        return told

    def types(self, line: str) -> None:
        """Type a line and press Enter."""
        os.write(self._screen, f"{line}\r".encode())

    def answers(self, *pairs: tuple[str, str]) -> None:
        """Type a line at each question, once it is asked."""
        for question, line in pairs:
            self.sees(question)
            self.types(line)

    def interrupts(self) -> None:
        """Press Ctrl-C."""
        os.write(self._screen, b"\x03")

    def interrupts_until(self, text: str) -> None:
        """Press Ctrl-C until a text comes, with some patience after each.

        Python does not hear one that is pressed in the moment in which it begins to wait for a
        line, and waits on.
        """
        while text not in self.shown[self._seen :]:
            self.interrupts()
            again = time.monotonic() + 10
            while text not in self.shown[self._seen :] and time.monotonic() < again:
                assert self._read(), f"{text!r} did not come before the end:\n{self.shown}"

    def ends(self) -> int:
        """Wait for the end of the command; its exit status."""
        while self._read():
            pass
        return self.process.wait(PATIENCE_S)

    def _read(self) -> bool:
        """Read what comes within a second; False once nothing more can come."""
        if select.select([self._screen], [], [], 1)[0]:
            try:
                more = os.read(self._screen, 65536)
            except OSError:  # Linux says so where all who had the terminal are gone
                return False
            self.shown += COLOURS.sub("", more.decode(errors="replace")).replace("\r\n", "\n")
            return bool(more)
        return True


def _hear_ctrl_c() -> None:
    """What a person's shell sees to, whatever was inherited from whoever runs the tests."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run a command in a terminal of its own, and end it with the block.

    Args:
        command: a program and its arguments.
        cwd: where it runs.
        environment: all that it is given; by default this process's.
    """
    screen, line = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environment or os.environ) | {"TERM": "dumb", "COLUMNS": "200"},
        stdin=line,
        stdout=line,
        stderr=line,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509
    )
    os.close(line)
    try:
        yield Terminal(process, screen)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(screen)
