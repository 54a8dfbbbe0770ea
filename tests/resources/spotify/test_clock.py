"""With a wrong clock nothing is collected: Spotify's `Date` says so, on every kind of answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
import time_machine

from pipelines.errors import LockedOut, Subject, WrongClock
from pipelines.resources.cache.responses import TRACK
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import clock
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.lockouts import Lockout, Lockouts
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import catalogue
from tests.support.asking import Collector, asked, logged_in

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NewClient = Callable[[str], SpotifyClient]


def me(client: SpotifyClient) -> object:
    return client.get("profile", lambda api: api.current_user())


def date(off: timedelta = timedelta()) -> str:
    return format_datetime(datetime.now(UTC) + off, usegmt=True)


def answers(sandbox: Sandbox, where: str = "*", *, after: int = 0, **headers: str | None) -> None:
    """Let answers have these headers."""
    sandbox.faults.add("headers", where, times=None, after=after, headers=headers)


@pytest.mark.parametrize(
    ("spotify_is", "sentence"),
    [
        (6 * MINUTE, "this machine's clock is 6 min behind Spotify's"),
        (-6 * MINUTE, "this machine's clock is 6 min ahead of Spotify's"),
        (-DAY - HOUR, "this machine's clock is 1 day 1 h ahead of Spotify's"),
        (365 * DAY, "this machine's clock is 365 days behind Spotify's"),
    ],
)
def test_a_run_whose_clock_is_wrong_keeps_nothing_and_says_by_how_much(
    spotify_is: timedelta,
    sentence: str,
    sandbox: Sandbox,
    collect_for: Collector,
    kept: Callable[[], list[str]],
) -> None:
    answers(sandbox, Date=date(spotify_is))
    line = collect_for().line
    assert line.startswith(f"{sentence}, so nothing is collected until it is right: ")
    assert "timedatectl set-ntp true" in line
    assert kept() == []
    assert len(sandbox.requests) == 1, "no asset asks after the first answer"

    sandbox.faults.clear()
    assert collect_for().success
    assert {"profile", "recently_played", "playlists"} <= set(kept())


@pytest.mark.parametrize("off", [timedelta(), 4.8 * MINUTE, -4.8 * MINUTE], ids=str)
def test_a_clock_that_is_off_by_less_collects(
    off: timedelta, sandbox: Sandbox, collect_for: Collector
) -> None:
    answers(sandbox, Date=date(off))
    assert collect_for().success


@pytest.mark.parametrize("where", ["nobody", "said", ""])
def test_an_answer_without_a_date_that_can_be_read_refuses_nothing(
    where: str, sandbox: Sandbox, collect_for: Collector
) -> None:
    answers(sandbox, Date={"nobody": None, "said": "the day before yesterday", "": ""}[where])
    assert collect_for().success


def test_an_old_answer_of_a_proxys_refuses_nothing_and_the_next_one_may(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    logged_in(client, sandbox)
    answers(sandbox, "me", Date=date(-HOUR), Age="3600")
    me(client)
    sandbox.faults.clear()
    answers(sandbox, "me", Date=date(-HOUR), Age="0")
    with pytest.raises(WrongClock):
        me(client)


def test_how_long_an_answer_takes_says_nothing_about_the_clock(
    client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(client, sandbox)
    monkeypatch.setattr(clock, "MOST_OFF", timedelta(seconds=1))
    sandbox.faults.add("hang", "me", seconds=2.5)
    me(client)


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500, 503])
def test_a_refusal_has_a_date_too(code: int, client: SpotifyClient, sandbox: Sandbox) -> None:
    logged_in(client, sandbox)
    headers = {"Date": date(-HOUR), "Retry-After": "1"}
    sandbox.faults.add("status", "me", code=code, headers=headers, times=None)
    with pytest.raises(WrongClock) as raised:
        me(client)
    assert raised.value.subject is Subject.CLOCK
    assert asked(sandbox) == ["GET me"], "it is not repeated, and no token is refreshed"


def test_a_new_token_is_stored_and_nothing_is_asked_with_it(
    client: SpotifyClient, sandbox: Sandbox, token_file: TokenFile
) -> None:
    sandbox.accounts.rotate = True
    answers(sandbox, "token", Date=date(HOUR))
    with pytest.raises(WrongClock):
        me(client)
    assert asked(sandbox) == ["POST /api/token"]
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico")


def test_all_clients_of_a_run_know_and_the_next_run_asks_again(
    lake: Lake, new_client: NewClient, sandbox: Sandbox
) -> None:
    run = Spotify(Settings(), lake)
    nico, mira = (logged_in(run.client(name), sandbox) for name in ("nico", "mira"))
    answers(sandbox, Date=date(-HOUR))
    for client in (nico, mira, nico):
        with pytest.raises(WrongClock):
            me(client)
    assert asked(sandbox) == ["GET me"]
    sandbox.faults.clear()
    me(new_client("mira"))


def test_a_clock_that_is_set_in_the_middle_of_a_run_is_noticed(
    sandbox: Sandbox, collect_for: Collector, kept: Callable[[], list[str]]
) -> None:
    collect_for("profile")
    before = kept()
    answers(sandbox, after=3, Date=date(-HOUR))
    assert "1 h ahead of Spotify's" in collect_for("recently_played", "top_items", "playlists").line
    assert len(kept()) == len(before) + 3


def test_what_is_kept_of_earlier_answers_says_nothing_about_the_clock(
    new_client: NewClient, sandbox: Sandbox
) -> None:
    def look_up(number: int) -> str:
        track = list(catalogue().tracks)[number]
        return new_client("nico").look_up(TRACK, "track", lambda api: api.track(track)).source

    assert look_up(0) == "spotify"
    answers(sandbox, Date=date(-HOUR))
    with pytest.raises(WrongClock):
        look_up(1)
    assert look_up(0) == "cache"
    sandbox.faults.clear()
    assert look_up(1) == "spotify", "nothing was kept under a wrong time"


AHEAD_AND_BEHIND = pytest.mark.parametrize(
    "ahead", [2 * HOUR, 2 * DAY, 400 * DAY, -2 * HOUR, -DAY], ids=str
)
LOCKED: dict[str, Any] = {"what": "status", "code": 429, "times": None}


def lockout_of(lake: Lake) -> Lockout:
    [entry] = lake.store.list("state/lockouts/")
    stored = lake.store.get(entry.key)
    assert stored
    return msgspec.json.decode(stored.body, type=Lockout)


@AHEAD_AND_BEHIND
@pytest.mark.parametrize("as_a_date", [False, True])
def test_a_lockout_is_written_down_by_spotifys_clock(
    ahead: timedelta, as_a_date: bool, client: SpotifyClient, sandbox: Sandbox, lake: Lake
) -> None:
    logged_in(client, sandbox)
    now = datetime.now(UTC) - ahead
    until = format_datetime(now + 20 * HOUR, usegmt=True)
    headers = {"Date": date(-ahead), "Retry-After": until if as_a_date else "72000"}
    sandbox.faults.add(where="me", headers=headers, **LOCKED)
    with pytest.raises(WrongClock):
        me(client)
    found = lockout_of(lake)
    assert abs(found.locked_at - now) < MINUTE
    assert abs(found.retry_at - (now + 20 * HOUR)) < MINUTE


@AHEAD_AND_BEHIND
def test_a_lockout_is_obeyed_with_the_wrong_clock_and_after_it_was_set_right(
    ahead: timedelta, new_client: NewClient, sandbox: Sandbox
) -> None:
    client = logged_in(new_client("nico"), sandbox)
    headers = {"Date": date(-ahead), "Retry-After": "18000"}
    sandbox.faults.add(where="me", headers=headers, **LOCKED)
    with pytest.raises(WrongClock):
        me(client)
    sandbox.requests.clear()
    wrong = datetime.now(UTC)
    for began in (wrong, wrong - ahead):
        for minutes in range(0, 300, 15):
            with time_machine.travel(began + minutes * MINUTE, tick=True), pytest.raises(LockedOut):
                me(new_client("nico"))
    assert asked(sandbox) == []
    for minutes in range(301, 5 * 24 * 60, 15):
        with time_machine.travel(wrong - ahead + minutes * MINUTE, tick=True):
            new_client("nico").lockouts.check()


def test_a_lockout_of_a_clock_that_was_ahead_before_there_was_a_comparison_locks_nobody(
    lockouts: Lockouts, lake: Lake, sandbox: Sandbox
) -> None:
    later = datetime.now(UTC) + 365 * DAY
    stored = {
        "group": "profile",
        "retry_at": later + 20 * HOUR,
        "reason": "429",
        "locked_at": later,
        "noticed_at": datetime.now(UTC),
    }
    lake.store.put(f"state/lockouts/{sandbox.client_id}/profile.json", msgspec.json.encode(stored))
    lockouts.check()
    assert lockouts.in_force() == []
    lockouts.lock("profile", datetime.now(UTC) + HOUR, "429")
    with pytest.raises(LockedOut):
        lockouts.check()
