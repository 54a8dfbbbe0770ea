"""The client of Google Sheets: one request for one range, and the policy on failures.

A service account logs in with a signed grant and gets a token for an hour; both are kept in memory
alone. It may only read, and only sheets that somebody shared with its mail address. Neither a key
nor a cell ever gets into a message or a log: of an answer only its status is told.
"""

import json
import logging
import time
from collections.abc import Callable
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
from pipelines.resources.spotify.http import DirectSession
from pipelines.resources.spotify.oauth import TIMEOUT_S, failure_reason
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.settings import GoogleSheets, Settings
from pipelines.settings.surveys import Sheet

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession
    from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"

MAX_ATTEMPTS = 6
FIRST_WAIT_S = 1.0
"""Minimum wait before the second attempt. It doubles each time, plus a jitter of up to as much:
Google asks for that, and counts by the minute."""

MAX_WAIT_S = 32.0

REQUESTS_PER_HOUR = 100_000
"""No limit of its own: Google's is 60 a minute, which the interval between requests keeps."""

QUERY = {
    "majorDimension": "ROWS",
    # As they are kept: a formatted number or date would be in the sheet's own language.
    "valueRenderOption": "UNFORMATTED_VALUE",
    "dateTimeRenderOption": "SERIAL_NUMBER",
}

log = logging.getLogger("playledger.google")

Value = str | int | float | bool | None


class _Before(stop_base):
    """Stops attempts whose wait would end after the run has to."""

    def __init__(self, time_left: Callable[[], float]) -> None:
        self._time_left = time_left

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._time_left() < retry_state.upcoming_sleep


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
            retry=retry_if_exception_type(SheetDown),
            stop=stop_after_attempt(MAX_ATTEMPTS) | _Before(self.time_left),
            wait=wait_exponential(FIRST_WAIT_S, max=MAX_WAIT_S) + wait_random(0, FIRST_WAIT_S),
            reraise=True,
        )
        return retrying(self._ask, sheet)

    def _ask(self, sheet: Sheet) -> list[list[Value]]:
        from google.auth.exceptions import (  # noqa: PLC0415 heavy
            GoogleAuthError,
            RefreshError,
            TransportError,
        )

        url = f"{self.settings.url}/v4/spreadsheets/{sheet.id}/values/{quote(sheet.range, safe='')}"
        with self.throttle.slot():
            began = time.monotonic()
            response: requests.Response | None = None
            self.sent += 1
            try:
                response = self._session.get(url, params=QUERY, timeout=TIMEOUT_S)
            except RefreshError as problem:
                raise self._no_login(problem) from None
            except (requests.RequestException, TransportError) as problem:
                raise SheetDown(f"no answer from Google ({failure_reason(problem)})") from None
            except GoogleAuthError as problem:
                raise GoogleLoginError(
                    f"the login at Google failed ({type(problem).__name__})"
                ) from None
            finally:
                self._log(response, began)
        if response.status_code != HTTPStatus.OK:
            raise self._refusal(response.status_code, sheet)
        return _rows(response.content)

    def _no_login(self, problem: Exception) -> SheetError | GoogleLoginError:
        if getattr(problem, "retryable", False):
            return SheetDown("Google's login service does not answer, or not now")
        return GoogleLoginError(
            f"Google does not accept the key of {self.mail}: make a new one for this service "
            "account, put it into GOOGLE_SERVICE_ACCOUNT_FILE, and see that this machine's clock "
            "is right"
        )

    def _refusal(self, status: int, sheet: Sheet) -> SheetError | GoogleLoginError:
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return SheetDown(f"Google answered {status}")
        words = {
            HTTPStatus.FORBIDDEN: (
                f"the sheet is not shared with {self.mail}: open it, share it with this address as "
                "a viewer, and see that the Google Sheets API is enabled in its project"
            ),
            HTTPStatus.NOT_FOUND: (
                "there is no such sheet: it was deleted, or `sheet.id` in surveys.toml is not its id"
            ),
            HTTPStatus.BAD_REQUEST: (
                f"the sheet has no range {sheet.range!r}: compare `sheet.range` in surveys.toml "
                "with the tabs at its bottom"
            ),
            HTTPStatus.UNAUTHORIZED: f"Google does not let {self.mail} in",
        }
        told = words.get(HTTPStatus(status)) if status in HTTPStatus else None
        return SheetError(
            f"{told} (Google answered {status})" if told else f"Google answered {status}"
        )

    def _log(self, response: requests.Response | None, began: float) -> None:
        fields = {
            "endpoint": "google",
            "status": response.status_code if response is not None else None,
            "ms": round((time.monotonic() - began) * 1000),
        }
        log.info("%(endpoint)s %(status)s %(ms)d ms", fields, extra=fields)


def _credentials(settings: GoogleSheets) -> "Credentials":
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 heavy
    from google.oauth2.service_account import Credentials  # noqa: PLC0415 heavy

    where = f"GOOGLE_SERVICE_ACCOUNT_FILE: {settings.account_file}"
    try:
        text = settings.account_file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise GoogleLoginError(f"{where}: {problem.strerror}") from None
    except UnicodeDecodeError:
        text = ""
    try:
        told = json.loads(text)
        return Credentials.from_service_account_info(told, scopes=[SCOPE])
    except (ValueError, TypeError, AttributeError, GoogleAuthError, RecursionError):
        raise GoogleLoginError(
            f"{where} is not the JSON key of a service account: download one on "
            "https://console.cloud.google.com/iam-admin/serviceaccounts"
        ) from None


def _session(credentials: "Credentials") -> "AuthorizedSession":
    from google.auth.transport.requests import AuthorizedSession, Request  # noqa: PLC0415 heavy

    class Session(DirectSession, AuthorizedSession):
        """Logs in by itself, and follows no redirect."""

    return Session(credentials, auth_request=Request(DirectSession()))


def _rows(body: bytes) -> list[list[Value]]:
    document: Any = None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        pass
    rows = document.get("values", []) if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise SheetDown(
            "Google answered with something else than what was asked for: if that goes on, check "
            "GOOGLE_SHEETS_URL"
        )
    return [[_value(cell) for cell in row] for row in rows]


def _value(cell: Any) -> Value:
    return cell if isinstance(cell, str | int | float | bool) else None
