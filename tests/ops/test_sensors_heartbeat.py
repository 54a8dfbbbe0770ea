"""The sign of life: after each good daily run, and after nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import requests

from pipelines.ops import notify
from pipelines.settings import Settings
from tests.ops.made_runs import execute, failing
from tests.support.receiving import SECRET, Receiver

Tick = Callable[..., str]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify._get.retry, "sleep", lambda _: None)


def test_a_good_daily_run_is_one_heartbeat(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    tick("heartbeat")
    execute(instance, "poll_nico")
    execute(instance, "daily_nico", failing(KeyError()))
    tick("heartbeat")
    assert service.beats == []
    for n in (1, 2):
        execute(instance, "daily_nico")
        for _ in range(2):
            tick("heartbeat")
        assert service.beats == [f"/beat/{SECRET}"] * n


def test_an_old_date_derived_again_is_no_sign_of_life(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    old = datetime.now(UTC) - timedelta(days=2)
    execute(instance, "daily_nico", date=f"{old:%Y-%m-%d}")
    tick("heartbeat")
    assert service.beats == []


def test_a_heartbeat_that_is_not_taken_is_tried_three_times_and_in_the_next_minute_again(
    tick: Tick,
    service: Receiver,
    instance: dg.DagsterInstance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    execute(instance, "daily_nico")
    service.status = 500
    assert tick("heartbeat") == "HEARTBEAT_URL answered 500: will be retried"
    assert len(service.beats) == 3
    service.status = 200
    for _ in range(2):
        tick("heartbeat")
    assert len(service.beats) == 4
    assert SECRET not in "".join(r.getMessage() for r in caplog.records if r.name == "playledger")


def test_an_address_that_does_not_answer_is_not_told(service: Receiver) -> None:
    with pytest.raises(
        notify.HeartbeatFailed, match=r"did not answer \(ConnectionError\)$"
    ) as told:
        notify.send_heartbeat(f"http://127.0.0.1:9/{SECRET}")
    assert told.value.__suppress_context__
    assert isinstance(told.value.__context__, requests.ConnectionError)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "HEARTBEAT_URL is not set"),
        (f"ftp://{SECRET}", "HEARTBEAT_URL: it is not an http(s) address"),
    ],
)
def test_without_a_good_address_the_tick_says_so(
    url: str | None, said: str, tick: Tick, service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTBEAT_URL", url or "")
    assert tick("heartbeat") == said


def test_a_listener_who_is_no_more_is_not_remembered(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    listeners = Settings().listeners_file
    listeners.write_text("[nico]\n[mira]\n")
    for name in ("nico", "mira"):
        execute(instance, f"daily_{name}")
    tick("heartbeat")
    assert "mira" in tick.cursors["heartbeat"]
    listeners.write_text("[nico]\n")
    tick("heartbeat")
    assert "mira" not in tick.cursors["heartbeat"]
    assert "nico" in tick.cursors["heartbeat"]
