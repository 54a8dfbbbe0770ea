"""Plays: each one, the latest first, with the context it was heard in and why that is thought so.

A search goes back month by month until a page is full, so that only months that are shown are
read, and of those that are searched only the columns that are asked about. Where one goes on is an
instant in the address rather than a number of a page: a link shows the same when there are more
plays.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from pyarrow import csv

from pipelines.dashboard.address_widgets import asked, search_box, select_box
from pipelines.dashboard.choices import Choices, period_words
from pipelines.dashboard.frame import opened
from pipelines.dashboard.item_pages import item_link
from pipelines.dashboard.items import ARTISTS, SONGS, Kind
from pipelines.dashboard.links import Link, open_link
from pipelines.dashboard.listing import Cell, Column, Listing, show_listing
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.searching import folded_texts, holding, words_of
from pipelines.dashboard.words import UNTITLED, counted, joined, percent
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.csv_json import select_sql
from pipelines.listening.schema.sql import query
from pipelines.listening.sources.registry import all_sources
from pipelines.listening.time.months import Month

PER_PAGE = 50
MOST_IN_CSV = 100_000
ANY = ""
LENGTHS = ("", "short", "every")
"""Plays of 30 seconds or more; shorter ones; all of them."""

_TEXTS = ("track_name", "artist_name", "album_name", "played_from_name")
_FLAGS = ("counts", "mine")
_SHOWN = (
    *("play_id", "played_at", "local_time", "kind", "track_name", "album_name", "artist_name"),
    *("ms_played", "ms_played_source", "counts", "skipped", "played_from_type", "played_from_name"),
    *("source", "recording_id", "artist_key", "session_id", "context", "context_confidence"),
    *("context_evidence", "context_given", "mine"),
)
_IN_CSV = (
    *("played_at", "local_time", "kind", "track_name", "artist_name", "album_name", "track_uri"),
    *("isrc", "duration_ms", "ms_played", "ms_played_source", "counts", "skipped", "platform"),
    *("played_from_type", "played_from_uri", "played_from_name", "source", "context"),
    *("context_confidence", "context_evidence", "context_given", "mine", "play_id"),
)

Row = dict[str, Any]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wanted:
    """Which plays are asked for.

    Attributes:
        search: words that the names of song, artist, album or playlist hold.
        context: one of `CONTEXTS`; empty for any.
        source: the name of a source that tells of them; empty for any.
        origin: what they were played from, such as `playlist`; empty for anything.
        artist: the key of an artist; empty for any.
        song: the key of a song; empty for any.
        length: one of `LENGTHS`.
        before: only plays before this one: when it ended, in milliseconds since 1970, and its id.
    """

    search: str = ""
    context: str = ANY
    source: str = ANY
    origin: str = ANY
    artist: str = ANY
    song: str = ANY
    length: str = LENGTHS[0]
    before: tuple[int, str] | None = None


@dataclass(frozen=True)
class Found:
    """One page of plays.

    Attributes:
        rows: the latest first.
        is_all: whether there are no earlier ones.
        months: how many months were searched.
    """

    rows: Sequence[Row]
    is_all: bool
    months: int

    @property
    def next_before(self) -> str:
        """Where the next page goes on, as the address says it."""
        last = self.rows[-1]
        return f"{_milliseconds(last['played_at'])}.{last['play_id']}"


def load(reading: Reading, choices: Choices, wanted: Wanted, most: int = PER_PAGE) -> Found:
    """The latest plays that are asked for.

    Args:
        reading: the listener's tables.
        choices: scope and period.
        wanted: which plays.
        most: how many, at most.
    """
    rows: list[Row] = []
    searched = 0
    for month in _months(reading, choices, wanted):
        searched += 1
        places = _matching(reading, month, choices, wanted)
        if not len(places):
            continue
        room = most - len(rows)
        rows += _shown(reading, month, places[:room]).to_pylist()
        if len(places) > room:
            return Found(rows, is_all=False, months=searched)
    return Found(rows, is_all=True, months=searched)


def _shown(reading: Reading, month: Month, places: Places) -> pa.Table:
    """Some plays of a month; of a rare song's months only these are worth being kept."""
    which = sha256(places.tobytes()).hexdigest()
    return reading.made_of_plays(f"shown {which}", month, _SHOWN, _taken(places))


def _taken(places: Places) -> Callable[[pa.Table], pa.Table]:
    def take(plays: pa.Table) -> pa.Table:
        return LABELLED_PLAYS.with_columns(_SHOWN).validate(plays.take(pa.array(places)))

    return take


def as_csv(reading: Reading, choices: Choices, wanted: Wanted) -> bytes:
    """All plays that are asked for, up to `MOST_IN_CSV`, as a file for other programs.

    Args:
        reading: the listener's tables.
        choices: scope and period.
        wanted: which plays; where a page goes on makes no difference.
    """
    everything = Wanted(**{**vars(wanted), "before": None})
    table = LABELLED_PLAYS.with_columns(_IN_CSV)
    written = io.BytesIO()
    options = csv.WriteOptions(include_header=True)
    parts = [table.empty(), *_plays_for_csv(reading, choices, everything)]
    text = query(select_sql(table.fields, "csv"), rows=pa.concat_tables(parts))
    csv.write_csv(text, written, options)
    return written.getvalue()


def _plays_for_csv(reading: Reading, choices: Choices, wanted: Wanted) -> Iterator[pa.Table]:
    room = MOST_IN_CSV
    for month in _months(reading, choices, wanted):
        places = _matching(reading, month, choices, wanted)[:room]
        if len(places):
            yield reading.plays([month], _IN_CSV).take(pa.array(places))
        room -= len(places)
        if not room:
            return


def _months(reading: Reading, choices: Choices, wanted: Wanted) -> list[Month]:
    """Months that can have such plays, the latest first."""
    months = choices.months(list(reading.play_months))
    if wanted.before:
        # The calendar of the listener may be a day ahead of the instant.
        last = Month.of((_instant(wanted.before[0]) + timedelta(days=1)).date())
        months = [month for month in months if month <= last]
    for kind, key in ((SONGS, wanted.song), (ARTISTS, wanted.artist)):
        if key and wanted.length == LENGTHS[0] and reading.has(kind.table):
            heard = _heard_months(kind, reading, choices, key)
            months = [month for month in months if month in heard]
    return months[::-1]


def _heard_months(kind: Kind, reading: Reading, choices: Choices, key: str) -> set[Month]:
    where = {"scope": choices.scope, kind.key: key}
    rows = reading.table(kind.table, ["by_month"], where).to_pylist()
    return {Month.of(one["month"]) for row in rows for one in row["by_month"]}


def _matching(reading: Reading, month: Month, choices: Choices, wanted: Wanted) -> Places:
    """Where in a month's plays those are that are asked for, the latest first."""
    words = words_of(wanted.search)
    asked_about = (*_FLAGS, *_TEXTS) if words else _FLAGS
    plays = reading.made_of_plays("searched", month, asked_about, _searched)
    matches = pa.array(np.ones(len(plays), bool))
    if choices.scope == "mine":
        matches = pc.and_(matches, _flat(plays["mine"]))
    if wanted.length != "every":
        long = _flat(plays["counts"])
        matches = pc.and_(matches, pc.invert(long) if wanted.length == "short" else long)
    if words:
        matches = pc.and_(
            matches, holding(words, *(plays[name] for name in _TEXTS), are_folded=True)
        )
    for column, value in (
        ("context", wanted.context),
        ("played_from_type", wanted.origin),
        ("artist_key", wanted.artist),
        ("recording_id", wanted.song),
    ):
        if value:
            values = reading.made_of_plays("as it is", month, (column,), _as_it_is)[column]
            matches = pc.and_(matches, pc.fill_null(_flat(pc.equal(values, value)), False))
    if wanted.source:
        sums = reading.made_of_plays("as it is", month, ("source",), _as_it_is)["source"]
        named = pa.array(
            [one for one in pc.unique(sums).to_pylist() if wanted.source in one.split("+")],
            pa.string(),
        )
        matches = pc.and_(matches, _flat(pc.is_in(sums.cast(pa.string()), named)))
    if wanted.before:
        at, last_id = wanted.before
        told = reading.made_of_plays("as it is", month, ("played_at", "play_id"), _as_it_is)
        ended = told["played_at"].cast(pa.int64())
        same = pc.and_(pc.equal(ended, at), pc.less(told["play_id"].cast(pa.string()), last_id))
        matches = pc.and_(matches, _flat(pc.or_(pc.less(ended, at), same)))
    return np.flatnonzero(matches.to_numpy(zero_copy_only=False))[::-1]


def _as_it_is(plays: pa.Table) -> pa.Table:
    return plays


def _searched(plays: pa.Table) -> pa.Table:
    """Names ready to be searched: each different one is folded once."""
    columns = {name: _folded(_flat(plays[name])) for name in plays.column_names if name in _TEXTS}
    return pa.table({**{name: plays[name] for name in _FLAGS}, **columns})


def _folded(names: pa.DictionaryArray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(names.indices, folded_texts(names.dictionary))


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def before_of(text: str) -> tuple[int, str] | None:
    """Where a page goes on, from an address; None where that does not say it.

    Args:
        text: as `Found.next_before` makes it.
    """
    moment, dot, play = text.partition(".")
    if not dot or not moment.isdecimal() or not moment.isascii() or len(moment) > 13:  # noqa: PLR2004 up to 2286
        return None
    return int(moment), play


def evidence_of(row: Row) -> str:
    """Why a play is thought to be of its context, in words."""
    given = {
        "session": "You said so of its session.",
        "rule": "A rule of yours says so.",
    }.get(row["context_given"] or "")
    told = [f"{one[:1].upper()}{one[1:].rstrip('.')}." for one in row["context_evidence"]]
    return " ".join([*([given] if given else []), *told])


def source_words(source: str) -> str:
    """Who tells of a play, as people call it."""
    titles = {one.name: one.title for one in all_sources()} | _SHORT
    return " and ".join(titles.get(one, one) for one in source.split("+"))


_SHORT = {"api": "polls", "export": "extended streaming history", "account": "account data"}
"""What there is a shorter word for."""


def listing_of(found: Found, choices: Choices) -> Listing:
    """A page of plays as it is shown."""
    columns = [
        Column("When"),
        Column("What", wide=True),
        Column("Context, and why", wide=True),
        Column("Known from", on_phones=False),
    ]
    return Listing("Plays, the latest first", columns, [_row(row, choices) for row in found.rows])


def _row(row: Row, choices: Choices) -> list[Cell]:
    is_music = row["kind"] not in {"episode", "audiobook"}
    moment: datetime = row["local_time"]
    counts = row["counts"] and is_music
    whose = row["artist_name"] if is_music else row["album_name"]
    return [
        Cell(f"{moment.day} {moment:%b %Y}", note=f"{moment:%a %H:%M}"),
        Cell(
            row["track_name"] or UNTITLED,
            item_link(SONGS, row["recording_id"] if counts else None, choices),
            note=whose or "",
            note_link=item_link(ARTISTS, row["artist_key"] if counts else None, choices),
        ),
        Cell(
            f"{row['context']}, {percent(row['context_confidence'])} sure",
            Link("contexts", choices.to_address(session=row["session_id"])),
            note=evidence_of(row),
        ),
        Cell(source_words(row["source"]), note=_heard(row)),
    ]


def _heard(row: Row) -> str:
    length = ""
    if row["ms_played"] is not None:
        minutes, seconds = divmod(row["ms_played"] // 1000, 60)
        length = f"{minutes}:{seconds:02d} min heard"
    origin = row["played_from_name"] or row["played_from_type"]
    return joined([length, "skipped" if row["skipped"] else "", f"from {origin}" if origin else ""])


def _wanted(origins: Sequence[str], sources: Sequence[str]) -> Wanted:
    return Wanted(
        asked("search"),
        asked("context", (ANY, *CONTEXTS)),
        asked("source", sources),
        asked("from", origins),
        asked("artist"),
        asked("song"),
        asked("length", LENGTHS),
        before_of(asked("before")),
    )


def _origins(reading: Reading) -> list[str]:
    kinds = reading.table("played_from_by_month", ["played_from_type"])["played_from_type"]
    return [ANY, *sorted(one for one in pc.unique(kinds).to_pylist() if one)]


def _show_filters(origins: Sequence[str], sources: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search_box("Search", "A song, an artist, an album, a playlist")
        select_box(
            "context", "Context", (ANY, *CONTEXTS), lambda one: one.capitalize() or "Any", 150
        )
        select_box("source", "Known from", sources, _source_option, 170)
        if len(origins) > 1:
            select_box("from", "Played from", origins, lambda one: one.capitalize() or "Any", 150)
        select_box("length", "Length", LENGTHS, _LENGTH_WORDS.__getitem__, 200)


def _source_option(source: str) -> str:
    words = source_words(source) if source else "anything"
    return words[:1].upper() + words[1:]


_LENGTH_WORDS = {"": "30 seconds or more", "short": "Shorter", "every": "Any"}


def _show_item_filters(choices: Choices, reading: Reading, wanted: Wanted) -> None:
    for kind, key in ((ARTISTS, wanted.artist), (SONGS, wanted.song)):
        if not key:
            continue
        rows = reading.table(kind.table, [kind.name], {"scope": "all", kind.key: key}).to_pylist()
        name = rows[0][kind.name] if rows else key
        listing = Listing(
            f"Only one {kind.one}",
            [Column(f"Only this {kind.one}", wide=True)],
            [[Cell(name or UNTITLED, item_link(kind, key, choices))]],
        )
        show_listing(listing, key=f"only-{kind.one}")
        open_link("Plays of everything", Link("plays", choices.to_address()), "close")


def show() -> None:
    """The page."""
    page = opened()
    reading, choices = page.reading, page.choices
    origins = _origins(reading)
    sources = (ANY, *(one.name for one in all_sources()))
    _show_filters(origins, sources)
    wanted = _wanted(origins, sources)
    _show_item_filters(choices, reading, wanted)
    found = load(reading, choices, wanted)
    kept = {
        name: value
        for name, value in st.query_params.to_dict().items()
        if name not in {*choices.to_address(), "before"}
    }
    if not found.rows:
        st.text(
            "There is no such play"
            + (f" in {period_words(choices.period)}." if choices.year else ".")
        )
    else:
        st.caption(
            joined(
                [
                    f"{counted(len(found.rows), 'play')}"
                    + ("" if found.is_all else ", and earlier ones"),
                    "the latest first" if not wanted.before else "further back",
                    "everyday without a reason: nothing speaks for another context",
                ]
            )
        )
        show_listing(listing_of(found, choices), key="plays")
    with st.container(horizontal=True):
        if wanted.before:
            open_link("Latest plays", Link("plays", choices.to_address(**kept)), "first_page")
        if not found.is_all:
            address = choices.to_address(**kept, before=found.next_before)
            open_link("Earlier plays", Link("plays", address), "arrow_forward")
        if found.rows:
            st.download_button(
                "Download as CSV",
                lambda: as_csv(reading, choices, wanted),
                file_name=f"plays-{choices.listener}-{choices.period}.csv",
                mime="text/csv",
                on_click="ignore",
                help=f"What is asked for on all pages, the latest {MOST_IN_CSV:,} plays of it.",
            )


if __name__ == "__main__":
    show()
