"""What becomes of messages when the service is down or slow, or an address is none."""

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import time_machine

from pipelines.ops import notify, sensors
from pipelines.ops.alerts import Notification
from pipelines.ops.health import Problem
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from tests.ops.made_runs import execute, failing
from tests.support.receiving import SECRET, Receiver, receiver

Tick = Callable[..., str]
LOGIN = ("failure", "Playledger: nico login")
OVER = ("success", "Playledger: nico login (resolved)")


@pytest.fixture
def expired(log_in: Callable[..., None]) -> None:
    log_in(authorized_at=datetime.now(UTC), refused=True)


@pytest.fixture
def second() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.mark.usefixtures("expired")
def test_a_message_that_is_not_taken_is_delivered_later_and_once(
    tick: Tick, service: Receiver
) -> None:
    service.status = 503
    assert "delivery to 1 addresses failed, to be retried" in tick()
    service.status = 200
    for _ in range(3):
        tick()
    assert service.told == [LOGIN]


def test_what_is_over_before_it_could_be_told_is_not_told(
    tick: Tick, service: Receiver, log_in: Callable[..., None]
) -> None:
    log_in(authorized_at=datetime.now(UTC), refused=True)
    service.status = 503
    tick()
    service.status = 200
    log_in(authorized_at=datetime.now(UTC))
    with time_machine.travel(datetime.now(UTC) + sensors.HEALTH_INTERVAL):
        tick()
    assert service.bodies == []


@pytest.mark.usefixtures("expired")
def test_a_tick_that_was_cut_off_tells_again_rather_than_never(
    tick: Tick, service: Receiver
) -> None:
    tick(forget=True)
    tick()
    tick()
    assert service.told == [LOGIN] * 2


@pytest.mark.usefixtures("expired")
def test_where_one_of_two_services_is_down_the_other_is_told_once(
    tick: Tick, service: Receiver, second: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_URLS", f"{service.alert_url} {second.alert_url}")
    service.status = 500
    tick()
    tick()
    assert (service.told, second.told) == ([], [LOGIN])
    service.status = 200
    tick()
    assert (service.told, second.told) == ([LOGIN], [LOGIN])


@pytest.mark.usefixtures("expired")
def test_without_addresses_nothing_is_lost_and_what_is_wrong_is_told_later(
    tick: Tick, service: Receiver, monkeypatch: pytest.MonkeyPatch, instance: dg.DagsterInstance
) -> None:
    monkeypatch.delenv("ALERT_URLS")
    execute(instance, "poll_nico", failing(KeyError()))
    assert tick() == "ALERT_URLS is not set: no alerts are sent"
    monkeypatch.setenv("ALERT_URLS", service.alert_url)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        tick()
    assert service.told == [LOGIN, ("failure", "Playledger: poll of nico")]


@pytest.mark.usefixtures("expired")
def test_an_address_that_is_none_is_named_by_its_place_and_the_others_are_served(
    tick: Tick,
    service: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("ALERT_URLS", f"nonsense://{SECRET} {service.alert_url}")
    with caplog.at_level(logging.DEBUG):
        said = [tick(), tick()]
    assert service.told == [LOGIN]
    lines = [line for line in caplog.messages if "ALERT_URLS" in line]
    assert lines == ["ALERT_URLS: Apprise does not understand address 1 of 2: correct it"]
    assert all("1 addresses in ALERT_URLS cannot be used" in line for line in said)
    assert "nonsense" not in caplog.text


@pytest.mark.usefixtures("expired")
def test_apprise_logs_neither_addresses_nor_messages(
    tick: Tick, service: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "apprise"):
        tick()
    assert service.told == [LOGIN]
    assert not [record for record in caplog.records if record.name.startswith("apprise")]


def test_a_slow_service_is_not_waited_for(
    service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "SERVICE_TIMEOUT_S", 0.1)
    service.delay_s = 60
    (address,) = notify.parse_addresses((service.alert_url,))
    began = datetime.now(UTC)
    assert not address.deliver(
        Notification("failure", "lake", {"lake": Problem("lake", "It is gone")})
    )
    assert datetime.now(UTC) - began < timedelta(seconds=30)


@pytest.mark.usefixtures("expired")
def test_the_cursor_does_not_tell_the_address(
    service: Receiver, instance: dg.DagsterInstance
) -> None:
    with dg.build_sensor_context(instance) as context:
        sensors.alerts_tick(context, Settings(), Lake.open(Settings()))
        assert context.cursor
        assert SECRET not in context.cursor
        assert str(service.port) not in context.cursor


@pytest.mark.usefixtures("all_is_well")
def test_a_lake_that_never_answers_does_not_take_its_own_alert_with_it(
    tick: Tick, service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "HEALTH_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("LAKE_URL", "s3://bucket/ledger")
        monkeypatch.setenv("S3_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a very secret key")
        tick()
    assert service.told == [("failure", "Playledger: lake")]
    assert service.texts[0].startswith("s3://bucket/ledger does not answer (no answer within")


def test_the_secret_of_every_app_is_kept_out_even_where_an_app_lacks_its_id() -> None:
    settings = Settings(
        {
            "SPOTIFY_CLIENT_SECRET": "secret of the first app",
            "SPOTIFY_CLIENT_SECRET_SECOND": " secret of the second app ",
        }
    )
    assert notify.configured_secrets(settings) >= {
        "secret of the first app",
        "secret of the second app",
    }
