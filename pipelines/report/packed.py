"""Packs tables as compact JSON for the page: ten years in less than a megabyte.

Add a column or a table to `SELECTIONS` when a chart needs it; computing it belongs elsewhere. The
other side, which unpacks, is `js/data/unpack.js`, and `js/data/tables.d.ts` has the types of the
columns. The format:

    {"strings": ["focus", "Nina Simone", …],
     "tables": {"listening_by_day": {"all": {"rows": 365, "columns": {"plays": COLUMN, …}},
                                     "mine": …},
                "gaps": {"": …}}}

A table without scopes is under "". A COLUMN is `{"as": HOW, "of": NUMBERS}`; HOW is

    number    as it is; with "by": 1000, a thousand times what it is
    bool      0 or 1
    string    its index in "strings", where the most frequent come first
    date      days since 1970
    instant   minutes since 1970
    list      how many entries each row has; "each" holds the entries' columns by name

and NUMBERS is the shortest of: the numbers as text; `{"runs": TEXT}`, each value and its number of
repetitions; `{"steps": NUMBERS}`, the first number and the difference of each other one from the
last that was not null. In a text a number is written in base 32, lowest digit first, with the sign
as the last bit. The first 32 of `_SIGNS` are digits that are followed by others, the last 32 are
the last digits of a number. A dot is null.
"""

import json
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.listening.schema.table import Table
from pipelines.report.playlists import shown_playlists

Json = dict[str, Any]
RowFilter = Callable[[pa.Table], pa.Table]


def _all_rows(rows: pa.Table) -> pa.Table:
    return rows


def _up_to(rank: int) -> RowFilter:
    """Keep rows up to a rank."""
    return lambda rows: rows.filter(pc.field("rank") <= rank)


MAIN_GENRES, FIRST_GENRES = 7, 10
"""How many genres the page draws over all months, and how many of one month it lists."""


def _first_or_main_genres(rows: pa.Table) -> pa.Table:
    """Keep the first genres of each month, and those of most plays in every month that has them."""
    plays = rows.group_by("genre").aggregate([("plays", "sum")])
    most = plays.sort_by([("plays_sum", "descending"), ("genre", "ascending")])
    main = pa.array(most["genre"].slice(0, MAIN_GENRES).to_pylist(), pa.string())
    return rows.filter((pc.field("rank") <= FIRST_GENRES) | pc.field("genre").isin(main))


def _most_minutes(limit: int) -> RowFilter:
    """Keep a limited number of places per month, those with the most minutes, and what has none."""

    def thinned(rows: pa.Table) -> pa.Table:
        ordered = rows.sort_by([("month", "ascending"), ("minutes", "descending")])
        months = groupby(ordered["month"].to_pylist())
        order = chain.from_iterable(range(len(list(same))) for _, same in months)
        first = pa.array([n < limit for n in order], pa.bool_())
        return ordered.filter(pc.or_(first, pc.is_null(ordered["played_from_type"])))

    return thinned


def _long_stays(rows: pa.Table) -> pa.Table:
    """Keep stays of a week or more, and current ones."""
    return rows.filter((pc.field("days") >= 7) | pc.field("left_on").is_null())  # noqa: PLR2004


WORLD_SONGS = 200
"""Of how many songs, those played most, everyone's plays are shown."""


def _most_played_of_the_world(rows: pa.Table) -> pa.Table:
    """Keep the most played recordings of which everyone's plays are known too."""
    known = rows.filter(pc.field("lastfm_global_plays") > 0)
    by = [("local_plays", "descending"), ("lastfm_global_plays", "ascending")]
    return known.sort_by(by).slice(0, WORLD_SONGS)


@dataclass(frozen=True)
class Selection:
    """The part of a table that the page contains.

    Attributes:
        columns: names of columns, separated by spaces.
        filter_rows: drops rows of a scope that no chart shows.
        filter_columns: what it asks of them besides, separated by spaces; no page carries these.
    """

    columns: str
    filter_rows: RowFilter = _all_rows
    filter_columns: str = ""


SELECTIONS: Mapping[str, Selection] = {
    "stories": Selection("place story sentence at_least"),
    "listening_by_hour": Selection("weekday hour plays minutes share at_least"),
    "listening_by_day": Selection("day plays minutes streak at_least known"),
    "listening_by_month": Selection(
        "month plays minutes spoken_minutes unknown_lengths short_plays skips skip_share "
        "tracks artists sessions days_heard known_days whole minutes_per_day coverage at_least"
    ),
    "top_artists_by_month": Selection(
        "month rank artist_name artist_id plays rank_before move away_months at_least",
        _up_to(30),
    ),
    "top_tracks_by_month": Selection(
        "month rank track_name artist_name plays minutes rank_before move away_months at_least",
        _up_to(10),
    ),
    "listening_by_year": Selection(
        "year plays minutes unknown_lengths tracks artists new_artists new_tracks days_heard "
        "known_days longest_streak streak_from streak_to busiest_day busiest_day_minutes coverage "
        "at_least"
    ),
    "top_artists_by_year": Selection(
        "year rank artist_name artist_id plays minutes rank_before move away_years at_least",
        _up_to(25),
    ),
    "top_tracks_by_year": Selection(
        "year rank track_name artist_name plays minutes rank_before move away_years at_least",
        _up_to(25),
    ),
    "phases": Selection("rank starts_on ends_on kind name title share usual_share plays at_least"),
    "discovery_by_month": Selection(
        "month plays artists tracks artist_diversity effective_artists evenness repeat_rate "
        "new_artists new_tracks new_artist_share new_release_ratio loyalty history_starts_on "
        "at_least"
    ),
    "popularity_by_month": Selection(
        "month plays known_share mainstream_score hits_share distribution at_least"
    ),
    "favourite_tracks": Selection(
        "track_name artist_name plays popularity danceability energy speechiness acousticness "
        "instrumentalness liveness valence at_least"
    ),
    "play_counts": Selection(
        "track_name artist_name local_plays lastfm_user_plays lastfm_global_plays "
        "lastfm_global_listeners lastfm_as_of lastfm_corrected spotify_global_plays agreement "
        "at_least",
        _most_played_of_the_world,
    ),
    "release_years_by_month": Selection(
        "month plays known_share avg_release_year oldest newest decades at_least"
    ),
    "content_by_month": Selection(
        "month plays explicit_share explicit_known_share album_plays single_plays "
        "compilation_plays album_known_share avg_length_minutes lengths at_least"
    ),
    "taste_overlap": Selection(
        "month kind told_by short_entries long_entries in_both overlap at_least"
    ),
    "genres_by_month": Selection(
        "month rank genre plays share known_share at_least", _first_or_main_genres
    ),
    "audio_profile_by_month": Selection(
        "month plays known_share danceability energy speechiness acousticness instrumentalness "
        "liveness valence tempo mood_score acoustic_share instrumental_share at_least"
    ),
    "contexts_by_month": Selection(
        "month context plays minutes share sessions avg_confidence at_least"
    ),
    "heavy_rotation": Selection(
        "track_name artist_name entered_on left_on state peak_rank plays at_least",
        _long_stays,
        "days",
    ),
    "obsessions": Selection(
        "track_name artist_name starts_on ends_on plays share plays_ever plays_after "
        "abandoned loop at_least"
    ),
    "forgotten_favourites": Selection(
        "rank track_name artist_name plays plays_ever last_played_on days_since in_all at_least"
    ),
    "played_from_by_month": Selection(
        "month played_from_type played_from_name plays minutes share at_least", _most_minutes(10)
    ),
    "sessions": Selection("local_date minutes context mine"),
    "gaps": Selection("gap_start gap_end closed_at"),
    "playlist_summary": Selection(
        "rank playlist_id name owned state items read_on minutes episodes local_files gone "
        "song_items songs heaviest songs_for_half weights same_id same_isrc probable overplayed "
        "as_weighted underplayed too_few never_played changes"
    ),
    "playlist_weights": Selection(
        "playlist_id rank track_name artist_name occurrences plays plays_since plays_share "
        "expected_plays verdict at_least"
    ),
    "playlist_duplicates": Selection(
        "playlist_id group_id position match track_name artist_name reason kept_first_added "
        "kept_last_added kept_best kept_reason"
    ),
    "playlist_overlap": Selection(
        "playlist_a playlist_b in_both only_in_a only_in_b jaccard containment_a containment_b"
    ),
    "playlist_dna": Selection(
        "playlist_id aspect rank value values items items_share items_mean items_coverage songs "
        "songs_share songs_coverage"
    ),
    "playlist_history": Selection(
        "playlist_id read_on track_name artist_name change before after exchanged"
    ),
}
"""What the page contains, by the name of the table."""

_DECIMALS = dict.fromkeys(
    ["minutes", "spoken_minutes", "minutes_per_day", "busiest_day_minutes"], 1
)
_DECIMALS |= {"mainstream_score": 1, "avg_release_year": 1, "tempo": 0}
_DECIMALS |= {"avg_length_minutes": 2, "effective_artists": 1, "expected_plays": 1}
_DECIMALS["plays_share"] = 5
_SHARES = 3
"""Decimals of columns without an entry above: shares and means from 0 to 1."""

_ANY = pc.CountOptions(mode="all")
"""Someone without an id is another than who has one."""

_BASE = 32
_SIGNS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_NULL = "."
_MORE_DIGITS = _BASE ** np.arange(1, 13)
"""From which numbers on another digit is needed; 2^63 has 13."""


def columns_of(table: Table) -> list[str]:
    """The columns of a table that have to be read: a table of playlists may have millions of rows.

    Args:
        table: one of `SELECTIONS`.
    """
    selection = SELECTIONS[table.name]
    scope = {"scope"} & set(table.schema.names)
    return [*scope, *selection.columns.split(), *selection.filter_columns.split()]


def pack_tables(tables: Mapping[str, pa.Table], playlist: str | None = None) -> Json:
    """Pack what the report shows.

    Args:
        tables: by name; those not in `SELECTIONS` are left out, and any of these may be missing.
        playlist: the id of one that is carried whatever its rank.
    """
    return pack({**with_needed_ids(tables), **shown_playlists(tables, playlist)}, SELECTIONS)


def with_needed_ids(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables, with an artist's id only where two artists have one name.

    Everywhere else the name tells artists apart, and ids are what nothing can make shorter.

    Args:
        tables: by name; any may lack the columns `artist_name` and `artist_id`.
    """
    named = {
        name: rows
        for name, rows in tables.items()
        if {"artist_name", "artist_id"} <= {*rows.column_names}
    }
    if not named:
        return dict(tables)
    pairs = pa.concat_tables([one.select(["artist_name", "artist_id"]) for one in named.values()])
    folded = pairs.set_column(0, "artist_name", pc.utf8_lower(pairs["artist_name"]))
    ids = folded.group_by("artist_name").aggregate([("artist_id", "count_distinct", _ANY)])
    shared = ids.filter(pc.field("artist_id_count_distinct") > 1)["artist_name"].combine_chunks()
    return {
        name: rows
        if name not in named
        else rows.set_column(
            rows.schema.get_field_index("artist_id"),
            rows.schema.field("artist_id"),
            pc.if_else(
                pc.is_in(pc.utf8_lower(rows["artist_name"]), shared), rows["artist_id"], None
            ),
        )
        for name, rows in tables.items()
    }


def pack(tables: Mapping[str, pa.Table], selections: Mapping[str, Selection]) -> Json:
    """Pack tables as plain lists and dicts.

    Args:
        tables: by name; any may be missing.
        selections: by the name of a table, what a page contains of it; of others it has nothing.
    """
    kept = {
        name: dict(_scopes(tables[name], wanted))
        for name, wanted in selections.items()
        if name in tables
    }
    used = Counter(
        chain.from_iterable(
            _strings(column.combine_chunks())
            for scopes in kept.values()
            for rows in scopes.values()
            for column in rows.columns
        )
    )
    indices = {text: index for index, (text, _) in enumerate(used.most_common())}
    packed = {
        name: {scope: _table(rows, indices) for scope, rows in scopes.items()}
        for name, scopes in kept.items()
    }
    return {"strings": list(indices), "tables": packed}


def _scopes(rows: pa.Table, wanted: Selection) -> Iterator[tuple[str, pa.Table]]:
    columns = wanted.columns.split()
    if "scope" not in rows.column_names:
        yield "", wanted.filter_rows(rows).select(columns)
        return
    for scope in ("all", "mine"):
        yield scope, wanted.filter_rows(rows.filter(pc.field("scope") == scope)).select(columns)


def _strings(values: pa.Array) -> Iterable[str]:
    if pa.types.is_list(values.type):
        return chain.from_iterable(map(_strings, values.flatten().flatten()))
    return values.drop_null().to_pylist() if pa.types.is_string(values.type) else []


def _table(rows: pa.Table, indices: Mapping[str, int]) -> Json:
    named = zip(rows.column_names, rows.columns, strict=True)
    columns = {name: _column(name, values.combine_chunks(), indices) for name, values in named}
    return {"rows": len(rows), "columns": columns}


def _column(name: str, values: pa.Array, indices: Mapping[str, int]) -> Json:
    if pa.types.is_list(values.type):
        entries = values.flatten()
        names = [one.name for one in values.type.value_type]
        each = {one: _column(one, entries.field(one), indices) for one in names}
        lengths = pc.list_value_length(values)
        return {"as": "list", "of": _shortest(lengths), "each": each}
    if pa.types.is_floating(values.type):
        by = 10 ** _DECIMALS.get(name, _SHARES)
        return {"as": "number", "by": by, "of": _shortest(_whole(pc.multiply(values, float(by))))}
    if pa.types.is_string(values.type):
        numbers = [None if text is None else indices[text] for text in values.to_pylist()]
        return {"as": "string", "of": _shortest(pa.array(numbers, pa.int64()))}
    how, whole = _whole_numbers(values)
    return {"as": how, "of": _shortest(whole)}


def _whole_numbers(values: pa.Array) -> tuple[str, pa.Array]:
    """How the page reads the values, and the values as integers."""
    if pa.types.is_date(values.type):
        return "date", values.cast(pa.int32())
    if pa.types.is_timestamp(values.type):
        since_1970 = values.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
        return "instant", pc.divide(since_1970, 60_000)
    if pa.types.is_boolean(values.type):
        return "bool", values.cast(pa.int8())
    return "number", values


def _whole(values: pa.Array) -> pa.Array:
    # NaN and infinity become null: one such value must not break the report.
    known = pc.if_else(pc.is_finite(values), values, None)
    return pc.round(known).cast(pa.int64())


def _shortest(numbers: pa.Array) -> Json | str:
    plain = Numbers.of(numbers)
    steps = plain.steps()
    ways: list[tuple[Numbers, Callable[[str], Json | str]]] = [
        (plain, lambda text: text),
        (plain.runs(), lambda text: {"runs": text}),
        (steps, lambda text: {"steps": text}),
        (steps.runs(), lambda text: {"steps": {"runs": text}}),
    ]
    shortest, packed = min(ways, key=lambda way: way[0].length() + len(json.dumps(way[1](""))))
    return packed(shortest.text())


@dataclass(frozen=True)
class Numbers:
    """Whole numbers, of which some are unknown.

    Attributes:
        values: 0 where a number is unknown.
        known: which are known.
    """

    values: NDArray[np.int64]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, numbers: pa.Array) -> "Numbers":
        """Those of a column."""
        filled = pc.fill_null(numbers.cast(pa.int64()), 0)
        return cls(
            filled.to_numpy(zero_copy_only=False),
            pc.is_valid(numbers).to_numpy(zero_copy_only=False),
        )

    def runs(self) -> "Numbers":
        """Each number that differs from the one before, and how often it stands there."""
        differs = (self.values[1:] != self.values[:-1]) | (self.known[1:] != self.known[:-1])
        starts = np.flatnonzero(np.concatenate([np.ones(min(len(self.values), 1), bool), differs]))
        counts = np.diff(starts, append=len(self.values))
        return Numbers(
            np.column_stack([self.values[starts], counts]).ravel(),
            np.column_stack([self.known[starts], np.ones(len(starts), bool)]).ravel(),
        )

    def steps(self) -> "Numbers":
        """The first number, and the difference of each other one from the last that was known."""
        steps = np.zeros_like(self.values)
        steps[self.known] = np.diff(self.values[self.known], prepend=0)
        return Numbers(steps, self.known)

    def length(self) -> int:
        """How long the text is."""
        digits = np.searchsorted(_MORE_DIGITS, self._coded(), side="right") + 1
        return int(np.where(self.known, digits, len(_NULL)).sum())

    def text(self) -> str:
        """What a page carries."""
        coded = self._coded().tolist()
        known = self.known.tolist()
        return "".join(
            _written(one) if is_known else _NULL for one, is_known in zip(coded, known, strict=True)
        )

    def _coded(self) -> NDArray[np.int64]:
        return np.abs(self.values) * 2 + (self.values < 0)


@lru_cache(1 << 16)
def _written(coded: int) -> str:
    signs = ""
    while coded >= _BASE:
        signs += _SIGNS[coded % _BASE]
        coded //= _BASE
    return signs + _SIGNS[_BASE + coded]
