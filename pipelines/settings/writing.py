"""Writing the files of settings: all of a file or nothing, and never less private than before.

What may be in them is decided in `environment_file.py` and `listeners.py`.
"""

import json
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipelines.errors import SettingsError
from pipelines.settings.listeners import LISTENER_NAME, parse_listeners


def with_listener(text: str, name: str, zone: str, display_name: str) -> str:
    """A `listeners.toml` that has this listener too; what it had stays as it was.

    Args:
        text: of the file, empty for a new one.
        name: which no listener in it has.
        zone: of their clock, by IANA's name.
        display_name: what they are called where people read it; empty for their name.

    Raises:
        SettingsError: where something of the listener is wrong.
    """
    if not LISTENER_NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} is not a listener's name: use a to z, 0 to 9 and _, up to 40"
        )
    begun = text if not text or text.endswith("\n") else f"{text}\n"
    shown = f"display_name = {json.dumps(display_name, ensure_ascii=False)}\n"
    table = f"[{name}]\n{shown if display_name else ''}timezone = {json.dumps(zone)}\n"
    written = f"{begun}\n{table}" if begun else table
    parse_listeners(table)
    return written


def check_writable(path: Path) -> None:
    """See that a file can be written, before anybody is asked anything.

    Raises:
        SettingsError: where it cannot; the message names the file or its folder.
    """
    folder = path.resolve().parent
    if path.is_dir():
        raise SettingsError(f"{path} is a folder, and should be a file")
    if not folder.is_dir():
        raise SettingsError(f"{path}: there is no folder {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise SettingsError(
            f"{folder}: nothing can be written here ({problem.strerror}): go to a folder of yours"
        ) from None


def replace_text(
    path: Path, text: str, mode: int, check: Callable[[], None] = lambda: None
) -> None:
    """Put a text where a file is, or is to be; a process that is killed leaves the old one.

    Args:
        path: of the file; a link stays one.
        text: all of it.
        mode: the permissions of a new file; those of an old one are never widened.
        check: called just before the file is replaced; what it raises leaves the old one.

    Raises:
        SettingsError: where it cannot be written.
    """
    try:
        put_in_place(path, text, mode, check)
    except OSError as problem:
        raise SettingsError(f"{path} cannot be written ({problem.strerror})") from None


def put_in_place(
    path: Path, text: str, mode: int, check: Callable[[], None] = lambda: None
) -> None:
    """What `replace_text` does, for who has other words about what the system refuses.

    Args:
        path: of the file.
        text: all of it.
        mode: as there.
        check: called just before the file is replaced; what it raises leaves the old one.

    Raises:
        OSError: where it cannot be written.
    """
    target = path.resolve()
    draft = None
    try:
        with suppress(FileNotFoundError):
            mode &= stat.S_IMODE(target.stat().st_mode)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        check()
        Path(draft).replace(target)
    finally:
        if draft:
            Path(draft).unlink(missing_ok=True)
