"""Where a list is cut into playlists, and what writing them costs."""

from collections import Counter
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RefusedPlan
from pipelines.listening.playlists.parts import Pace, cost_of, cut, names_of
from pipelines.listening.playlists.plan import MAX_AT_SPOTIFY, MAX_ITEMS

PACE = Pace(2, 1000)


def sizes_of(songs: list[int] | range) -> list[int]:
    return np.bincount(cut(np.array(songs), split=True)).tolist()


@pytest.mark.parametrize(
    ("items", "sizes"),
    [
        (1, [1]),
        (9_901, [9_901]),
        (10_000, [10_000]),
        (10_001, [5_001, 5_000]),
        (15_000, [7_500, 7_500]),
        (19_800, [9_900, 9_900]),
        (19_801, [6_601, 6_600, 6_600]),
    ],
)
def test_what_spotify_takes_is_one_playlist_and_more_is_equal_parts(
    items: int, sizes: list[int]
) -> None:
    assert sorted(sizes_of(range(items)), reverse=True) == sizes


def test_what_is_too_much_is_refused_where_it_is_not_to_be_split() -> None:
    assert cut(np.arange(MAX_AT_SPOTIFY), split=False).tolist() == [0] * MAX_AT_SPOTIFY
    with pytest.raises(RefusedPlan, match=r"10,001 items are more than the 10,000"):
        cut(np.arange(MAX_AT_SPOTIFY + 1), split=False)


@given(
    st.lists(st.integers(1, 3_000), min_size=1, max_size=12),
    st.integers(7_000, 30_000),
    st.booleans(),
)
def test_a_song_is_in_one_part_however_often_it_stands_in_the_list(
    weights: list[int], others: int, side_by_side: bool
) -> None:
    heavy = np.repeat(np.arange(len(weights)), weights)
    songs = np.concatenate([heavy, np.arange(others) + len(weights)])
    if not side_by_side:
        songs = np.random.default_rng(others).permutation(songs)
    parts = cut(songs, split=True)

    assert len(set(zip(songs.tolist(), parts.tolist(), strict=True))) == len(set(songs.tolist()))
    sizes = np.bincount(parts)
    assert sizes.min() > 0
    assert len(sizes) == 1 or sizes.max() <= MAX_ITEMS
    assert len(sizes) == 1 or len(sizes) >= ceil(len(songs) / MAX_ITEMS)


def test_a_song_that_would_fill_a_part_by_itself_is_cut_too() -> None:
    sizes = sizes_of([0] * 25_000 + [1, 2, 3])

    assert (sum(sizes), max(sizes) <= MAX_ITEMS) == (25_003, True)


def test_parts_are_numbered_only_where_there_are_several() -> None:
    assert names_of("Master", 1) == ["Master"]
    assert names_of("Master", 2) == ["Master 1/2", "Master 2/2"]


def test_fifteen_thousand_items_cost_what_the_limits_say() -> None:
    cost = cost_of([7_500, 7_500], 2, PACE)

    parts = (cost["checking"], cost["creating"], cost["adding"], cost["reading_back"])
    assert parts == (3, 2, 150, 304)
    assert (cost["total"], cost["minutes"]) == (459, ceil(458 * 2 / 60))


@given(st.integers(1, 2_500), st.sampled_from([0.0, 0.5, 2.0, 10.0]), st.integers(1, 1000))
def test_minutes_are_those_of_a_clock_that_keeps_both_limits(
    total: int, interval: float, per_hour: int
) -> None:
    sent: list[float] = []
    for _ in range(total):
        due = [sent[-1] + interval] if sent else [0.0]
        due += [sent[-per_hour] + 3600] if len(sent) >= per_hour else []
        sent.append(max(due))
    # Nothing but looks at the account and at sources: each is one request.
    assert cost_of([], total - 1, Pace(interval, per_hour))["minutes"] == ceil(sent[-1] / 60)


def test_every_item_has_its_part_once() -> None:
    songs = np.arange(12_000) % 5_000
    assert Counter(cut(songs, split=True).tolist()).total() == 12_000
