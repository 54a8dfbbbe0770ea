"""`playledger label` as a person meets it, and what then lies in the lake.

Add a test here for what the command says or keeps. For which plays a label holds belongs in
`test_overrides.py`.
"""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from hypothesis import given as chance
from hypothesis import strategies as st

from pipelines.cli.label import parse_instant
from pipelines.cli.main import main
from pipelines.errors import RefusedLabel
from pipelines.ingest.manual_labels import clock_times, set_label
from pipelines.listening.contexts.overrides import Label, read_labels
from pipelines.listening.schema.context_tables import LABELS, SESSIONS
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Listener
from tests.support.environment import Environment
from tests.support.spotify_answers import minutes

Cli = Callable[..., Result]

NICO = Listener("nico", (Zone("Europe/Berlin"),))
BERLIN = NICO.zones
MOVED = (Zone("Europe/Berlin"), Zone("America/New_York", date(2026, 6, 1)))
EVENING = datetime(2026, 11, 20, 22, 30, 40, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 7, tzinfo=UTC)


def session(start: datetime, lasting: float, plays: int, context: str) -> dict[str, object]:
    return {
        "session_id": start.isoformat(),
        "started_at": start,
        "ended_at": start + minutes(lasting),
        "local_date": start.date(),
        "plays": plays,
        "minutes": lasting,
        "unique_tracks": plays,
        "context": context,
        "context_confidence": 0.7,
        "context_evidence": [],
        "mine": True,
    }


def know(lake: Lake, *sessions: dict[str, object]) -> None:
    lake.of("nico").replace(
        SESSIONS, SESSIONS.from_rows([{"unknown_lengths": 0, **one} for one in sessions])
    )


def labels(lake: Lake) -> list[tuple[datetime, str]]:
    return [(label.at, label.context) for label in read_labels(lake.of("nico").read(LABELS))]


@pytest.fixture
def lake(environment: Environment) -> Lake:
    """The lake of a listener in Berlin with two sessions."""
    lake = Lake(Folder(environment.lake))
    know(lake, session(EVENING, 91, 14, "everyday"), session(MORNING, 3, 1, "kids"))
    return lake


@pytest.fixture
def cli(lake: Lake) -> Cli:
    """Runs `playledger label nico …`."""
    return lambda *told: CliRunner().invoke(main, ["label", "nico", *told])


def assert_refused(result: Result, *said: str) -> None:
    assert result.exit_code == 1, result.output
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    for what in said:
        assert what in line
    assert result.stdout == ""


def test_a_label_is_kept_and_its_session_told_on_the_listeners_clock(cli: Cli, lake: Lake) -> None:
    result = cli("2026-11-20T23:40", "sleep")
    assert result.exit_code == 0, result.output
    first, second = result.stdout.splitlines()
    assert first == (
        "2026-11-20 23:30 to 2026-11-21 01:01, 14 plays: was everyday, is now sleep (your label)"
    )
    assert "next daily run" in second
    assert "labelled_plays" in second
    assert labels(lake) == [(datetime(2026, 11, 20, 22, 40, tzinfo=UTC), "sleep")]


@pytest.mark.parametrize(
    "when",
    [
        "2026-11-20T23:40:00",
        "2026-11-20 23:40",
        "2026-11-20T22:40Z",
        "2026-11-20T17:40-05:00",
        "2026-11-21 00:40:00.000+02:00",
    ],
)
def test_an_instant_may_be_written_in_many_ways(cli: Cli, lake: Lake, when: str) -> None:
    assert cli(when, "sleep").exit_code == 0
    assert labels(lake) == [(datetime(2026, 11, 20, 22, 40, tzinfo=UTC), "sleep")]


@pytest.mark.parametrize("when", ["2026-11-20T23:30", "2026-11-21T01:01:40"])
def test_the_first_minute_and_the_last_second_name_a_session(cli: Cli, when: str) -> None:
    assert cli(when, "sleep").exit_code == 0


def test_a_second_label_of_a_session_replaces_the_first(cli: Cli, lake: Lake) -> None:
    cli("2026-11-20T23:40", "sleep")
    cli("2026-11-21T08:01", "party")
    said = cli("2026-11-21T00:15", "focus").stdout
    assert ": was sleep (your label), is now focus (your label)" in said
    assert labels(lake) == [
        (datetime(2026, 11, 21, 7, 1, tzinfo=UTC), "party"),
        (datetime(2026, 11, 20, 23, 15, tzinfo=UTC), "focus"),
    ]


def test_when_sessions_have_become_one_its_last_label_is_replaced_with_the_others(
    cli: Cli, lake: Lake
) -> None:
    cli("2026-11-21T08:01", "party")
    cli("2026-11-20T23:40", "sleep")
    know(lake, session(EVENING, 600, 99, "everyday"))
    assert ": was sleep (your label)" in cli("2026-11-21T03:00", "focus").stdout
    assert [context for _, context in labels(lake)] == ["focus"]


def test_undo_takes_back_the_label_of_that_session_only(cli: Cli, lake: Lake) -> None:
    cli("2026-11-20T23:40", "sleep")
    cli("2026-11-21T08:01", "party")
    result = cli("2026-11-21T00:15", "--undo")
    assert result.exit_code == 0, result.output
    assert "14 plays: your label sleep is removed\n" in result.stdout
    assert "next daily run" in result.stdout
    assert [context for _, context in labels(lake)] == ["party"]


def test_without_a_label_there_is_nothing_to_undo(cli: Cli, lake: Lake) -> None:
    assert_refused(cli("2026-11-21T08:01", "--undo"), "did not label", "2026-11-21 08:00", "1 play")
    cli("2026-11-20T23:40", "sleep")
    cli("2026-11-20T23:40", "--undo")
    assert_refused(cli("2026-11-20T23:40", "--undo"), "did not label this session")
    assert labels(lake) == []


def test_a_label_whose_session_is_gone_is_shown_and_can_be_undone(cli: Cli, lake: Lake) -> None:
    cli("2026-11-20T23:40", "sleep")
    know(lake)
    assert "2026-11-20 23:40, in no session" in cli().stdout
    assert cli("2026-11-20T23:40", "--undo").exit_code == 0
    assert labels(lake) == []


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ("2026-11-21T05:00", ["2026-11-20 23:30 to 2026-11-21 01:01", "2026-11-21 08:00"]),
        ("2026-11-20T12:00", ["previous session: none;", "2026-11-20 23:30 to 2026-11-21 01:01"]),
        ("2026-11-22T12:00", ["2026-11-21 08:00 to 08:03", "none so far"]),
    ],
)
@pytest.mark.parametrize("said", ["sleep", "--undo"])
def test_where_nothing_was_heard_the_nearest_sessions_are_named(
    cli: Cli, lake: Lake, when: str, named: list[str], said: str
) -> None:
    assert_refused(cli(when, said), when.replace("T", " "), *named)
    assert lake.of("nico").etag(LABELS) is None


@pytest.mark.parametrize("said", ["sleep", "--undo"])
def test_before_the_first_sessions_are_known_that_is_said(cli: Cli, lake: Lake, said: str) -> None:
    lake.store.delete("users/nico/aggregated/")
    assert_refused(cli("2026-11-20T23:40", said), "there are no sessions of nico yet")
    assert lake.of("nico").etag(LABELS) is None


@pytest.mark.parametrize(
    "when",
    ["now", "23:40", "2026-11-20", "2026-11-31T12:00", "0001-01-01T00:00", "9999-12-31T23:59-12"],
)
def test_what_is_no_date_and_time_is_refused_with_an_example(cli: Cli, when: str) -> None:
    assert_refused(cli(when, "sleep"), repr(when), "2026-11-20T23:40")


def test_an_unknown_context_is_refused_with_the_choices(cli: Cli, lake: Lake) -> None:
    result = cli("2026-11-20T23:40", "slep")
    assert result.exit_code == 2
    for context in ("slep", "sleep", "kids", "everyday"):
        assert f"'{context}'" in result.stderr
    assert lake.of("nico").etag(LABELS) is None


@pytest.mark.parametrize(
    "told", [["2026-11-20T23:40"], ["2026-11-20T23:40", "sleep", "--undo"], ["--undo"]]
)
def test_half_a_command_is_told_what_it_lacks(cli: Cli, lake: Lake, told: list[str]) -> None:
    result = cli(*told)
    assert result.exit_code == 2
    assert "either a CONTEXT or --undo" in result.stderr
    assert lake.of("nico").etag(LABELS) is None


def test_a_listener_nobody_knows_is_refused(cli: Cli) -> None:
    assert_refused(CliRunner().invoke(main, ["label", "otto"]), "otto is not in")


def test_labels_are_shown_as_a_table_in_order_of_time(cli: Cli) -> None:
    with time_machine.travel(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), tick=False):
        cli("2026-11-21T08:01", "party")
    cli("2026-11-20T23:40", "sleep")
    rows = [line for line in cli().stdout.splitlines() if "│" in line]
    assert len(rows) == 2
    assert [cell.strip() for cell in rows[1].strip("│").split("│")] == [
        "2026-11-21 08:00 to 08:03, 1 play",
        "party",
        "2026-11-22",
    ]
    assert "sleep" in rows[0]


def test_who_has_said_nothing_sees_an_empty_table(cli: Cli) -> None:
    result = cli()
    assert result.exit_code == 0, result.output
    assert "Sessions that nico labelled" in result.stdout


def test_labels_given_at_once_are_all_there(lake: Lake) -> None:
    known = [session(EVENING + timedelta(hours=n), 30, 9, "everyday") for n in range(4)]
    know(lake, *known)
    instants = [EVENING + timedelta(hours=n, minutes=5) for n in range(4)]
    own = lake.of("nico")
    threads = [threading.Thread(target=set_label, args=(at, "kids", NICO, own)) for at in instants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(labels(lake)) == [(at, "kids") for at in instants]


class OvertakenByAnother(Folder):
    """Just before the first write, someone else labels this session."""

    overtaken = False

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        if not self.overtaken:
            self.overtaken = True
            set_label(EVENING + minutes(3), "party", NICO, Lake(Folder(self.root)).of("nico"))
        return super().put_if_match(key, body, etag)


def test_whoever_is_overtaken_replaces_the_label_that_came_between(lake: Lake) -> None:
    set_label(MORNING, "kids", NICO, lake.of("nico"))
    store = OvertakenByAnother(Path(lake.store.url("")))
    change = set_label(EVENING, "sleep", NICO, Lake(store).of("nico"))
    assert (change.old_context, change.old_is_manual) == ("party", True)
    assert labels(lake) == [(MORNING, "kids"), (EVENING, "sleep")]


def test_labels_come_in_the_order_in_which_they_were_given() -> None:
    given = [(3, 1, "sleep"), (1, 2, "kids"), (2, 1, "party")]
    rows = LABELS.from_rows(
        [
            {
                "heard_at": EVENING + minutes(at),
                "given_at": MORNING + minutes(then),
                "context": context,
            }
            for at, then, context in given
        ]
    )
    assert read_labels(LABELS.empty()) == ()
    assert read_labels(rows) == (
        Label(EVENING + minutes(2), "party"),
        Label(EVENING + minutes(3), "sleep"),
        Label(EVENING + minutes(1), "kids"),
    )


@pytest.mark.parametrize(
    ("when", "zones", "utc"),
    [
        ("2026-07-01T12:00", BERLIN, "2026-07-01T10:00"),
        ("2026-10-25T01:59", BERLIN, "2026-10-24T23:59"),
        ("2026-10-25T03:00", BERLIN, "2026-10-25T02:00"),
        ("2026-10-25T02:30+01:00", BERLIN, "2026-10-25T01:30"),
        ("2026-05-31T17:59", MOVED, "2026-05-31T15:59"),
        ("2026-06-01T06:01", MOVED, "2026-06-01T10:01"),
        ("2026-11-20T23:40:10.123999", MOVED, "2026-11-21T04:40:10.123"),
    ],
)
def test_a_time_without_an_offset_is_on_the_listeners_clock_of_that_day(
    when: str, zones: tuple[Zone, ...], utc: str
) -> None:
    assert parse_instant(when, zones) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "zones", "choice"),
    [
        ("2026-10-25T02:30", BERLIN, ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]),
        ("2026-06-01T05:00", MOVED, ["2026-06-01T05:00:00+02:00", "2026-06-01T05:00:00-04:00"]),
        ("2026-11-01T01:30", MOVED, ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]),
    ],
)
def test_a_time_that_the_clock_showed_twice_is_refused_with_both(
    when: str, zones: tuple[Zone, ...], choice: list[str]
) -> None:
    with pytest.raises(RefusedLabel, match="twice") as refused:
        parse_instant(when, zones)
    assert str(refused.value).endswith(" or ".join(choice))
    first, second = (parse_instant(one, zones) for one in choice)
    assert clock_times([first, second], zones) == [datetime.fromisoformat(when)] * 2
    assert first < second


@pytest.mark.parametrize(
    ("when", "zones"),
    [
        ("2026-03-29T02:30", BERLIN),
        ("2026-05-31T20:00", (Zone("America/New_York"), Zone("Europe/Berlin", date(2026, 6, 1)))),
    ],
)
def test_a_time_that_the_clock_never_showed_is_refused(when: str, zones: tuple[Zone, ...]) -> None:
    with pytest.raises(RefusedLabel, match="never showed"):
        parse_instant(when, zones)


@chance(st.integers(0, 365 * 24 * 60), st.sampled_from([BERLIN, MOVED]))
def test_what_the_clock_shows_names_its_instant_unless_it_was_shown_twice(
    ago: int, zones: tuple[Zone, ...]
) -> None:
    moment = MORNING - minutes(ago)
    [told] = clock_times([moment], zones)
    try:
        assert parse_instant(told.isoformat(), zones) == moment
    except RefusedLabel as refused:
        choice = str(refused).partition("write ")[2].split(" or ")
        assert moment in [datetime.fromisoformat(one) for one in choice]
