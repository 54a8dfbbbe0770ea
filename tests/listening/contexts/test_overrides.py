"""What the listener says holds for the plays that they meant, and for no others.

Add a test here when a rule or a label is matched in a new way. How the words are written is tested
with the other settings, the command with itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given as chance
from hypothesis import strategies as st

from pipelines.listening.catalogue.identifiers import LIKED_SONGS
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import (
    BY_HAND,
    Hours,
    Label,
    ManualLabels,
    Override,
    manual_labels,
    session_at,
)
from pipelines.listening.contexts.timeline import Timeline
from pipelines.listening.schema.tables import GAPS, PLAYS
from tests.support.spotify_answers import minutes

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
EVENING = MONDAY + minutes(20 * 60)
OFTEN = st.integers(0, 7 * 24 * 60 - 1)


def play(end: datetime, lasting: float = 3, clock: int = 0, **known: Any) -> dict[str, object]:
    """A play that ended then; the listener's clock is some hours ahead of UTC."""
    local = (end + timedelta(hours=clock)).replace(tzinfo=None)
    return {
        "play_id": end.isoformat(),
        "listener": "nico",
        "played_at": end,
        "started_at": end - minutes(lasting),
        "local_time": local,
        "local_date": local.date(),
        "local_hour": local.hour,
        "local_weekday": local.weekday(),
        "kind": "track",
        "ms_played": int(lasting * 60_000),
        "ms_played_source": "assumed",
        "counts": True,
        "source": "api",
        **known,
    }


def said(
    plays: Sequence[dict[str, object]],
    rules: Sequence[Override] = (),
    labels: Sequence[Label] = (),
) -> ManualLabels:
    rows = PLAYS.conform(PLAYS.from_rows(list(plays)))
    rows = rows.append_column("recording_id", rows["play_id"])
    keys = pc.coalesce(rows["artist_id"], rows["artist_name"])
    rows = rows.append_column("artist_key", keys)
    return manual_labels(rows, Timeline.of(rows, GAPS.empty()), rules, labels)


def contexts(told: ManualLabels) -> list[str | None]:
    return [None if number < 0 else CONTEXTS[number] for number in told.context]


def reasons(told: ManualLabels) -> list[str | None]:
    return [None if number < 0 else told.reasons[number] for number in told.reason]


def holds(rule: Override, **known: Any) -> bool:
    return contexts(said([play(EVENING, **known)], [rule])) == [rule.context]


def playlist(uri: str = "spotify:playlist:p1", name: str | None = "Nap") -> dict[str, object]:
    return {
        "played_from_type": "playlist",
        "played_from_uri": uri,
        "played_from_name": name,
    }


def test_where_nothing_is_said_nothing_holds() -> None:
    told = said([play(EVENING)])
    assert contexts(told) == reasons(told) == [None]


def test_without_plays_rules_and_labels_hold_for_none() -> None:
    told = said([], [Override("kids", artist="A")], [Label(EVENING, "sleep")])
    assert (len(told.context), len(told.reason)) == (0, 0)


ALL_GIVEN = Override(
    "kids", artist="A", track="T", playlist="Nap", hours=Hours((0,), 18 * 60, 21 * 60)
)
FITS: dict[str, Any] = {"artist_name": "A", "track_name": "T", **playlist()}


def test_a_rule_with_several_conditions_holds_where_all_do() -> None:
    assert holds(ALL_GIVEN, **FITS)


@pytest.mark.parametrize(
    "other",
    [
        {"artist_name": "B"},
        {"track_name": None},
        {"played_from_name": "Party"},
        {"local_time": (EVENING + timedelta(days=1)).replace(tzinfo=None)},
        {"local_time": (EVENING + minutes(90)).replace(tzinfo=None)},
    ],
)
def test_a_rule_with_several_conditions_fails_with_one_of_them(other: dict[str, Any]) -> None:
    assert not holds(ALL_GIVEN, **FITS | other)


def test_of_several_rules_the_first_one_written_holds() -> None:
    wide, narrow = Override("party", artist="A"), Override("sleep", artist="A", track="T")
    plays = [
        play(EVENING, artist_name="A", track_name="T"),
        play(EVENING + minutes(5), artist_name="A", track_name="U"),
    ]
    assert contexts(said(plays, [wide, narrow])) == ["party", "party"]
    assert contexts(said(plays, [narrow, wide])) == ["sleep", "party"]


@chance(st.lists(st.sampled_from(CONTEXTS), min_size=1, max_size=6), st.sampled_from(CONTEXTS))
def test_a_sessions_label_is_stronger_than_any_rules(rules: list[str], label: str) -> None:
    told = said(
        [play(EVENING, artist_name="A")],
        [Override(context, artist="A") for context in rules],
        [Label(EVENING, label)],
    )
    assert contexts(told) == [label]
    assert reasons(told) == [BY_HAND]


def test_of_several_labels_of_a_session_the_last_one_given_holds() -> None:
    labels = [Label(EVENING, "kids"), Label(EVENING - minutes(1), "sleep")]
    assert contexts(said([play(EVENING)], labels=labels)) == ["sleep"]
    assert contexts(said([play(EVENING)], labels=labels[::-1])) == ["kids"]


def test_the_reason_names_the_rule_that_holds() -> None:
    rules = [
        Override("kids", artist="A", hours=Hours((0,))),
        Override("sleep", playlist="Nap"),
    ]
    plays = [play(EVENING, artist_name="a"), play(EVENING + minutes(5), **playlist())]
    first, second = reasons(said(plays, rules))
    assert first == "you said so: artist “A”, these hours"
    assert second == "you said so: playlist “Nap”"


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("beyonce", "Beyoncé"),
        ("SIGUR ROS", "Sigur Rós"),
        ("Tyler the Creator", "Tyler, The Creator"),
        ("ac dc", "AC/DC"),
        ("  Die Drei ??? ", "Die drei ???"),
        ("!!!", "!!!"),
        ("椎名林檎", "椎名林檎"),
    ],
)
def test_names_are_compared_without_case_accents_and_punctuation(written: str, heard: str) -> None:
    assert holds(Override("kids", artist=written), artist_name=heard)
    assert holds(Override("kids", track=written), track_name=heard)
    assert holds(Override("kids", playlist=written), **playlist(name=heard))


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("!!!", "???"),
        ("Sia", "Sias"),
        ("The", "The A"),
        ("ハナ", "バナ"),
        ("दल", "दिल"),
        ("Цои", "Цой"),
    ],
)
def test_other_names_are_others(written: str, heard: str) -> None:
    assert not holds(Override("kids", artist=written), artist_name=heard)


@pytest.mark.parametrize(
    ("kind", "prefix", "known"),
    [
        ("artist", "spotify:artist:", {"artist_id": "x1"}),
        ("track", "spotify:track:", {"track_id": "x1", "track_uri": "spotify:track:x1"}),
        ("playlist", "spotify:playlist:", playlist("spotify:playlist:x1", None)),
    ],
)
def test_an_id_and_a_uri_name_what_they_name(kind: str, prefix: str, known: dict[str, Any]) -> None:
    assert holds(Override("kids", **{kind: "x1"}), **known)
    assert holds(Override("kids", **{kind: prefix + "x1"}), **known)
    assert not holds(Override("kids", **{kind: "X1"}), **known), "an id has its case"
    assert not holds(Override("kids", **{kind: "x1"}))


@pytest.mark.parametrize(
    "written",
    [
        "p1",
        "spotify:playlist:p1",
        "spotify:user:somebody:playlist:p1",
        "https://open.spotify.com/intl-de/playlist/p1?si=abc",
        " https://open.spotify.com/playlist/p1 ",
    ],
)
def test_a_playlist_may_be_named_in_every_shape(written: str) -> None:
    assert holds(Override("kids", playlist=written), **playlist())
    assert not holds(Override("kids", playlist=written), **playlist("spotify:playlist:p2"))


def test_an_artists_id_names_them_where_an_export_tells_their_name_alone() -> None:
    rows = PLAYS.from_rows([play(EVENING, artist_name="A"), play(EVENING + minutes(4))])
    rows = PLAYS.conform(rows).append_column("recording_id", pa.array(["r", "s"]))
    rows = rows.append_column("artist_key", pa.array(["x1", None]))
    for written in ("x1", "spotify:artist:x1"):
        told = manual_labels(
            rows, Timeline.of(rows, GAPS.empty()), [Override("kids", artist=written)], []
        )
        assert contexts(told) == ["kids", None]


def test_artists_and_tracks_may_be_named_by_their_addresses() -> None:
    artist = Override("kids", artist="https://open.spotify.com/intl-fr/artist/x1?si=2")
    assert holds(artist, artist_id="x1")
    assert not holds(artist, artist_id="x2")
    assert not holds(Override("kids", artist="spotify:track:x1"), artist_id="x1")
    track = Override("kids", track="https://open.spotify.com/track/x1")
    assert holds(track, track_id="x1")
    local = "spotify:local:Band::Song:200"
    assert holds(Override("kids", track=local), track_uri=local)


@pytest.mark.parametrize("written", ["Liked Songs", "spotify:user:me:collection", LIKED_SONGS])
def test_liked_songs_are_a_playlist_to_people(written: str) -> None:
    liked = {
        "played_from_type": "collection",
        "played_from_uri": LIKED_SONGS,
        "played_from_name": "Liked Songs",
    }
    assert holds(Override("focus", playlist=written), **liked)
    assert not holds(Override("focus", playlist=written), **playlist())


def test_a_playlists_rule_holds_only_for_plays_from_playlists() -> None:
    rule = Override("sleep", playlist="Nap")
    assert holds(rule, **playlist())
    assert not holds(rule, **playlist() | {"played_from_type": "album"})
    assert not holds(rule, **playlist() | {"played_from_type": None})
    assert not holds(rule, track_name="Nap", artist_name="Nap", album_name="Nap")


@chance(OFTEN, st.lists(st.integers(0, 6), min_size=1, unique=True), *[st.integers(0, 1439)] * 2)
def test_hours_past_midnight_belong_to_the_weekday_on_which_they_begin(
    minute: int, weekdays: list[int], start: int, end: int
) -> None:
    length = (end - start) % 1440 or 1
    rule = Hours(tuple(weekdays), start, (start + length) % 1440)
    since = np.array([(minute - day * 1440 - start) % (7 * 1440) for day in weekdays])
    at = MONDAY + minutes(minute)
    assert rule.contains(np.array([int(at.timestamp() * 1000)])) == [(since < length).any()]


def test_hours_are_of_the_listeners_clock_and_of_a_plays_start() -> None:
    friday = Override("party", hours=Hours((4,), 22 * 60, 2 * 60))
    end = MONDAY + timedelta(days=4, hours=16, minutes=62)
    assert contexts(said([play(end, clock=5)], [friday])) == [None], "began at 21:59"
    assert contexts(said([play(end + minutes(1), clock=5)], [friday])) == ["party"]
    assert contexts(said([play(end + minutes(4 * 60), clock=5)], [friday])) == ["party"]
    assert contexts(said([play(end + minutes(4 * 60 + 1), clock=5)], [friday])) == [None]
    assert contexts(said([play(end - minutes(20 * 60), clock=5)], [friday])) == [None], "Thursday's"


TWO_SESSIONS = [play(EVENING), play(EVENING + minutes(4)), play(EVENING + minutes(60))]


@pytest.mark.parametrize(
    ("at", "labelled"),
    [
        (minutes(-3), [True, True, False]),
        (minutes(2), [True, True, False]),
        (minutes(4), [True, True, False]),
        (minutes(58), [False, False, True]),
        (minutes(-3.1), [False] * 3),
        (minutes(4.1), [False] * 3),
        (minutes(30), [False] * 3),
        (minutes(61), [False] * 3),
        (timedelta(days=-999), [False] * 3),
    ],
)
def test_a_label_holds_for_its_session_and_in_a_pause_for_none(
    at: timedelta, labelled: list[bool]
) -> None:
    told = said(TWO_SESSIONS, labels=[Label(EVENING + at, "kids")])
    assert [context == "kids" for context in contexts(told)] == labelled


def test_the_minute_in_which_a_session_begins_is_in_it() -> None:
    at = EVENING + timedelta(seconds=50)
    label = Label(at.replace(second=0) - minutes(3), "sleep")
    assert contexts(said([play(at)], labels=[label])) == ["sleep"]


@chance(st.floats(0, 7), st.lists(st.integers(-60, 60).filter(lambda at: at), max_size=8))
def test_a_session_that_grows_keeps_its_label(inside: float, later: list[int]) -> None:
    known = [play(EVENING + minutes(at)) for at in (0, 4)]
    label = Label(EVENING + minutes(inside - 3), "sleep")
    ends = {EVENING + minutes(at) for at in later} - {one["played_at"] for one in known}
    told = said([*known, *(play(end) for end in ends)], labels=[label])
    times = sorted([*ends, EVENING, EVENING + minutes(4)])
    of_old = [times.index(EVENING), times.index(EVENING + minutes(4))]
    assert [contexts(told)[place] for place in of_old] == ["sleep", "sleep"]


def test_plays_that_come_late_at_either_end_are_labelled_with_their_session() -> None:
    plays = [play(EVENING + minutes(at)) for at in (-15, 0, 15, 50)]
    told = said(plays, labels=[Label(EVENING, "sleep")])
    assert contexts(told) == ["sleep", "sleep", "sleep", None]


@chance(st.lists(st.integers(0, 5_000), min_size=1, max_size=9, unique=True), OFTEN)
def test_an_instant_is_in_the_session_that_says_so(edges: list[int], at: int) -> None:
    edges = sorted(edges)
    starts, ends = (np.array(edges[k : len(edges) // 2 * 2 : 2]) * 60_000 for k in (0, 1))
    inside = [n for n in range(len(ends)) if starts[n] <= at * 60_000 <= ends[n]]
    assert session_at(starts, ends, at * 60_000) == next(iter(inside), None)


def test_rules_hold_for_the_same_plays_whatever_else_is_there() -> None:
    rule = Override("kids", artist="A", hours=Hours(start=19 * 60, end=21 * 60))
    plays = [play(EVENING + minutes(30 * n), artist_name="AB"[n % 2]) for n in range(20)]
    alone = [contexts(said([one], [rule]))[0] for one in plays]
    assert contexts(said(plays, [rule, replace(rule, artist="C")])) == alone
    assert "kids" in alone


def test_plays_in_pieces_are_judged_as_a_whole() -> None:
    rows = [PLAYS.from_rows([play(EVENING + minutes(n), artist_name="A")]) for n in range(3)]
    plays = pa.concat_tables(rows)
    plays = plays.append_column("recording_id", plays["play_id"])
    plays = plays.append_column("artist_key", plays["artist_name"])
    told = manual_labels(
        plays, Timeline.of(plays, GAPS.empty()), [Override("kids", artist="a")], []
    )
    assert contexts(told) == ["kids"] * 3
