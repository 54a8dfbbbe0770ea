"""An S3 server that refuses, is busy, hangs or breaks off: one plain line, and no half state."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from pipelines.errors import StoreUnavailable
from pipelines.listening.api.responses import unpack
from pipelines.resources.lake import r2
from pipelines.resources.lake.opening import open_store
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures
from testing.servers import S3Server
from tests.system.bucket.conftest import LakeIn, Undisturbed
from tests.system.bucket.faulty_proxy import (
    Fault,
    FaultyProxy,
    by_chance,
    cut_answer,
    cut_body,
    forbid,
    hang,
    late,
    lost_answer,
    slow_down,
)
from tests.system.bucket.lakes import everything

pytestmark = pytest.mark.rare

SECRETS = ("testsecret", "another-secret")
BROKEN = (cut_body, cut_answer, lost_answer, slow_down)
on_one_server = pytest.mark.parametrize("server", ["weed"], indirect=True)


def lines(pipeline: Pipeline) -> list[str]:
    """What a poll that has to fail says: plain lines without a secret."""
    told = failures(pipeline.run("poll_nico"))
    assert told
    for line in told:
        assert "\n" not in line
        assert not any(secret in line for secret in SECRETS)
    return told


@pytest.fixture
def wrong(
    server: S3Server,
    lake_in: LakeIn,
    new_pipeline: Callable[[], Pipeline],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str], Pipeline]:
    """The pipeline where one variable is not what it should be."""

    def opened(variable: str, value: str) -> Pipeline:
        lake_in(server)
        monkeypatch.setenv(variable, value)
        return new_pipeline()

    return opened


@pytest.mark.parametrize(
    ("variable", "value", "hints"),
    [
        ("AWS_ACCESS_KEY_ID", "nobody", ("s3://etl/", "check AWS_ACCESS_KEY_ID")),
        ("AWS_SECRET_ACCESS_KEY", SECRETS[1], ("s3://etl/", "check AWS_SECRET_ACCESS_KEY")),
        ("LAKE_URL", "s3://nowhere/lake", ("s3://nowhere/lake", "create the bucket or correct")),
    ],
)
def test_where_the_way_to_the_bucket_is_wrong_spotify_is_not_asked(
    wrong: Callable[[str, str], Pipeline],
    sandbox: Sandbox,
    variable: str,
    value: str,
    hints: tuple[str, ...],
) -> None:
    for line in lines(wrong(variable, value)):
        assert all(hint in line for hint in hints), line
    assert sandbox.requests == []


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_wrong_is_told(
    server: S3Server,
    lake_in: LakeIn,
    new_pipeline: Callable[[], Pipeline],
    sandbox: Sandbox,
    hours: int,
) -> None:
    lake_in(server)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        told = lines(new_pipeline())
    for line in told:
        assert "RequestTimeTooSkewed (HTTP status 403); set this machine's clock" in line
    assert sandbox.requests == []


@on_one_server
def test_a_busy_and_slow_server_is_asked_again(proxy: FaultyProxy, pipeline: Pipeline) -> None:
    spoilt = [
        proxy.spoil(fault, times=times, method=method)
        for fault, times, method in ((slow_down, 2, "PUT"), (late(0.5), 3, ""), (slow_down, 2, ""))
    ]
    assert failures(pipeline.run("poll_nico")) == []
    assert [one.times for one in spoilt] == [0, 0, 0]
    assert len(pipeline.plays()) == 50


@on_one_server
def test_a_server_that_hangs_is_left_after_a_while_and_asked_again(
    proxy: FaultyProxy, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(r2, "READ_TIMEOUT_S", 2)
    proxy.spoil(hang, method="PUT", key="/raw/recently_played/")
    assert failures(pipeline.run("poll_nico")) == []
    assert len(pipeline.plays()) == 50


@on_one_server
@pytest.mark.parametrize(
    ("fault", "reason"),
    [(slow_down, "SlowDown (HTTP status 503); try again"), (forbid, "allow this key to")],
)
def test_spotify_is_not_asked_where_its_answer_could_not_be_kept(
    proxy: FaultyProxy, pipeline: Pipeline, sandbox: Sandbox, fault: Fault, reason: str
) -> None:
    proxy.spoil(fault, times=math.inf, method="PUT")
    for line in lines(pipeline):
        assert "cannot write s3://etl/" in line
        assert reason in line
    assert sandbox.requests == []
    proxy.heal()
    assert everything(pipeline.lake) == {}
    assert failures(pipeline.run("poll_nico")) == []


@on_one_server
def test_one_answer_is_lost_at_most_where_the_server_fails_in_the_middle(
    proxy: FaultyProxy, pipeline: Pipeline, sandbox: Sandbox
) -> None:
    proxy.spoil(forbid, times=math.inf, method="PUT", key="/raw/recently_played/")
    assert any("/raw/recently_played/" in line for line in lines(pipeline))
    asked = [one.path for one in sandbox.requests if "recently-played" in one.path]
    assert len(asked) == 1
    proxy.heal()
    assert failures(pipeline.run("poll_nico")) == []
    assert len(pipeline.plays()) == 50


@pytest.mark.parametrize("old", [None, b"old" * 100_000])
def test_a_write_that_breaks_off_leaves_the_object_as_it_was(
    proxy: FaultyProxy, old: bytes | None
) -> None:
    store = open_store("s3://etl/cut", **proxy.server.options)
    store.delete("whole")
    etag = store.put("whole", old) if old else None
    proxy.spoil(cut_body, times=math.inf, method="PUT")
    with pytest.raises(StoreUnavailable, match="cannot write s3://etl/cut/whole"):
        store.put_if_match("whole", b"new" * 1_000_000, etag)
    proxy.heal()
    stored = store.get("whole")
    assert (stored.body if stored else None) == old
    store.put_if_match("whole", b"new", etag)


@pytest.mark.parametrize("fault", [lost_answer, cut_body])
def test_an_answer_of_spotify_is_kept_once_whatever_befalls_its_write(
    proxy: FaultyProxy, pipeline: Pipeline, fault: Fault
) -> None:
    proxy.spoil(fault, method="PUT", key="/raw/recently_played/")
    assert failures(pipeline.run("poll_nico")) == []
    [(name, kept)] = pipeline.bodies("raw/recently_played/").items()
    assert len(json.loads(bytes(unpack(kept, name).body))["items"]) == 50


@on_one_server
@pytest.mark.timeout(900)
def test_a_run_that_a_cut_write_ended_is_made_good_by_the_next(
    proxy: FaultyProxy,
    pipeline: Pipeline,
    undisturbed: Undisturbed,
) -> None:
    proxy.spoil(cut_body, times=math.inf, method="PUT", key="/plays/")
    assert any("cannot write s3://etl/" in line for line in lines(pipeline))
    assert pipeline.plays() == []
    proxy.heal()
    # Meanwhile the server is not quite well either.
    proxy.spoil(by_chance(BROKEN, 0.05, seed=6), times=math.inf)
    assert failures(pipeline.run("daily_nico")) == []
    proxy.heal()
    assert everything(pipeline.lake) == everything(undisturbed(pipeline.lake))
