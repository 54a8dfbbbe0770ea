"""What becomes of the items of playlists that are merged: nothing is lost, nothing stands twice.

Add a case here when a plan had an item too many or too few, or in the wrong place. What counts as a
duplicate is tested with the insight that decides it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pipelines.errors import RefusedPlan
from pipelines.listening.insights.runner import compute
from pipelines.listening.playlists.items_to_write import heard_in
from pipelines.listening.playlists.merging import merge
from pipelines.listening.playlists.parts import Pace, Planned
from pipelines.listening.playlists.plan import Options, Plan, SourceState, entries_digest
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.time.local_time import Zone
from tests.support.playlist_items import (
    BEGAN,
    READ,
    Row,
    again,
    entries,
    episode,
    gone,
    local,
    playlist_id,
    song,
    uri,
)

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
ZONES = (Zone("Europe/Berlin"),)
PLAYS = LABELLED_PLAYS.with_columns(("recording_id", "counts", "context"))


def duplicates_of(rows: pa.Table) -> pa.Table:
    [(_, found)] = compute(["playlist_duplicates"], {"playlist_entries": rows}, ZONES)
    return found


def merged(
    playlists: Mapping[str, Sequence[Row]], *, plays: Sequence[Row] = (), **asked: Any
) -> Planned:
    """The plan for a playlist called Master of these, by the letters of their ids."""
    rows = {letter: entries(letter, items) for letter, items in playlists.items()}
    sources = [
        SourceState(
            playlist_id=playlist_id(letter),
            name=letter,
            snapshot_id=None,
            read_at=READ,
            items=len(table),
            digest=entries_digest(table),
        )
        for letter, table in rows.items()
    ]
    options = Options(**{"name": "Master", **asked})
    return merge(
        "nico",
        options,
        sources,
        {playlist_id(letter): table for letter, table in rows.items()},
        UNIQUE_TRACKS.empty(),
        heard=heard_in(PLAYS.from_rows(list(plays)), options.without),
        duplicates_of=duplicates_of,
        made_at=NOW,
        pace=Pace(2, 1000),
    )


def written(plan: Plan) -> list[str]:
    return [one for part in plan.parts for one in part.uris]


def uris(*numbers: int) -> list[str]:
    return [uri(number) for number in numbers]


def heard(number: int, context: str, times: int, *, counts: bool = True) -> list[Row]:
    """Plays of a song of which nothing is known but its ISRC."""
    row = {"recording_id": f"isrc:DEA37{number:07}", "counts": counts, "context": context}
    return [row] * times


ITEMS = st.one_of(
    st.integers(1, 12).map(song),
    st.builds(
        lambda number, days: song(number, added_at=BEGAN + timedelta(days=days)),
        st.integers(1, 12),
        st.integers(0, 400),
    ),
    st.integers(1, 12).map(lambda number: song(number, added_at=None)),
    st.integers(1, 12).map(lambda number: song(number, state="unplayable")),
    st.integers(1, 12).map(lambda number: song(number, isrc=None)),
    st.builds(lambda number: again(100 + number, number), st.integers(1, 12)),
    st.builds(
        lambda number: song(200 + number, track_name=f"Song {number}", isrc=None),
        st.integers(1, 12),
    ),
    st.integers(1, 12).map(lambda number: song(300 + number, relinked_from=uri(number))),
    st.integers(1, 3).map(local),
    st.integers(1, 3).map(episode),
    st.builds(gone),
    st.integers(1, 3).map(lambda number: song(number, track_id=None, track_uri=None)),
)
PLAYLISTS = st.dictionaries(st.sampled_from("ABC"), st.lists(ITEMS, max_size=25), min_size=1)
ASKED = st.fixed_dictionaries(
    {
        "keep": st.sampled_from(["first_added", "last_added", "best"]),
        "order": st.sampled_from(["as_is", "added", "artist", "weight"]),
        "keep_weights": st.booleans(),
        "probable": st.booleans(),
        "unplayable": st.booleans(),
        "without": st.sampled_from([(), ("kids",), ("sleep", "kids")]),
    }
)
HEARD = [*heard(1, "kids", 3), *heard(1, "party", 2), *heard(2, "kids", 1), *heard(3, "sleep", 2)]


@given(PLAYLISTS, ASKED)
def test_every_item_of_the_sources_is_written_dropped_or_left(
    playlists: dict[str, list[Row]], asked: dict[str, Any]
) -> None:
    every = Counter(
        (playlist_id(letter), place)
        for letter, items in playlists.items()
        for place in range(1, len(items) + 1)
    )
    try:
        planned = merged(playlists, plays=HEARD, **asked)
    except RefusedPlan:
        event("nothing can be added")
        return
    plan, figures = planned.plan, planned.plan.figures

    places = Counter((one.playlist_id, one.position) for one in plan.left)
    for table in (planned.items, planned.dropped):
        places.update(
            zip(*(table[name].to_pylist() for name in ("playlist_id", "position")), strict=True)
        )
    assert places == every
    assert figures["before"] == len(written(plan)) + figures["dropped"] + figures["left"]["total"]
    assert figures["dropped"] == len(planned.dropped)
    assert figures["left"]["total"] == len(plan.left)
    assert sum(figures["left"]["reasons"].values()) == len(plan.left)
    kinds = ("same_id", "same_isrc", "probable")
    doubles = sum(figures["duplicates"][kind]["items"] for kind in kinds)
    assert doubles == figures["before"] - figures["left"]["total"] - figures["unique"]
    assert planned.items["uri"].to_pylist() == written(plan)

    if not asked["keep_weights"]:
        assert max(Counter(written(plan)).values()) == 1, "nothing twice"
        assert len(written(plan)) == figures["unique"]
        can_be = {row["kept_uri"] for row in planned.dropped.to_pylist()}
        assert can_be <= set(written(plan)), "what is dropped is there as another item"


@given(PLAYLISTS, ASKED, st.permutations("ABC"))
def test_the_order_in_which_sources_are_named_matters_only_as_they_are(
    playlists: dict[str, list[Row]], asked: dict[str, Any], letters: list[str]
) -> None:
    asked = asked | {"order": "added"} if asked["order"] == "as_is" else asked
    other = {letter: playlists[letter] for letter in letters if letter in playlists}
    try:
        one = merged(playlists, plays=HEARD, **asked)
    except RefusedPlan:
        return
    assert merged(other, plays=HEARD, **asked).plan == one.plan


def test_as_they_are_is_one_source_after_another() -> None:
    playlists = {"A": [song(1), song(2), song(3)], "B": [song(2), song(4), song(1)]}

    assert written(merged(playlists).plan) == uris(1, 2, 3, 4)
    turned = merged({"B": playlists["B"], "A": playlists["A"]})
    assert written(turned.plan) == uris(2, 4, 1, 3)
    assert turned.plan.id != merged(playlists).plan.id


def test_weights_are_those_of_all_sources_together() -> None:
    playlists = {"A": [song(1)] * 12 + [song(2)], "B": [song(2), song(1), song(3)]}

    clean = merged(playlists)
    assert written(clean.plan) == uris(1, 2, 3)
    weighted = merged(playlists, keep_weights=True, order="weight")
    assert written(weighted.plan) == uris(*[1] * 13, 2, 2, 3)
    for plan in (clean.plan, weighted.plan):
        weights = plan.figures["weights"]
        assert (weights["highest"], weights["mean"]) == (13, round(16 / 3, 4))
        first = weights["top"][0]
        assert first["by_source"] == {playlist_id("A"): 12, playlist_id("B"): 1}
        assert first["share"] == 13 / 16
    assert weighted.plan.figures["dropped"] == 0
    assert weighted.plan.figures["unique"] == 3


def test_a_weight_is_over_all_ids_of_a_song_and_each_stays_under_its_own() -> None:
    playlists = {"A": [song(1), again(50, 1), song(1), song(2)]}

    weighted = merged(playlists, keep_weights=True)
    assert written(weighted.plan) == uris(1, 50, 1, 2)
    assert weighted.plan.figures["weights"]["top"][0]["weight"] == 3
    assert written(merged(playlists).plan) == uris(1, 2)


def test_duplicates_are_counted_by_what_makes_them_so() -> None:
    long_ago = {"added_at": BEGAN - timedelta(days=900)}
    playlists = {
        "A": [song(1, **long_ago), song(1), again(50, 1), again(50, 1), song(2), song(3)],
        "B": [
            song(
                60,
                track_name="Song 2",
                artist_name="Artist 2",
                artist_id="artist2",
                isrc=None,
                duration_ms=200_000,
            ),
            song(3),
        ],
    }

    apart = merged(playlists).plan.figures["duplicates"]
    told = {kind: found["items"] for kind, found in apart.items()}
    assert told == {"same_id": 3, "same_isrc": 1, "probable": 0, "apart": 1}
    [example] = apart["apart"]["examples"]
    assert (example["kept"], example["dropped"]) == ("Artist 2 - Song 2", "Artist 2 - Song 2")
    assert example["reason"]

    together = merged(playlists, probable=True).plan
    told = {kind: found["items"] for kind, found in together.figures["duplicates"].items()}
    assert told == {"same_id": 3, "same_isrc": 1, "probable": 1, "apart": 0}
    assert written(together) == uris(1, 2, 3)


@pytest.mark.parametrize(
    ("keep", "kept", "why"),
    [
        ("first_added", 51, "added first, on 1 March 2015"),
        ("last_added", 52, "added last, on 20 November 2026"),
        ("best", 1, "which is on an album"),
    ],
)
def test_the_policy_says_which_one_stays_and_the_plan_why(keep: str, kept: int, why: str) -> None:
    items = [
        again(52, 1, added_at=READ, album_type="single"),
        song(1, added_at=BEGAN + timedelta(days=2)),
        again(51, 1, added_at=BEGAN, album_type="compilation"),
    ]
    planned = merged({"A": items}, keep=keep)

    assert written(planned.plan) == uris(kept)
    assert {row["kept_uri"] for row in planned.dropped.to_pylist()} == set(uris(kept))
    assert set(planned.dropped["kept_reason"].to_pylist()) == {why}


@pytest.mark.parametrize("keep", ["first_added", "last_added", "best"])
def test_no_song_is_lost_to_a_copy_that_cannot_be_added(keep: str) -> None:
    first = song(1, state="unplayable", added_at=BEGAN - timedelta(days=9))
    last = again(51, 1, state="unplayable", added_at=READ)
    planned = merged({"A": [first, again(50, 1), last]}, keep=keep)

    assert written(planned.plan) == uris(50)
    assert [one.position for one in planned.plan.left] == [1, 3]
    assert planned.plan.figures["left"]["anyway"] == 2


def test_what_was_seen_of_a_track_in_one_source_is_so_in_another() -> None:
    looked = [song(1, state="unplayable"), song(2, state="playable"), song(3, state="unplayable")]
    again_3 = song(3, state="playable")
    plan = merged({"A": looked, "B": [song(1), song(2), song(4), again_3]}).plan

    assert written(plan) == uris(2, 4, 3)
    assert [(one.playlist_id, one.position) for one in plan.left] == [
        (playlist_id("A"), 1),
        (playlist_id("A"), 3),
        (playlist_id("B"), 1),
    ]
    assert plan.figures["not_looked_at"] == 1


def test_what_cannot_be_added_is_named_with_the_reason() -> None:
    items = [
        local(1),
        gone(),
        song(1, state="unplayable"),
        song(2, track_id=None, track_uri=None),
        episode(1),
        song(3),
        song(4, track_uri="spotify:chapter:4", kind="unknown"),
        song(5, state="playable"),
    ]
    plan = merged({"A": items}).plan

    assert written(plan) == [episode(1)["track_uri"], uri(3), uri(5)]
    assert plan.figures["not_looked_at"] == 2
    told = [(one.position, one.title, one.reason) for one in plan.left]
    assert told == [
        (1, "Me - Own song 1", "a local file, which the API cannot add"),
        (2, "an item without a name", "Spotify shows an empty item: what it was is gone"),
        (3, "Artist 1 - Song 1", "could not be played at the last look"),
        (4, "Artist 2 - Song 2", "Spotify shows no id of it"),
        (7, "Artist 4 - Song 4", "neither a song nor an episode, which a playlist cannot have"),
    ]
    every = ("local", "gone", "no_id", "other", "unplayable")
    assert plan.figures["left"]["reasons"] == dict.fromkeys(every, 1)
    assert uri(1) in written(merged({"A": items}, unplayable=True).plan)


def test_what_was_added_is_written_and_not_what_spotify_shows_instead() -> None:
    items = [song(1), song(70, relinked_from=uri(1), isrc=None, track_name="Else"), song(2)]
    plan = merged({"A": items}).plan

    assert written(plan) == uris(1, 2)
    assert plan.figures["duplicates"]["same_id"]["items"] == 1


def test_order_by_date_begins_with_what_is_older_than_dates() -> None:
    items = [song(5), song(3), song(9, added_at=None), song(4)]

    assert written(merged({"A": items}, order="added").plan) == uris(9, 3, 4, 5)


def test_order_by_artist_keeps_the_items_of_a_song_together() -> None:
    def by(artist: str | None, number: int) -> Row:
        return song(number, artist_name=artist, artist_id=artist)

    items = [by("Zoë", 1), by("the Band", 2), by(None, 3), by("Ärzte", 4), by("zoe", 5)]
    items += [items[0]]
    plan = merged({"A": items}, order="artist", keep_weights=True).plan
    show = song(3)["album_name"]
    assert show == "Album 3", "stands for an artist where there is none"
    assert written(plan) == uris(3, 4, 2, 1, 1, 5)


@pytest.mark.parametrize(
    ("plays", "stays"),
    [
        ([], True),
        (heard(1, "kids", 1), False),
        (heard(1, "kids", 1, counts=False), True),
        ([*heard(1, "kids", 2), *heard(1, "party", 2)], True),
        ([*heard(1, "kids", 2), *heard(1, "sleep", 1), *heard(1, "party", 2)], False),
        ([*heard(1, "kids", 3), *heard(1, "party", 5, counts=False)], False),
        (heard(1, "focus", 9), True),
    ],
)
def test_a_song_is_left_out_where_most_plays_were_in_such_contexts(
    plays: list[Row], stays: bool
) -> None:
    plan = merged({"A": [song(1), song(2)]}, plays=plays, without=("sleep", "kids")).plan

    assert (uri(1) in written(plan)) == stays
    assert uri(2) in written(plan), "never played"
    if not stays:
        [left] = plan.left
        kids = sum(row["context"] in {"kids", "sleep"} for row in plays)
        every = sum(row["counts"] for row in plays)
        assert f"{kids} of its {every} plays were sleep or kids" in left.reason


def test_overlap_is_of_songs_and_of_every_pair() -> None:
    playlists = {
        "A": [song(1), song(1), song(2), song(3)],
        "B": [again(50, 1), song(4)],
        "C": [local(1)],
    }
    found = merged(playlists).plan.figures["overlap"]

    pairs = [
        (pair["a"][0] + pair["b"][0], pair["only_a"], pair["both"], pair["only_b"])
        for pair in found
    ]
    assert pairs == [("AB", 2, 1, 1), ("AC", 3, 0, 0), ("BC", 2, 0, 0)]
    assert (found[0]["jaccard"], found[0]["a_in_b"], found[0]["b_in_a"]) == (0.25, 0.3333, 0.5)
    assert found[1]["b_in_a"] is None


def test_fifteen_thousand_songs_become_two_playlists_of_equal_length() -> None:
    playlists = {
        "A": [song(number) for number in range(9_000)],
        "B": [song(number) for number in range(6_000, 15_000)],
    }
    plan = merged(playlists).plan

    assert [(part.name, len(part.uris)) for part in plan.parts] == [
        ("Master 1/2", 7_500),
        ("Master 2/2", 7_500),
    ]
    assert written(plan) == uris(*range(15_000))
    with pytest.raises(RefusedPlan, match="15,000 items"):
        merged(playlists, split=False)


def test_kept_weights_are_not_torn_apart_where_a_plan_is_cut() -> None:
    playlists = {
        "A": [song(number) for number in range(9_000)],
        "B": [song(number // 3) for number in range(9_000)],
    }
    plan = merged(playlists, keep_weights=True).plan

    assert len(plan.parts) == 2
    assert not set(plan.parts[0].uris) & set(plan.parts[1].uris)
    assert Counter(written(plan))[uri(7)] == 4
    for part in plan.parts:
        firsts = list(dict.fromkeys(part.uris))
        assert firsts == sorted(firsts), "in each part they are in the order of the sources"


def test_the_same_sources_and_options_are_the_same_plan() -> None:
    playlists = {"A": [song(1), local(1)], "B": [song(2)]}
    plan = merged(playlists).plan

    assert merged(playlists).plan == plan
    others = [
        merged(playlists, name="Other"),
        merged(playlists, keep="best"),
        merged(playlists | {"B": [song(3)]}),
        merged(playlists | {"A": [song(1), local(2)]}),
    ]
    assert len({plan.id, *(other.plan.id for other in others)}) == 5


def test_where_nothing_can_be_added_there_is_no_plan() -> None:
    with pytest.raises(RefusedPlan, match=r"none of the 2 items of 'A', 'B' can be added.*local"):
        merged({"A": [local(1)], "B": [gone()]})
    with pytest.raises(RefusedPlan, match="none of the 0 items of 'A' can be added"):
        merged({"A": []})
