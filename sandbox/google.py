"""Google Sheets: a token endpoint that checks a service account's grant, and ranges of sheets.

It answers as Google does: cells at the end of a row that are empty are not sent, nor such rows;
dates are numbers of days where that is asked for; a sheet that was not shared is refused. Add here
what Google answers; what goes wrong on order belongs in `faults`, where the two endpoints are
called `google-token` and `google`.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from sandbox.messages import Request, Response

TOKEN_PATH = "/google/token"  # noqa: S105 a path
VALUES_PATH = re.compile(r"/v4/spreadsheets/([^/]+)/values/(.+)")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
AUDIENCE = "https://oauth2.googleapis.com/token"
"""What grants are made out to, wherever the endpoint is."""

MAIL = "reader@sandbox-project.iam.gserviceaccount.com"
TAB = "Form responses 1"

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 a sheet's clock has no zone
_DAY_S = 86_400

Cells = Sequence[Sequence[Any]]


@cache
def _key() -> tuple[bytes, bytes]:
    """A private key and its public half, one pair for each process."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


@dataclass
class Spreadsheet:
    """One spreadsheet.

    Attributes:
        tabs: Rows by the name of their tab; a reader who names none means the first one.
        shared: Whether the service account may read it.
    """

    tabs: dict[str, Cells]
    shared: bool = True


@dataclass
class Google:
    """Spreadsheets, and who may read them.

    Attributes:
        sheets: By their id.
        valid: Whether the service account's key is.
    """

    sheets: dict[str, Spreadsheet] = field(default_factory=dict)
    valid: bool = True
    _tokens: set[str] = field(default_factory=set, repr=False)

    def sheet(self, id_: str, rows: Cells, tab: str = TAB) -> Spreadsheet:
        """Have a sheet with these rows, in place of what it had; its columns may have moved."""
        kept = self.sheets.get(id_)
        tabs = kept.tabs if kept else {}
        self.sheets[id_] = Spreadsheet({**tabs, tab: rows}, kept.shared if kept else True)
        return self.sheets[id_]

    def move_columns(self, id_: str) -> None:
        """Have the columns of a sheet in the opposite order, and a new one among them."""
        for tab, rows in self.sheets[id_].tabs.items():
            width = max(map(len, rows), default=0)
            whole = [[*row, *[""] * (width - len(row))] for row in rows]
            headers = ["Any comments?", *[""] * len(whole)]
            self.sheets[id_].tabs[tab] = [
                [*reversed(row[1:]), header, *row[:1]]
                for row, header in zip(whole, headers, strict=False)
            ]

    def share(self, id_: str, *, shared: bool = True) -> None:
        """Share a sheet with the service account, or end that."""
        self.sheets[id_].shared = shared

    def delete(self, id_: str) -> None:
        """Delete a sheet."""
        del self.sheets[id_]

    def expire(self) -> None:
        """No token that was given out is good any more."""
        self._tokens.clear()

    def account(self, url: str) -> dict[str, str]:
        """The key of the service account, as Google's console gives it out.

        Args:
            url: Of the sandbox, without a trailing slash.
        """
        return {
            "type": "service_account",
            "project_id": "sandbox-project",
            "private_key_id": "0123456789abcdef",
            "private_key": _key()[0].decode(),
            "client_email": MAIL,
            "client_id": "100000000000000000000",
            "token_uri": url + TOKEN_PATH,
        }

    def write_account(self, path: Path, url: str) -> None:
        """Write that key into a file."""
        path.write_text(json.dumps(self.account(url)))

    def token(self, request: Request) -> Response:
        """Give out a token for a grant that the service account signed."""
        form = request.form()
        if request.method != "POST" or form.get("grant_type") != GRANT:
            return _denied("unsupported_grant_type", "Invalid grant_type")
        try:
            told = jwt.decode(  # type: ignore[no-untyped-call]
                form.get("assertion", ""), certs=_key()[1]
            )
        except (ValueError, GoogleAuthError):
            return _denied("invalid_grant", "Invalid JWT Signature.")
        if not self.valid or told.get("iss") != MAIL or told.get("aud") != AUDIENCE:
            return _denied("invalid_grant", "Invalid grant: account not found")
        if told.get("scope") != SCOPE:
            return _denied("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self._tokens.add(token)
        return Response(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def values(self, request: Request) -> Response:
        """The cells of a range."""
        path = VALUES_PATH.fullmatch(request.path)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            return refusal(
                401, "UNAUTHENTICATED", "Request had invalid authentication credentials."
            )
        sheet = self.sheets.get(path[1]) if path else None
        if path is None or sheet is None:
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if not sheet.shared:
            return refusal(403, "PERMISSION_DENIED", "The caller does not have permission")
        rows = _range(sheet, path[2])
        if rows is None:
            return refusal(400, "INVALID_ARGUMENT", f"Unable to parse range: {path[2]}")
        told = _filled([[_told(cell, request.query) for cell in row] for row in rows])
        body: dict[str, Any] = {"range": path[2], "majorDimension": "ROWS"}
        return Response(200, body | ({"values": told} if told else {}))


def refusal(status: int, name: str, message: str) -> Response:
    """An error in Google's shape."""
    return Response(status, {"error": {"code": status, "message": message, "status": name}})


def _denied(error: str, description: str) -> Response:
    return Response(400, {"error": error, "error_description": description})


_A1 = re.compile(r"\$?([A-Z]{0,3})\$?(\d*)(?::\$?([A-Z]{0,3})\$?(\d*))?", re.IGNORECASE)


def _range(sheet: Spreadsheet, text: str) -> Cells | None:
    """The cells of a range in A1 notation; None where there is no such one."""
    tab, sign, corners = text.rpartition("!")
    name = (tab or text).strip("'").replace("''", "'")
    if name in sheet.tabs:
        rows = sheet.tabs[name]
        if not sign:
            return rows
    elif sign:
        return None
    else:
        rows = next(iter(sheet.tabs.values()))
    found = _A1.fullmatch(corners)
    if not found or not any(found.groups()):
        return None
    left, top, right, bottom = found.groups()
    first, last = _column(left, 0), _column(right or ("" if found[3] is not None else left), 10**6)
    above = int(top or 1) - 1
    return [row[first : last + 1] for row in rows[above : int(bottom) if bottom else None]]


def _column(letters: str | None, default: int) -> int:
    number = 0
    for letter in (letters or "").upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if number else default


def _told(cell: Any, query: Mapping[str, str]) -> Any:
    if isinstance(cell, datetime | date | time):
        if query.get("valueRenderOption") == "UNFORMATTED_VALUE" and (
            query.get("dateTimeRenderOption") == "SERIAL_NUMBER"
        ):
            return _serial(cell)
        return cell.strftime("%d.%m.%Y %H:%M:%S")
    if cell is None:
        return ""
    if query.get("valueRenderOption") != "UNFORMATTED_VALUE":
        return str(cell)
    return cell


def _serial(moment: datetime | date | time) -> float:
    """Days since the end of 1899, as sheets count."""
    if isinstance(moment, time):
        return (moment.hour * 3600 + moment.minute * 60 + moment.second) / _DAY_S
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_S


def _filled(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows without what is empty at their ends, and without empty ones at the end."""
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows
