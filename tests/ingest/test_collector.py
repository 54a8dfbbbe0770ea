"""What a daily run sends, and what it need not send again."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import time_machine

from pipelines.listening.api import responses
from pipelines.resources.lake.lakes import Lake
from sandbox import Sandbox
from tests.ingest.odd_server import OddServer
from tests.support.asking import ALL, Collector, asked, gets, today

LISTS = 7


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with OddServer() as server:
        yield server


def pages_in(requests: list[str]) -> Counter[str]:
    """How many pages were asked for of each list."""
    return Counter(one.split("offset=")[0] for one in requests if "offset=" in one)


def test_a_fresh_date_asks_once_for_everything(sandbox: Sandbox, collect_for: Collector) -> None:
    assert collect_for().success
    counted = Counter(one.split("?")[0] for one in asked(sandbox))
    assert counted["POST /api/token"] == 1
    assert counted["GET me"] == 1
    assert [one for one in asked(sandbox) if "recently-played" in one] == [
        "GET me/player/recently-played?limit=50"
    ]
    lists = [one for one in asked(sandbox) if "offset=" in one]
    assert all("limit=50" in one for one in lists)
    assert len(lists) == len(set(lists)), "no page twice"
    assert len([one for one in lists if one.endswith("offset=0") or "offset=0&" in one]) == LISTS
    assert sum(counted.values()) == 3 + len(lists)


def test_every_list_is_read_to_its_end(
    sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    collect_for("top_items", "playlists")
    for listing in ("top_tracks_long", "top_artists_short", "playlists"):
        keys = [e.key for e in lake.store.list(f"users/nico/raw/{listing}/")]
        bodies = [responses.unpack(lake.store.get(key).body, key) for key in keys]  # type: ignore[union-attr]
        pages = [responses.Page.of(body) for body in bodies]
        assert pages[-1].next is None
        assert [page.requested_offset for page in pages] == [50 * n for n in range(len(pages))]


def test_a_second_run_on_the_date_asks_only_for_the_newest_plays(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    collect_for()
    sandbox.requests.clear()
    assert collect_for().success
    assert asked(sandbox) == ["GET me/player/recently-played?limit=50"]


def test_force_asks_for_everything_again(sandbox: Sandbox, collect_for: Collector) -> None:
    collect_for()
    first = set(gets(sandbox))
    sandbox.requests.clear()
    assert collect_for(force=True).success
    assert sorted(asked(sandbox)) == sorted(first)


def test_the_metadata_says_what_was_asked_for_and_what_is_kept(collect_for: Collector) -> None:
    collect_for()
    told = collect_for().metadata
    assert told["recently_played"]["responses_asked_for"] == 1
    assert told["recently_played"]["outcome"] == "1 responses requested, 2 stored"
    assert told["profile"]["outcome"] == "0 responses requested, 1 stored"
    assert all("throttle_wait_s" in told[name] for name in ALL)


def test_a_list_that_broke_off_is_continued_where_it_stopped(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    collect_for("profile")
    sandbox.faults.add("status", "top-tracks", code=404, after=1)
    assert not collect_for("top_items").success
    sandbox.requests.clear()
    assert collect_for("top_items").success
    tracks = [one for one in gets(sandbox) if "top/tracks" in one and "short" in one]
    assert "offset=50" in tracks[0]
    assert not any("offset=0" in one for one in tracks)


@pytest.mark.parametrize("damage", [b"half a resp", gzip.compress(b"{}", mtime=0), b""])
def test_a_damaged_page_of_a_list_is_asked_for_again(
    sandbox: Sandbox, collect_for: Collector, lake: Lake, damage: bytes
) -> None:
    assert collect_for("playlists").success
    (page,) = lake.store.list("users/nico/raw/playlists/")
    lake.store.put(page.key, b"half of a resp")
    sandbox.requests.clear()
    assert collect_for("playlists").success
    assert [one for one in gets(sandbox) if "playlists" in one] == [
        "GET me/playlists?limit=50&offset=0"
    ]


def test_a_list_that_never_ends_is_left_after_its_first_repetition(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    collect_for("profile")
    sandbox.faults.add("endless", "top-tracks", times=None)
    sandbox.requests.clear()
    assert collect_for("top_items").success
    assert set(pages_in([one for one in gets(sandbox) if "tracks" in one]).values()) <= {1, 2}
    sandbox.requests.clear()
    collect_for("top_items")
    assert gets(sandbox) == [], "it counts as complete"


@pytest.mark.parametrize("habit", ["ignores_offset", "ever_new"])
def test_no_server_keeps_a_list_going(
    habit: str,
    odd: OddServer,
    sandbox: Sandbox,
    collect_for: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collect_for("profile")
    monkeypatch.setattr(responses, "MAX_PAGES", 5)
    monkeypatch.setenv("SPOTIFY_API_URL", odd.url)
    odd.habit = habit
    assert collect_for("playlists").success
    assert len(odd.received) == (5 if habit == "ever_new" else 2)


def test_a_list_that_goes_on_after_all_that_can_be_asked_for_says_so(
    odd: OddServer,
    sandbox: Sandbox,
    collect_for: Collector,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    collect_for("profile")
    monkeypatch.setattr(responses, "MAX_PAGES", 5)
    monkeypatch.setenv("SPOTIFY_API_URL", odd.url)
    odd.habit = "ever_new"
    collect_for("playlists")
    assert "playlists: goes on after 5 pages, which are not all" in caplog.text


def test_next_on_another_host_is_never_followed(
    odd: OddServer,
    sandbox: Sandbox,
    collect_for: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collect_for("profile")
    with OddServer() as elsewhere:
        monkeypatch.setenv("SPOTIFY_API_URL", odd.url)
        odd.next_at = elsewhere.url
        assert collect_for("playlists").success
        assert len(odd.received) > 1, "the next page was asked for, but here"
        assert elsewhere.received == []


@pytest.mark.parametrize("what", ["api", "token"])
def test_a_redirect_to_another_host_is_never_followed(
    what: str, sandbox: Sandbox, collect_for: Collector
) -> None:
    with OddServer() as elsewhere:
        where = "token" if what == "token" else "me"
        code = 307 if what == "token" else 302
        sandbox.faults.add("status", where, code=code, headers={"Location": elsewhere.url + "me"})
        outcome = collect_for("profile")
        assert not outcome.success
        assert outcome.line
        assert elsewhere.received == []


def test_collecting_for_a_past_date_sends_nothing_and_says_what_to_do(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    outcome = collect_for(date="2026-03-04")
    assert asked(sandbox) == []
    assert set(outcome.failed) == set(ALL)
    assert outcome.failed["recently_played"] == (
        "no recently played tracks were collected on 2026-03-04, and Spotify only reports the "
        "present: choose dates that were collected, or today"
    )
    for name, words in {
        "profile": "no profile was",
        "playlists": "no playlists were",
        "top_items": "no short-term top tracks were",
    }.items():
        assert outcome.failed[name].startswith(f"{words} collected on 2026-03-04")


@pytest.mark.parametrize(("later", "open_"), [(3659, True), (3660, False)])
def test_a_run_created_before_midnight_may_collect_until_one_o_clock(
    later: int, open_: bool, sandbox: Sandbox, collect_for: Collector
) -> None:
    date = today()
    with time_machine.travel(f"{date}T23:59:00Z", tick=False) as clock:
        outcome = collect_for("recently_played", date=date, meanwhile=lambda: clock.shift(later))
    assert outcome.success is open_
    assert bool(asked(sandbox)) is open_


def test_a_closed_date_with_responses_succeeds_without_a_request(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    date = today()
    collect_for()
    sandbox.requests.clear()
    with time_machine.travel(f"{date}T23:59:59Z", tick=False) as clock:
        clock.shift(3700)
        outcome = collect_for(date=date)
    assert outcome.success
    assert asked(sandbox) == []
    assert outcome.metadata["profile"]["outcome"] == "0 responses requested, 1 stored"


@pytest.mark.parametrize("force", [False, True])
def test_a_backfill_of_a_collected_date_needs_neither_spotify_nor_credentials(
    force: bool,
    sandbox: Sandbox,
    collect_for: Collector,
    monkeypatch: pytest.MonkeyPatch,
    kept: Callable[[], list[str]],
) -> None:
    collect_for()
    before = kept()
    sandbox.requests.clear()
    for name in ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN_NICO"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPOTIFY_API_URL", "http://127.0.0.1:9/v1")
    assert collect_for(force=force, tags={"dagster/backfill": "abc"}).success
    assert asked(sandbox) == []
    assert kept() == before
