"""Spacing and budget of requests, over all processes of a machine."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine

from pipelines.errors import BudgetSpent, TokenFileError
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.rate_limit import Throttle
from sandbox import Sandbox
from tests.support.asking import ASK, Collector, asked, heard, logged_in, python, tell


def me(client: SpotifyClient) -> object:
    return client.get("profile", lambda api: api.current_user())


def test_three_processes_at_once_keep_their_distance(
    sandbox: Sandbox, environment: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUEST_INTERVAL_S", "0.3")
    processes = [python(ASK, name, "2") for name in ("nico", "mira", "nico")]
    for process in processes:
        heard(process)
    for process in processes:
        tell(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    # Two listeners' tokens, and what was asked with them.
    assert len(sandbox.requests) == 2 + 3 * 2
    assert min(b.time - a.time for a, b in pairwise(sandbox.requests)) >= 0.3


def test_a_slow_answer_does_not_bring_the_next_request_closer(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    logged_in(client, sandbox)
    client.throttle.interval_s = 0.3
    sandbox.faults.add("hang", "me", seconds=0.3)
    me(client)
    me(client)
    first, second = sandbox.requests
    assert second.time - first.time >= 0.6


def test_a_process_killed_in_its_turn_frees_it_at_once(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    logged_in(client, sandbox)
    sandbox.faults.add("hang", "me", seconds=300)
    process = python(ASK, "nico", "1")
    tell(process)
    while not sandbox.requests:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    began = time.monotonic()
    me(client)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_a_clock_set_back_blocks_nobody(hours: int, throttle: Throttle) -> None:
    throttle.interval_s = 60
    with throttle.slot():
        throttle.block_for(60)
    with (
        time_machine.travel(datetime.now(UTC) - timedelta(hours=hours), tick=True),
        throttle.slot(),
    ):
        pass
    assert throttle.total_wait_s < 30


def test_an_hours_requests_are_spent_and_the_line_says_until_when(
    sandbox: Sandbox, collect_for: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_PER_HOUR", "2")
    collect_for("profile")
    before = datetime.now(UTC)
    line = collect_for("recently_played", "playlists").line
    assert len(asked(sandbox)) == 2
    due = {f"{before + timedelta(seconds=3600 + late):%H:%M}" for late in (-60, -5, 0)}
    assert any(
        line == "2 requests were sent to Spotify within an hour (REQUESTS_PER_HOUR); "
        f"the next may be sent at {time} UTC"
        for time in due
    )
    with time_machine.travel(before + timedelta(hours=1), tick=True):
        # The token is stale by then, so this is a refresh and one question.
        assert collect_for("recently_played", date=f"{datetime.now(UTC):%Y-%m-%d}").success


def test_the_metadata_tells_the_time_spent_waiting(
    collect_for: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUEST_INTERVAL_S", "2")
    told = collect_for("profile").metadata["profile"]
    assert told["responses_asked_for"] == 1
    # What passed between the two requests for another reason was not waited for.
    assert 0.1 <= told["throttle_wait_s"] < 60


def test_damaged_state_is_started_anew(throttle: Throttle) -> None:
    with throttle.slot():
        pass
    for damage in ("", "{", "[]", '{"sent": [null], "not_before": 0}'):
        throttle.path.write_text(damage)
        with throttle.slot():
            pass
        assert len(json.loads(throttle.path.read_text())["sent"]) == 1


def test_an_answer_is_not_lost_where_the_end_of_its_turn_cannot_be_noted(
    throttle: Throttle,
) -> None:
    with throttle.slot():
        throttle.path.with_suffix(".new").mkdir()  # nothing can be written any more
    told = r"TOKENS_DIR: cannot write .* \(Is a directory\)"
    with pytest.raises(TokenFileError, match=told), throttle.slot():
        pytest.fail("a turn that nobody could know of")


@pytest.mark.parametrize("problem", [ConnectionError, PermissionError])
def test_what_goes_wrong_within_a_turn_is_not_the_folders_fault(
    problem: type[OSError], throttle: Throttle
) -> None:
    with pytest.raises(problem), throttle.slot():
        raise problem


def test_only_the_last_hour_is_remembered(throttle: Throttle) -> None:
    now = time.time()
    throttle.clock = lambda: now
    with throttle.slot():
        pass
    throttle.clock = lambda: now + 3601
    with throttle.slot():
        pass
    assert json.loads(throttle.path.read_text())["sent"] == [now + 3601]


def test_a_turn_that_is_refused_counts_for_nothing(throttle: Throttle) -> None:
    throttle.per_hour = 1
    with throttle.slot():
        pass
    for _ in range(2):
        with pytest.raises(BudgetSpent), throttle.slot():
            pass
    assert len(json.loads(throttle.path.read_text())["sent"]) == 1
