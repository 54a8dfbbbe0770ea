"""What each person's songs sound like: the mean of their audio features.

A person is the unit of all statistics of a survey, never a song: ten songs of one person are no ten
people. Add here what is known of a person from their songs; what follows for the group is `dna.py`,
`clusters.py`, `twins.py` and `predictor.py`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Doubles, Ints
from pipelines.listening.schema.survey_tables import COMPARED

FEATURES = tuple(one.name for one in COMPARED)

MOST_NEEDED = 3
"""So many songs with audio features a person needs to be compared, if people name as many."""


@dataclass(frozen=True)
class People:
    """Those who have enough songs with audio features, by pseudonym.

    Attributes:
        pseudonyms: in order.
        majors: what each studies; None where unknown.
        may_be_matched: whether they agreed to be compared with others by name of pseudonym.
        means: people x features.
        songs: with audio features, of each.
        features: of each of these songs.
        whose: the person of each, as a row of `means`; ascending.
        needed: how many songs with audio features a person needed.
        left_out: who answered, and has fewer.
    """

    pseudonyms: tuple[str, ...]
    majors: tuple[str | None, ...]
    may_be_matched: Bools
    means: Doubles
    songs: Ints
    features: Doubles
    whose: Ints
    needed: int
    left_out: int

    def __len__(self) -> int:
        return len(self.pseudonyms)


def person_vectors(responses: pa.Table, songs: pa.Table) -> People:
    """People with enough songs that have all nine audio features.

    Three are enough, or as many as the median person named, if that is fewer: where everybody names
    one song, one has to do.

    Args:
        responses: as RESPONSES.
        songs: as SONGS.
    """
    responses = responses.sort_by("pseudonym")
    songs = songs.sort_by([("pseudonym", "ascending"), ("place", "ascending")])
    person = pc.index_in(songs["pseudonym"], responses["pseudonym"].combine_chunks())
    place = person.to_numpy(zero_copy_only=False) if person.null_count == 0 else None
    if place is None:
        # A song of somebody who did not answer is nobody's.
        return person_vectors(responses, songs.filter(pc.is_valid(person)))
    place = place.astype(np.int64)
    values = np.stack([_numbers(songs[name]) for name in FEATURES], axis=1)
    known = np.isfinite(values).all(axis=1)
    named = np.bincount(place, minlength=len(responses))
    median = int(np.median(named[named > 0])) if len(songs) else 1
    needed = max(1, min(MOST_NEEDED, median))
    count = np.bincount(place[known], minlength=len(responses))
    enough = count >= needed
    values, place = values[known & enough[place]], place[known & enough[place]]
    whose = (np.cumsum(enough) - 1)[place]
    people = responses.filter(pa.array(enough))
    return People(
        pseudonyms=tuple(people["pseudonym"].to_pylist()),
        majors=tuple(people["major"].to_pylist()),
        may_be_matched=np.array(people["may_be_matched"].to_pylist(), bool),
        means=means_of(values, whose, len(people)),
        songs=count[enough],
        features=values,
        whose=whose,
        needed=needed,
        left_out=len(responses) - len(people),
    )


def _numbers(column: pa.ChunkedArray) -> Doubles:
    numbers: Doubles = column.cast(pa.float64()).to_numpy().astype(np.float64)
    return numbers


def means_of(features: Doubles, whose: Ints, people: int) -> Doubles:
    """Mean audio features of each person's songs: people x features.

    Args:
        features: songs x features.
        whose: the person of each song.
        people: how many there are; each has a song.
    """
    sums = np.stack(
        [np.bincount(whose, one, minlength=people) for one in features.T], axis=1
    ).reshape(people, features.shape[1])
    means: Doubles = sums / np.bincount(whose, minlength=people)[:, None]
    return means


def standardised(tables: Doubles) -> Doubles:
    """Columns in standard deviations from their mean; 0 where all are equal.

    Args:
        tables: … x people x features.
    """
    if tables.shape[-2] == 0:
        return tables
    centred = tables - tables.mean(-2, keepdims=True)
    spread = centred.std(-2, keepdims=True)
    # Sums of equal numbers differ in their last digit.
    there = spread > 1e-9 * np.abs(tables).max(-2, keepdims=True)
    return np.where(there, centred / np.where(there, spread, 1), 0.0)
