"""Which tracks count as one song, and that an answer stays while nothing contradicts it.

Add a test here when the rule in `recording_ids.py` gets another clause. How a track is described is
`test_tracks_and_artists.py`.
"""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.schema.tables import PLAYS

Row = dict[str, Any]
BEGIN = datetime(2023, 3, 1, 8, tzinfo=UTC)
ONE, OTHER = "DEA379900001", "DEA379900002"


def exported(
    key: str | None, title: str | None = "Regen", album: str = "Album", **known: Any
) -> Row:
    """A play to the end, as an export tells it."""
    return {
        "track_id": key,
        "track_name": title,
        "artist_name": "Testband",
        "album_name": album,
        "kind": "track",
        "ms_played": 200_000,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "source": "export",
        **known,
    }


def polled(key: str, title: str = "Regen", album: str = "Album", **known: Any) -> Row:
    """A play as a poll tells it."""
    told = {"source": "api", "duration_ms": 200_000, "artist_id": "band", "reason_end": None}
    return exported(key, title, album, **told | known)


def recordings(*plays: Row) -> dict[str, str]:
    """The recording of each track, the plays being an hour apart."""
    rows = []
    for number, play in enumerate(plays):
        at = play.get("played_at", BEGIN + timedelta(hours=number))
        rows.append(
            {
                "play_id": f"{number:03}",
                "listener": "nico",
                "played_at": at,
                "local_time": at.replace(tzinfo=None),
                "local_date": at.date(),
                "local_hour": at.hour,
                "local_weekday": at.weekday(),
                "ms_played_source": "measured",
                "counts": True,
                **play,
            }
        )
    tracks = unique_tracks(PLAYS.conform(PLAYS.from_rows(rows))).to_pylist()
    return {row["track_key"]: row["recording_id"] for row in tracks}


def count(*plays: Row) -> int:
    return len(set(recordings(*plays).values()))


def test_one_song_on_single_album_and_compilation_is_one() -> None:
    plays = (
        exported("a", album="Regen"),
        exported("b", album="First", ms_played=201_500),
        exported("c", album="Hits", ms_played=198_400),
        polled("d", album="First (Deluxe Edition)", duration_ms=200_300),
    )

    assert set(recordings(*plays).values()) == {"name:testband|regen"}


@pytest.mark.parametrize(("difference", "songs"), [(0, 1), (5_000, 1), (5_001, 2), (60_000, 2)])
def test_lengths_a_few_seconds_apart_are_one_song_and_others_two(
    difference: int, songs: int
) -> None:
    assert count(exported("a"), exported("b", album="B", ms_played=200_000 + difference)) == songs
    assert count(polled("a"), polled("b", duration_ms=200_000 + difference)) == songs
    assert count(polled("a"), exported("b", ms_played=200_000 + difference)) == songs


def test_however_many_lengths_lie_between_two_that_differ_are_two_songs() -> None:
    told = recordings(
        *(exported(f"t{n}", album=f"Album {n}", ms_played=200_000 + 4_000 * n) for n in range(3))
    )

    assert told["t0"] == told["t1"] != told["t2"]


def test_a_length_is_what_most_whole_plays_lasted() -> None:
    cut = exported("b", ms_played=41_000, reason_end="fwdbtn")
    resumed = exported("b", ms_played=90_000, reason_start="appload")
    rewound = exported("b", ms_played=260_000)

    assert count(exported("a"), cut, resumed) == 1
    assert count(exported("a"), *[exported("b")] * 2, cut, resumed, rewound) == 1
    assert count(exported("a"), *[exported("b", ms_played=90_000)] * 2, exported("b")) == 2


def test_two_isrcs_are_two_songs_and_one_is_one() -> None:
    assert count(polled("a", isrc=ONE), polled("b", isrc=OTHER)) == 2
    assert count(polled("a", isrc=ONE), polled("b", "Regen - Remaster", isrc=ONE)) == 1
    assert count(polled("a", isrc=ONE), polled("b", isrc=ONE, duration_ms=300_000)) == 1


def test_without_an_isrc_it_is_the_song_of_the_same_name_and_length() -> None:
    told = recordings(
        polled("a", isrc=ONE), exported("b"), polled("c"), exported("d", ms_played=300_000)
    )

    assert told["a"] == told["b"] == told["c"] == f"isrc:{ONE}"
    assert told["d"] == "name:testband|regen|d"


def test_of_two_isrcs_that_of_the_same_album_counts_and_else_the_first_heard() -> None:
    plays = (
        polled("a", album="First", isrc=ONE),
        polled("b", album="Second", isrc=OTHER),
        exported("c", album="Second (Bonus)"),
        exported("d", album="Hits"),
        *[polled("b", album="Second", isrc=OTHER)] * 5,
    )
    told = recordings(*plays)

    assert told["c"] == f"isrc:{OTHER}"
    assert told["d"] == f"isrc:{ONE}"


def test_what_was_never_heard_to_its_end_is_the_first_of_its_name() -> None:
    cut = {"ms_played": 12_000, "reason_end": "fwdbtn"}
    long = exported("b", album="Second", ms_played=400_000)

    told = recordings(exported("a"), long, exported("c", album="Third", **cut))
    assert told["c"] == told["a"] != told["b"]
    told = recordings(exported("a"), long, exported("c", album="Second", **cut))
    assert told["c"] == told["b"] != told["a"]


@pytest.mark.parametrize(
    "title",
    ["Intro", "INTRO (Live)", "Interlude 2", "Skit", "Outro", "Track 03", "Интро", "イントロ"],
)
def test_a_title_that_names_a_place_is_a_song_only_on_its_album(title: str) -> None:
    one, other = exported("a", title, "First Album"), exported("b", title, "Second Album")

    assert count(one, other) == 2
    assert count(one, other | {"album_name": "First Album (Deluxe)"}) == 1
    same = {"isrc": ONE}
    assert count(polled("a", title, "First", **same), polled("b", title, "Second", **same)) == 1


def test_a_title_with_more_to_it_names_no_place() -> None:
    assert count(exported("a", "Intro to Rain", "A"), exported("b", "Intro to Rain", "B")) == 1


def test_what_polls_tell_later_joins_and_parts_nothing_without_need() -> None:
    history = [
        exported("a", album="Regen"),
        exported("b", album="First"),
        exported("c", album="Live", ms_played=420_000),
        exported("x", "Sonne"),
    ]
    before = recordings(*history)
    after = recordings(
        *history,
        polled("b", album="First", isrc=ONE, duration_ms=200_400),
        *[polled("c", album="Live", isrc=OTHER, duration_ms=419_000)] * 9,
    )

    def parts(told: dict[str, str]) -> set[frozenset[str]]:
        by_id: dict[str, set[str]] = {}
        for key, recording in told.items():
            by_id.setdefault(recording, set()).add(key)
        return {frozenset(keys) for keys in by_id.values()}

    assert parts(before) == parts(after) == {frozenset("ab"), frozenset("c"), frozenset("x")}
    assert after["x"] == before["x"]


def test_how_often_songs_are_played_later_changes_nothing() -> None:
    first = exported("a"), exported("b", ms_played=300_000), exported(None, ms_played=299_000)
    before = recordings(*first)

    assert recordings(*first, *[exported("b", ms_played=300_000)] * 9) == before


def test_the_order_of_plays_makes_no_difference() -> None:
    plays = [
        {**play, "played_at": BEGIN + timedelta(days=number)}
        for number, play in enumerate(
            [exported("a"), polled("b", isrc=ONE), exported("c", ms_played=300_000), exported(None)]
        )
    ]
    told = [recordings(*order) for order in permutations(plays)]

    assert all(one == told[0] for one in told)


def test_various_artists_are_nobody_whose_songs_could_be_the_same() -> None:
    nobody = {"artist_name": "Various Artists"}
    one, other = (exported(key, "Intro", album, **nobody) for key, album in ("aA", "bB"))

    assert recordings(one, other) == {"a": "a", "b": "b"}


def test_a_song_of_a_compilation_is_known_by_its_id() -> None:
    compiled = exported("a", album="Hits", artist_name="Verschiedene Interpreten")
    told = recordings(compiled, polled("a", album="Hits"), exported("b", album="First"), compiled)

    assert told["a"] == told["b"] == "name:testband|regen"


def test_names_of_a_compilation_are_the_one_track_that_has_them_or_none() -> None:
    nobody = {"artist_name": "Various Artists"}
    mute = exported(None, **nobody)

    assert set(recordings(exported("a", **nobody), mute)) == {"a"}
    assert set(recordings(exported("a", **nobody), exported("b", **nobody), mute)) == {
        "a",
        "b",
        "Various Artists - Regen",
    }


def test_artists_of_one_name_have_songs_of_their_own() -> None:
    told = recordings(polled("a"), polled("b", artist_id="other band"))

    assert told == {"a": "name:testband|regen", "b": "name:testband|regen|b"}


def test_an_artist_with_a_new_name_has_the_same_songs() -> None:
    assert count(polled("a"), polled("b", artist_name="Die Testband")) == 1


def test_marks_that_carry_meaning_keep_songs_apart() -> None:
    titles = ["パパ", "ハハ", "मेरा", "मेरी", "दिल", "दल", "ป้า", "ปา", "Край", "Краи", "❤", "💔"]

    assert count(*(exported(f"t{n}", title) for n, title in enumerate(titles))) == len(titles)


def test_chapters_of_two_books_are_not_one() -> None:
    one, other = (
        exported(key, "Chapter One", book, kind="audiobook") for key, book in ("aA", "bB")
    )

    assert count(one, other) == 2
