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

PIECE = 2**20
"""Bytes that are handed on at once."""

STEP = 32 * 2**10
"""Bytes that are read at once: where a stream breaks, so many before it are lost."""

GIB = 2**30
MOST_MEMBERS = 10_000
MOST_DIRECTORY = MOST_MEMBERS * 512
"""Bytes of a zip's list of members, which zipfile reads at once: six times as much in memory."""

DIRECTORY_SIZE = 5
"""Where zipfile puts that number among what it reads off a zip's end."""

MOST_BYTES_OF_A_MEMBER = 2 * GIB
MOST_BYTES = 4 * GIB
"""In all. Twenty years without a pause are 3.5 million plays, of 700 bytes each."""

MOST_RATIO = 200
"""JSON of plays shrinks to a fifteenth; what shrinks to less than this was made to do harm."""

RATIO_MATTERS_FROM = 10 * 2**20

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
ENCRYPTED = 0x1
SMALLEST_HEADER = 30

EXPECTED = (
    "expected Streaming_History_Audio_….json (extended streaming history) or "
    "StreamingHistory_music_….json (account data) as Spotify sends them"
)


@dataclass(frozen=True)
class ExportFile:
    """One JSON file of an export.

    Attributes:
        name: path inside the export.
        size: in bytes, uncompressed.
        open: gives its bytes; the caller closes what it returns.
        crc: their checksum as the zip tells it.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    crc: int | None = None


@dataclass(frozen=True)
class Export:
    """An export that is open.

    Attributes:
        id: 32 hexadecimal digits: the same bytes give the same id.
        files: those that hold history, in their order.
        left_aside: names of all others.
    """

    id: str
    files: tuple[ExportFile, ...]
    left_aside: tuple[str, ...]


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """An export on this machine: a zip, a folder, or one JSON file.

    Raises:
        RefusedExport: where there is none, or it is not to be trusted.
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
    """An export out of a lake: one zip, or JSON files under their relative paths.

    Raises:
        RefusedExport: where it holds no history, or is not to be trusted.
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
            piece, problem = _piece(source, min(PIECE, left))
            left -= len(piece)
            crc = zlib.crc32(piece, crc) if file.crc is not None else 0
            if piece:
                yield piece
    if not problem and file.crc not in {None, crc}:
        problem = "its checksum is another one"
    if problem:
        raise DamagedFile(f"{file.name} is damaged ({problem}): download the export again")


def _piece(source: BinaryIO, size: int) -> tuple[bytes, str]:
    """So many bytes; fewer, and the problem, where no more can be read."""
    held: list[bytes] = []
    while size:
        try:
            held.append(source.read(min(STEP, size)))
        except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as problem:
            return b"".join(held), str(problem) or "it ends too early"
        if not held[-1]:
            return b"".join(held), "it ends too early"
        size -= len(held[-1])
    return b"".join(held), ""


@contextmanager
def _of_one(name: str, file: BinaryIO, again: Callable[[], BinaryIO]) -> Iterator[Export]:
    """A file by its content: a zip, or taken for JSON."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    begin = file.read(PIECE).removeprefix(BOM).lstrip()
    if not size:
        raise RefusedExport(f"{name} is empty: download it again")
    if zipfile.is_zipfile(file):
        with _zip(name, file) as archive:
            yield _chosen(name, _digest(file), _members(archive))
        return
    if begin.startswith(b"PK"):
        raise RefusedExport(f"{name} is a zip that is cut off: download it again")
    if begin.startswith(b"%PDF") or not (begin[:1] == b"[" or name.lower().endswith(".json")):
        raise RefusedExport(f"{name} holds no listening history: {EXPECTED}")
    only = ExportFile(PurePosixPath(name).name, size, again)
    yield Export(_digest_of([only]), (only,), ())


def _of_files(where: str, files: Iterable[ExportFile]) -> Export:
    chosen = _chosen(where, "", sorted(files, key=lambda file: file.name))
    return Export(_digest_of(chosen.files), chosen.files, chosen.left_aside)


def _chosen(where: str, digest: str, files: Sequence[ExportFile]) -> Export:
    """Those whose name is one of a history file; if none is, every JSON file."""
    visible = [file for file in files if not _hidden(file.name)]
    named = [(name, file) for file in visible if (name := parse_file_name(file.name))]
    history = [file for _, file in sorted(named, key=lambda pair: pair[0])]
    taken = history or [file for file in visible if file.name.lower().endswith(".json")]
    if not taken:
        inner = next((file.name for file in visible if file.name.lower().endswith(".zip")), "")
        hint = f"import {inner}, which lies in it, by itself" if inner else EXPECTED
        raise RefusedExport(f"{where} holds no listening history: {hint}")
    names = {file.name for file in taken}
    return Export(digest, tuple(taken), tuple(f.name for f in files if f.name not in names))


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
    if _directory_size(file) > MOST_DIRECTORY:
        raise RefusedExport(
            f"{name}: more than {MOST_MEMBERS:,} files; take the zip as Spotify sent it"
        )
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as problem:
        raise RefusedExport(f"{name} is a damaged zip ({problem}): download it again") from problem
    with archive:
        _refuse(name, archive.infolist())
        yield archive


def _directory_size(file: BinaryIO) -> int:
    """Bytes of a zip's list of members; 0 where it has none, which zipfile will say better."""
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
    del unchecked.CRC  # else zipfile keeps the last bytes of a damaged member to itself
    try:
        return cast("BinaryIO", archive.open(unchecked))
    except (zipfile.BadZipFile, EOFError, struct.error) as problem:
        raise DamagedFile(f"{one.filename} is damaged: {problem}") from problem


def _refuse(name: str, members: Sequence[zipfile.ZipInfo]) -> None:
    """Look for what no export of Spotify's has, and a zip that was made to do harm does."""
    problem = _problem_of_all(members)
    for one in members:
        _refuse_path(name, one.orig_filename)
        problem = problem or _problem(one)
    if problem:
        raise RefusedExport(f"{name}: {problem}; take the zip as Spotify sent it")


def _problem_of_all(members: Sequence[zipfile.ZipInfo]) -> str:
    if len(members) > MOST_MEMBERS:
        return f"more than {MOST_MEMBERS:,} files"
    if len({one.filename for one in members}) < len(members):
        return "two files of one name"
    if sum(one.file_size for one in members) > MOST_BYTES:
        return f"more than {MOST_BYTES // GIB} GiB in all"
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
    if one.file_size > MOST_BYTES_OF_A_MEMBER:
        return f"{one.filename!r} is larger than {MOST_BYTES_OF_A_MEMBER // GIB} GiB"
    if one.file_size > max(RATIO_MATTERS_FROM, MOST_RATIO * one.compress_size):
        return f"{one.filename!r} grows to more than {MOST_RATIO} times its size"
    return ""


def _refuse_path(where: str, path: str) -> None:
    drive = path[1:2] == ":"
    if path.startswith("/") or "\\" in path or drive or ".." in path.split("/"):
        raise RefusedExport(
            f"{where}: {path!r} leads out of the export; take it as Spotify sent it"
        )


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()[:32]


def _digest_of(files: Sequence[ExportFile]) -> str:
    """Of names and contents, each with its length, so that no two sets of files give one text."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        digest.update(f"{len(file.name.encode())}:{file.name}:{file.size}:".encode())
        with file.open() as content:
            while piece := content.read(PIECE):
                digest.update(piece)
    return digest.hexdigest()[:32]
