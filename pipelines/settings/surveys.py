"""The surveys, as `surveys.toml` describes them.

Add here what a survey may set. Where the file is, and who reads it, is `environment.py`; what a
setting does belongs in `listening/survey/` or `pipelines/surveys/`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from pipelines.errors import SettingsError
from pipelines.listening.survey.questions import FIELDS
from pipelines.settings.listeners import LISTENER_NAME

FEWEST = 5
"""Of fewer people nothing is published. The UK ICO's anonymisation code names cells of 1 to 5 as
the ones at risk; a survey can ask for more, never for fewer."""

FEWEST_OF_A_SONG = 3
"""A song or an artist that fewer people named is told to nobody but them."""


@dataclass(frozen=True)
class Sheet:
    """A range of a Google Sheet.

    Attributes:
        id: as in its address.
        range: such as `Form responses 1` or `Form responses 1!A:Z`.
    """

    id: str
    range: str


SURVEY_NAME = LISTENER_NAME

FIRST_SHEET = "A:ZZ"
"""The range of all that is on the first sheet."""

MOST_ASKED_FOR = 1000
"""The largest `k`."""

Rows = Literal["answers", "songs"]


@dataclass(frozen=True)
class Survey:
    """One survey.

    Attributes:
        name: `[a-z0-9_]{1,40}`; the folder, the key file and the assets are named after it.
        title: as the page is headed.
        source: a range of a Google Sheet; or a CSV or XLSX file, or a folder of them.
        columns: by field, texts of headers that mean it, besides those that are known anyway.
        majors: by subject, spellings that mean it; others stay as they were written.
        k: of fewer people nothing is published.
        timezone: of the sheet's times, an IANA name.
        rows: whether a row is somebody's answer or one of their songs; None to see by the rows.
        day_first: whether "03/04/2026" is in April; None to see by the other dates.
        keep_until: after this date its sheet is not read, and somebody is to forget it.
        search_as: the listener as whom songs are searched for at Spotify; None to search for none.
    """

    name: str
    title: str
    source: Sheet | Path
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    majors: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    k: int = FEWEST
    timezone: str = "UTC"
    rows: Rows | None = None
    day_first: bool | None = None
    keep_until: date | None = None
    search_as: str | None = None


_SETTINGS = {
    *("title", "sheet", "file", "columns", "majors", "k", "timezone", "rows", "dates"),
    *("keep_until", "search_as"),
}
_DATES = {"day first": True, "month first": False}
_SHEET_ID = re.compile(r"[A-Za-z0-9_-]{10,200}")
_IN_ADDRESS = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)")


def parse_surveys(text: str, folder: Path) -> tuple[Survey, ...]:
    """The surveys of a `surveys.toml`.

    Args:
        text: of the file.
        folder: where it is; paths in it begin there.

    Raises:
        SettingsError: with the survey's and the setting's name.
    """
    return tuple(_survey(name, table, folder) for name, table in tomllib.loads(text).items())


def _survey(name: str, table: Any, folder: Path) -> Survey:
    if not SURVEY_NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not a survey's name: use a to z, 0 to 9 and _, up to 40")
    if not isinstance(table, dict):
        raise SettingsError(f"{name}: write it as a table, [{name}]")
    unknown = sorted(set(table) - _SETTINGS)
    if unknown:
        raise SettingsError(
            f"{name}: {unknown[0]!r} is not a setting; there are {', '.join(sorted(_SETTINGS))}"
        )
    return Survey(
        name=name,
        title=_text(f"{name}.title", table.get("title", name)),
        source=_source(name, table, folder),
        columns=_columns(f"{name}.columns", table.get("columns", {})),
        majors=_majors(f"{name}.majors", table.get("majors", {})),
        k=_k(f"{name}.k", table.get("k", FEWEST)),
        timezone=_timezone(f"{name}.timezone", table.get("timezone", "UTC")),
        rows=_one_of(f"{name}.rows", table.get("rows"), {"answers": "answers", "songs": "songs"}),
        day_first=_one_of(f"{name}.dates", table.get("dates"), _DATES),
        keep_until=_date(f"{name}.keep_until", table.get("keep_until")),
        search_as=_listener(f"{name}.search_as", table.get("search_as")),
    )


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{where}: {value!r} is not a text")
    return " ".join(value.split())


def _source(name: str, table: Mapping[str, Any], folder: Path) -> Sheet | Path:
    if ("sheet" in table) == ("file" in table):
        raise SettingsError(
            f"{name}: write where its answers are: either sheet = {{ id = …, range = … }} or "
            "file = …, a CSV or XLSX file or a folder of them"
        )
    if "file" in table:
        try:
            return folder / Path(_text(f"{name}.file", table["file"])).expanduser()
        except RuntimeError:
            raise SettingsError(
                f"{name}.file: there is no home folder of that user; write the whole path"
            ) from None
    return _sheet(f"{name}.sheet", table["sheet"])


def _sheet(where: str, value: Any) -> Sheet:
    sheet = {"id": value} if isinstance(value, str) else value
    if not isinstance(sheet, dict) or "id" not in sheet:
        raise SettingsError(f"{where}: write it as {{ id = …, range = … }}")
    unknown = sorted(set(sheet) - {"id", "range"})
    if unknown:
        raise SettingsError(f"{where}: {unknown[0]!r} is not a setting; there are id and range")
    text = _text(f"{where}.id", sheet["id"])
    address = _IN_ADDRESS.search(text)
    id_ = address[1] if address else text
    if not _SHEET_ID.fullmatch(id_):
        raise SettingsError(
            f"{where}.id: {text!r} is not the id of a Google Sheet: it is between /d/ and /edit in "
            "its address, which may be written here as a whole"
        )
    return Sheet(id_, _text(f"{where}.range", sheet.get("range", FIRST_SHEET)))


def _columns(where: str, value: Any) -> dict[str, tuple[str, ...]]:
    columns = _spellings(where, value)
    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise SettingsError(
            f"{where}.{unknown[0]}: there is no such field; there are {', '.join(FIELDS)}"
        )
    _check_once(where, columns, str.casefold)
    return columns


def _majors(where: str, value: Any) -> dict[str, tuple[str, ...]]:
    majors = _spellings(where, value)
    _check_once(where, majors, str.casefold)
    return majors


def _spellings(where: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: write it as a table, [{where}]")
    return {name: _texts(f"{where}.{name}", texts) for name, texts in value.items()}


def _texts(where: str, value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise SettingsError(f"{where}: {value!r} is not a list of texts")
    return tuple(_text(where, text) for text in texts)


def _check_once(where: str, spellings: Mapping[str, Iterable[str]], fold: Any) -> None:
    """Refuse a text that means two things."""
    seen: dict[str, str] = {}
    for name, texts in spellings.items():
        for text in texts:
            other = seen.setdefault(fold(text), name)
            if other != name:
                raise SettingsError(f"{where}: {text!r} is listed under {other} and under {name}")


def _k(where: str, value: Any) -> int:
    # In Python, a bool is an int too.
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_ASKED_FOR:
        raise SettingsError(f"{where}: {value!r} is not a whole number from {FEWEST} on")
    if value < FEWEST:
        raise SettingsError(
            f"{where}: {value} people are too few: it may be raised, and never be lower than "
            f"{FEWEST}, so that no figure tells of a single person"
        )
    return value


def _timezone(where: str, value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones() - {"localtime"}:
        raise SettingsError(f"{where}: {value!r} is not an IANA time zone such as Europe/Berlin")
    return value


def _one_of(where: str, value: Any, choices: Mapping[str, Any]) -> Any:
    if value is None:
        return None
    if not isinstance(value, str) or value not in choices:
        raise SettingsError(f"{where}: {value!r} is not one of {', '.join(choices)}")
    return choices[value]


def _date(where: str, value: Any) -> date | None:
    # Compared by type: in Python, a datetime is an instance of date too.
    if value is None or type(value) is date:
        return value
    raise SettingsError(f"{where}: {value!r} is not a date such as 2027-01-31, without quotes")


def _listener(where: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not LISTENER_NAME.fullmatch(value):
        raise SettingsError(f"{where}: {value!r} is not a listener's name")
    return value
