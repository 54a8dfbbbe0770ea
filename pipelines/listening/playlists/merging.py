"""From playlists to a plan: all their items as one list, each song once, or as often as it stands.

What is a duplicate, and which one of several is kept, is decided by the insight
`playlist_duplicates` alone, over all items that can be added, as if they were one playlist. Add
here what follows from the items of several playlists; where a plan is cut is `parts.py`.

What becomes of an item, in this order, so that no song is lost to a copy that cannot be added:

1. What cannot be added, and songs heard mostly in contexts that are to be left out, go to `left`.
2. Of the rest, duplicates are dropped but for one of each song. With `keep_weights` none is
   dropped: a song stands as often as in all sources together, as if they were shuffled as one, each
   time under the id that it has there.
3. What is left is put in order, and cut into parts.

So the items of the sources are those of the plan, the dropped ones and those in `left`: of the
figures, `before` is `items` + `dropped` + `left.total`. The figures of such a plan:

- `before`: entries of all sources; `items`: what is to be written; `unique`: different songs in it;
  `dropped`: duplicates that are not written.
- `left`: `total`; `reasons`, how many of each of `items_to_write.REASONS`; `anyway`, how many of
  them are in the plan as another item of the same recording.
- `not_looked_at`: items of which nobody looked whether they can be played.
- `duplicates`: for `same_id`, `same_isrc` and `probable` how many `items` are dropped, or would be
  if weights were not kept, of how many `songs`, with `examples`; `apart`: what is probably the same
  and counts as different.
- `overlap`: for each pair of sources, `a` and `b`, how many songs are `only_a`, `only_b` and in
  `both`, with `jaccard`, `a_in_b` (the share of a that is in b too) and `b_in_a`.
- `weights`: `highest`, `mean`, `heavier_than_1` (songs that stand there more than once) and `top`,
  each with its `share` of all that can be added, and how often it stands in each source.
- `requests`, as `cost_of` gives them; `preview`, the first items of each part; `notes`, sentences.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan
from pipelines.listening.arrays import Ints
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.playlists.items_to_write import WHY, counted, left_out, title_of
from pipelines.listening.playlists.parts import (
    Pace,
    Planned,
    cost_of,
    parts_of,
    preview_of,
)
from pipelines.listening.playlists.plan import (
    Options,
    Order,
    SourceState,
    new_plan,
    uris_to_write,
)
from pipelines.listening.playlists.recordings import with_recordings
from pipelines.listening.schema.sql import query

AS_ONE = "all_sources"
"""Stands for the id of the playlist that the sources are together."""

KINDS = ("same_id", "same_isrc", "probable")
"""How surely items are the same song; the last counts only where it is asked for."""

EXAMPLES = 5
TOP = 10


def merge(
    listener: str,
    options: Options,
    sources: Sequence[SourceState],
    entries: Mapping[str, pa.Table],
    tracks: pa.Table,
    *,
    heard: pa.Table,
    duplicates_of: Callable[[pa.Table], pa.Table],
    made_at: datetime,
    pace: Pace,
    notes: Sequence[str] = (),
) -> Planned:
    """A plan for one playlist of several, or of one.

    Args:
        listener: whose.
        options: what was asked for.
        sources: the playlists, as a person named them.
        entries: their `playlist_entries` rows, by their ids, in order of position.
        tracks: `unique_tracks` rows.
        heard: what `heard_in` gives for the contexts that are to be left out; no rows where none
            are.
        duplicates_of: the insight `playlist_duplicates` of the entries of one playlist, which have
            what `with_recordings` adds.
        made_at: now.
        pace: of this machine.
        notes: what else a person should know of the sources, in sentences.

    Raises:
        RefusedPlan: where nothing is left, or too much for one playlist that is not to be split.
    """
    sources = _in_order(sources, options.order)
    whole = query(_SEEN_ANYWHERE, whole=_as_one_playlist(entries, sources))
    known = with_recordings(whole, tracks)
    asked = pa.table({"unplayable": [options.unplayable]})
    items = query(_ITEMS, known=known, heard=heard, asked=asked)
    left = left_out(items, options.without)
    can_be = pc.is_null(items["why"])
    added = items.filter(can_be)
    if not len(added):
        raise RefusedPlan(
            f"none of the {len(items):,} items of {_names(sources)} can be added to a playlist"
            + (f": {left[0].reason}" if left else "")
        )
    duplicates = duplicates_of(known.filter(can_be))
    rows = _with_songs(added, duplicates, options)
    stays = rows if options.keep_weights else rows.filter(rows["kept"])
    ordered = _ordered(stays, options.order)
    ordered, made = parts_of(options, ordered, ordered["song"].to_numpy())
    dropped = _dropped(rows, options)
    figures = {
        "before": len(items),
        "unique": len(rows.filter(rows["kept"])),
        "items": len(ordered),
        "dropped": 0 if options.keep_weights else len(dropped),
        "left": {
            "total": len(left),
            "reasons": counted(items["why"].drop_null().to_pylist()),
            "anyway": _anyway(items),
        },
        "not_looked_at": pc.sum(pc.equal(added["state"], "unknown")).as_py(),
        "duplicates": _by_kind(dropped) | {"apart": _probable_apart(rows, duplicates, options)},
        "overlap": _overlap(rows, sources),
        "weights": _weights(rows, sources),
        "requests": cost_of([len(part.uris) for part in made], len(sources), pace),
        "preview": preview_of(ordered),
        "notes": list(notes),
    }
    plan = new_plan(
        listener, options, made, sources=sources, left=left, figures=figures, made_at=made_at
    )
    return Planned(plan, ordered, dropped.slice(0, 0) if options.keep_weights else dropped)


def _in_order(sources: Sequence[SourceState], order: Order) -> tuple[SourceState, ...]:
    """The sources as they are put one after another: as they were named where that is to be seen.

    In every other order the new playlist is the same, whichever was named first.
    """
    if order == "as_is":
        return tuple(sources)
    return tuple(sorted(sources, key=lambda source: source.playlist_id))


def _as_added(entries: pa.Table) -> pa.Table:
    """Entries with the uri and the id of what was added, where Spotify shows another track.

    So the rules for duplicates see what is to be written, and no uri is written twice.

    Args:
        entries: `playlist_entries` rows.
    """
    uris = uris_to_write(entries)
    relinked = entries["relinked_from"].is_valid()
    id_of = pc.struct_field(pc.extract_regex(uris, r"^spotify:track:(?P<id>.+)$"), "id")
    added = {"track_uri": uris, "track_id": pc.if_else(relinked, id_of, entries["track_id"])}
    for name, column in added.items():
        entries = entries.set_column(entries.column_names.index(name), name, column)
    return entries


def _as_one_playlist(entries: Mapping[str, pa.Table], sources: Sequence[SourceState]) -> pa.Table:
    """The entries of all sources, one after another, as those of one playlist.

    Args:
        entries: `playlist_entries` rows by the id of their playlist, in order.
        sources: as `_in_order` gives them.

    Returns:
        These in order, with the position that they have in the whole, and as `source` (from 0),
        `source_id` and `source_position` where they are from.
    """
    tables = [_as_added(entries[source.playlist_id]) for source in sources]
    rows = pa.concat_tables(tables)
    source = np.repeat(np.arange(len(tables), dtype=np.int32), [len(table) for table in tables])
    own = {"source_id": rows["playlist_id"], "source_position": rows["position"]}
    whole = {
        "playlist_id": pa.repeat(AS_ONE, len(rows)),
        "position": pa.array(np.arange(1, len(rows) + 1, dtype=np.int32)),
    }
    for name, column in {"source": pa.array(source), **own}.items():
        rows = rows.append_column(name, column)
    for name, column in whole.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _anyway(items: pa.Table) -> int:
    """How many items cannot be added of which the same recording can, from another item."""
    out = items.filter(pc.is_valid(items["why"]))["recording_id"].drop_null()
    added = items.filter(pc.is_null(items["why"]))["recording_id"]
    return pc.sum(pc.is_in(out, value_set=added.combine_chunks())).as_py() or 0


def _names(sources: Sequence[SourceState]) -> str:
    return ", ".join(repr(source.name or source.playlist_id) for source in sources)


def _with_songs(added: pa.Table, duplicates: pa.Table, options: Options) -> pa.Table:
    """Items with the number of their song, whether they are the one that is kept, and why not."""
    lines = added["line"].to_numpy()
    counts = pc.equal(duplicates["match"], "probable")
    used = duplicates if options.probable else duplicates.filter(pc.invert(counts))
    at = np.searchsorted(lines, used["position"].to_numpy())
    groups = used["group_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    # Groups by name are numbered for themselves.
    by_name = pc.equal(used["match"], "probable").to_numpy(zero_copy_only=False)
    groups = groups.astype(np.int64) * 2 + by_name
    songs = _joined(len(lines), at, groups)
    kept = np.ones(len(lines), bool)
    kept[at[~used[f"kept_{options.keep}"].to_numpy(zero_copy_only=False)]] = False
    # Of every song one, whatever the policies say of groups that overlap.
    order = np.lexsort((np.arange(len(songs)), ~kept, songs))
    first = order[np.r_[True, np.diff(songs[order]) != 0]]
    kept = np.zeros(len(lines), bool)
    kept[first] = True
    told = used.select(["position", "match", "reason", "kept_reason"])
    surely = _joined(len(lines), at[~by_name], groups[~by_name])
    numbers = {"song": songs, "kept": kept, "recording": surely}
    rows = added
    for name, numbers_ in numbers.items():
        rows = rows.append_column(name, pa.array(numbers_))
    artists = normal_names(pc.coalesce(rows["artist_name"], rows["album_name"]))
    rows = rows.append_column("sorted_artist", artists)
    rows = rows.append_column("sorted_title", normal_names(rows["track_name"]))
    return query(_WITH_REASONS, rows=rows, told=told)


def _joined(count: int, at: Ints, groups: Ints) -> Ints:
    """Numbers of songs: items that share a group, or are joined by groups, have one; the smallest.

    Args:
        count: how many items.
        at: rows of items that are in groups.
        groups: the group of each of these, from 0.
    """
    songs = np.arange(count, dtype=np.int64)
    while len(at):
        least = np.full(groups.max() + 1, count, np.int64)
        np.minimum.at(least, groups, songs[at])
        joined = songs.copy()
        np.minimum.at(joined, at, least[groups])
        if (joined == songs).all():
            break
        songs = joined
    return songs


def _ordered(rows: pa.Table, order: Order) -> pa.Table:
    """Items in the order that was asked for."""
    return query(f"FROM rows ORDER BY {_ORDERS[order]}", rows=rows)


def _dropped(rows: pa.Table, options: Options) -> pa.Table:
    """The items of which another one of the same song is kept, with that one."""
    policy = pa.table({"policy": [_WHY_KEPT.format(options.keep)]})
    return query(_DROPPED, rows=rows, policy=policy)


def _by_kind(dropped: pa.Table) -> dict[str, Any]:
    """For each kind how many duplicates there are, of how many songs, and some of them."""
    found = {}
    for kind in KINDS:
        rows = dropped.filter(pc.equal(dropped["match"], kind))
        songs = pc.count_distinct(rows["song"]).as_py()
        found[kind] = {"items": len(rows), "songs": songs, "examples": _examples(rows)}
    return found


def _examples(rows: pa.Table) -> list[dict[str, Any]]:
    """A few of them, each of another song."""
    first = np.unique(rows["song"].to_numpy(), return_index=True)[1][:EXAMPLES]
    return [
        {
            "dropped": title_of(row["artist_name"], row["track_name"], row["uri"]),
            "kept": title_of(row["kept_artist_name"], row["kept_track_name"], row["kept_uri"]),
            "reason": row["reason"],
            "kept_reason": row["kept_reason"],
        }
        for row in rows.take(first).to_pylist()
    ]


def _probable_apart(rows: pa.Table, duplicates: pa.Table, options: Options) -> dict[str, Any]:
    """What would be dropped besides, if what is probably the same counted as the same."""
    if options.probable:
        return {"items": 0, "songs": 0, "examples": []}
    told = duplicates.filter(pc.equal(duplicates["match"], "probable"))
    policy = pa.table({"policy": [_WHY_KEPT.format(options.keep)]})
    apart = query(_APART.format(keep=options.keep), rows=rows, told=told, policy=policy)
    songs = pc.count_distinct(apart["song"]).as_py()
    return {"items": len(apart), "songs": songs, "examples": _examples(apart)}


def _overlap(rows: pa.Table, sources: Sequence[SourceState]) -> list[dict[str, Any]]:
    """For each pair of sources how many songs are in one, in the other, and in both."""
    found = query(_OVERLAP, rows=rows, sources=pa.table({"source": range(len(sources))}))
    return [
        {
            "a": sources[row["a"]].playlist_id,
            "b": sources[row["b"]].playlist_id,
            **{name: row[name] for name in ("only_a", "only_b", "both")},
            "jaccard": _share(row["both"], row["only_a"] + row["only_b"] + row["both"]),
            "a_in_b": _share(row["both"], row["only_a"] + row["both"]),
            "b_in_a": _share(row["both"], row["only_b"] + row["both"]),
        }
        for row in found.to_pylist()
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _weights(rows: pa.Table, sources: Sequence[SourceState]) -> dict[str, Any]:
    """How often songs stand in the sources: the most, the mean, and the songs that do so most."""
    kept = rows.filter(rows["kept"])
    top = query(_TOP, rows=rows, most=pa.table({"most": [TOP]}))
    ids = [source.playlist_id for source in sources]
    by_song: dict[int, dict[str, Any]] = {}
    for row in top.to_pylist():
        one = by_song.setdefault(
            row["song"],
            {
                "title": title_of(row["artist_name"], row["track_name"], row["uri"]),
                "weight": row["weight"],
                "share": round(row["weight"] / len(rows), 6),
                "by_source": dict.fromkeys(ids, 0),
            },
        )
        one["by_source"][ids[row["source"]]] = row["times"]
    return {
        "highest": pc.max(kept["weight"]).as_py(),
        "mean": round(len(rows) / len(kept), 4),
        "heavier_than_1": pc.sum(pc.greater(kept["weight"], 1)).as_py(),
        "top": list(by_song.values()),
    }


_SEEN_ANYWHERE = """
-- Whether a track can be played was seen in one source, and perhaps not in another.
SELECT * REPLACE (CASE WHEN state <> 'unknown' THEN state
        WHEN bool_or(state = 'playable') OVER same THEN 'playable'
        WHEN bool_or(state = 'unplayable') OVER same THEN 'unplayable' ELSE state END AS state)
FROM whole WINDOW same AS (PARTITION BY track_uri) ORDER BY position
"""

_ITEMS = f"""
SELECT source, source_id AS playlist_id, source_position AS position, position AS line,
    track_uri AS uri, state, track_name, artist_name, album_name, added_at, known.recording_id,
    {WHY.replace("uri", "track_uri")} AS why, plays, inside
FROM known LEFT JOIN heard USING (recording_id) CROSS JOIN asked ORDER BY line
"""  # noqa: S608 built from constants

_WHY_KEPT = r"{}(?: keeps)? item \d+, ([^;]*[^;.])"
"""Of what `playlist_duplicates` says of all policies, what it says of one; items are those of the
whole, which nobody sees."""

_WITH_REASONS = """
WITH first AS (
    -- An item may be in a group of the same id or ISRC, and in one by name: the surer one is told.
    FROM told QUALIFY row_number() OVER (
        PARTITION BY position ORDER BY match = 'probable', position
    ) = 1
)
SELECT rows.*, match, reason, kept_reason,
    count(*) OVER song AS weight, min(line) OVER song AS first_line,
    arg_min(sorted_artist, NOT kept) OVER song AS song_artist,
    arg_min(sorted_title, NOT kept) OVER song AS song_title
FROM rows LEFT JOIN first ON first.position = rows.line
WINDOW song AS (PARTITION BY song)
ORDER BY line
"""

_ORDERS: Mapping[Order, str] = {
    "as_is": "line",
    # What has no date is older than Spotify remembers.
    "added": "added_at NULLS FIRST, line",
    "artist": "nullif(song_artist, '') NULLS LAST, song_title NULLS LAST, first_line, line",
    "weight": "weight DESC, first_line, line",
}

_DROPPED = """
WITH ranked AS (
    SELECT * EXCLUDE (album_name, added_at, sorted_artist, sorted_title, song_artist, song_title),
        row_number() OVER (PARTITION BY song, uri ORDER BY NOT kept, line) AS of_id,
        row_number() OVER (PARTITION BY recording ORDER BY NOT kept, line) AS of_recording,
    FROM rows
),
-- First all but one of each id go, then all but one of each ISRC, then those that are probably one.
sorted AS (
    SELECT * EXCLUDE (match), match AS told, CASE
        WHEN of_id > 1 THEN 'same_id' WHEN of_recording > 1 THEN 'same_isrc' ELSE 'probable'
    END AS match
    FROM ranked WHERE NOT kept
)
SELECT sorted.song, sorted.match, if(told = sorted.match, sorted.reason, NULL) AS reason,
    coalesce(
        nullif(regexp_extract(sorted.kept_reason, (SELECT policy FROM policy), 1), ''),
        sorted.kept_reason
    ) AS kept_reason,
    sorted.playlist_id, sorted.position, sorted.track_name,
    sorted.artist_name, sorted.uri,
    kept.playlist_id AS kept_playlist_id, kept.position AS kept_position,
    kept.track_name AS kept_track_name, kept.artist_name AS kept_artist_name, kept.uri AS kept_uri
FROM sorted JOIN rows kept USING (song) WHERE kept.kept ORDER BY sorted.line
"""

_APART = """
WITH groups AS (
    SELECT told.group_id, rows.*, told.reason AS apart, told.kept_reason AS apart_kept,
        told.kept_{keep} AS stays
    FROM told JOIN rows ON rows.line = told.position WHERE rows.kept
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY group_id ORDER BY NOT stays, line) AS rank
    FROM groups
)
SELECT ranked.group_id AS song, ranked.track_name, ranked.artist_name, ranked.uri,
    ranked.apart AS reason,
    regexp_extract(ranked.apart_kept, (SELECT policy FROM policy), 1) AS kept_reason,
    kept.track_name AS kept_track_name, kept.artist_name AS kept_artist_name,
    kept.uri AS kept_uri
FROM ranked JOIN ranked kept USING (group_id)
WHERE kept.rank = 1 AND ranked.rank > 1 ORDER BY ranked.line
"""

_OVERLAP = """
WITH present AS (SELECT DISTINCT song, source FROM rows),
sizes AS (SELECT source, count(*) AS songs FROM present GROUP BY source),
shared AS (
    SELECT one.source AS a, other.source AS b, count(*) AS common
    FROM present one JOIN present other USING (song) WHERE one.source < other.source GROUP BY ALL
),
pairs AS (
    SELECT one.source AS a, other.source AS b
    FROM sources one JOIN sources other ON one.source < other.source
)
SELECT pairs.a, pairs.b, coalesce(common, 0) AS "both",
    coalesce(of_a.songs, 0) - coalesce(common, 0) AS only_a,
    coalesce(of_b.songs, 0) - coalesce(common, 0) AS only_b
FROM pairs LEFT JOIN shared USING (a, b)
    LEFT JOIN sizes of_a ON of_a.source = pairs.a
    LEFT JOIN sizes of_b ON of_b.source = pairs.b
ORDER BY a, b
"""

_TOP = """
WITH top AS (
    SELECT song, weight, track_name, artist_name, uri, first_line FROM rows WHERE kept
    ORDER BY weight DESC, first_line LIMIT (SELECT most FROM most)
)
SELECT top.*, rows.source, count(*) AS times FROM top JOIN rows USING (song)
GROUP BY ALL ORDER BY top.weight DESC, top.first_line, rows.source
"""
