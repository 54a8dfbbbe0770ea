"""How log lines are written, and which secrets they must not hold.

The format (`LOG_FORMAT`) and the filter for what libraries log at DEBUG live here. A line itself is
written where something happens: `playledger.spotify` logs one for each request.
"""

import logging
import sys
from collections.abc import Iterable

from pythonjsonlogger.json import JsonFormatter

from pipelines.errors import SettingsError
from pipelines.ops.redaction import REDACTED, secrets_in_url, secrets_pattern
from pipelines.settings import Settings

LOGGERS_WITH_URLS = ("urllib3.connectionpool", "urllib3.util.retry")
"""Loggers that write out the path of a request, which is the secret of many a webhook."""


class RedactingFilter(logging.Filter):
    """A filter that replaces secrets in the lines of a logger.

    Args:
        secrets: the texts to replace.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = secrets_pattern(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without the secrets."""
        text = record.getMessage()
        if self._secrets.search(text):
            record.msg, record.args = self._secrets.sub(REDACTED, text), ()
        return True


def configure(settings: Settings) -> None:
    """Write this process's lines as `LOG_FORMAT` says, without secrets; any number of times.

    A wrong `LOG_FORMAT` is logged and treated as `text`: nothing stops for want of a pretty log.
    """
    log = logging.getLogger("playledger")
    for handler in [one for one in log.handlers if isinstance(one.formatter, JsonFormatter)]:
        log.removeHandler(handler)
    try:
        if settings.log_format == "json":
            log.addHandler(_json_handler())
            log.setLevel(logging.INFO)
    except SettingsError as problem:
        log.warning(str(problem))
    urls = (*settings.alert_urls, _heartbeat_url(settings))
    redacting = RedactingFilter(secret for url in urls for secret in secrets_in_url(url))
    for name in LOGGERS_WITH_URLS:
        library = logging.getLogger(name)
        for old in [one for one in library.filters if isinstance(one, RedactingFilter)]:
            library.removeFilter(old)
        library.addFilter(redacting)


def tell_all_of(name: str) -> None:
    """Write the lines of one logger that are no warnings, too, whatever `LOG_FORMAT` is.

    Args:
        name: of the logger, below `playledger`.
    """
    log = logging.getLogger(name)
    log.setLevel(logging.INFO)
    if not log.handlers and not logging.getLogger("playledger").handlers:
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        log.addHandler(handler)


def _heartbeat_url(settings: Settings) -> str:
    try:
        return settings.heartbeat_url or ""
    except SettingsError:
        return ""


class _StderrHandler(logging.Handler):
    """Writes to the current `sys.stderr`, which commands and captured runs replace."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):  # full or closed: no reason to end a run
            self.handleError(record)


def _json_handler() -> logging.Handler:
    """One object a line: time in UTC, level, logger, message and the extra fields."""
    handler = _StderrHandler()
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
