"""A listener's life with its truth: what was played, what polls show of it, what exports tell.

Everything that makes sources disagree about a play is made here, from one seed: times, lengths,
ids, names, delays. Add a habit or an oddity of Spotify's here; what follows from it, and how it
is expected to end in the ledger, belongs in tests.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api.responses import Response
from pipelines.listening.ledger.export_union import ImportedExport, with_ordinals
from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from tests.support.export_files import parts_of, refused_of
from tests.support.export_files import play as extended_row
from tests.support.spotify_answers import LIMIT, iso, isrc_of, page, respond

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

OFF = 2500
"""How far an export's time is from the truth at most, milliseconds."""

STARTS = (
    datetime(2026, 4, 29, 20, tzinfo=UTC),  # over the edge of a month
    datetime(2025, 12, 30, 21, tzinfo=UTC),  # and of a year
    datetime(2026, 3, 28, 19, tzinfo=UTC),  # a night that lacks an hour in Berlin
    datetime(2025, 10, 25, 19, tzinfo=UTC),  # one that has an hour twice
    datetime(2024, 2, 28, 20, tzinfo=UTC),  # a leap day
)

ODDITIES = frozenset(
    {"start", "offline", "relinked", "renamed", "restamped", "pause", "loop", "double", "beside"}
)
"""What can be left out of a life, to see which of them a failure needs."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Song:
    """Something to be played, as polls name it, and as exports do."""

    key: str
    length: int
    kind: str = "track"
    name: str = ""
    artist: str = ""
    album_artist: str = ""
    export_key: str = ""
    export_name: str = ""
    export_artist: str = ""

    @property
    def item(self) -> Json:
        """As a poll describes it."""
        local = self.kind == "local"
        uri = f"spotify:{self.kind}:{self.key}"
        common: Json = {
            "id": None if local else self.key,
            "uri": f"spotify:local:{self.artist}:::{self.length // SECOND}" if local else uri,
            "name": self.name,
            "type": "episode" if self.kind == "episode" else "track",
            "is_local": local,
            "duration_ms": self.length,
        }
        if self.kind == "episode":
            return common | {"show": {"name": self.artist}}
        return common | {
            "external_ids": {} if local else {"isrc": isrc_of(self.key)},
            "album": {"name": f"Album {self.key}", "artists": [{"name": self.album_artist}]},
            "artists": [{"name": self.artist}],
        }

    @property
    def extended(self) -> Json:
        """As an extended export names it."""
        nothing: Json = {
            "spotify_track_uri": None,
            "master_metadata_track_name": None,
            "master_metadata_album_artist_name": None,
            "master_metadata_album_album_name": None,
        }
        if self.kind == "episode":
            return nothing | {
                "spotify_episode_uri": f"spotify:episode:{self.export_key}",
                "episode_name": self.export_name,
                "episode_show_name": self.export_artist,
            }
        uri = None if self.kind == "local" else f"spotify:track:{self.export_key}"
        return {
            "spotify_track_uri": uri,
            "master_metadata_track_name": self.export_name,
            "master_metadata_album_artist_name": self.export_artist,
            "master_metadata_album_album_name": f"Album {self.export_key}",
        }


@dataclass(frozen=True)
class Fact:
    """A play as it was. Times are milliseconds since 1970.

    Attributes:
        began: when it began; a pause makes it last longer than it played.
        end: when it ended.
        ms_played: milliseconds heard.
        song: what was played.
        whole: it reached its end, so polls show it.
        known_at: since when Spotify knows of it.
        shown: the time by which polls tell it: its end, or its beginning.
        told: the time by which exports tell it, whole seconds.
    """

    began: int
    end: int
    ms_played: int
    song: Song
    whole: bool
    known_at: int
    shown: int
    told: int


@dataclass(frozen=True)
class Export:
    """A privacy export: its files by name, and which plays it tells."""

    kind: str
    files: dict[str, bytes]
    facts: tuple[Fact, ...]


def moment(at: int) -> datetime:
    """An instant, from milliseconds."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)


def millis(at: datetime) -> int:
    return round(at.timestamp() * SECOND)


def songs(chance: random.Random, without: frozenset[str] = frozenset()) -> list[Song]:
    """A library: mostly ordinary songs, and one of every oddity."""
    found = [_song(number, chance.randrange(120 * SECOND, 300 * SECOND)) for number in range(14)]
    odd: dict[int, Json] = {
        0: {"length": 31_000},  # a noise to sleep by
        1: {"album_artist": "Various", "export_artist": "Various"},
        2: {"album_artist": "Various", "export_artist": "Various"},
        6: {"kind": "local"},
        7: {"kind": "episode", "length": 20 * MINUTE},
        8: {"length": found[2].length},
        9: {"length": 3 * SECOND},
    }
    if "relinked" not in without:
        odd[0] |= {"export_key": "other-0"} if chance.random() < 0.5 else {}
        odd[3] = {"export_key": "other-3"}
        odd[4] = {"export_key": "other-4", "export_name": "SONG t04!"}
    if "renamed" not in without:
        odd[5] = {"export_key": "new-5", "export_name": "Anew", "export_artist": "Nobody"}
    return [replace(one, **odd.get(number, {})) for number, one in enumerate(found)]


def _song(number: int, length: int) -> Song:
    key, artist = f"t{number:02}", f"Artist {number % 5}"
    return Song(key, length, "track", f"Song {key}", artist, artist, key, f"Song {key}", artist)


def life(seed: int, *, days: float = 1.5, without: frozenset[str] = frozenset()) -> list[Fact]:
    """Plays in the order in which they ended, never two at once."""
    chance = random.Random(seed)
    library = songs(chance, without)
    now = millis(chance.choice(STARTS)) + chance.randrange(SECOND)
    end = now + int(days * 24 * HOUR)
    facts: list[Fact] = []
    while now < end:
        starts = "start" not in without and chance.random() < 0.25
        away = chance.randrange(HOUR, 9 * HOUR) if chance.random() < 0.15 else 0
        known = now + away if "offline" not in without else 0
        for song, how in _sitting(chance, library, without):
            # What no rule can decide: renamed, told by its beginning, and then paused.
            beginning = starts and not (how == "pause" and song == library[5])
            one = _fact(chance, now, song, how, starts=beginning)
            known = max(known, one.end)
            facts.append(replace(one, known_at=known))
            now = one.end + chance.choice((0, 0, 0, 350, 20 * SECOND))
        now += chance.randrange(2 * MINUTE, 5 * HOUR)
    return facts


def _sitting(
    chance: random.Random, library: Sequence[Song], without: frozenset[str]
) -> Iterator[tuple[Song, str]]:
    kind = chance.choice(("album", "album", "loop", "skipping"))
    if kind == "loop" and "loop" not in without:
        song = chance.choice((library[0], library[0], chance.choice(library)))
        for _ in range(chance.randrange(2, 70 if song.length < MINUTE else 8)):
            yield song, "whole"
        return
    for _ in range(chance.randrange(1, 16)):
        song = chance.choice(library)
        yield song, _how(chance, kind, without)
        if chance.random() < 0.1 and "double" not in without:
            yield song, "whole"


def _how(chance: random.Random, kind: str, without: frozenset[str]) -> str:
    if kind == "skipping" and chance.random() < 0.5:
        return chance.choice(("skip", "skip", "blink", "late skip"))
    if chance.random() < 0.08 and "pause" not in without:
        return "pause"
    return "whole"


def _fact(chance: random.Random, began: int, song: Song, how: str, *, starts: bool) -> Fact:
    heard = {
        "skip": chance.randrange(2 * SECOND, max(3 * SECOND, song.length)),
        "blink": chance.randrange(1, 900),
        "late skip": max(1, song.length - 1500),
    }.get(how, song.length)
    end = began + heard + (chance.randrange(30 * SECOND) if how == "pause" else 0)
    told = round((end + chance.randrange(-1500, 1500)) / SECOND) * SECOND
    whole = heard == song.length
    return Fact(began, end, heard, song, whole, end, began if starts else end, told)


def poll(facts: Sequence[Fact], at: int) -> tuple[Response, list[Fact]]:
    """What Spotify answers at a moment, and the plays that stand in it."""
    known = sorted(
        (one for one in facts if one.whole and one.known_at <= at), key=lambda one: one.shown
    )
    seen = known[-LIMIT:][::-1]
    items = [{"track": one.song.item, "played_at": iso(moment(one.shown))} for one in seen]
    more = "https://x/?before=1" if len(known) > LIMIT else None
    return respond(page(items, next=more), moment(at)), seen


def polls(
    facts: Sequence[Fact], chance: random.Random, *, until: int | None = None
) -> list[tuple[Response, list[Fact]]]:
    """Answers at random times, sometimes none for hours."""
    now = facts[0].began + chance.choice((0, 8 * HOUR))
    end = until or facts[-1].end + 2 * HOUR
    found = []
    while now < end:
        now += chance.choice((15 * MINUTE, 15 * MINUTE, HOUR, 7 * HOUR)) + chance.randrange(MINUTE)
        found.append(poll(facts, now))
    return found


def extended(
    facts: Sequence[Fact],
    at: int,
    chance: random.Random,
    *,
    since: int = 0,
    files: int = 2,
    restamped: float = 0,
) -> Export:
    """An extended export made at a moment.

    Args:
        facts: the life.
        at: no play that Spotify did not know of by then is told.
        chance: decides what is stamped anew.
        since: no play before it is told.
        files: how many there are.
        restamped: the share of rows that stand up to 2 s from where another export has them.
    """
    told = [one for one in facts if one.known_at <= at and one.told <= at and one.told >= since]
    rows = []
    for one in told:
        anew = one.told + chance.choice((-2, -1, 1, 2)) * SECOND
        # Both exports are near the truth.
        at = anew if chance.random() < restamped and abs(anew - one.end) <= OFF else one.told
        rows.append((at, _extended(one, at)))
    rows.sort(key=lambda row: row[0])
    cut = max(1, -(-len(rows) // files))
    parts = [rows[first : first + cut] for first in range(0, len(rows), cut)]
    named = {
        f"Streaming_History_Audio_2026_{number}.json": [row for _, row in part]
        for number, part in enumerate(parts)
    }
    return Export("extended", written(named), tuple(told))


def written(files: Mapping[str, object]) -> dict[str, bytes]:
    """Files of an export, from the rows that each of them holds."""
    return {name: json.dumps(rows).encode() for name, rows in files.items()}


def _extended(one: Fact, at: int) -> Json:
    return extended_row(
        ts=f"{moment(at):%Y-%m-%dT%H:%M:%SZ}",
        ms_played=one.ms_played,
        reason_end="trackdone" if one.whole else "fwdbtn",
        skipped=not one.whole,
        offline=one.known_at > one.end,
        **one.song.extended,
    )


def account(facts: Sequence[Fact], at: int, *, rounded: bool = False) -> Export:
    """Account data made at a moment: minutes, names, milliseconds."""
    told = [one for one in facts if one.known_at <= at and one.end <= at]
    rows = [
        {
            "endTime": f"{moment(one.end + (30 * SECOND if rounded else 0)):%Y-%m-%d %H:%M}",
            "artistName": one.song.export_artist,
            "trackName": one.song.export_name,
            "msPlayed": one.ms_played,
        }
        for one in told
    ]
    rows.sort(key=lambda row: str(row["endTime"]))
    return Export("account", written({"StreamingHistory0.json": rows}), tuple(told))


def imported(files: Mapping[str, bytes], at: datetime, name: str) -> ImportedExport:
    """What an import of these files at a moment gives, without a lake."""
    spans = []
    rows = []
    for file, content in files.items():
        parts = parts_of(content, file)
        assert not refused_of(parts)
        rows += [part.rows for part in parts]
        ends = pc.min_max(pa.concat_tables(part.rows for part in parts)["played_at"])
        spans.append(FileInterval(file, ends["min"].as_py(), ends["max"].as_py()))
    table = with_ordinals(pa.concat_tables(rows))
    when = pa.repeat(pa.scalar(at, UTC_MS), len(table))
    table = table.append_column("imported_at", when).select(HISTORY.schema.names)
    return ImportedExport(name, at, covered_intervals(spans), table.cast(HISTORY.schema))
