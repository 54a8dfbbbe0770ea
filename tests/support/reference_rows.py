"""Reference files as people have them: rows as text, and real ones."""

import csv
import io
from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipelines.listening.catalogue.audio_features import COLUMNS
from tests.support.places import DATA

FEATURES = DATA / "audio_features"

GOOD = {
    "track_id": "2wrJq5XKLnmhRXHIAf9xBa",
    "artists": "Dan + Shay;Justin Bieber",
    "track_name": "10,000 Hours",
    "popularity": "78",
    "duration_ms": "167693",
    "explicit": "False",
    "energy": "0.63",
    "acousticness": "0.153",
    "valence": "0.43",
    "tempo": "89.991",
    "track_genre": "country",
}

Row = Mapping[str, str]


def spotify_id(name: str) -> str:
    """An id as Spotify's are: 22 letters and digits."""
    return name.ljust(22, "0")


def row(**columns: str) -> dict[str, str]:
    """A good row but for these columns."""
    return GOOD | columns


def as_text(rows: Sequence[Row]) -> pa.Table:
    """Rows as they are handed to the rule."""
    columns = {name: pa.array([one.get(name) for one in rows], pa.string()) for name in COLUMNS}
    return pa.table(columns | {"row": pa.array(range(1, len(rows) + 1), pa.int64())})


def as_csv(rows: Sequence[Row]) -> bytes:
    """Rows as the bytes of a file."""
    file = io.StringIO()
    names = list(dict.fromkeys(name for one in rows for name in one))
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
