"""How log lines are written, and what they must not tell.

The format (`LOG_FORMAT`) and the filter for what libraries say at DEBUG live here. Which lines
there are is said where things happen: `playledger.spotify` tells one for each request.
"""

import logging
import re
import sys
from collections.abc import Iterable
from urllib.parse import unquote

from pythonjsonlogger.json import JsonFormatter

from pipelines.errors import SettingsError
from pipelines.settings import Settings

REDACTED = "…"
SHORTEST_SECRET = 6
"""Parts of an address with fewer characters are words such as `api`. Reasoned."""

TELL_ADDRESSES = ("urllib3.connectionpool", "urllib3.util.retry")
"""Loggers that write out the path of a request, which is the secret of many a webhook."""


class Redacting(logging.Filter):
    """Takes secrets out of the lines of a logger."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = pattern_of(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without the secrets."""
        said = record.getMessage()
        if self._secrets.search(said):
            record.msg, record.args = self._secrets.sub(REDACTED, said), ()
        return True


def pattern_of(secrets: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these; nothing where there are none."""
    longest_first = sorted({*secrets}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def secrets_in(address: str) -> set[str]:
    """The parts of a URL that may be secrets: all but its scheme and what is short."""
    _, _, rest = address.partition("://")
    parts = {part for part in re.split(r"[/?&=:@,#]", rest) if len(part) >= SHORTEST_SECRET}
    return parts | {unquote(part) for part in parts}


def prepare(settings: Settings) -> None:
    """Write this process's lines as `LOG_FORMAT` says, without secrets; any number of times.

    A wrong `LOG_FORMAT` is told and taken for `text`: for want of a pretty log nothing stops.
    """
    log = logging.getLogger("playledger")
    for handler in [one for one in log.handlers if isinstance(one.formatter, JsonFormatter)]:
        log.removeHandler(handler)
    try:
        if settings.log_format == "json":
            log.addHandler(_json_lines())
            log.setLevel(logging.INFO)
    except SettingsError as problem:
        log.warning(str(problem))
    addresses = (*settings.alert_urls, _heartbeat(settings))
    redacting = Redacting(part for address in addresses for part in secrets_in(address))
    for name in TELL_ADDRESSES:
        library = logging.getLogger(name)
        for old in [one for one in library.filters if isinstance(one, Redacting)]:
            library.removeFilter(old)
        library.addFilter(redacting)


def _heartbeat(settings: Settings) -> str:
    try:
        return settings.heartbeat_url or ""
    except SettingsError:
        return ""


class _ToStderr(logging.Handler):
    """Writes to what stderr is by then: commands and captured runs put another in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):  # full or closed: no reason to end a run
            self.handleError(record)


def _json_lines() -> logging.Handler:
    """One object a line: its time in UTC, level, logger, message and what it tells besides."""
    handler = _ToStderr()
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )
    )
    return handler
