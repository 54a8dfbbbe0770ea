"""The client of Google Sheets: one request for one range, and the policy on failures.

A service account logs in with a signed grant and gets a token for an hour, which is kept in memory
alone. It may only read, and only sheets that somebody shared with its mail address. Neither a key
nor a cell ever gets into a message or a log: of an answer its status alone is told.
"""

import json
import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base

from pipelines.errors import GoogleLoginError, SheetDown, SheetError
from pipelines.resources.spotify.http import DirectSession, ResponseTooLong, retry_after
from pipelines.resources.spotify.oauth import TIMEOUT_S
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.settings import GoogleSheets, Settings
from pipelines.settings.surveys import Sheet

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession
    from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"

MAX_ATTEMPTS = 6
AGAIN = ": there is nothing to do, it is tried again by itself"
FIRST_WAIT_S = 1.0
"""Minimum wait before the second attempt. It doubles each time, plus a jitter of up to as much, or
is as long as Google asks for: it counts requests by the minute."""

MAX_WAIT_S = 65.0
"""A run waits no longer than this for the next attempt."""

REQUESTS_PER_HOUR = 100_000
"""No limit of its own: Google's is 60 a minute, which the interval between requests keeps."""

QUERY = {
    "majorDimension": "ROWS",
    # As they are kept: formatted, a number or a date would be in the sheet's own language.
    "valueRenderOption": "UNFORMATTED_VALUE",
    "dateTimeRenderOption": "SERIAL_NUMBER",
}

CONSOLE = "https://console.cloud.google.com/iam-admin/serviceaccounts"

_CELLS_OR_NAME = re.compile(r"[\w$:.]+")

log = logging.getLogger("playledger.google")

for _name in ("google.auth.transport.requests", "google.oauth2._client"):
    # At DEBUG, google-auth may log what it sends and what comes back.
    logging.getLogger(_name).addFilter(lambda record: record.levelno > logging.DEBUG)

Value = str | int | float | bool | None


class _Before(stop_base):
    """Stops attempts whose wait would end after the run has to."""

    def __init__(self, time_left: Callable[[], float]) -> None:
        self._time_left = time_left

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._time_left() < retry_state.upcoming_sleep


class _Down(SheetDown):
    """A failure that may pass, and after how many seconds Google wants to be asked again."""

    def __init__(self, message: str, after: float = 0) -> None:
        super().__init__(message)
        self.after = after


@dataclass
class GoogleClient:
    """Reads ranges of Google Sheets.

    Attributes:
        settings: the service account's file, and the address of the service.
        throttle: shared by all processes of the machine.
        time_left: seconds for which the run may go on; requests are not repeated beyond.
        sent: how many requests for a range were sent.
    """

    settings: GoogleSheets
    throttle: Throttle
    time_left: Callable[[], float] = lambda: 600.0
    sent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._credentials = _credentials(self.settings)
        self._session = _session(self._credentials)

    @classmethod
    def of(cls, settings: Settings) -> "GoogleClient":
        """The client of an installation.

        Raises:
            SettingsError: where no service account is named.
            GoogleLoginError: where its file cannot be used.
        """
        throttle = Throttle(
            settings.tokens_dir / "throttle-google.json",
            settings.google_request_interval_s,
            REQUESTS_PER_HOUR,
        )
        return cls(settings.google, throttle)

    @property
    def mail(self) -> str:
        """The address with which sheets are shared."""
        return str(self._credentials.service_account_email)

    def values(self, sheet: Sheet) -> list[list[Value]]:
        """The cells of a range, row by row; rows are as long as what is filled in of them.

        Args:
            sheet: which one.

        Raises:
            SheetDown: where no answer comes that can be used, also after several attempts.
            SheetError: where Google does not give it out, with what to do.
            GoogleLoginError: where Google does not let the service account in.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Down),
            stop=stop_after_attempt(MAX_ATTEMPTS) | _Before(self.time_left),
            wait=_wait,
            reraise=True,
        )
        try:
            return retrying(self._ask, sheet)
        except _Down as problem:
            raise SheetDown(str(problem)) from None

    def _ask(self, sheet: Sheet) -> list[list[Value]]:
        text = quote(_in_a1(sheet.range), safe="")
        url = f"{self.settings.url}/v4/spreadsheets/{sheet.id}/values/{text}"
        with self.throttle.slot():
            began = time.monotonic()
            response: requests.Response | None = None
            self.sent += 1
            try:
                response = self._get(url)
            finally:
                self._log(response, began)
        if response.status_code != HTTPStatus.OK:
            raise self._refusal(response, sheet)
        return _rows(response.content)

    def _get(self, url: str) -> requests.Response:
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415 heavy

        try:
            response: requests.Response = self._session.get(url, params=QUERY, timeout=TIMEOUT_S)
        except ResponseTooLong as problem:
            raise SheetError(f"{problem}: name a smaller range as `sheet.range`") from None
        # Their messages may hold what was sent, or what came.
        except (requests.RequestException, TransportError) as problem:
            raise _Down(f"no answer from Google ({type(problem).__name__}){AGAIN}") from None
        except GoogleAuthError as problem:
            raise self._no_login(problem) from None
        return response

    def _no_login(self, problem: Any) -> SheetError | GoogleLoginError:
        if problem.retryable:
            return _Down(f"Google's login service does not answer, or not now{AGAIN}")
        return GoogleLoginError(
            f"Google does not accept the key of {self.mail}: make a new key for this service "
            f"account on {CONSOLE}, name its file in GOOGLE_SERVICE_ACCOUNT_FILE, and see that "
            "this machine's clock is right"
        )

    def _refusal(self, response: requests.Response, sheet: Sheet) -> SheetError | GoogleLoginError:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _Down(f"Google answered {status}{AGAIN}", _asked_to_wait(response))
        if status == HTTPStatus.UNAUTHORIZED:
            return GoogleLoginError(f"Google does not let {self.mail} in (it answered 401)")
        words: dict[int, str] = {
            HTTPStatus.FORBIDDEN: (
                f"the sheet is not shared with {self.mail}: share it with this address, as a "
                "viewer, and see that the Google Sheets API is enabled in its project"
            ),
            HTTPStatus.NOT_FOUND: (
                "Google knows no such sheet: it was deleted, or `sheet.id` in surveys.toml is not "
                "the one in its address"
            ),
            HTTPStatus.BAD_REQUEST: (
                f"the sheet has no range {sheet.range!r}, or it is no Google Sheet but an uploaded "
                "file: compare `sheet.range` in surveys.toml with the tabs at its bottom"
            ),
        }
        told = words.get(status, "Google does not give the sheet out")
        return SheetError(f"{told} (it answered {status})")

    def _log(self, response: requests.Response | None, began: float) -> None:
        fields = {
            "endpoint": "google",
            "status": response.status_code if response is not None else None,
            "ms": round((time.monotonic() - began) * 1000),
        }
        log.info("%(endpoint)s %(status)s %(ms)d ms", fields, extra=fields)


def _in_a1(text: str) -> str:
    """A range as Google wants it: a tab's name in quotes, unless it may be the name of a range."""
    tab, sign, cells = text.rpartition("!")
    name = tab or ("" if _CELLS_OR_NAME.fullmatch(text) else text)
    if not name or name.startswith("'"):
        return text
    quoted = "'" + name.replace("'", "''") + "'"
    return f"{quoted}!{cells}" if sign else quoted


def _wait(state: RetryCallState) -> float:
    backoff = wait_exponential(FIRST_WAIT_S, max=MAX_WAIT_S / 2) + wait_random(0, FIRST_WAIT_S)
    problem = state.outcome.exception() if state.outcome else None
    return max(backoff(state), problem.after if isinstance(problem, _Down) else 0)


def _asked_to_wait(response: requests.Response) -> float:
    """Seconds that Google asks to wait, as far as a run can wait."""
    wait = retry_after(response)
    return min(wait.total_seconds(), MAX_WAIT_S) if wait else 0.0


def _credentials(settings: GoogleSheets) -> "Credentials":
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 heavy
    from google.oauth2 import service_account  # noqa: PLC0415 heavy

    where = f"GOOGLE_SERVICE_ACCOUNT_FILE: {settings.account_file}"
    try:
        text = settings.account_file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise GoogleLoginError(f"{where}: {problem.strerror}") from None
    except UnicodeDecodeError:
        text = ""
    make: Any = service_account.Credentials.from_service_account_info
    try:
        made: Credentials = make(json.loads(text), scopes=[SCOPE])
    except (ValueError, TypeError, AttributeError, KeyError, GoogleAuthError, RecursionError):
        # What it says may quote the key.
        raise GoogleLoginError(
            f"{where} is not the JSON key of a service account: download one on {CONSOLE}"
        ) from None
    return made


def _session(credentials: "Credentials") -> "AuthorizedSession":
    from google.auth.transport.requests import AuthorizedSession, Request  # noqa: PLC0415 heavy

    class Session(DirectSession, AuthorizedSession):
        """Logs in by itself, and follows no redirect."""

    make: Any = Session
    made: AuthorizedSession = make(credentials, auth_request=Request(DirectSession()))
    return made


def _rows(body: bytes) -> list[list[Value]]:
    document: Any = None
    with suppress(ValueError, RecursionError):
        document = json.loads(body.decode(errors="replace"))
    rows = document.get("values", []) if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _Down(
            "Google answered with something else than what was asked for: if that goes on, check "
            "GOOGLE_SHEETS_URL"
        )
    return [[cell if isinstance(cell, str | int | float) else None for cell in row] for row in rows]
