"""Changes to `listeners.toml` that a program makes for a person, and nothing else in the file.

Comments, order and spelling of the rest stay as they were. A changed text is read like the file is
before it takes its place, and must say the same as before but for the change. Add here another
setting that a person may change without opening the file; what a setting may be is `listeners.py`.
"""

import json
import os
import re
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.errors import SettingsError
from pipelines.listening.contexts.overrides import DAY_MINUTES, NAMED, Hours, Override
from pipelines.settings.listeners import WEEKDAYS, parse_listeners
from pipelines.settings.writing import put_in_place

Tables = dict[str, Any]

_changing = threading.Lock()


def add_rule(path: Path, listener: str, rule: Override) -> None:
    """Write a rule below those that a listener has; of several that fit, the first one holds.

    Args:
        path: of `listeners.toml`.
        listener: whose rule it is.
        rule: what it says.

    Raises:
        SettingsError: where the file cannot be changed, or the rule is none.
    """
    written = _rule(rule)

    def added(tables: Tables) -> None:
        tables[listener].setdefault("override", []).append(written)

    lines = [f"{name} = {_value(value)}" for name, value in written.items()]
    table = "\n".join([f"[[{listener}.override]]", *lines])
    _change(path, listener, lambda text: f"{text.rstrip()}\n\n{table}\n", added)


def set_exclude(path: Path, listener: str, contexts: Sequence[str]) -> None:
    """Say which contexts do not count as a listener's own.

    Args:
        path: of `listeners.toml`.
        listener: whose.
        contexts: all of them.

    Raises:
        SettingsError: where the file cannot be changed, or one is no context.
    """

    def changed(tables: Tables) -> None:
        tables[listener]["exclude"] = list(contexts)

    _change(path, listener, lambda text: _excluded(text, listener, contexts), changed)


def _change(
    path: Path, listener: str, rewrite: Callable[[str], str], expected: Callable[[Tables], None]
) -> None:
    """Replace the file by what it is rewritten to, if that says what is expected.

    Args:
        path: of the file.
        listener: who has to be in it.
        rewrite: from the text to the new one.
        expected: makes the same change in what the text says.
    """
    with _changing:
        path = path.resolve()
        before = _text(path)
        try:
            after = _checked(before, listener, rewrite, expected)
        except (tomllib.TOMLDecodeError, AttributeError, SettingsError) as problem:
            raise SettingsError(f"{path} was not changed ({problem}): change it by hand") from None
        _replace(path, before, after)


def _checked(
    before: str, listener: str, rewrite: Callable[[str], str], expected: Callable[[Tables], None]
) -> str:
    """The new text, which says what is expected and nothing else."""
    tables = tomllib.loads(before)
    if listener not in tables:
        raise SettingsError(f"{listener} is not in it")
    expected(tables)
    after = rewrite(before)
    parse_listeners(after)
    if tomllib.loads(after) != tables:
        raise SettingsError("it is written in another way than is understood here")
    return after


def _excluded(text: str, listener: str, contexts: Sequence[str]) -> str:
    """The text with this list in place of the one in the listener's table, or below its name."""
    line = f"exclude = {_value(list(contexts))}"
    head = re.search(rf"^[ \t]*\[[ \t]*{listener}[ \t]*\][^\n]*(?:\n|\Z)", text, re.MULTILINE)
    if head is None:
        raise SettingsError(f"it has no line [{listener}]")
    begin = head.end()
    following = re.search(r"^[ \t]*\[", text[begin:], re.MULTILINE)
    end = begin + following.start() if following else len(text)
    own = text[begin:end]
    old = re.search(r"^[ \t]*exclude[ \t]*=[ \t]*\[[^\]]*\]", own, re.MULTILINE)
    if old is None:
        return f"{text[:begin].rstrip()}\n{line}\n{text[begin:]}"
    return text[:begin] + own[: old.start()] + line + own[old.end() :] + text[end:]


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(f"{path} cannot be read ({_why(problem)})") from None
    if not (os.access(path, os.W_OK) and path.stat().st_mode & 0o222):
        raise SettingsError(
            f"{path} may only be read here: ask whoever runs Playledger to change it"
        )
    return text


def _replace(path: Path, before: str, after: str) -> None:
    """Put the new text in the file's place in one step, unless somebody else has changed it."""

    def unchanged() -> None:
        if _text(path) != before:
            raise SettingsError(f"{path} has just been changed by somebody else: try again")

    try:
        put_in_place(path, after, 0o777, unchanged)  # that is, with the permissions that it has
    except OSError as problem:
        raise SettingsError(
            f"{path} cannot be replaced here ({_why(problem)}): ask whoever runs Playledger to "
            "change it"
        ) from None


def _why(problem: Exception) -> str:
    return (problem.strerror or "") if isinstance(problem, OSError) else "it is not UTF-8"


def _rule(rule: Override) -> dict[str, Any]:
    """A rule as it stands in the file."""
    named = {kind: name for kind in NAMED if (name := getattr(rule, kind))}
    return {**named, **(_hours(rule.hours) if rule.hours else {}), "context": rule.context}


def _hours(hours: Hours) -> Mapping[str, Any]:
    days = [WEEKDAYS[day] for day in hours.weekdays]
    written: dict[str, Any] = {} if len(days) == len(WEEKDAYS) else {"weekdays": days}
    if (hours.start, hours.end) != (0, DAY_MINUTES) or not written:
        written["hours"] = f"{_clock(hours.start)}-{_clock(hours.end)}"
    return written


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _value(value: str | list[str]) -> str:
    """A value in TOML, on one line: its texts are written like JSON's, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
