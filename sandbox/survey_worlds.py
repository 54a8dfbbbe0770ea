"""Groups of people who name favourite songs, of whom it is known what there is to be found.

    world("strong", 7).songs

Three worlds: in the null world people's tastes are their own and majors are dealt out; in the weak
one majors bend tastes a little; in the strong one there are groups of taste, and nearly everybody
studies what their group does. Features are as skewed and as correlated as those of reference
tracks, of which ranks and quantiles stand here, and none of the songs is real. Add here what a
statistic of surveys may wrongly find, or miss. What a dirty sheet looks like belongs elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.listening.schema.survey_tables import COMPARED, RESPONSES, SONGS
from sandbox.catalogue import base62_id

Kind = Literal["null", "weak", "strong"]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAJORS = ("biology", "history", "physics", "law")

TASTES: Mapping[str, Mapping[str, float]] = {
    "loud": {"energy": 1.5, "loudness": 1.5, "acousticness": -1.2, "valence": -0.8},
    "calm": {"energy": -1.6, "loudness": -1.2, "acousticness": 1.6, "tempo": -0.6},
    "dance": {"danceability": 1.6, "valence": 1.6, "liveness": -0.8, "tempo": -0.5},
    "wordless": {"instrumentalness": 1.9, "speechiness": -0.8, "valence": -1.4, "liveness": 1.0},
}
"""Where a taste lies: for each feature, in standard deviations of its rank."""

SIZES = ((15, 15, 15), (18, 15, 12), (20, 14, 11), (25, 12, 8))
"""Of the groups of 45 people in a strong world; of more people in proportion."""

_AT = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1)
_QUANTILES: Mapping[str, tuple[float, ...]] = {
    "danceability": (0.112, 0.224, 0.322, 0.38, 0.48, 0.591, 0.706, 0.791, 0.833, 0.905, 0.964),
    "energy": (0.0565, 0.192, 0.378, 0.473, 0.592, 0.741, 0.865, 0.938, 0.963, 0.988, 0.999),
    "loudness": (-21.4, -14.5, -11, -9.58, -7.55, -5.79, -4.48, -3.49, -2.85, -1.34, 1.02),
    "speechiness": (
        *(0.0233, 0.0252, 0.0275, 0.0294, 0.0347, 0.048, 0.0793, 0.151, 0.225, 0.373, 0.865),
    ),
    "acousticness": (
        *(0.000003, 0.00002, 0.0002, 0.0009, 0.00827, 0.0626, 0.23, 0.513, 0.674, 0.871, 0.99),
    ),
    "instrumentalness": (0, 0, 0, 0, 0, 0.000015, 0.00413, 0.23, 0.657, 0.9, 0.964),
    "liveness": (0.0179, 0.039, 0.0576, 0.0711, 0.0958, 0.126, 0.239, 0.366, 0.473, 0.757, 0.97),
    "valence": (0.025, 0.0407, 0.1, 0.149, 0.264, 0.438, 0.641, 0.789, 0.875, 0.965, 0.984),
    "tempo": (48.7, 73.5, 80, 89.3, 103, 124, 144, 165, 175, 198, 214),
}
"""Of 6,000 reference tracks of six genres."""

_CORRELATIONS = np.array(
    [
        (1.00, -0.10, -0.09, 0.17, 0.11, 0.03, -0.08, 0.37, -0.23),
        (-0.10, 1.00, 0.68, 0.39, -0.63, 0.20, 0.12, 0.10, 0.17),
        (-0.09, 0.68, 1.00, 0.28, -0.39, -0.10, 0.12, 0.05, 0.12),
        (0.17, 0.39, 0.28, 1.00, -0.22, 0.03, 0.10, 0.03, 0.14),
        (0.11, -0.63, -0.39, -0.22, 1.00, -0.32, -0.03, 0.06, -0.15),
        (0.03, 0.20, -0.10, 0.03, -0.32, 1.00, -0.04, -0.24, 0.01),
        (-0.08, 0.12, 0.12, 0.10, -0.03, -0.04, 1.00, -0.07, 0.03),
        (0.37, 0.10, 0.05, 0.03, 0.06, -0.24, -0.07, 1.00, 0.01),
        (-0.23, 0.17, 0.12, 0.14, -0.15, 0.01, 0.03, 0.01, 1.00),
    ]
)
"""Of their normal scores, in the order of `_QUANTILES`."""

_FEATURES = tuple(_QUANTILES)
_TRACKS = 3_000
_SONGS_AN_ARTIST = 8
_GENRES = ("country", "deep-house", "dubstep", "hip-hop", "metal", "rock")
_OWN = {"null": 0.7, "weak": 0.7, "strong": 0.4}
"""How far people's own tastes are apart, in standard deviations of tracks."""

_BENT = 0.2
_PICKY = 0.7
_AGREE = 0.8
_ELSEWHERE = 0.1
"""Share of a strong world's people who study something else than their group."""


@dataclass(frozen=True)
class SurveyWorld:
    """A survey and what is true of it.

    Attributes:
        responses: as RESPONSES.
        songs: as SONGS, matched.
        group: of taste, of each person in the order of `responses`; all 0 where there are none.
        people: a name of each, as they would write it.
    """

    responses: pa.Table
    songs: pa.Table
    group: Ints
    people: tuple[str, ...]

    @cached_property
    def rows(self) -> list[list[str]]:
        """A sheet that asks for ten songs or so, its header first."""
        songs = self.songs.to_pylist()
        each = len(songs) // max(1, len(self.people))
        header = ["Name", "Age", "Major", "Year", "May others see my match?"]
        titles = [f"Song {place}" for place in range(1, each + 1)]
        sheet = [[*header, *titles]]
        for number, (name, row) in enumerate(
            zip(self.people, self.responses.to_pylist(), strict=True)
        ):
            mine = songs[number * each : (number + 1) * each]
            named = [f"{song['artist_name']} - {song['track_name']}" for song in mine]
            agreed = "yes" if row["may_be_matched"] else "no"
            sheet.append([name, str(19 + number % 5), row["major"], "2", agreed, *named])
        return sheet

    def reference_rows(self) -> list[dict[str, object]]:
        """The songs as a reference file has them, each once."""
        tracks = {row["track_id"]: row for row in self.songs.to_pylist()}
        return [
            {
                "track_id": track_id,
                "artists": row["artist_name"],
                "track_name": row["track_name"],
                "track_genre": row["genres"][0],
                **{name: row[name] for name in _FEATURES},
            }
            for track_id, row in sorted(tracks.items())
        ]


def world(kind: Kind, seed: int, people: int = 45, songs: int = 10) -> SurveyWorld:
    """A world of its kind.

    Args:
        kind: null, weak or strong.
        seed: another one is another world.
        people: how many answer.
        songs: how many each names, none twice.
    """
    rng = np.random.default_rng([("null", "weak", "strong").index(kind), seed])
    scores, features = _tracks(seed)
    group = np.zeros(people, np.int64)
    taste = _OWN[kind] * rng.standard_normal((people, len(_FEATURES))) @ _root().T
    if kind == "strong":
        sizes = np.array(SIZES[rng.integers(len(SIZES))])
        group = rng.permutation(
            np.searchsorted(sizes.cumsum() / 45, np.arange(people) / people, side="right")
        )
        chosen = rng.permutation(len(TASTES))[: len(sizes)]
        taste += _centres()[chosen][group]
        elsewhere = rng.random(people) < _ELSEWHERE
        major = np.where(elsewhere, rng.integers(len(sizes), size=people), group)
    else:
        # Some majors are studied by many, some by few.
        major = rng.choice(len(MAJORS), people, p=(0.35, 0.3, 0.2, 0.15))
        taste += _BENT * (kind == "weak") * _centres()[major]
    picked = _picked(taste, scores, songs, rng)
    return _told(features, picked, [MAJORS[one] for one in major.tolist()], group, rng)


@lru_cache(maxsize=1)
def _root() -> Doubles:
    root: Doubles = np.linalg.cholesky(_CORRELATIONS)
    return root


def _centres() -> Doubles:
    return np.array([[where.get(name, 0.0) for name in _FEATURES] for where in TASTES.values()])


@lru_cache(maxsize=8)
def _tracks(seed: int) -> tuple[Doubles, Doubles]:
    """Normal scores and features of all the music there is."""
    rng = np.random.default_rng([99, seed])
    scores = rng.standard_normal((_TRACKS, len(_FEATURES))) @ _root().T
    share = np.vectorize(NormalDist().cdf)(scores)
    features = [
        np.interp(share[:, place], _AT, _QUANTILES[name]) for place, name in enumerate(_FEATURES)
    ]
    return scores, np.stack(features, axis=1).round(6)


def _picked(taste: Doubles, scores: Doubles, songs: int, rng: np.random.Generator) -> Ints:
    """Tracks that each likes, the nearer to their taste the likelier: people x songs."""
    inverse = np.linalg.inv(_root())
    whole, wanted = scores @ inverse.T, taste @ inverse.T
    away = (whole**2).sum(1) - 2 * wanted @ whole.T
    # The largest of chances with Gumbel's noise are a draw without replacement.
    liking = -away / (2 * _PICKY**2) + rng.gumbel(size=away.shape)
    picked: Ints = np.argsort(-liking, axis=1)[:, :songs]
    return picked


def _told(
    features: Doubles, picked: Ints, majors: list[str], group: Ints, rng: np.random.Generator
) -> SurveyWorld:
    people, each = picked.shape
    pseudonyms = [f"{number:032x}" for number in range(people)]
    agreed_to = np.less(rng.random(people), _AGREE)
    responses = RESPONSES.from_rows(
        [
            {
                "pseudonym": pseudonym,
                "age_band": "20-24",
                "major": major,
                "year": "2",
                "hours_band": "2-4",
                "listening_time": "evening",
                "may_be_matched": agreed,
                "songs": each,
            }
            for pseudonym, major, agreed in zip(pseudonyms, majors, agreed_to.tolist(), strict=True)
        ]
    )
    track = picked.reshape(-1).tolist()
    columns: dict[str, object] = {
        "pseudonym": [one for one in pseudonyms for _ in range(each)],
        "place": list(range(1, each + 1)) * people,
        "song_key": [f"song {one}" for one in track],
        "artist_name": [f"Artist {one // _SONGS_AN_ARTIST}" for one in track],
        "track_name": [f"Song {one}" for one in track],
        "track_id": [base62_id(f"song {one}") for one in track],
        "state": ["matched"] * len(track),
        "source": ["reference"] * len(track),
        "similarity": [1.0] * len(track),
        "release_year": [1980 + one % 45 for one in track],
        "genres": [[_GENRES[one // _SONGS_AN_ARTIST % len(_GENRES)]] for one in track],
    }
    known = features[picked.reshape(-1)]
    columns |= {one.name: known[:, _FEATURES.index(one.name)] for one in COMPARED}
    nulls = {one.name: pa.nulls(len(track), one.type) for one in SONGS.fields}
    songs = pa.table(nulls | columns).select(SONGS.schema.names).cast(SONGS.schema)
    return SurveyWorld(
        responses, songs, group, tuple(f"Person {number}" for number in range(people))
    )
