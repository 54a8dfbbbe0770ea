"""`playledger playlists plan` as a person meets it, and what then lies in the lake.

Add a test here for what the command takes, says or keeps. What becomes of items is tested with
`listening/playlists/`.
"""

import json
import re
import shlex
import socket
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import time_machine
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.library.plans import Plans
from pipelines.listening.insights.runner import insights
from pipelines.listening.playlists.plan import Plan
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.playlist_tables import LIKED, PLAYLIST_ENTRIES, PLAYLIST_READINGS
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.resources.lake.lakes import Lake
from tests.support.places import ROOT
from tests.support.playlist_items import (
    BEGAN,
    Row,
    again,
    entries,
    gone,
    keep,
    local,
    playlist_id,
    song,
    track_id,
    uri,
)

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)

WEIGHTED = [*[song(1)] * 4, song(2), local(1), gone(), song(3)]
CLEAN = [song(2), again(50, 1), song(4)]

Cli = Callable[..., Result]


@pytest.fixture
def cli(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs `playledger playlists plan nico …` of two playlists that were read; nobody is asked."""
    keep(lake, {"Weighted": WEIGHTED, "Clean": CLEAN})

    def refuse(*_: object) -> None:
        pytest.fail("somebody was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    def run(*told: str) -> Result:
        with time_machine.travel(NOW, tick=False):
            return CliRunner().invoke(main, ["playlists", "plan", "nico", *told])

    return run


def both(*more: str) -> tuple[str, ...]:
    return ("--from", "Weighted", "--from", "Clean", "--name", "Master", *more)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def written(document: dict[str, Any]) -> list[str]:
    return [one for part in document["parts"] for one in part["uris"]]


def assert_refused(result: Result, *said: str) -> None:
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    for one in said:
        assert one in result.output


def test_a_plan_is_shown_and_kept_and_nobody_is_asked(cli: Cli, lake: Lake) -> None:
    result = cli(*both())

    assert result.exit_code == 0, result.output
    [plan] = Plans(lake.of("nico")).every()
    assert f"Plan {plan.id}: Master" in result.output
    assert f"playledger playlists apply nico {plan.id}" in result.output
    assert [uri for part in plan.parts for uri in part.uris] == [uri(n) for n in (1, 2, 3, 4)]
    kept = sorted(entry.key for entry in lake.of("nico").store.list("playlists/plans/"))
    assert kept == [f"playlists/plans/{plan.id}.json", f"playlists/plans/{plan.id}.md"]
    page = lake.of("nico").store.get(kept[1])
    assert page
    assert page.body.decode().startswith(f"# Master: plan {plan.id}\n")


def test_json_is_one_document_and_the_plan_as_it_is_kept(cli: Cli, lake: Lake) -> None:
    document = told(cli(*both("--json")))

    stored = Plans(lake.of("nico")).load(document["id"])
    assert document.pop("page").endswith(f"{stored.id}.md")
    assert msgspec.convert(document, Plan) == stored
    figures = document["figures"]
    assert figures["before"] == 11 == 4 + figures["dropped"] + len(document["left"])
    assert {one["reason"] for one in document["left"]} == {
        "a local file, which the API cannot add",
        "Spotify shows an empty item: what it was is gone",
    }


def test_the_same_plan_has_the_same_id_on_another_day(cli: Cli, lake: Lake) -> None:
    first = told(cli(*both("--json")))["id"]
    later = {"read_at": NOW - timedelta(hours=1), "snapshot_id": "another"}
    keep(lake, {"Weighted": WEIGHTED, "Clean": CLEAN}, **later)

    assert told(cli(*both("--json")))["id"] == first
    assert len(Plans(lake.of("nico")).every()) == 1
    keep(lake, {"Clean": [*CLEAN, song(9)]})
    assert told(cli(*both("--json")))["id"] != first


@pytest.mark.parametrize(
    "source",
    [
        "Weighted",
        "weighted",
        playlist_id("W"),
        f"spotify:playlist:{playlist_id('W')}",
        f"https://open.spotify.com/playlist/{playlist_id('W')}?si=abc",
    ],
)
def test_a_source_is_named_as_in_the_settings_and_counts_once(cli: Cli, source: str) -> None:
    document = told(cli("--from", source, "--from", "Weighted", "--name", "New", "--json"))

    assert [one["playlist_id"] for one in document["sources"]] == [playlist_id("W")]
    assert written(document) == [uri(1), uri(2), uri(3)]


def test_liked_songs_are_a_source(cli: Cli, lake: Lake) -> None:
    own = lake.of("nico")
    rows = [row | {"playlist_id": LIKED} for row in entries("L", [song(7)]).to_pylist()]
    own.replace(PLAYLIST_ENTRIES, PLAYLIST_ENTRIES.from_rows(rows), playlist=LIKED)
    readings = own.read(PLAYLIST_READINGS).to_pylist()
    liked = readings[0] | {"playlist_id": LIKED, "name": "Liked Songs", "items": 1}
    liked["snapshot_id"] = None
    own.replace(PLAYLIST_READINGS, PLAYLIST_READINGS.from_rows([*readings, liked]))

    for name in ("Liked Songs", "liked_songs", "https://open.spotify.com/collection/tracks"):
        assert written(told(cli("--from", name, "--name", "New", "--json"))) == [uri(7)]


def test_options_reach_the_plan(cli: Cli) -> None:
    asked = both("--keep-weights", "--order", "weight", "--keep", "best", "--probable", "--json")
    document = told(cli(*asked, "--without", "sleep,kids"))

    assert written(document) == [uri(n) for n in (50, 1, 1, 1, 1, 2, 2, 4, 3)]
    options = document["options"]
    assert options["without"] == ["sleep", "kids"]
    assert (options["keep"], options["probable"], options["split"]) == ("best", True, True)
    assert document["id"] == told(cli(*asked, "--without", " Kids, sleep,kids"))["id"]


def test_where_no_plays_are_known_contexts_leave_out_nothing_and_the_plan_says_so(cli: Cli) -> None:
    document = told(cli(*both("--without", "kids", "--json")))

    [note] = document["figures"]["notes"]
    assert "No plays of nico's are known" in note


def test_too_much_for_one_playlist_is_refused_where_it_is_not_to_be_split(
    cli: Cli, lake: Lake
) -> None:
    keep(lake, {"Much": [song(number) for number in range(10_001)]})
    asked = ("--from", "Much", "--name", "New")

    assert_refused(cli(*asked, "--no-split"), "10,001 items are more than the 10,000")
    assert not Plans(lake.of("nico")).every()
    names = [part["name"] for part in told(cli(*asked, "--json"))["parts"]]
    assert names == ["New 1/2", "New 2/2"]


def test_a_playlist_that_was_never_read_is_refused_with_what_to_do(cli: Cli, lake: Lake) -> None:
    unread = {"read_at": None, "items": None, "snapshot_id": None, "state": "not_readable"}
    keep(lake, {"Foreign": []}, **unread, reason="403 Forbidden")

    said = ("Foreign", "403 Forbidden", "playledger playlists fetch nico Foreign")
    assert_refused(cli("--from", "Foreign", "--name", "New"), *said)
    assert_refused(cli("--from", "Nothing", "--name", "New"), "'Nothing' is no playlist")
    assert_refused(cli("--from", "x" * 22, "--name", "New"), "was not read to its end yet")


def test_two_playlists_of_one_name_are_told_apart_by_their_ids(cli: Cli, lake: Lake) -> None:
    own = lake.of("nico")
    readings = own.read(PLAYLIST_READINGS).to_pylist()
    twins = [row | {"name": "Twin"} for row in readings]
    own.replace(PLAYLIST_READINGS, PLAYLIST_READINGS.from_rows(twins))

    said = ("'Twin' is the name of 2 playlists", playlist_id("W"), playlist_id("C"))
    assert_refused(cli("--from", "Twin", "--name", "New"), *said)


def test_what_changed_since_it_was_read_is_told(cli: Cli, lake: Lake) -> None:
    keep(lake, {"Clean": CLEAN}, changed=True)
    keep(lake, {"Weighted": WEIGHTED}, state="not_readable", reason="403 Forbidden")
    notes = told(cli(*both("--json")))["figures"]["notes"]

    assert "Weighted cannot be read any more (403 Forbidden)" in notes[0]
    assert "Clean has changed since it was read" in notes[1]


def test_a_table_that_does_not_fit_its_reading_is_not_planned_with(cli: Cli, lake: Lake) -> None:
    lake.of("nico").replace(PLAYLIST_ENTRIES, entries("C", [song(1)]), playlist=playlist_id("C"))

    assert_refused(cli(*both()), "'Clean' 1 items are stored, and 3 were read")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--from", "Clean"), "--name"),
        (("--from", "Clean", "--name", "  "), "is no name for a playlist"),
        (("--from", "Clean", "--name", "a\nb"), "is no name for a playlist"),
        (("--from", "Clean", "--name", "a", "--pick", "forgotten"), "either --from or --pick"),
        (("--from", "Clean", "--name", "a", "--without", "work"), "'work' is no context"),
        (("--from", "Clean", "--name", "a", "--order", "random"), "--order"),
        (("--pick", "rotation"), "rotation:2026-10"),
        (("--pick", "forgotten"), "no table forgotten_favourites yet"),
        (("--pick", "year:2025"), "no table labelled_plays yet"),
    ],
)
def test_what_cannot_be_planned_is_one_line(cli: Cli, asked: tuple[str, ...], said: str) -> None:
    assert_refused(cli(*asked), said)


def play(number: int, context: str = "everyday") -> Row:
    at = datetime(2025, 6, 1, 12, tzinfo=UTC) + timedelta(minutes=number)
    blank = {
        field.name: {"string": "", "bool": True, "list<item: string>": []}.get(str(field.type), 0)
        for field in LABELLED_PLAYS.fields
        if not field.nullable
    }
    times = {"played_at": at, "started_at": at, "local_time": at.replace(tzinfo=None)}
    return {
        **blank,
        **times,
        "play_id": f"{context}{number}",
        "kind": "track",
        "local_date": date(2025, 6, 1),
        "ms_played": 200_000,
        "context_scores": [],
        "recording_id": f"isrc:DEA37{number:07}",
        "context": context,
        "context_confidence": 0.9,
        "mine": context not in {"sleep", "kids"},
    }


def listened(lake: Lake, *plays: Row) -> None:
    own = lake.of("nico")
    own.replace(LABELLED_PLAYS, LABELLED_PLAYS.from_rows(list(plays)), year="2025", month="06")
    numbers = sorted({int(row["recording_id"][-7:]) for row in plays})
    tracks = [
        {
            **{
                name: value
                for name, value in song(number).items()
                if name in UNIQUE_TRACKS.schema.names
            },
            "track_key": track_id(number),
            "recording_id": f"isrc:DEA37{number:07}",
            "artist_key": f"artist{number % 7}",
            **dict.fromkeys(("plays", "ms_played", "unknown_lengths"), 1),
            **dict.fromkeys(("first_played_at", "last_played_at"), BEGAN),
        }
        for number in numbers
    ]
    own.replace(UNIQUE_TRACKS, UNIQUE_TRACKS.from_rows(tracks))


def test_songs_of_a_context_are_left_out_by_what_the_ledger_says(cli: Cli, lake: Lake) -> None:
    listened(lake, play(1, "kids"), play(2, "kids"), play(2, "party"))
    document = told(cli(*both("--without", "kids", "--json")))

    assert written(document) == [uri(2), uri(3), uri(4)]
    assert document["figures"]["left"]["reasons"]["context"] == 5, "also under another id"


def test_a_year_and_a_context_are_picked_from_the_ledger(cli: Cli, lake: Lake) -> None:
    listened(lake, play(1), play(2), play(2, "party"), play(3, "kids"))

    year = told(cli("--pick", "year:2025", "--json"))
    assert (written(year), year["options"]["name"]) == ([uri(2), uri(1)], "My top songs of 2025")
    every = told(cli("--pick", "year:2025", "--all", "--top", "9", "--name", "All", "--json"))
    assert (len(written(every)), every["parts"][0]["name"]) == (3, "All")
    assert year["sources"] == []
    assert year["options"]["picked"]["kind"] == "year"
    shown = cli("--pick", "year:2025").output
    assert "From the ledger: year of 2025" in shown
    assert "added dates" not in shown


def test_what_is_forgotten_is_picked_from_its_table(cli: Cli, lake: Lake) -> None:
    listened(lake, play(1), play(2))
    table = insights()["forgotten_favourites"].table
    rows = [
        {
            "scope": "mine",
            "rank": rank,
            "recording_id": f"isrc:DEA37{number:07}",
            "plays": 7,
            "plays_ever": 9,
            "last_played_on": date(2025, 6, 1),
            "in_all": 2,
            "at_least": True,
        }
        for rank, number in enumerate((2, 1), 1)
    ]
    lake.of("nico").replace(table, table.from_rows(rows))
    document = told(cli("--pick", "forgotten", "--json"))

    assert written(document) == [uri(2), uri(1)]
    assert "Plays of that time may be missing" in document["figures"]["notes"][0]


def test_every_plan_of_the_documentation_can_be_made(cli: Cli, lake: Lake) -> None:
    listened(lake, *(play(1, "focus") | {"play_id": str(n)} for n in range(2)), play(2))
    song_1 = {"scope": "mine", "recording_id": "isrc:DEA370000001", "plays": 7, "at_least": False}
    day = date(2026, 10, 3)
    rows = {
        "heavy_rotation": {
            "entered_on": day,
            "state": "heavy",
            "peak_rank": 1,
            "minutes": 1.0,
            "days": 9,
            "days_played": 9,
        },
        "forgotten_favourites": {"rank": 1, "plays_ever": 9, "last_played_on": day, "in_all": 1},
        "obsessions": {
            "starts_on": day,
            "ends_on": day,
            "days": 1,
            "minutes": 1.0,
            "share": 1.0,
            "plays_ever": 7,
            "plays_after": 0,
        },
    }
    for name, row in rows.items():
        table = insights()[name].table
        lake.of("nico").replace(table, table.from_rows([song_1 | row]))
    pages = [(ROOT / page).read_text() for page in ("README.md", "docs/playlists.md")]
    commands = re.findall(
        r"^\.venv/bin/playledger playlists plan nico(.*)$", "".join(pages), re.MULTILINE
    )

    assert len(commands) == 9
    for command in commands:
        result = cli(*shlex.split(command))
        assert result.exit_code == 0, f"{command}: {result.output}"


def test_the_documentation_has_every_option(cli: Cli) -> None:
    page = (ROOT / "docs" / "playlists.md").read_text()
    options = set(re.findall(r"--[a-z-]+", cli("--help").output)) - {"--help"}

    assert {one for one in options if one not in page} == set()


def test_stored_plans_are_listed(cli: Cli, lake: Lake) -> None:
    assert json.loads(cli("--json").stdout) == []
    first = told(cli(*both("--json")))["id"]
    second = told(cli("--from", "Clean", "--name", "[red]Other", "--json"))["id"]
    shown = cli().output

    assert all(one in shown for one in (first, second, "Master", "[red]Other", "Weighted, Clean"))
    lake.of("nico").store.put("playlists/plans/broken.json", b"{")
    listed = json.loads(cli("--json").stdout)
    assert {one["id"]: one["items"] for one in listed} == {first: [4], second: [3]}


def test_twenty_thousand_items_load_at_once(cli: Cli, lake: Lake) -> None:
    keep(lake, {"Many": [song(number) for number in range(20_000)]})
    plan_id = told(cli("--from", "Many", "--name", "New", "--json"))["id"]
    began = time.thread_time()
    plan = Plans(lake.of("nico")).load(plan_id)

    assert time.thread_time() - began < 1
    assert [len(part.uris) for part in plan.parts] == [6667, 6667, 6666]
