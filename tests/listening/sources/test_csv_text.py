"""Tables as CSV, however they were saved, split or damaged; and what texts mean."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.privacy_export.parser import DamagedFile
from pipelines.listening.schema.sql import query
from pipelines.listening.sources.csv_text import (
    CsvRows,
    header_of,
    instant_sql,
    read_csv,
    truth_sql,
    whole_sql,
)

WANTED = {"a": ("a",), "b": ("Other", "B")}

QUIRKS = (
    b'\xef\xbb\xbfA," b ",C\r\n1,2,3\r\n\r\n"x, y","l1\r\nl2",z\r\n1,"bro ken,3\r\n4,5,6\r\n'
    b'7,8\r\n,,\r\n"q""q",\x00,9'
)


def read(content: bytes, *, chunk: int = 3, **how: Any) -> list[CsvRows]:
    chunks = (content[at : at + chunk] for at in range(0, len(content), chunk))
    return list(read_csv(chunks, WANTED, **how))


def rows(found: list[CsvRows]) -> list[tuple[str | None, str | None]]:
    table = pa.concat_tables(one.columns for one in found)
    return [(row["a"], row["b"]) for row in table.to_pylist()]


@pytest.mark.parametrize("piece", [1, 10, 30, 1000])
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_every_row_is_read_or_has_a_problem_wherever_the_file_is_split(
    piece: int, chunk: int
) -> None:
    found = read(QUIRKS, piece=piece, chunk=chunk)
    assert rows(found) == [
        ("1", "2"),
        ("x, y", "l1\nl2"),
        (None, None),
        ("4", "5"),
        (None, None),
        (None, None),
        ('q"q', "\ufffd"),
    ]
    problems = {one.first + at: why for one in found for at, why in one.problems.items()}
    assert problems == {3: "has a quote that does not end", 5: "has 2 fields instead of 3"}


def test_a_quote_that_does_not_end_takes_no_other_line_with_it() -> None:
    lines = ["a,b", *(f"{at},x" for at in range(100)), '"100,x', *(f"{at},x" for at in range(99))]
    [found] = read("\n".join(lines).encode())
    assert found.problems == {100: "has a quote that does not end"}
    assert len(found.columns) == 200


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_says_what_stands_between_columns(separator: str) -> None:
    text = separator.join(["A", "B", "C, or D"]).encode()
    assert header_of(text + b"\r\n1").separator == separator
    assert rows(read(separator.join("ABC").encode() + b"\n" + separator.join("123").encode())) == [
        ("1", "2")
    ]


def test_columns_of_one_name_and_missing_ones_are_no_problem() -> None:
    assert rows(read(b"a,a\n1,2\n")) == [("1", None)]


def test_of_several_names_the_first_with_a_value_counts() -> None:
    assert rows(read(b"b,other\n1,2\n3,\n")) == [(None, "2"), (None, "3")]


def test_why_a_file_ends_too_early_is_told() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a,b\n1,2\n"
        raise DamagedFile("it is damaged")

    [found] = read_csv(broken(), WANTED)
    assert (found.damage, len(found.columns)) == ("it is damaged", 1)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b", b"a,b\n"])
def test_a_file_without_rows_has_none(content: bytes) -> None:
    assert rows(read(content)) == []


def value(sql: str, text: str) -> object:
    select = f"SELECT {sql} AS value FROM texts"  # noqa: S608 of this module
    return query(select, texts=pa.table({"t": [text]}))[0][0].as_py()


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-03-15T18:52:22Z", "2024-03-15 18:52:22"),
        ("2024-07-02T22:34:59.918+02:00", "2024-07-02 20:34:59.918000"),
        ("2025-06-15 21:00", "2025-06-15 21:00:00"),
        ("2025-06-15", "None"),
        ("0", "None"),
        ("tomorrow", "None"),
    ],
)
def test_times_are_in_utc(text: str, time: str) -> None:
    assert str(value(instant_sql("t"), text)) == time


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("1.0", 1), ("-3", -3), ("nan", None), ("1e30", None), ("x", None), ("", None)],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert value(whole_sql("t"), text) == number


@pytest.mark.parametrize(
    ("text", "truth"), [("TRUE", True), ("false", False), ("1", True), ("x", None), ("", None)]
)
def test_truth(text: str, truth: bool | None) -> None:
    assert value(truth_sql("t"), text) is truth
