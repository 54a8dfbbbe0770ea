"""Metrics of one date's snapshot: `computed_metrics.json` and its flat row.

Add here what can be computed from one date's responses. Metrics of the ledger are insights.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import nobody_sql
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import TIME_RANGES

DIGITS = 4


def computed_metrics(
    recent: pa.Table, top_tracks: Mapping[str, pa.Table], top_artists: Mapping[str, pa.Table]
) -> dict[str, Any]:
    """The metrics of one date.

    Args:
        recent: `recent_tracks` rows.
        top_tracks: `top_tracks` rows by time range; a range that was not collected is missing.
        top_artists: `top_artists` rows by time range; likewise.

    Returns:
        A nested document of numbers; null where there is no data.
    """
    artists = query(_ARTISTS, recent=recent)
    diversity = _count_distinct(artists, "artist_id", "artist_name")
    short = top_tracks.get("short")
    return {
        "recent_tracks": {
            "count": len(recent),
            "unique_tracks": _count_distinct(recent, "track_id", "track_uri", "track_name"),
            "unique_artists": diversity,
            "avg_popularity": _mean(recent["popularity"]),
            "explicit_ratio": _mean(recent["explicit"]),
            "avg_duration_seconds": _mean(recent["duration_ms"], per=1000),
            "avg_release_year": _mean(recent["release_year"]),
        },
        "top_tracks": {name: _tracks(top_tracks.get(name)) for name in TIME_RANGES},
        "top_artists": {name: _artists(top_artists.get(name)) for name in TIME_RANGES},
        "diversity": {
            "artist_diversity": round(diversity / len(recent), DIGITS) if len(recent) else None,
            "mainstream_score": _mean(short["popularity"]) if short is not None else None,
        },
    }


_ARTISTS = f"""
SELECT artist_id, artist_name FROM recent WHERE NOT ({nobody_sql("artist_name", "artist_id")})
"""  # noqa: S608 built from constants


def _tracks(tracks: pa.Table | None) -> dict[str, Any] | None:
    if tracks is None:
        return None
    types = tracks.filter(pc.field("album_type").is_valid())["album_type"]
    kinds = {row["values"]: row["counts"] for row in types.value_counts().to_pylist()}
    return {
        "avg_popularity": _mean(tracks["popularity"]),
        "explicit_ratio": _mean(tracks["explicit"]),
        "avg_duration_seconds": _mean(tracks["duration_ms"], per=1000),
        "album_vs_single": {
            name: kinds.get(name, 0) for name in ("album", "single", "compilation")
        },
    }


def _artists(artists: pa.Table | None) -> dict[str, Any] | None:
    if artists is None:
        return None
    genres = [genre for listed in artists["genres"].to_pylist() for genre in listed or []]
    known = artists["genres"].null_count < len(artists)
    return {
        "count": len(artists),
        "avg_popularity": _mean(artists["popularity"]),
        "avg_followers": _mean(artists["followers"]),
        "total_genres": len(genres) if known else None,
        "unique_genres": len(set(genres)) if known else None,
    }


def _mean(values: pa.ChunkedArray, per: int = 1) -> float | None:
    mean = pc.mean(values).as_py()
    return None if mean is None else round(mean / per, DIGITS)


def _count_distinct(rows: pa.Table, *best_first: str) -> int:
    key = pc.coalesce(*(rows[name] for name in best_first))
    return int(pc.count_distinct(key, mode="only_valid").as_py())


def flat_row(day: date, metrics: Mapping[str, Any]) -> dict[str, object]:
    """A row of `all_snapshots_metrics`.

    Args:
        day: the snapshot's date.
        metrics: what `computed_metrics` gave.
    """
    row: dict[str, object] = {"date": day}
    row |= {f"recent_{name}": value for name, value in metrics["recent_tracks"].items()}
    for time_range in TIME_RANGES:
        tracks = metrics["top_tracks"].get(time_range) or {}
        albums = tracks.get("album_vs_single") or {}
        total = sum(albums.values())
        for name in ("avg_popularity", "explicit_ratio", "avg_duration_seconds"):
            row[f"top_tracks_{time_range}_{name}"] = tracks.get(name)
        share = round(albums["album"] / total, DIGITS) if total else None
        row[f"top_tracks_{time_range}_album_share"] = share
        artists = metrics["top_artists"].get(time_range) or {}
        for name in ("count", "avg_popularity", "avg_followers", "unique_genres"):
            row[f"top_artists_{time_range}_{name}"] = artists.get(name)
    return {**row, **metrics["diversity"]}
