"""Music twins: whose songs are most alike, and how much that says.

There is always somebody who is likest. So beside the similarity stands how it compares with all
pairs, and with pairs where the same songs are dealt out at random; and, since the likest of many is
more alike than most pairs by being chosen, with those whom that would make likest. Beside it stands
what two people share, in plain words. Only among people who agreed. Add here what makes two people
comparable.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.schema.survey_tables import TWINS
from pipelines.listening.survey.dna import rounded
from pipelines.listening.survey.vectors import People, means_of, standardised

TWINS_EACH = 3

_PAIRS_DEALT = 200_000
"""Songs are dealt out until there are so many pairs, which tells a hundredth with room to spare."""

_MOST_DEALS = 100


def twins_table(people: People, songs: pa.Table) -> pa.Table:
    """Rows of TWINS: for each who agreed, the three likest of the others who did.

    Args:
        people: who is compared.
        songs: as SONGS; of others too.
    """
    alike = _cosines(standardised(people.means))
    upper = np.triu_indices(len(people), 1)
    of_all = _sorted_known(alike[upper])
    agreed = np.flatnonzero(people.may_be_matched & ~np.isnan(np.diagonal(alike)))
    if len(agreed) < 2:  # noqa: PLR2004 it takes two
        return TWINS.empty()
    among = alike[np.ix_(agreed, agreed)]
    # Equal but for rounding is equal: then the order of pseudonyms decides.
    among = np.round(among, 9)
    np.fill_diagonal(among, -np.inf)
    count = min(TWINS_EACH, len(agreed) - 1)
    likest = np.argsort(-among, axis=1, kind="stable")[:, :count]
    by_chance, likest_by_chance = _dealt(people, agreed, count)
    one = np.repeat(agreed, count)
    other = agreed[likest.reshape(-1)]
    similarity = alike[one, other]
    names = people.pseudonyms
    pairs = [(names[a], names[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    named = songs.filter(
        pc.is_in(songs["pseudonym"], pa.array([names[each] for each in agreed.tolist()]))
    ).sort_by([("pseudonym", "ascending"), ("place", "ascending")])
    return pa.table(
        {
            "pseudonym": [first for first, _ in pairs],
            "twin": [second for _, second in pairs],
            "rank": np.tile(np.arange(1, count + 1, dtype=np.int16), len(agreed)),
            "similarity": rounded(similarity),
            "percentile": _percentiles(similarity, of_all),
            "percentile_by_chance": _percentiles(similarity, by_chance),
            "percentile_of_likest": _of_each_rank(similarity, likest_by_chance),
            "shared_songs": _shared(pairs, _songs(named)),
            "shared_artists": _shared(pairs, _artists(named)),
            "shared_genres": _shared(pairs, _genres(named)),
        },
    ).cast(TWINS.schema)


def _cosines(z: Doubles) -> Doubles:
    """Of all pairs; NaN with whoever is in no way different from the mean."""
    length = np.sqrt((z**2).sum(-1, keepdims=True))
    there = length > 1e-9  # noqa: PLR2004 nothing but rounding
    ways = np.where(there, z / np.where(there, length, 1), np.nan)
    cosines: Doubles = np.clip(ways @ ways.swapaxes(-1, -2), -1, 1)
    return cosines


def _sorted_known(values: Doubles) -> Doubles:
    known: Doubles = np.sort(values[~np.isnan(values)])
    return known


def _dealt(people: People, agreed: Ints, count: int) -> tuple[Doubles, list[Doubles]]:
    """Cosines of pairs where everybody has as many songs as they have, but any of them.

    Args:
        people: who is compared.
        agreed: who may be a twin.
        count: how many twins each has.

    Returns:
        Those of all pairs, and for each rank those of whoever agreed with their twin of that rank.
    """
    rng = np.random.default_rng(31)
    upper = np.triu_indices(len(people), 1)
    deals = max(1, min(_MOST_DEALS, _PAIRS_DEALT // max(1, len(upper[0]))))
    found, likest = [], []
    for _ in range(deals):
        dealt = people.features[rng.permutation(len(people.features))]
        z = standardised(means_of(dealt, people.whose, len(people)))
        alike = _cosines(z)
        found.append(alike[upper])
        among = np.nan_to_num(alike[np.ix_(agreed, agreed)], nan=-np.inf)
        np.fill_diagonal(among, -np.inf)
        likest.append(-np.sort(-among, axis=1)[:, :count])
    ranks = np.where(np.isinf(ranked := np.concatenate(likest)), np.nan, ranked)
    return _sorted_known(np.concatenate(found)), [_sorted_known(one) for one in ranks.T]


def _of_each_rank(values: Doubles, ordered: list[Doubles]) -> Doubles:
    """Percentiles of values that come rank by rank for each person."""
    ranked = values.reshape(-1, len(ordered))
    columns = [_percentiles(*one) for one in zip(ranked.T, ordered, strict=True)]
    return np.stack(columns, axis=1).reshape(-1)


def _percentiles(values: Doubles, ordered: Doubles) -> Doubles:
    """How many of a hundred are less; of equal ones half."""
    # Equal but for rounding is equal.
    less = np.searchsorted(ordered, values - 1e-9)
    at_most = np.searchsorted(ordered, values + 1e-9, side="right")
    return rounded(50 * (less + at_most) / max(1, len(ordered)))


Named = Mapping[str, Mapping[str, str]]
"""By pseudonym: what they named, by what makes it the same, as it is written."""


def _shared(pairs: list[tuple[str, str]], named: Named) -> list[list[str]]:
    return [
        sorted(named[one][key] for key in named[one].keys() & named[other].keys())
        for one, other in pairs
    ]


def _songs(songs: pa.Table) -> Named:
    columns = (songs[name].to_pylist() for name in ("song_key", "artist_name", "track_name"))
    written: dict[str, str] = {}
    keys = []
    for key, artist, track in zip(*columns, strict=True):
        # As whoever comes first wrote it, so that both are told the same.
        text = " - ".join(part for part in (artist, track) if part)
        if text:
            written.setdefault(key, text)
        keys.append(key)
    return _by_person(songs, [{key: written[key]} if key in written else {} for key in keys])


def _artists(songs: pa.Table) -> Named:
    folded = [
        {normal_name(artist): artist} if artist else {}
        for artist in songs["artist_name"].to_pylist()
    ]
    return _by_person(songs, folded)


def _genres(songs: pa.Table) -> Named:
    return _by_person(
        songs, [{genre: genre for genre in genres or ()} for genres in songs["genres"].to_pylist()]
    )


def _by_person(songs: pa.Table, named: list[dict[str, str]]) -> Named:
    """The first spelling of each, by person; of what two wrote differently that of the first."""
    spelled: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {}
    for person, each in zip(songs["pseudonym"].to_pylist(), named, strict=True):
        mine = found.setdefault(person, {})
        for key, text in each.items():
            mine[key] = spelled.setdefault(key, text)
    return found
