"""Privacy exports on a disk or in a lake: one zip, a folder, or single files.

Here, and only here, their bytes are opened; a zip is checked before anything is read out of it.
What the bytes mean is `listening/privacy_export/parser.py`, which files hold history is
`filenames.py` beside it.
"""

import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from pipelines.errors import RefusedExport
from pipelines.listening.privacy_export.filenames import parse_file_name
from pipelines.listening.privacy_export.parser import BOM, DamagedFile

__all__ = [
    "DamagedFile",
    "Export",
    "ExportFile",
    "RefusedExport",
    "chunks",
    "open_export",
    "open_files",
]

CHUNK_BYTES = 2**20
"""Size of the pieces in which a file is passed on."""

READ_BYTES = 32 * 2**10
"""Size of one read: where a stream is damaged, up to so many bytes before that are lost."""

GIB = 2**30
MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = MAX_MEMBERS * 512
"""Bytes of a zip's directory, which zipfile reads at once: it takes six times as much memory."""

DIRECTORY_SIZE = 5
"""Index of that size in the record that zipfile reads at the end of a zip."""

MAX_MEMBER_BYTES = 2 * GIB
MAX_BYTES = 4 * GIB
"""In total. Twenty years without a pause are 3.5 million plays, of 700 bytes each."""

MAX_RATIO = 200
"""JSON of plays compresses 15 times; a file above this ratio is an attack, not an export."""

RATIO_MATTERS_FROM = 10 * 2**20

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
ENCRYPTED = 0x1
SMALLEST_HEADER = 30

EXPECTED_FILES = (
    "expected Streaming_History_Audio_….json (extended streaming history) or "
    "StreamingHistory_music_….json (account data) as Spotify sends them"
)


@dataclass(frozen=True)
class ExportFile:
    """One JSON file of an export.

    Attributes:
        name: path inside the export.
        size: in bytes, uncompressed.
        open: opens it for reading; the caller closes it.
        crc: its checksum according to the zip; None outside of one.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    crc: int | None = None


@dataclass(frozen=True)
class Export:
    """An open export.

    Attributes:
        id: 32 hexadecimal digits: the same bytes give the same id.
        files: those with history, in order.
        left_aside: names of all others.
    """

    id: str
    files: tuple[ExportFile, ...]
    left_aside: tuple[str, ...]


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """An export on this machine: a zip, a folder, or one JSON file.

    Raises:
        RefusedExport: where there is none, or it is unsafe to read.
    """
    if path.is_dir():
        yield _of_files(str(path), _walk(path))
    elif not path.is_file():
        raise RefusedExport(f"{path} does not exist: name a zip, a folder or a JSON file")
    else:
        name = os.fsencode(path.name).decode(errors="replace")
        with path.open("rb") as file, _of_one(name, file, partial(_opened, path)) as export:
            yield export


@contextmanager
def open_files(files: Sequence[ExportFile]) -> Iterator[Export]:
    """An export in a lake: one zip, or JSON files under their relative paths.

    Raises:
        RefusedExport: where it holds no history, or is unsafe to read.
    """
    for one in files:
        _refuse_path(one.name, one.name)
    if len(files) == 1:
        [only] = files
        with only.open() as file, _of_one(only.name, file, only.open) as export:
            yield export
    else:
        yield _of_files("the folder", files)


def chunks(file: ExportFile) -> Iterator[bytes]:
    """A file's bytes in pieces of 1 MiB, and never more than its declared size.

    Raises:
        DamagedFile: after the last piece that could be read.
    """
    left, crc, problem = file.size, 0, ""
    with file.open() as source:
        while left and not problem:
            piece, problem = _piece(source, min(CHUNK_BYTES, left))
            left -= len(piece)
            crc = zlib.crc32(piece, crc) if file.crc is not None else 0
            if piece:
                yield piece
    if not problem and file.crc not in {None, crc}:
        problem = "its checksum is wrong"
    if problem:
        raise DamagedFile(f"{file.name} is damaged ({problem}): download the export again")


def _piece(source: BinaryIO, size: int) -> tuple[bytes, str]:
    """The next bytes; fewer of them, and the problem, where no more can be read."""
    held: list[bytes] = []
    while size:
        try:
            held.append(source.read(min(READ_BYTES, size)))
        except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as problem:
            return b"".join(held), str(problem) or "it ends too early"
        if not held[-1]:
            return b"".join(held), "it ends too early"
        size -= len(held[-1])
    return b"".join(held), ""


@contextmanager
def _of_one(name: str, file: BinaryIO, again: Callable[[], BinaryIO]) -> Iterator[Export]:
    """The export in one file, by its content: a zip or JSON."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    begin = file.read(CHUNK_BYTES).removeprefix(BOM).lstrip()
    if not size:
        raise RefusedExport(f"{name} is empty: download it again")
    if zipfile.is_zipfile(file):
        with _zip(name, file) as archive:
            yield _chosen(name, _digest(file), _members(archive))
        return
    if begin.startswith(b"PK"):
        raise RefusedExport(f"{name} is a zip that is cut off: download it again")
    if begin.startswith(b"%PDF") or not (begin[:1] == b"[" or name.lower().endswith(".json")):
        raise RefusedExport(f"{name} holds no listening history: {EXPECTED_FILES}")
    only = ExportFile(PurePosixPath(name).name, size, again)
    yield Export(_digest_of([only]), (only,), ())


def _of_files(where: str, files: Iterable[ExportFile]) -> Export:
    chosen = _chosen(where, "", sorted(files, key=lambda file: file.name))
    return Export(_digest_of(chosen.files), chosen.files, chosen.left_aside)


def _chosen(where: str, digest: str, files: Sequence[ExportFile]) -> Export:
    """The files that are named like history; if there are none, every JSON file."""
    visible = [file for file in files if not _hidden(file.name)]
    named = [(name, file) for file in visible if (name := parse_file_name(file.name))]
    history = [file for _, file in sorted(named, key=lambda pair: pair[0])]
    chosen = history or [file for file in visible if file.name.lower().endswith(".json")]
    if not chosen:
        inner = next((file.name for file in visible if file.name.lower().endswith(".zip")), "")
        hint = f"import {inner}, which is in it, by itself" if inner else EXPECTED_FILES
        raise RefusedExport(f"{where} holds no listening history: {hint}")
    names = {file.name for file in chosen}
    return Export(digest, tuple(chosen), tuple(f.name for f in files if f.name not in names))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _walk(folder: Path) -> Iterator[ExportFile]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _hidden(name):
            continue
        if path.is_symlink():
            raise RefusedExport(f"{path} is a symbolic link: put the file itself in its place")
        if path.is_file():
            legible = name.encode(errors="replace").decode()
            yield ExportFile(legible, path.stat().st_size, partial(_opened, path))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


@contextmanager
def _zip(name: str, file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    if _directory_size(file) > MAX_DIRECTORY_BYTES:
        raise RefusedExport(
            f"{name}: more than {MAX_MEMBERS:,} files; import the zip as Spotify sent it"
        )
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as problem:
        raise RefusedExport(f"{name} is a damaged zip ({problem}): download it again") from problem
    with archive:
        _refuse(name, archive.infolist())
        yield archive


def _directory_size(file: BinaryIO) -> int:
    """Bytes of a zip's directory; 0 where it has none, which zipfile reports in better words."""
    try:
        end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001
    except (zipfile.BadZipFile, struct.error, OSError):
        return 0
    return int(end[DIRECTORY_SIZE]) if end else 0


def _members(archive: zipfile.ZipFile) -> list[ExportFile]:
    return [
        ExportFile(one.filename, one.file_size, partial(_member, archive, one), one.CRC)
        for one in archive.infolist()
        if not one.is_dir()
    ]


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> BinaryIO:
    unchecked = copy(one)
    del unchecked.CRC  # otherwise zipfile does not return the last bytes of a damaged member
    try:
        return cast("BinaryIO", archive.open(unchecked))
    except (zipfile.BadZipFile, EOFError, struct.error) as problem:
        raise DamagedFile(f"{one.filename} is damaged: {problem}") from problem


def _refuse(name: str, members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what no export of Spotify's has, but an attack may."""
    problem = _problem_of_all(members)
    for one in members:
        _refuse_path(name, one.orig_filename)
        problem = problem or _problem(one)
    if problem:
        raise RefusedExport(f"{name}: {problem}; import the zip as Spotify sent it")


def _problem_of_all(members: Sequence[zipfile.ZipInfo]) -> str:
    if len(members) > MAX_MEMBERS:
        return f"more than {MAX_MEMBERS:,} files"
    if len({one.filename for one in members}) < len(members):
        return "two files of one name"
    if sum(one.file_size for one in members) > MAX_BYTES:
        return f"more than {MAX_BYTES // GIB} GiB in total"
    ends = 0
    for one in sorted(members, key=lambda one: one.header_offset):
        if one.header_offset < ends:
            return f"{one.filename!r} overlaps another file"
        ends = one.header_offset + SMALLEST_HEADER + one.compress_size
    return ""


def _problem(one: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(one.external_attr >> 16):
        return f"{one.filename!r} is a symbolic link"
    if one.flag_bits & ENCRYPTED:
        return f"{one.filename!r} is encrypted"
    if one.compress_type not in METHODS:
        return f"{one.filename!r} is compressed in an unknown way"
    if one.file_size > MAX_MEMBER_BYTES:
        return f"{one.filename!r} is larger than {MAX_MEMBER_BYTES // GIB} GiB"
    if one.file_size > max(RATIO_MATTERS_FROM, MAX_RATIO * one.compress_size):
        return f"{one.filename!r} grows to more than {MAX_RATIO} times its size"
    return ""


def _refuse_path(where: str, path: str) -> None:
    drive = path[1:2] == ":"
    if path.startswith("/") or "\\" in path or drive or ".." in path.split("/"):
        raise RefusedExport(
            f"{where}: {path!r} leads out of the export; import it as Spotify sent it"
        )


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()[:32]


def _digest_of(files: Sequence[ExportFile]) -> str:
    """Of names and contents, each with its length, so that other files have other digests."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        digest.update(f"{len(file.name.encode())}:{file.name}:{file.size}:".encode())
        with file.open() as content:
            while piece := content.read(CHUNK_BYTES):
                digest.update(piece)
    return digest.hexdigest()[:32]
