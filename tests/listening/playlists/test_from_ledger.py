"""What is picked from the ledger, in which order, and what of it has no id at Spotify."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from pipelines.errors import RefusedPlan
from pipelines.listening.insights.runner import insights
from pipelines.listening.playlists.from_ledger import (
    PICKS,
    PLAYS_COLUMNS,
    default_name,
    is_incomplete,
    parse_pick,
    picked,
    plan_of,
)
from pipelines.listening.playlists.items_to_write import heard_in
from pipelines.listening.playlists.parts import Pace, Planned
from pipelines.listening.playlists.plan import Options
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.tables import GAPS, UNIQUE_TRACKS

Row = dict[str, Any]

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
PLAYS = LABELLED_PLAYS.with_columns(PLAYS_COLUMNS)


def track(name: str, *, id_: str | None = "", kind: str = "track", **other: object) -> Row:
    """A track of a recording of this name; its id is made of the name where none is given."""
    own = name * 3 if id_ == "" else id_
    return {
        "track_key": own or f"Band - {name}",
        "recording_id": f"name:{name}",
        "kind": kind,
        "track_id": own,
        "track_name": name,
        "artist_name": "Band",
        "plays": 5,
        "ms_played": 900_000,
        "unknown_lengths": 0,
        "first_played_at": NOW - timedelta(days=400),
        "last_played_at": NOW - timedelta(days=100),
        **other,
    }


def play(name: str, context: str = "everyday", day: str = "2025-06-01", **other: object) -> Row:
    return {
        "local_date": date.fromisoformat(day),
        "kind": "track",
        "counts": True,
        "ms_played": 200_000,
        "recording_id": f"name:{name}",
        "context": context,
        "context_confidence": 0.8,
        "mine": context not in {"sleep", "kids"},
        **other,
    }


def rows_of(table: str, rows: Sequence[Row]) -> Any:
    if table == LABELLED_PLAYS.name:
        return PLAYS.from_rows(list(rows))
    declared = insights()[table].table
    blank = {
        field.name: {"string": "", "bool": False, "int32": 1, "double": 1.0}.get(str(field.type))
        for field in declared.fields
        if not field.nullable
    }
    return declared.from_rows([blank | {"scope": "mine"} | row for row in rows])


def plan(
    asked: str,
    rows: Sequence[Row],
    tracks: Sequence[Row],
    *,
    without: tuple[str, ...] = (),
    plays: Sequence[Row] = (),
    options: Row | None = None,
    **other: Any,
) -> Planned:
    pick = parse_pick(asked, **other)
    first, *others = PICKS[pick.kind].tables
    tables = {first: rows_of(first, rows)} | {name: rows_of(name, plays) for name in others}
    heard = heard_in(PLAYS.from_rows(list(plays)), without)
    songs = picked(pick, tables, UNIQUE_TRACKS.from_rows(list(tracks)), heard)
    chosen = Options(
        name=default_name(pick),
        picked=msgspec.to_builtins(pick),
        without=without,
        **(options or {}),
    )
    return plan_of("nico", chosen, songs, made_at=NOW, pace=Pace(2, 1000))


def names(planned: Planned) -> list[str]:
    return [uri.removeprefix("spotify:track:")[:1] for uri in planned.plan.parts[0].uris]


ABC = [track("a"), track("b"), track("c")]


def stay(name: str, entered: str, last: str, *, lasts: bool = False, **other: object) -> Row:
    entered_on, last_day = date.fromisoformat(entered), date.fromisoformat(last)
    return {
        "recording_id": f"name:{name}",
        "entered_on": entered_on,
        "left_on": None if lasts else last_day + timedelta(days=1),
        "days": (last_day - entered_on).days + 1,
        **other,
    }


STAYS = [
    stay("a", "2026-09-20", "2026-10-01"),
    stay("b", "2026-10-31", "2026-10-31", lasts=True),
    stay("b", "2026-10-01", "2026-10-08"),
    stay("c", "2026-09-01", "2026-09-30"),
    stay("d", "2026-11-01", "2026-11-02", lasts=True),
    stay("e", "2026-10-05", "2026-11-02", lasts=True, scope="all"),
    stay("f", "2026-09-20", "2026-10-02"),
]


def test_heavy_rotation_of_a_month_is_what_was_in_it_on_any_of_its_days_by_plays_in_it() -> None:
    tracks = [track(name) for name in "abcdef"]
    plays = [
        *[play("a", day="2026-09-30")] * 9,
        play("a", day="2026-10-01"),
        *[play("b", day="2026-10-31")] * 2,
        *[play("b", "kids", day="2026-10-31")] * 9,
        play("b", day="2026-10-31", counts=False),
        play("e", day="2026-10-06"),
        play("f", day="2026-11-01"),
    ]
    planned = plan("rotation:2026-10", STAYS, tracks, plays=plays)

    assert names(planned) == ["b", "a", "f"]
    assert planned.plan.parts[0].name == "Heavy rotation October 2026"
    assert planned.items["plays_of_pick"].to_pylist() == [2, 1, 0]
    everything = plan("rotation:2026-10", STAYS, tracks, plays=plays, scope="all")
    assert names(everything) == ["e"]


def test_what_is_in_rotation_now_is_in_that_of_no_month_that_nobody_knows() -> None:
    with pytest.raises(RefusedPlan, match="nothing to write for 'Heavy rotation December 2026'"):
        plan("rotation:2026-12", STAYS, ABC)


def test_forgotten_favourites_are_in_order_of_their_rank() -> None:
    rows = [
        {"recording_id": f"name:{name}", "rank": n, "plays": 9 - n, "plays_ever": 9}
        for n, name in enumerate("cab", 1)
    ]

    assert names(plan("forgotten", rows, ABC)) == ["c", "a", "b"]
    assert names(plan("forgotten", rows, ABC, top=2)) == ["c", "a"]


def test_obsessions_are_the_latest_first_and_lullabies_are_none() -> None:
    rows = [
        {
            "recording_id": f"name:{name}",
            "starts_on": date(2026, month, 1),
            "plays": 12,
            "ends_on": date(2026, month, 7),
            "loop": loop,
        }
        for name, month, loop in (("a", 3, None), ("b", 5, "kids"), ("c", 9, None))
    ]

    assert names(plan("obsessions", rows, ABC)) == ["c", "a"]


def test_a_context_is_the_songs_heard_mostly_in_it_and_surely() -> None:
    plays = [
        *[play("a", "focus")] * 3,
        play("a", "party"),
        *[play("b", "focus")] * 2,
        *[play("b", "everyday")] * 2,
        play("c", "focus"),
        *[play("d", "focus", context_confidence=0.4)] * 5,
        *[play("e", "focus", context_confidence=0.9)] * 4,
        *[play("f", "focus", kind="episode")] * 9,
        *[play("g", "focus", counts=False)] * 9,
    ]
    tracks = [track(name) for name in "abcdefg"]
    planned = plan("context:focus", plays, tracks)

    assert names(planned) == ["e", "a"], "b is no more often in it than not, c once, d unsure"
    assert planned.items["confidence"].to_pylist() == [0.9, 0.8]
    assert planned.plan.figures["confidence"] == 0.85
    assert planned.plan.options.name == "My focus music"
    assert names(plan("context:focus", plays, tracks, confidence=0.3)) == ["e", "a", "d"]


def test_the_songs_of_a_year_are_the_listeners_own() -> None:
    plays = [
        *[play("a")] * 2,
        *[play("b")] * 3,
        *[play("c", day="2024-12-31")] * 9,
        *[play("d", "kids")] * 9,
        *[play("e", kind="audiobook")] * 9,
        *[play("f", ms_played=999_999)] * 2,
        *[play("g", counts=False)] * 9,
    ]
    tracks = [track(name) for name in "abcdefg"]

    assert names(plan("year:2025", plays, tracks)) == ["b", "f", "a"]
    assert names(plan("year:2025", plays, tracks, scope="all")) == ["d", "b", "f", "a"]


def test_of_a_year_there_are_a_hundred_songs_where_nobody_says_how_many() -> None:
    numbers = range(150)
    plays = [play(f"{n:03}") for n in numbers]
    tracks = [track(f"{n:03}") for n in numbers]

    assert plan("year:2025", plays, tracks).plan.figures["items"] == 100
    assert plan("year:2025", plays, tracks, top=120).plan.figures["items"] == 120


def test_a_song_is_written_under_the_id_under_which_it_was_played_last() -> None:
    tracks = [
        track("a", id_="old"),
        track("a", id_=None, last_played_at=NOW),
        track("a", id_="new", last_played_at=NOW - timedelta(days=1)),
    ]

    [part] = plan("year:2025", [play("a")], tracks).plan.parts
    assert part.uris == ("spotify:track:new",)


def test_songs_without_an_id_are_named_as_not_to_be_added() -> None:
    tracks = [
        track("a"),
        track("b", id_=None),
        track("c", id_=None, kind="local", track_uri="spotify:local:Band:X:c:9"),
    ]
    plays = [*[play("b")] * 3, *[play("c")] * 2, play("a"), play("unknown")]
    planned = plan("year:2025", plays, tracks)

    assert names(planned) == ["a"]
    told = [(one.position, one.title, one.reason) for one in planned.plan.left]
    assert told == [
        (1, "Band - b", "known by its name alone: no source told Spotify's id of it"),
        (2, "Band - c", "a local file, which the API cannot add"),
        (4, "name:unknown", "known by its name alone: no source told Spotify's id of it"),
    ]
    figures = planned.plan.figures
    assert figures["before"] == figures["items"] + figures["left"]["total"] == 4


def test_contexts_can_be_left_out_of_a_pick() -> None:
    plays = [*[play("a", "party")] * 3, play("a"), play("b")]
    planned = plan("year:2025", plays, ABC, without=("party",), plays=plays)

    assert names(planned) == ["b"]
    assert planned.plan.left[0].reason == "left out on purpose: 3 of its 4 plays were party"


def test_a_pick_can_be_in_order_of_artists() -> None:
    tracks = [track("a", artist_name="Zoë"), track("b", artist_name="anna"), track("c")]
    plays = [*[play("a")] * 3, *[play("b")] * 2, play("c")]

    assert names(plan("year:2025", plays, tracks, options={"order": "artist"})) == ["b", "c", "a"]


@pytest.mark.parametrize("options", [{"keep_weights": True}, {"order": "added"}])
def test_what_is_about_playlists_is_refused(options: Row) -> None:
    with pytest.raises(RefusedPlan, match="is about playlists"):
        plan("year:2025", [play("a")], ABC, options=options)


def test_where_there_is_nothing_to_pick_there_is_no_plan() -> None:
    with pytest.raises(
        RefusedPlan, match="write for 'My top songs of 2019': the ledger has no song"
    ):
        plan("year:2019", [play("a")], ABC)
    with pytest.raises(RefusedPlan, match=r"all 1 songs are left out .known by its name"):
        plan("year:2025", [play("b")], [track("b", id_=None)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rotation",
        "rotation:2026",
        "rotation:2026-13",
        "forgotten:2026",
        "context:work",
        "context:",
        "year:25",
        "year:2025-01",
        "top",
        "obsessions:",
    ],
)
def test_a_pick_that_is_none_is_refused_with_an_example(text: str) -> None:
    if text == "obsessions:":
        assert parse_pick(text).kind == "obsessions", "an empty end says nothing"
        return
    with pytest.raises(RefusedPlan, match=r"rotation:2026-10|context:focus|year:2025"):
        parse_pick(text)


def test_an_open_gap_in_a_year_is_told() -> None:
    pick = parse_pick("year:2025")
    songs = picked(
        pick,
        {"labelled_plays": PLAYS.from_rows([play("a")])},
        UNIQUE_TRACKS.from_rows(ABC),
        heard_in(PLAYS.empty(), ()),
    )

    def gap(begin: str, end: str, closed: str | None = None) -> Row:
        at = [
            value and datetime.fromisoformat(f"{value}T00:00+00:00")
            for value in (begin, end, closed)
        ]
        return {"gap_start": at[0], "gap_end": at[1], "closed_at": at[2], "detected_at": at[1]}

    for row, told in (
        (gap("2025-12-30", "2026-01-03"), True),
        (gap("2024-12-30", "2025-01-01"), False),
        (gap("2025-05-01", "2025-06-01", "2026-01-01"), False),
    ):
        assert is_incomplete(pick, songs, GAPS.from_rows([row])) is told
