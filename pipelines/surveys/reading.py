"""The rows of a survey's sheet: from Google, from a CSV or XLSX file, or from a folder of them.

A file is known by what is in it, not by its name. Of a folder all files count, in the order of
their names, as if each had been written after the one before: downloads of one form, whose later
ones have the earlier answers too, as well as one file for each class. Add here another kind of
file. What cells mean is `listening/survey/`.
"""

import csv
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.errors import GoogleLoginError, SheetError
from pipelines.listening.privacy_export.encodings import as_utf8, legible
from pipelines.listening.survey.cells import Row, Sheet
from pipelines.resources.google.client import GoogleClient
from pipelines.settings import Settings
from pipelines.settings.surveys import Sheet as GoogleSheet
from pipelines.settings.surveys import Survey
from pipelines.surveys.discretion import is_panic

MOST_BYTES = 64 * 2**20
"""Of a file; a thousand answers have less than one of these megabytes."""

MOST_UNPACKED = 512 * 2**20
"""Of the parts of a workbook together."""

SEPARATORS = ",;\t|"
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
"""What files of a folder end in; others are not looked at."""

MOST_CELLS = 5_000_000
"""Of a rectangle around all that is in a sheet: each takes its room, also an empty one."""

_CORNER = re.compile(rb"""<(?:\w{1,99}:)?c\s[^>]{0,999}?\br\s*=\s*["']([A-Za-z]{1,9})(\d{1,15})""")
"""Where a cell is: also past the last column and row that there are, which is asked for as well."""

Place = tuple[int, int]
"""Row and column of a cell, from 0."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SAID = re.compile(r"^sep=(.)\r?\n", re.IGNORECASE)


def read(survey: Survey, settings: Settings) -> tuple[Sheet, ...]:
    """All rows that a survey's sheet has now.

    Args:
        survey: which one.
        settings: with what Google is asked.

    Raises:
        SheetError: where it cannot be read; the message has the survey's name and no cell.
        GoogleLoginError: where Google does not let the service account in.
        SettingsError: where no service account is named.
    """
    try:
        if isinstance(survey.source, GoogleSheet):
            return (Sheet(GoogleClient.of(settings).values(survey.source)),)
        return _files(survey.source)
    except (SheetError, GoogleLoginError) as problem:
        raise type(problem)(f"survey {survey.name}: {problem}") from None


def _files(path: Path) -> tuple[Sheet, ...]:
    try:
        if path.is_dir():
            found = [one for one in path.iterdir() if _is_wanted(one)]
            if not found:
                raise SheetError(f"{path} has no file that ends in {', '.join(ENDINGS)}")
            return tuple(_file(one) for one in sorted(found, key=_order))
        return (_file(path),)
    except OSError as problem:
        raise SheetError(f"{path}: {problem.strerror}") from None


def _is_wanted(path: Path) -> bool:
    # Office programs keep a file with "~$" or ".~lock" before its name while it is open.
    hidden = path.name.startswith((".", "~"))
    return path.is_file() and path.suffix.lower() in ENDINGS and not hidden


def _order(path: Path) -> tuple[object, ...]:
    """By name, and numbers in it by their size: browsers add " (2)" to what they save again."""
    parts = re.split(r"(\d+)", path.stem.casefold())
    return (*((int(one), "") if one.isdecimal() else (-1, one) for one in parts), path.name)


def _file(path: Path) -> Sheet:
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise SheetError(f"{path} is larger than {MOST_BYTES // 2**20} MB, which is no survey")
    return workbook(body, str(path)) if body.startswith((_ZIP, _OLE)) else csv_rows(body, str(path))


def csv_rows(body: bytes, name: str) -> Sheet:
    """The rows of a CSV file, in whatever encoding and with whatever separator."""
    text = legible(b"".join(as_utf8([body]))).text.decode()
    said = _SAID.match(text)
    if said:
        text = text[said.end() :]
    if "\0" in text:
        raise SheetError(f"{name} is no CSV file: save it as CSV again")
    separator = said[1] if said else _separator(text)
    try:
        rows: list[Row] = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise SheetError(f"{name} is no CSV file that can be read: save it as CSV again") from None
    return Sheet(rows, first=2 if said else 1)


def _separator(text: str) -> str:
    """What separates the cells: what makes the first rows longest, and equally long."""
    begin = io.StringIO(text[:100_000], newline="")
    lengths = {}
    for sign in SEPARATORS:
        begin.seek(0)
        try:
            rows = [len(row) for _, row in zip(range(20), csv.reader(begin, delimiter=sign))]  # noqa: B905
        except csv.Error:
            rows = []
        lengths[sign] = sorted(rows)[len(rows) // 2] if rows else 0
    return max(SEPARATORS, key=lambda sign: lengths[sign])


def workbook(body: bytes, name: str) -> Sheet:
    """The rows of the first sheet of a workbook that has any."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 rarely needed

    if body.startswith(_ZIP):
        _check_size(body, name)
    try:
        with _silent():
            book = CalamineWorkbook.from_filelike(io.BytesIO(body))
            for sheet in book.sheet_names:
                found = book.get_sheet_by_name(sheet)
                rows = found.to_python(skip_empty_area=False)
                if rows:
                    _fill_down(rows, found.merged_cell_ranges or ())
                    return Sheet(rows)
    except BaseException as problem:
        if not (isinstance(problem, CalamineError | OSError | ValueError) or is_panic(problem)):
            raise
        raise SheetError(f"{name} is no spreadsheet that can be read: save it as CSV") from None
    return Sheet([])


def _fill_down(rows: list[list[Any]], merged: Iterable[tuple[Place, Place]]) -> None:
    """Have what stands in merged cells in each row of them, such as a name beside several songs.

    Not in each column: a heading above several columns is no question of theirs.
    """
    for (top, column), (bottom, _) in merged:
        for row in rows[top + 1 : bottom + 1]:
            if column < len(row) and any(cell != "" for cell in row):
                row[column] = rows[top][column]


@contextmanager
def _silent() -> Iterator[None]:
    """Let nothing be written to the process's stderr, which Dagster keeps.

    Rust writes there what it panics about, and may quote a cell.
    """
    try:
        kept = os.dup(2)
    except OSError:  # the process has none
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _check_size(body: bytes, name: str) -> None:
    """Refuse a workbook that would fill the memory, be it with cells that are empty."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise SheetError(
                    f"{name} has more than {MOST_UNPACKED // 2**20} MB when it is unpacked"
                )
            corners = {one for part in parts for one in _CORNER.findall(archive.read(part))}
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ):
        return  # whoever reads it says so
    columns = max((26 ** len(letters) for letters, _ in corners), default=0)
    if columns * max((int(row) for _, row in corners), default=0) > MOST_CELLS:
        raise SheetError(
            f"{name} has something in a cell far below or beside its answers: delete what is "
            "around them, or save it as CSV"
        )
