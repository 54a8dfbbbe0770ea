"""Signs by a track's audio features.

Most tracks have no features, and then no sign. Add a range of a feature here, and its weights to
`reference_data/`. Where features come from is `listening/catalogue/audio_features.py`.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools

BINS = (
    ("loudness", None, -18),
    ("loudness", -18, -14),
    ("energy", None, 0.25),
    ("energy", 0.25, 0.4),
    ("energy", 0.7, 0.85),
    ("energy", 0.85, None),
    ("instrumentalness", 0.5, None),
    ("acousticness", 0.6, None),
    ("danceability", None, 0.4),
    ("danceability", 0.65, None),
    ("valence", None, 0.25),
    ("valence", 0.5, None),
    ("speechiness", 0.3, None),
)
"""Feature, from, to: the bounds that separate sleep, study and other music best in Scarratt et al.
2023, and those of dance music in Duman et al. 2022."""

FEATURES = tuple(dict.fromkeys(feature for feature, _, _ in BINS))


def track_signs(tracks: pa.Table) -> Iterator[tuple[str, Bools]]:
    """Signs of tracks by their sound; False where the feature is not known.

    Args:
        tracks: rows with the columns `FEATURES`.

    Yields:
        The name of each sign, and one value per track.
    """
    for feature, least, most in BINS:
        # NaN is in no range: an unknown feature is no sign.
        values = pc.fill_null(tracks[feature].cast(pa.float64()), np.nan).to_numpy()
        low = -np.inf if least is None else least
        high = np.inf if most is None else most
        yield f"{feature} {_range(least, most)}", (values >= low) & (values < high)


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"below {most:g}"
    return f"of {least:g} or more" if most is None else f"of {least:g} to {most:g}"
