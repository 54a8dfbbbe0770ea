"""What has been written of a plan, as its journal tells: entries in order, and what follows.

A journal says before each request what is about to be sent, and after it what came of that, so
that whoever reads it knows what is certain and what has to be looked at. Nothing is decided from
anything else. Add an entry here when writing has another kind of step; where entries are kept is
`library/journal.py`, and what is sent is `library/writing.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any

import msgspec

from pipelines.listening.playlists.plan import Part, Plan

MOST_SHOWN = 5
"""How many differences between a playlist and its plan are shown."""


class LeftOut(msgspec.Struct, frozen=True):
    """A song that Spotify does not take, whatever it is sent with.

    Attributes:
        position: in the part of the plan, counted from 0.
        uri: of the song.
        reason: what Spotify answered.
    """

    position: int
    uri: str
    reason: str


class Creating(msgspec.Struct, frozen=True, tag="creating"):
    """A playlist is about to be made; `Created` says that it was."""

    part: int
    at: datetime
    writer: str


class Created(msgspec.Struct, frozen=True, tag="created"):
    """A playlist was made, and this is its id."""

    part: int
    playlist_id: str
    at: datetime


class Sending(msgspec.Struct, frozen=True, tag="sending"):
    """A batch is about to be sent: the songs from `start` to before `stop`, but those left out.

    Attributes:
        part: of the plan, counted from 0.
        start: where the playlist ended before it.
        stop: where it ends after it.
        without: songs in between that Spotify did not take; that is certain once it takes this
            batch.
        at: when.
        writer: which process and machine sends it.
    """

    part: int
    start: int
    stop: int
    without: tuple[LeftOut, ...]
    at: datetime
    writer: str


class Applied(msgspec.Struct, frozen=True, tag="applied"):
    """The playlist now has everything up to before `stop`, but what is left out."""

    part: int
    stop: int
    without: tuple[LeftOut, ...]
    at: datetime


class NotApplied(msgspec.Struct, frozen=True, tag="not_applied"):
    """What was sent last did nothing, and why."""

    part: int
    reason: str
    at: datetime


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """The first `items` items of the playlist were read, and are those of the plan."""

    part: int
    items: int
    at: datetime


class ReadBack(msgspec.Struct, frozen=True, tag="read_back"):
    """The whole playlist was read when everything had been written.

    Attributes:
        part: of the plan, counted from 0.
        items: how many it has.
        differences: in words; none where it is as planned.
        public: what Spotify says of it.
        at: when.
    """

    part: int
    items: int
    differences: tuple[str, ...]
    public: bool | None
    at: datetime


Entry = Creating | Created | Sending | Applied | NotApplied | Looked | ReadBack


@dataclass(frozen=True)
class PartWritten:
    """How far the writing of one part is.

    Attributes:
        part: what is to be written.
        playlist_id: where; None until that is known.
        creating: a playlist may have been made, but its id is not known.
        stop: the songs before it are in the playlist, but those left out.
        sending: a batch of which the outcome is not known.
        left_out: songs that Spotify does not take.
        looked_at: how many items of the playlist are known to be those of the plan.
        read_back: of the last time that all of it was read.
        applied_at: when something was written to it last.
    """

    part: Part
    playlist_id: str | None = None
    creating: Creating | None = None
    stop: int = 0
    sending: Sending | None = None
    left_out: tuple[LeftOut, ...] = ()
    looked_at: int = 0
    read_back: ReadBack | None = None
    applied_at: datetime | None = None

    def after(self, entry: Entry) -> "PartWritten":
        """The same after one more entry."""
        known: dict[str, Any]
        match entry:
            case Creating():
                known = {"creating": entry}
            case Created():
                known = {"creating": None, "playlist_id": entry.playlist_id}
            case Sending():
                known = {"sending": entry}
            case Applied():
                left_out = self.left_out + entry.without
                known = {"sending": None, "stop": entry.stop, "left_out": left_out}
                known["applied_at"] = entry.at
            case NotApplied():
                known = {"sending": None, "creating": None}
            case Looked():
                known = {"looked_at": entry.items}
            case ReadBack():
                known = {"read_back": entry}
        return replace(self, **known)

    @property
    def address(self) -> str:
        """Where a person finds the playlist."""
        return f"https://open.spotify.com/playlist/{self.playlist_id}" if self.playlist_id else ""

    @property
    def written(self) -> bool:
        """Whether all of it is in the playlist."""
        return self.playlist_id is not None and self.stop >= len(self.part.uris)

    @property
    def done(self) -> bool:
        """Whether it was read back, and was as planned."""
        return self.read_back is not None and not self.read_back.differences

    @property
    def expected(self) -> Sequence[str]:
        """The items that the playlist should have now."""
        return self._without(self.stop, self.left_out)

    @property
    def in_the_end(self) -> Sequence[str]:
        """The items that it should have when everything is written."""
        return self._without(len(self.part.uris), self.left_out)

    def batch(self, sending: Sending) -> dict[int, str]:
        """The songs of a batch, by their position in the part."""
        left = {one.position for one in sending.without}
        places = range(sending.start, sending.stop)
        return {place: self.part.uris[place] for place in places if place not in left}

    def _without(self, stop: int, left_out: Iterable[LeftOut]) -> Sequence[str]:
        left = {one.position for one in left_out}
        return [uri for place, uri in enumerate(self.part.uris[:stop]) if place not in left]


@dataclass
class Written:
    """How far the writing of a plan is.

    Attributes:
        plan: the plan.
        parts: of each part, in order.
    """

    plan: Plan
    parts: list[PartWritten] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan, entries: Iterable[Entry]) -> "Written":
        """What the entries of its journal, in order, tell of a plan."""
        written = cls(plan, [PartWritten(part) for part in plan.parts])
        for entry in entries:
            written.add(entry)
        return written

    def add(self, entry: Entry) -> None:
        """Take one more entry into account."""
        self.parts[entry.part] = self.parts[entry.part].after(entry)

    @property
    def begun(self) -> bool:
        """Whether anything was sent."""
        return any(part.playlist_id or part.creating for part in self.parts)

    @property
    def done(self) -> bool:
        """Whether all of it is written, and was as planned when it was read back."""
        return all(part.done for part in self.parts)

    @property
    def items_written(self) -> int:
        """How many songs are dealt with: in the playlists, or left out."""
        return sum(part.stop for part in self.parts)


def differences(found: Sequence[str], expected: Sequence[str]) -> tuple[str, ...]:
    """In which way a playlist is not as planned, in words; none where it is.

    Args:
        found: uris of its items in order; an empty text for an item that Spotify shows as empty.
        expected: those of the plan.
    """
    if list(found) == list(expected):
        return ()
    told = []
    if len(found) != len(expected):
        told.append(f"it has {len(found):,} items instead of {len(expected):,}")
    odd = [
        (place, is_, should)
        for place, (is_, should) in enumerate(zip_longest(found, expected), 1)
        if is_ != should
    ]
    told += [
        f"item {place:,} is {_item(is_)} instead of {_item(should)}"
        for place, is_, should in odd[:MOST_SHOWN]
    ]
    if len(odd) > MOST_SHOWN:
        told.append(f"{len(odd) - MOST_SHOWN:,} more items differ")
    return tuple(told)


def _item(uri: str | None) -> str:
    if uri is None:
        return "nothing"
    return uri or "an empty item"


def begins_like(found: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether what was found is the beginning of what is expected, or all of it.

    An item that Spotify shows as empty may be any: what it was is gone since it was added.
    """
    return len(found) <= len(expected) and all(
        not is_ or is_ == should for is_, should in zip(found, expected, strict=False)
    )
