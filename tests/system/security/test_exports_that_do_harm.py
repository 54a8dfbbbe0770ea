"""Exports that were made to fill the memory: read in a process of its own, whose peak is measured.

What a zip may be, and what damage costs, is tested in `tests/history`; here is what it takes.
"""

import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.asking import python

pytestmark = pytest.mark.rare

MIB = 2**20
ROW = {"ts": "2024-05-01T10:00:00Z", "ms_played": 200_000, "master_metadata_track_name": "one"}
FIRST = json.dumps(ROW).encode()
LAST = json.dumps(ROW | {"ts": "2024-05-02T10:00:00Z"}).encode()

MOST_MIB = 1000
"""The most is taken by very many rows of two bytes, each refused with its reason."""

AGAIN = b',"ts":"2024-05-01T10:00:00Z"' * 40_000

READ = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.errors import RefusedExport
from pipelines.ingest.archive import open_export
from pipelines.ingest.privacy_export import import_export
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.folder import Folder

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
lake = Lake(Folder(Path(sys.argv[2])))
try:
    with open_export(Path(sys.argv[1])) as export:
        told = import_export(lake.of("nico"), export, now=datetime.now(UTC))
        print(told["new"], told["files"][0].get("problem", ""))
except RefusedExport as problem:
    print(problem)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def between(*bodies: bytes) -> Iterator[bytes]:
    """A file with a good row before and behind."""
    yield b"[" + FIRST + b","
    yield from bodies
    yield b"," + LAST + b"]"


def keys() -> Iterator[bytes]:
    yield from between(
        b"{", *(b"".join(b'"k%d":1,' % (n * 50_000 + i) for i in range(50_000)) for n in range(60)),
        b'"z":1}',
    )  # fmt: skip


HARM: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "a text": (lambda: between(b'{"x":"', *[b"Q" * MIB] * 150, b'"}'), "2 .* is damaged"),
    "a number": (lambda: between(b'{"ms_played":', *[b"7" * MIB] * 8, b"}"), "2 .* is damaged"),
    "keys": (keys, "2 .* is damaged: 1 row is refused"),
    "one key": (lambda: between(FIRST[:-1], *[AGAIN] * 20, b"}"), "2 .* is damaged"),
    "depth": (lambda: between(*[b'{"a":' * MIB] * 8, b"1", *[b"}" * MIB] * 8), "2 .* is damaged"),
    "lists": (lambda: iter([b"[" * MIB] * 100), r"\S+ is no JSON: expected "),
    "empty rows": (
        lambda: between(b"{}", *[b",{}" * 200_000] * 3),
        r"2 \S+: 600001 rows are refused, such as",
    ),
}


def outcome(path: Path, tmp_path: Path) -> tuple[str, int]:
    """What is said, and how many MiB it took."""
    with python(READ, str(path), str(tmp_path / "lake")) as process:
        try:
            out, error = process.communicate(timeout=240)
        finally:
            process.kill()
    assert process.returncode == 0, error
    line, taken = out.splitlines()
    return line, int(taken)


@pytest.mark.parametrize("kind", HARM)
def test_a_file_that_does_harm_takes_little_memory_and_the_rest_of_it_is_read(
    kind: str, tmp_path: Path
) -> None:
    pieces, expected = HARM[kind]
    path = tmp_path / "Streaming_History_Audio_2024_0.json"
    with path.open("wb") as file:
        file.writelines(pieces())
    line, taken = outcome(path, tmp_path)
    assert taken < MOST_MIB
    assert re.fullmatch(f"{expected}.*", line), line


def test_a_zip_with_a_list_of_a_million_files_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Streaming_History_Audio_2024_0.json", b"[]")
    content = path.read_bytes()
    at = content.index(b"PK\1\2")
    end = content.rindex(b"PK\5\6")
    members = content[at:end] * 1_000_000
    size = struct.pack("<L", len(members))
    path.write_bytes(content[:at] + members + content[end : end + 12] + size + content[end + 16 :])
    line, taken = outcome(path, tmp_path)
    assert line == "a.zip: more than 10,000 files; import the zip as Spotify sent it"
    assert taken < 20
