"""The rows of a survey's sheet, whatever it was saved as and wherever it is."""

import os
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.errors import PlayledgerError, SheetError
from pipelines.listening.survey.cells import Sheet
from pipelines.settings import Settings, Survey
from pipelines.settings.surveys import Sheet as GoogleSheet
from pipelines.surveys import reading
from pipelines.surveys.reading import read
from sandbox import Sandbox
from tests.surveys.workbooks import save_workbook

ROWS = [["Name", "Lieblingslied"], ["Jörg Größe", "Für Elise"], ["Zoë", "A, B; C"]]


def saved(tmp_path: Path, body: bytes, name: str = "answers.csv") -> tuple[Sheet, ...]:
    path = tmp_path / name
    path.write_bytes(body)
    return read(Survey("music", "Music", path), Settings.of({}))


def csv_text(separator: str = ",", end: str = "\r\n") -> str:
    lines = (separator.join(f'"{cell}"' for cell in row) for row in ROWS)
    return end.join(lines) + end


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"]
)
def test_a_csv_file_may_be_in_any_encoding_and_have_any_separator(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    [sheet] = saved(tmp_path, csv_text(separator).encode(encoding))
    assert [list(row) for row in sheet.rows] == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cell_may_have_several_lines(tmp_path: Path, end: str) -> None:
    text = f'Name,Song{end}"Zoë","One{end}Two"{end}'
    [sheet] = saved(tmp_path, text.encode())
    assert [list(row) for row in sheet.rows] == [["Name", "Song"], ["Zoë", f"One{end}Two"]]


def test_excel_says_itself_what_separates_cells(tmp_path: Path) -> None:
    [sheet] = saved(tmp_path, b"sep=;\r\nName,x;Song\r\nZoe;One, two, three, four\r\n")
    assert [list(row) for row in sheet.rows][1] == ["Zoe", "One, two, three, four"]
    assert sheet.first == 2


def test_a_workbook_has_its_dates_and_numbers(tmp_path: Path) -> None:
    at = datetime(2026, 11, 28, 18)  # noqa: DTZ001 a sheet's clock has no zone
    rows = [["Timestamp", "Name", "Age", "Match?"], [at, "Ada Quill", 20, True], [None, "Ben"]]
    save_workbook(tmp_path / "answers.bin", {"Empty": [], "Form responses 1": rows})
    [sheet] = read(Survey("music", "Music", tmp_path / "answers.bin"), Settings.of({}))
    assert [list(row) for row in sheet.rows] == [
        ["Timestamp", "Name", "Age", "Match?"],
        [at, "Ada Quill", 20.0, True],
        ["", "Ben", "", ""],
    ]


def test_what_stands_in_merged_cells_is_said_in_each_of_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [["Our class", None], ["Name", "Song"], ["Ada", "One"], [None, "Two"], [], [None, "Six"]]
    save_workbook(path, {"A": rows}, merged=("A1:B1", "A3:A900", "F1:F9"))
    [sheet] = read(Survey("music", "Music", path), Settings.of({}))
    assert [list(row) for row in sheet.rows] == [
        ["Our class", ""], ["Name", "Song"], ["Ada", "One"], ["Ada", "Two"], ["", ""],
        ["Ada", "Six"],
    ]  # fmt: skip


def test_rows_are_numbered_as_in_the_sheet(tmp_path: Path) -> None:
    save_workbook(
        tmp_path / "a.xlsx", {"A": [[None], [None, None], ["Name", "Song"], ["Ada", "x"]]}
    )
    [sheet] = read(Survey("music", "Music", tmp_path / "a.xlsx"), Settings.of({}))
    assert list(sheet.rows[3 - sheet.first])[-2:] == ["Name", "Song"]


def test_of_a_folder_all_files_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("form (10).csv", "form (2).csv", "form.csv", "Form (1).CSV"):
        (tmp_path / name).write_text(f"Name,Song\n{name},x\n")
    for name in ("~$form.csv", ".hidden.csv", "notes.md"):
        (tmp_path / name).write_text("nothing")
    (tmp_path / "older.csv").mkdir()
    sheets = read(Survey("music", "Music", tmp_path), Settings.of({}))
    names = [sheet.rows[1][0] for sheet in sheets]
    assert names == ["form.csv", "Form (1).CSV", "form (2).csv", "form (10).csv"]


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (reading.MOST_UNPACKED + 1))


def far_away(place: bytes) -> Callable[[Path], None]:
    """A workbook with a cell in the last row of the last column, or beyond."""

    def make(path: Path) -> None:
        save_workbook(path, {"A": [["Name", "Song"]]})
        replace_in(path, b' r="B1"', place)

    return make


def with_a_date_of_no_calendar(path: Path) -> None:
    """A workbook over which the library that reads it panics."""
    save_workbook(path, {"A": [["Name"], [datetime(2026, 11, 28)]]})  # noqa: DTZ001 as above
    replace_in(path, b"<v>46354.0</v>", b"<v>-1e18</v>")


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    """Change what the parts of a workbook say."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert any(old in part for part in parts.values())
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part.replace(old, new))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _path: None, "No such file"),
        (lambda path: path.mkdir(), "has no file that ends in"),
        (lambda path: path.write_bytes(b"PK\x03\x04 no zip"), "no spreadsheet"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 50), "no spreadsheet"),
        (bomb, "MB"),
        (far_away(b' r="XFD1048576"'), "far below"),
        (far_away(b"\nr = 'xfd1048576'"), "far below"),
        (far_away(b' r="ZZZZZZ1"'), "far below"),
        (far_away(b' r="B99999999999999999"'), "far below"),
        (with_a_date_of_no_calendar, "no spreadsheet"),
        (lambda path: path.write_bytes(b'Name,Song\n"' + b"x" * 200_000), "no CSV"),
        (lambda path: path.write_bytes(b"\0" * 5000), "no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 2**20)
    path = tmp_path / "answers.csv"
    make(path)
    with pytest.raises(SheetError, match=said) as problem:
        read(Survey("music", "Music", path), Settings.of({}))
    assert str(problem.value).startswith("survey music: ")
    assert "\n" not in str(problem.value)
    assert problem.value.__suppress_context__


def test_what_a_library_panics_about_is_told_to_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answers.xlsx"
    with_a_date_of_no_calendar(path)
    with pytest.raises(SheetError):
        read(Survey("music", "Music", path), Settings.of({}))
    os.write(2, b"what others write is there")
    assert capfd.readouterr().err == "what others write is there"


def test_a_file_without_anything_has_no_rows(tmp_path: Path) -> None:
    assert saved(tmp_path, b"") == (Sheet([]),)


def test_a_sheet_at_google_is_read(sandbox: Sandbox) -> None:
    sandbox.google.sheet("the-sheet-of-music", ROWS)
    survey = Survey("music", "Music", GoogleSheet("the-sheet-of-music", "A:ZZ"))
    [sheet] = read(survey, Settings())
    assert [list(row) for row in sheet.rows] == ROWS
    sandbox.google.share("the-sheet-of-music", shared=False)
    with pytest.raises(PlayledgerError, match=r"^survey music: the sheet is not shared with"):
        read(survey, Settings())
