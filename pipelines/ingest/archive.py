"""Files with plays on a disk or in a lake: one zip, a folder, or single files.

Here, and only here, their bytes are opened; a zip is checked before anything is read out of it.
Which source a file is of is decided by what is in it, whatever its name: `listening/sources/` has
one module per source, which also says what the bytes mean.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Self, cast

from pipelines.errors import RefusedExport
from pipelines.listening.privacy_export.encodings import as_utf8, without_zeros
from pipelines.listening.privacy_export.filenames import parse_file_name
from pipelines.listening.privacy_export.parser import BOM, DamagedFile
from pipelines.listening.sources.registry import all_sources, source_named
from pipelines.listening.sources.source import HEAD_BYTES, Mentions, Source

__all__ = [
    "DamagedFile",
    "Export",
    "ExportFile",
    "RefusedExport",
    "apart",
    "chunks",
    "expected_files",
    "is_hidden",
    "open_export",
    "open_files",
    "open_paths",
    "opened_together",
]

READ_BY = b"2"
"""Raise it when more is read of the same bytes: they then have another id, and imports of before,
of which rows may be missing, do not stand for them."""

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

MAX_DEPTH = 3
"""How deep zips may lie in zips."""

SPOOL_BYTES = 32 * 2**20
"""What is unpacked lies in memory up to this size, then in a temporary file."""

COMPRESSED: tuple[tuple[bytes, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)
"""What a compressed file begins with, and what unpacks it."""

UNKNOWN_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd")
TAR, TAR_AT = b"ustar", 257

UNREADABLE = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
ENCRYPTED = 0x1
SMALLEST_HEADER = 30


def expected_files() -> str:
    """What a person may give instead of a file that is none of plays."""
    readable = [one for one in all_sources() if one.read]
    named = [one.files for one in readable if one.files]
    others = [one.title for one in readable if not one.files]
    also = f", or an export of {', '.join(others)}" if others else ""
    return f"expected {' or '.join(named)}{also}"


@dataclass(frozen=True)
class ExportFile:
    """One file of an export.

    Attributes:
        name: path inside the export.
        size: in bytes, uncompressed.
        open: opens it for reading; the caller closes it.
        crc: its checksum according to the zip; None outside of one.
        problem: why it cannot be looked into, in one line with its name; "" where it can.
        head: its first bytes, in UTF-8, once they were looked at.
        source: name of the source that it is of; "" where none is known.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    crc: int | None = None
    problem: str = ""
    head: bytes = field(default=b"", repr=False)
    source: str = ""


@dataclass(frozen=True)
class Export:
    """An open export.

    Attributes:
        id: 32 hexadecimal digits: the same bytes give the same id.
        files: those with plays, or that cannot be looked into, in order.
        left_aside: names of all others.
        beside: files without plays that describe those of others (`Source.beside`).
    """

    id: str
    files: tuple[ExportFile, ...]
    left_aside: tuple[str, ...]
    beside: tuple[ExportFile, ...] = ()


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """An export on this machine: a zip, a folder, or one file.

    Raises:
        RefusedExport: where there is none, or it is unsafe to read.
    """
    with _Unpacking() as unpacking:
        if path.is_dir():
            yield _of_files(str(path), _walk(path), unpacking)
        elif not path.is_file():
            raise RefusedExport(f"{path} does not exist: name a zip, a folder or a file")
        else:
            yield _of_one(_on_disk(path), unpacking)


def opened_together(paths: Sequence[Path]) -> list[list[Path]]:
    """Paths that a person gave at once: single files of one folder together, others alone.

    Args:
        paths: zips, folders and files.
    """
    groups: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(paths):
        alone = not path.is_file() or zipfile.is_zipfile(path)
        groups.setdefault(path if alone else path.parent, []).append(path)
    return list(groups.values())


@contextmanager
def open_paths(paths: Sequence[Path]) -> Iterator[tuple[Export, ...]]:
    """The exports in one group of `opened_together`.

    Raises:
        RefusedExport: where there is none, or it is unsafe to read.
    """
    if len(paths) == 1:
        with open_export(paths[0]) as export:
            yield (export,)
    else:
        with open_files([_on_disk(path) for path in paths]) as export:
            yield apart(export)


def readable_name(path: Path) -> str:
    """A path's name as text, whatever bytes it is made of.

    Args:
        path: of a file or a folder.
    """
    return os.fsencode(path.name).decode(errors="replace")


def _on_disk(path: Path) -> ExportFile:
    return ExportFile(readable_name(path), path.stat().st_size, partial(_opened, path))


@contextmanager
def open_files(files: Sequence[ExportFile]) -> Iterator[Export]:
    """An export in a lake: one zip, or other files under their relative paths.

    Raises:
        RefusedExport: where it holds no history, or is unsafe to read.
    """
    for one in files:
        _inner_name(one.name, one.name)
    with _Unpacking() as unpacking:
        if len(files) == 1:
            yield _of_one(files[0], unpacking)
        else:
            yield _of_files("the folder", files, unpacking)


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
        except UNREADABLE as problem:
            return b"".join(held), str(problem) or "it ends too early"
        if not held[-1]:
            return b"".join(held), "it ends too early"
        size -= len(held[-1])
    return b"".join(held), ""


class _Unpacking:
    """Zips and compressed files that are open, and how much may still be unpacked."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._left = MAX_BYTES

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def keep(self, body: BinaryIO) -> BinaryIO:
        """A file that stays open until all is read."""
        return self._open.enter_context(body)

    def zip(self, name: str, body: BinaryIO) -> list[ExportFile]:
        """The files in a zip."""
        members = _members(name, self._open.enter_context(_zip(name, body)))
        self._count(name, sum(member.size for member in members))
        return members

    def files(self, file: ExportFile, depth: int = 0) -> Iterator[ExportFile]:
        """The file itself, or what is packed in it; those in a zip are named as in a folder."""
        try:
            with file.open() as body:
                begin = body.read(TAR_AT + len(TAR))
                head = begin + _piece(body, HEAD_BYTES - len(begin))[0]
            unpack = next((how for magic, how in COMPRESSED if begin.startswith(magic)), None)
            is_packed = begin.startswith(UNKNOWN_ARCHIVES) or begin[TAR_AT:] == TAR
            if begin.startswith(b"PK\x03\x04"):
                yield from self._zipped(file, depth)
            elif unpack:
                yield from self.files(self._unpacked(file, unpack), depth + 1)
            else:
                how = f"{file.name} is packed: unpack it, and import what is in it"
                head = b"".join(as_utf8([head]))
                yield replace(file, problem=how) if is_packed else replace(file, head=head)
        except (RefusedExport, DamagedFile) as problem:
            yield replace(file, problem=str(problem))

    def _zipped(self, file: ExportFile, depth: int) -> Iterator[ExportFile]:
        if depth >= MAX_DEPTH:
            raise RefusedExport(f"{file.name} is packed too often: unpack it")
        body = self._kept(file.name, chunks(file), file.size)
        for member in self.zip(file.name, body):
            name = f"{file.name}/{member.name}"
            if not is_hidden(name):
                yield from self.files(replace(member, name=name), depth + 1)

    def _unpacked(self, file: ExportFile, unpack: Callable[[BinaryIO], Any]) -> ExportFile:
        problems: list[str] = []

        def pieces() -> Iterator[bytes]:
            with file.open() as packed, unpack(packed) as source:
                try:
                    while piece := source.read(READ_BYTES):
                        yield piece
                except UNREADABLE as problem:
                    problems.append(str(problem))

        largest = min(MAX_MEMBER_BYTES, max(RATIO_MATTERS_FROM, MAX_RATIO * file.size))
        body = self._kept(file.name, pieces(), largest)
        # Where it is damaged, it ends before the size that it should have.
        size = body.seek(0, io.SEEK_END) + len(problems)
        return ExportFile(file.name, size, partial(_view, body))

    def _kept(self, name: str, pieces: Iterable[bytes], largest: int) -> BinaryIO:
        body = self.keep(cast("BinaryIO", SpooledTemporaryFile(SPOOL_BYTES)))  # noqa: SIM115
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > largest:
                raise RefusedExport(f"{name} grows to more than {MAX_RATIO} times its size")
            self._count(name, len(piece))
            body.write(piece)
        return body

    def _count(self, name: str, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise RefusedExport(f"{name}: more than {MAX_BYTES // GIB} GiB in total: unpack it")


def _view(body: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", _View(body))


class _View(io.RawIOBase):
    """A file that stays open when its reader closes it."""

    def __init__(self, body: BinaryIO) -> None:
        self._body, self._at = body, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}
        end = self._body.seek(0, io.SEEK_END) if whence == io.SEEK_END else 0
        self._at = max(0, base.get(whence, end) + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._body.seek(self._at)
        piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _of_one(file: ExportFile, unpacking: _Unpacking) -> Export:
    """The export in one file, by its content: a zip or JSON, compressed or not."""
    name = file.name
    body = unpacking.keep(file.open())
    begin = body.read(CHUNK_BYTES)
    if not begin:
        raise RefusedExport(f"{name} is empty: download it again")
    if zipfile.is_zipfile(body):
        return _chosen(name, _digest(body), unpacking.zip(name, body), unpacking)
    if begin.startswith(b"PK"):
        raise RefusedExport(f"{name} is a zip that is cut off: download it again")
    only = replace(file, name=PurePosixPath(name).name)
    files = list(unpacking.files(only))
    if [one.name for one in files] != [only.name]:  # a zip that was compressed once more
        return _chosen(name, _digest_of([only]), [only], unpacking)
    if files[0].problem:
        raise RefusedExport(files[0].problem)
    [known] = _recognised(files)
    if not known.source:
        like_json = without_zeros(begin).removeprefix(BOM).lstrip()[:1] == b"["
        named_json = name.lower().endswith(".json") and not begin.startswith(b"%PDF")
        if not (like_json or named_json):
            raise RefusedExport(f"{name} holds no listening history: {expected_files()}")
        known = _of_unknown_source(known)
    return Export(_digest_of([known]), (known,), ())


def _of_files(where: str, files: Iterable[ExportFile], unpacking: _Unpacking) -> Export:
    chosen = _chosen(where, "", sorted(files, key=lambda file: file.name), unpacking)
    return replace(chosen, id=_digest_of([*chosen.files, *chosen.beside]))


def apart(export: Export) -> tuple[Export, ...]:
    """Single files that were opened together, as the exports that they are of.

    Those of a source that covers time are one export, since only together they show what they
    cover; of any other source, those of one folder are one, and each other file is its own.

    Args:
        export: opened from single files.
    """
    groups: dict[tuple[str, str], list[ExportFile]] = {}
    for file in export.files:
        if file.source:
            whole = source_named(file.source).covers
            part_of = "" if whole else file.name.split("/")[0]
            groups.setdefault((file.source, part_of), []).append(file)
    if len(groups) <= 1:
        return (export,)
    # Whatever else was beside them is told with those of which it is most likely a part.
    main = next((by for by in groups if not by[1]), next(iter(groups)))
    groups[main] += [file for file in export.files if not file.source]
    parts = []
    for by, files in groups.items():
        beside = [one for one in export.beside if source_named(by[0]).beside(one.name, one.head)]
        aside = export.left_aside if by == main else ()
        parts.append(Export(_digest_of([*files, *beside]), tuple(files), aside, tuple(beside)))
    return tuple(parts)


def _chosen(where: str, digest: str, files: Sequence[ExportFile], unpacking: _Unpacking) -> Export:
    """The files that a source recognises; if there are none, every JSON file."""
    opened = [one for file in files if not is_hidden(file.name) for one in unpacking.files(file)]
    visible = _recognised(opened)
    told = [file for file in visible if file.source or file.problem]
    named = {file.name: name for file in told if (name := parse_file_name(file.name))}
    history = sorted(
        (file for file in told if file.name in named), key=lambda file: named[file.name]
    )
    chosen = history + [file for file in told if file.name not in named]
    if all(file.problem for file in chosen):
        json = (file for file in visible if file.name.lower().endswith(".json"))
        chosen += [_of_unknown_source(file) for file in json if file not in chosen]
    if not chosen:
        raise RefusedExport(f"{where} holds no listening history: {expected_files()}")
    names = {file.name for file in chosen}
    others = [file for file in visible if file.name not in names]
    beside = [
        file
        for file in others
        if any(source.beside(file.name, file.head) for source in all_sources())
    ]
    hidden = [file.name for file in files if is_hidden(file.name)]
    aside = [file.name for file in others if file not in beside]
    return Export(digest, tuple(chosen), (*aside, *hidden), tuple(beside))


def _recognised(files: Iterable[ExportFile]) -> list[ExportFile]:
    """The files, with the source of each that one recognises."""
    readable = [source for source in all_sources() if source.read]
    return [
        file if file.problem else replace(file, source=_source_of(file, readable)) for file in files
    ]


def _source_of(file: ExportFile, readable: Sequence[Source]) -> str:
    for name in ("", file.name):  # what is inside comes first
        for source in readable:
            if source.recognise(name, file.head):
                return source.name
    if any(source.beside(file.name, file.head) for source in readable):
        return ""  # it is known, and its plays are told elsewhere
    for source in readable:
        if source.mentions and _mentions(file, source.mentions):
            return source.name
    return ""


def _of_unknown_source(file: ExportFile) -> ExportFile:
    """A file that nobody knows, for the source that can say what it lacks."""
    return replace(file, source=next(one.name for one in all_sources() if one.mentions))


def _mentions(file: ExportFile, tells_of_plays: Mentions) -> bool:
    """Whether a file mentions plays; of one that is damaged, nobody knows."""
    end = b""
    try:
        for piece in chunks(file):
            text = end + without_zeros(piece)
            if tells_of_plays(text):
                return True
            end = text[-MENTION_BYTES:]
    except DamagedFile:
        return True
    return False


def is_hidden(name: str) -> bool:
    """Whether a file is one of those that file managers hide, or of macOS's in a zip."""
    *folders, last = name.split("/")
    if any(part.startswith(".") or part == "__MACOSX" for part in folders):
        return True
    ours = (begin for source in all_sources() for begin in source.dotted)
    return last == "__MACOSX" or (last.startswith(".") and not last.startswith(tuple(ours)))


def _walk(folder: Path) -> Iterator[ExportFile]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if is_hidden(name):
            continue
        if path.is_symlink():
            raise RefusedExport(f"{path} is a symbolic link: put the file itself in its place")
        if path.is_file():
            legible = name.encode(errors="replace").decode().replace("\\", "/")
            yield ExportFile(legible, path.stat().st_size, partial(_opened, path))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


MENTION_BYTES = 64
"""Bytes from one piece that are looked at with the next one."""


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


def _members(where: str, archive: zipfile.ZipFile) -> list[ExportFile]:
    return [
        ExportFile(
            _inner_name(where, one.filename), one.file_size, partial(_member, archive, one), one.CRC
        )
        for one in archive.infolist()
        if not one.filename.endswith(("/", "\\"))
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
    problem = _problem_of_all(name, members)
    for one in members:
        _inner_name(name, one.orig_filename)
        problem = problem or _problem(one)
    if problem:
        raise RefusedExport(f"{name}: {problem}; import the zip as Spotify sent it")


def _problem_of_all(name: str, members: Sequence[zipfile.ZipInfo]) -> str:
    if len(members) > MAX_MEMBERS:
        return f"more than {MAX_MEMBERS:,} files"
    if len({_inner_name(name, one.filename) for one in members}) < len(members):
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


def _inner_name(where: str, path: str) -> str:
    """A path with slashes, whatever a zip was written on; it must not lead out of the zip."""
    parts = path.replace("\\", "/").split("/")
    drive = path[1:2] == ":"
    if (len(parts) > 1 and not parts[0]) or drive or ".." in parts:
        raise RefusedExport(
            f"{where}: {path!r} leads out of the export; import it as Spotify sent it"
        )
    return "/".join(part for part in parts if part not in {"", "."})


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256(READ_BY)
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()[:32]


def _digest_of(files: Sequence[ExportFile]) -> str:
    """Of names and contents, each with its length, so that other files have other digests."""
    digest = hashlib.sha256(READ_BY)
    for file in sorted(files, key=lambda file: file.name):
        if file.problem:
            digest.update(file.problem.encode())
            continue
        digest.update(f"{len(file.name.encode())}:{file.name}:{file.size}:".encode())
        with file.open() as content:
            while piece := content.read(CHUNK_BYTES):
                digest.update(piece)
    return digest.hexdigest()[:32]
