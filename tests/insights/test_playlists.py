"""Playlists: weights, duplicates, what two have in common, what is in them, what came and went.

Add a playlist here when one of these tables said something wrong of it.
"""

from datetime import date, timedelta
from itertools import permutations

import pyarrow as pa
import pytest

from pipelines.listening.insights.runner import compute
from pipelines.listening.schema.playlist_tables import LIKED
from pipelines.resources.lake.tables import to_parquet
from tests.support.insights.agreement import agree, column
from tests.support.insights.chance import SOUND
from tests.support.insights.lives import BERLIN, Life, Row, at, daily, gap, inputs, song
from tests.support.insights.playlists import (
    EPISODE,
    GONE,
    ISRC,
    OTHER_ISRC,
    TRACKS,
    change,
    file,
    playlist,
    reading,
    track,
)

LONG_AGO = at("2020-01-01")


def only(tables: dict[str, pa.Table], name: str) -> list[Row]:
    found: list[Row] = tables[name].to_pylist()
    return found


def named(*titles: str, **told: object) -> list[Row]:
    return [track(title, title, added_at=LONG_AGO, **told) for title in titles]


def plays(title: str, days: int, times: int = 1, first: str = "2026-01-01") -> list[Row]:
    return daily(first, days, song(title, track_id=title), times)


def test_a_song_weighs_as_often_as_it_stands_there_under_all_its_ids() -> None:
    one, again, other = track("a", isrc=ISRC), track("b", isrc=ISRC), track("c", "Other")
    items = [other, one, one, again, EPISODE, GONE, file(track_name="Mine"), GONE]
    weights = only(agree(Life(entries=playlist(items)), "playlist_weights"), "playlist_weights")

    assert column(weights, "rank", "track_id", "occurrences", "share", "cumulative_share") == [
        (1, "a", 3, 0.6, 0.6),
        (2, "c", 1, 0.2, 0.8),
        (3, None, 1, 0.2, 1.0),
    ], "an episode and empty items are no songs"
    assert weights[0]["by_uri"] == [
        {"track_uri": "spotify:track:a", "occurrences": 2},
        {"track_uri": "spotify:track:b", "occurrences": 1},
    ]
    assert (weights[0]["songs"], weights[0]["songs_for_half"]) == (3, 1)


def test_half_of_the_plays_needs_as_many_songs_as_the_weights_say() -> None:
    items = [
        one
        for title, times in zip("abcd", (4, 3, 2, 1), strict=True)
        for one in named(title) * times
    ]
    weights = only(agree(Life(entries=playlist(items)), "playlist_weights"), "playlist_weights")

    assert column(weights, "occurrences", "songs_for_half") == [(4, 2), (3, 2), (2, 2), (1, 2)]


def test_items_without_an_id_are_not_one_song() -> None:
    items = [GONE, GONE, file("x", track_name=None), file("y", track_name=None)]
    tables = agree(Life(entries=playlist(items)), "playlist_weights", "playlist_duplicates")

    assert column(only(tables, "playlist_weights"), "recording_id", "occurrences") == [
        ("spotify:local:::x:200", 1),
        ("spotify:local:::y:200", 1),
    ]
    assert only(tables, "playlist_duplicates") == []


def test_plays_are_judged_by_weight_where_chance_alone_cannot_have_made_them() -> None:
    items = [*named("often") * 9, *named("half") * 9, *named("loved", "once", "never")]
    heard = [*plays("often", 60, 2), *plays("half", 60), *plays("loved", 30), *plays("once", 4)]
    weights = only(
        agree(Life(heard, entries=playlist(items)), "playlist_weights"), "playlist_weights"
    )
    verdicts = {row["track_id"]: row for row in weights}

    assert {name: (row["plays"], row["verdict"]) for name, row in verdicts.items()} == {
        "often": (120, "as_weighted"),
        "half": (60, "as_weighted"),
        "loved": (30, "overplayed"),
        "once": (4, "too_few"),
        "never": (0, "never_played"),
    }
    assert verdicts["often"]["expected_plays"] == pytest.approx(214 * 9 / 21)
    assert verdicts["loved"]["plays_share"] == pytest.approx(30 / 214)


def test_what_stands_there_often_and_is_hardly_heard_is_underplayed() -> None:
    life = Life([*plays("a", 60), *plays("b", 3)], entries=playlist(named("a") + named("b") * 2))
    weights = only(agree(life, "playlist_weights"), "playlist_weights")

    assert column(weights, "track_id", "verdict") == [("b", "underplayed"), ("a", "overplayed")]


def test_a_song_that_came_late_is_not_expected_before_it_came() -> None:
    late = track("late", "late", added_at=at("2026-02-28"))
    heard = [
        *plays("early", 60),
        *plays("late", 1, first="2026-01-05"),
        *plays("late", 1, 2, "2026-03-01"),
    ]
    weights = only(
        agree(Life(heard, entries=playlist([*named("early"), late])), "playlist_weights"),
        "playlist_weights",
    )
    found = {row["track_id"]: row for row in weights}

    assert (found["late"]["plays"], found["late"]["plays_since"]) == (3, 2)
    assert found["late"]["expected_plays"] == pytest.approx((1 + 3) / 2), "28 February and 1 March"
    assert found["early"]["expected_plays"] == pytest.approx(58 + 2)
    assert {row["verdict"] for row in weights} == {"as_weighted", "too_few"}


def test_plays_are_at_least_those_where_the_ledger_has_a_gap_since_the_song_came() -> None:
    new = track("new", "new", added_at=at("2026-02-01"))
    life = Life(
        plays("old", 50),
        [gap("2026-01-10", "2026-01-11")],
        entries=playlist([*named("old"), new]),
        known_from=LONG_AGO,
        known_to=at("2026-03-01"),
    )
    weights = only(agree(life, "playlist_weights"), "playlist_weights")

    assert column(weights, "track_id", "at_least") == [("old", True), ("new", False)]
    nothing = only(agree(Life(entries=playlist([new])), "playlist_weights"), "playlist_weights")
    assert column(nothing, "verdict", "at_least") == [("never_played", True)]


INTRO = {"track_name": "Intro", "album_name": "A"}
UNKNOWN, PLAYABLE, UNPLAYABLE = ({"state": s} for s in ("unknown", "playable", "unplayable"))
ALBUM, SINGLE, COMPILATION = ({"album_type": one} for one in ("album", "single", "compilation"))


def kept(life: Life) -> list[tuple[object, ...]]:
    tables = agree(life, "playlist_duplicates")
    names = ("position", "match", "kept_first_added", "kept_last_added", "kept_best")
    return column(only(tables, "playlist_duplicates"), *names)


def test_the_same_id_and_the_same_isrc_are_duplicates_of_which_each_policy_keeps_one() -> None:
    single = track("a", isrc=ISRC, album_type="single", added_at=at("2026-01-02"))
    album = track("b", isrc=ISRC, album_type="album", added_at=at("2026-01-03"))
    items = [single, track("c", "Other"), single | {"added_at": at("2026-01-01")}, album]

    assert kept(Life(entries=playlist(items))) == [
        (1, "same_id", False, False, False),
        (3, "same_id", True, False, False),
        (4, "same_isrc", False, True, True),
    ]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (UNPLAYABLE | ALBUM, UNKNOWN | SINGLE),
        (UNKNOWN | ALBUM, PLAYABLE | COMPILATION),
        (SINGLE, ALBUM),
        (COMPILATION, SINGLE),
        ({"album_type": None}, COMPILATION),
        ({"added_at": at("2026-01-02")}, {"added_at": at("2026-01-01")}),
        ({"added_at": at("2026-01-02")}, {"added_at": None}),
    ],
)
def test_the_best_can_be_played_and_is_on_an_album_and_is_old(worse: Row, better: Row) -> None:
    told = [track("a", isrc=ISRC) | worse, track("b", isrc=ISRC) | better]

    for items in permutations(told):
        best = [one[-1] for one in kept(Life(entries=playlist(items)))]
        assert best == [item["track_id"] == "b" for item in items]


def test_of_items_added_together_the_first_and_the_last_are_kept() -> None:
    assert kept(Life(entries=playlist([track()] * 3))) == [
        (1, "same_id", True, False, True),
        (2, "same_id", False, False, False),
        (3, "same_id", False, True, False),
    ]


APART = [
    ("Song (Live)", "Song"),
    ("Song - Acoustic", "Song"),
    ("Song (Acústico)", "Song"),
    ("Song (Someone Remix)", "Song (Another Remix)"),
    ("Song - Remastered 2011", "Song"),
    ("Song - Radio Edit", "Song"),
    ("Song (Demo)", "Song"),
    ("Song (Instrumental)", "Song"),
    ("Song (Clean)", "Song"),
    ("Song - En Vivo", "Song"),
    ("歌 - ライブ", "歌"),
    ("Песня (акустика)", "Песня"),
    ("Song, Pt. 2", "Song, Pt. 1"),
]


@pytest.mark.parametrize(("title", "other"), APART)
def test_versions_of_a_song_are_no_duplicates(title: str, other: str) -> None:
    items = [track("a", title, isrc=ISRC), track("b", other, isrc=OTHER_ISRC)]

    assert kept(Life(entries=playlist(items))) == []


@pytest.mark.parametrize(
    ("one", "other", "probable"),
    [
        ({"isrc": ISRC}, {"isrc": OTHER_ISRC}, True),
        ({"isrc": ISRC}, {}, True),
        ({}, {"duration_ms": 245_000}, True),
        ({}, {"duration_ms": 245_001}, False),
        ({}, {"duration_ms": None}, True),
        ({"explicit": True}, {"explicit": False}, False),
        ({"track_name": "Song (Explicit)"}, {"explicit": True}, True),
        ({}, {"track_name": "SONG (feat. Guest)"}, True),
        ({"track_name": "Song (Live)"}, {"track_name": "Song - en vivo"}, True),
        ({"track_name": "Song - 2011 Remaster"}, {"track_name": "Song (Remastered 2011)"}, True),
        ({}, {"artist_id": "a", "artist_name": "Another"}, False),
        ({"artist_name": "Various Artists"}, {"artist_name": "Various Artists"}, False),
        (INTRO, INTRO | {"album_name": "B"}, False),
        (INTRO, INTRO, True),
        ({"kind": "episode"}, {"kind": "episode"}, False),
        ({"track_name": " ", "isrc": ISRC}, {"track_name": " ", "isrc": OTHER_ISRC}, False),
        ({"track_name": "Song feat. Guest - Live at Saint-Denis"}, {}, False),
        ({"track_name": 'Song (From "A Film"/Instrumental)'}, {"track_name": "Song"}, False),
        ({"track_name": 'Song (From "A Film")'}, {"track_name": "Song"}, True),
        ({"track_name": 'Theme (From "A")'}, {"track_name": 'Theme (From "B")'}, False),
        (
            {"track_name": "Song - Mono / Remastered"},
            {"track_name": "Song (Mono) - Remaster"},
            True,
        ),
    ],
)
def test_the_same_names_are_probable_duplicates_at_most(
    one: Row, other: Row, probable: bool
) -> None:
    items = [track("a") | one, track("b") | other]

    assert [row[1] for row in kept(Life(entries=playlist(items)))] == ["probable"] * 2 * probable


def test_a_probable_group_has_all_of_the_groups_that_it_joins() -> None:
    items = [track("a", isrc=ISRC), track("b", isrc=ISRC), track("c", isrc=OTHER_ISRC)]
    tables = agree(Life(entries=playlist(items)), "playlist_duplicates")

    found = only(tables, "playlist_duplicates")
    assert column(found, "group_id", "position", "match") == [
        (1, 1, "same_isrc"),
        (1, 2, "same_isrc"),
        (2, 1, "probable"),
        (2, 2, "probable"),
        (2, 3, "probable"),
    ]
    assert found[0]["reason"] == f"The same recording 2 times, by its ISRC {ISRC}, under 2 ids."
    assert found[0]["kept_reason"] == (
        "first_added keeps item 1, the first of those added together; last_added item 2, the last "
        "of those added together; best item 1, added before others that are as good."
    )


def test_playlists_have_duplicates_of_their_own() -> None:
    entries = [*playlist([track()], "A"), *playlist([track(), track()], "B")]
    found = only(agree(Life(entries=entries), "playlist_duplicates"), "playlist_duplicates")

    assert column(found, "playlist_id", "position") == [("B", 1), ("B", 2)]


def test_two_playlists_overlap_by_songs_and_by_items() -> None:
    a, again, b, c, d = (track(id_, id_) for id_ in "aabcd")
    entries = [*playlist([a, again, a, b, GONE], "A"), *playlist([a, b, b, c, d, GONE], LIKED)]
    life = Life(entries=entries, readings=[reading("A", 5), reading("Z", 0), reading("no", None)])
    found = only(agree(life, "playlist_overlap"), "playlist_overlap")

    assert column(found, "playlist_a", "playlist_b") == [("A", "Z"), ("A", LIKED), ("Z", LIKED)]
    row = found[1]
    assert (row["in_both"], row["only_in_a"], row["only_in_b"]) == (2, 0, 2)
    assert (row["jaccard"], row["containment_a"], row["containment_b"]) == (0.5, 1.0, 0.5)
    assert (row["items_both"], row["items_only_in_a"], row["items_only_in_b"]) == (2, 2, 3)
    assert row["jaccard_items"] == pytest.approx(2 / 7)
    assert (found[0]["jaccard"], found[0]["containment_b"]) == (0.0, None)


def test_a_playlist_is_told_by_items_and_by_songs_with_what_is_known_of_how_many() -> None:
    rock = track("one-again", "One", artist_id="b", release_year=1994)
    other = track("x", "Two", "Other", artist_id="o", release_year=2001, popularity=40)
    sounds = [{"track_key": "1", "track_id": "one-again", "genres": ["rock"], **SOUND}]
    life = Life(entries=playlist([rock, rock, rock, other, GONE]), sounds=sounds)
    found = {
        (row["aspect"], row["value"]): row
        for row in only(agree(life, "playlist_dna"), "playlist_dna")
    }
    rows = {
        key: [row[f"{of}_{what}"] for of in ("items", "songs") for what in ("share", "coverage")]
        for key, row in found.items()
        if key[0] != "average"
    }

    assert rows == {
        ("genre", "rock"): [1.0, 0.75, 1.0, 0.5],
        ("decade", "1990"): [0.75, 1.0, 0.5, 1.0],
        ("decade", "2000"): [0.25, 1.0, 0.5, 1.0],
        ("popularity", "40"): [1.0, 0.25, 1.0, 0.5],
        ("artist", "Band"): [0.75, 1.0, 0.5, 1.0],
        ("artist", "Other"): [0.25, 1.0, 0.5, 1.0],
    }
    year = found["average", "release_year"]
    assert (year["items_mean"], year["songs_mean"]) == (1995.75, 1997.5)
    assert found["average", "energy"]["items_coverage"] == 0.75


def test_a_recording_is_of_the_year_of_its_first_release() -> None:
    best_of = track("a", "One", isrc=ISRC, release_year=2011, album_type="compilation")
    album = track("b", "One", isrc=ISRC, release_year=1975)
    found = only(agree(Life(entries=playlist([best_of, album])), "playlist_dna"), "playlist_dna")
    assert [row["value"] for row in found if row["aspect"] == "decade"] == ["1970"]


def test_what_came_and_went_can_be_added_up_and_an_exchange_is_told() -> None:
    changes = [
        change("spotify:track:old", 1, 0, isrc=ISRC),
        change("spotify:track:new", 0, 1, isrc=ISRC),
        change("spotify:track:more", 1, 4),
        change("spotify:track:fewer", 3, 1),
        change("", 2, 0),
    ]
    found = only(agree(Life(changes=changes), "playlist_history"), "playlist_history")

    names = ("track_uri", "change", "items_came", "items_went", "exchanged")
    assert sorted(column(found, *names)) == [
        ("", "went", 0, 2, False),
        ("spotify:track:fewer", "fewer", 0, 2, False),
        ("spotify:track:more", "more", 3, 0, False),
        ("spotify:track:new", "came", 1, 0, True),
        ("spotify:track:old", "went", 0, 1, True),
    ]
    assert {row["read_on"] for row in found} == {date(2026, 6, 1)}


def test_the_order_in_which_items_lie_changes_no_byte() -> None:
    added = at("2026-01-05")
    items = [one | {"added_at": added + timedelta(days=n % 5)} for n, one in enumerate(TRACKS * 3)]
    entries = [*playlist(items, "A"), *playlist(items[5:40], "B"), *playlist(TRACKS, LIKED)]
    heard = [*plays("Band/One", 9), *plays("four", 3)]
    names = [f"playlist_{name}" for name in ("items", "weights", "duplicates", "overlap", "dna")]

    def made(rows: list[Row]) -> dict[str, bytes]:
        tables = compute(names, inputs(Life(heard, entries=rows)), BERLIN)
        return {name: to_parquet(table, {}) for name, table in tables}

    once = made(entries)
    assert made(entries[::-1]) == once
    assert made(sorted(entries, key=lambda row: row["position"] * 7 % 11)) == once


def test_of_many_artists_the_hundred_with_most_items_have_a_row() -> None:
    songs = [track(f"{n}", "Song", f"Artist {n:03}") for n in range(130)]
    dna = only(
        agree(Life(entries=playlist([*songs, *songs[125:]])), "playlist_dna"), "playlist_dna"
    )
    artists = column([row for row in dna if row["aspect"] == "artist"], "rank", "value", "values")

    assert artists[:6] == [
        *((rank, f"Artist {rank + 124}", 130) for rank in range(1, 6)),
        (6, "Artist 000", 130),
    ]
    assert artists[-1] == (100, "Artist 094", 130), "of equal ones those that come first"
