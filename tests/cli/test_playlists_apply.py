"""`playledger playlists apply` and `restore` as a person meets them: asked, written, told."""

import logging
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.library import writing
from pipelines.library.kept import Readings
from pipelines.library.planning import Planner
from pipelines.library.reading import refresh
from pipelines.listening.playlists.parts import Pace
from pipelines.listening.playlists.plan import Options, Plan
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES
from pipelines.resources.cache.opening import open_store
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.items import gone, local, song
from tests.library.writers import ADD, may_write, own_playlists, posts, uris

Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def at_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LOOKS_S", (0.0, 0.0))
    monkeypatch.setattr(writing, "SLOW_LOOKS_S", (0.0, 0.0))
    monkeypatch.setattr(writing, "LIST_LOOKS_S", (0.0, 0.0))
    may_write(sandbox)


@pytest.fixture
def cli() -> Cli:
    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, ["playlists", *arguments], input=typed)

    return run


def plan_from(sandbox: Sandbox, lake: Lake, *items: object, name: str = "Master") -> Plan:
    """A plan made of one playlist of nico's, which was read before."""
    source = sandbox.playlists.add("nico", "Weighted", items)
    refresh(lake.of("nico"), Spotify(Settings(), lake), source)
    planner = Planner(lake.of("nico"), Settings().listener("nico"), Pace(0, 1000))
    planned = planner.of_playlists([source], Options(name=name, keep_weights=True))
    planner.save(planned)
    sandbox.requests.clear()
    return planned.plan


def test_nothing_is_sent_before_the_id_is_typed(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(120))
    for typed in ("", "yes\n", f"{plan.id[:-1]}\n"):
        told = cli("apply", "nico", plan.id, typed=typed)
        assert told.exit_code == 1
        assert "Master" in told.output
        assert "120" in told.output
        assert "public all the same" in told.output
    told = cli("apply", "nico", plan.id, "--confirm", "another")
    assert "Error: 'another' is not the id of this plan: nothing was sent" in told.output
    assert sandbox.requests == []


@pytest.mark.parametrize("by_option", [True, False])
def test_a_confirmed_plan_is_written_read_back_and_done(
    by_option: bool, sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(120), *range(20))
    before = [one.id for one in sandbox.playlists.library("nico")]
    source = sandbox.playlists.items(plan.sources[0].playlist_id)
    confirmed = ("--confirm", plan.id) if by_option else ()
    told = cli("apply", "nico", plan.id, *confirmed, typed=None if by_option else f"{plan.id}\n")
    assert told.exit_code == 0, told.output
    [target] = own_playlists(sandbox)
    assert (
        sandbox.playlists.uris(target)
        == list(plan.parts[0].uris)
        == list(uris(*range(120), *range(20)))
    )
    assert f"https://open.spotify.com/playlist/{target}" in told.output.replace("\n", "")
    assert "Done: read back, and as planned." in told.output
    assert "Spotify shows it as public" in told.output
    assert sandbox.playlists.items(plan.sources[0].playlist_id) == source
    assert [one.id for one in sandbox.playlists.library("nico")] == [target, *before]
    sandbox.requests.clear()
    again = cli("apply", "nico", plan.id)
    assert again.exit_code == 0
    assert f"Plan {plan.id} is done" in again.output
    assert sandbox.requests == []


def test_a_target_that_was_read_half_written_is_read_anew_although_its_snapshot_id_lags(
    sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(330))
    sandbox.clock.shift(-3_600)  # what was added then looks settled
    sandbox.playlists.snapshot_lag_s = 7_200
    sandbox.faults.add("rate_limit", ADD, after=2, retry_after=3_600)
    assert cli("apply", "nico", plan.id, "--confirm", plan.id).exit_code == 1
    lake.store.delete("state/lockouts/")
    [target] = own_playlists(sandbox)
    assert cli("fetch", "nico", target).exit_code == 0
    told = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert told.exit_code == 0, told.output
    assert sandbox.playlists.uris(target) == list(plan.parts[0].uris)
    assert "Done: read back, and as planned." in told.output


def test_after_a_write_the_next_reading_is_no_old_page_although_the_snapshot_id_is_the_old_one(
    sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    def read(playlist: str) -> list[str]:
        assert cli("fetch", "nico", playlist).exit_code == 0
        return lake.of("nico").read(PLAYLIST_ENTRIES, playlist=playlist)["track_uri"].to_pylist()

    plan = plan_from(sandbox, lake, *range(230))
    sandbox.playlists.snapshot_lag_s = 60
    sandbox.faults.add("rate_limit", ADD, after=1, retry_after=3_600)
    assert cli("apply", "nico", plan.id, "--confirm", plan.id).exit_code == 1
    lake.store.delete("state/lockouts/")
    [target] = own_playlists(sandbox)
    old = sandbox.playlists.get(target).snapshot_id
    assert read(target) == list(plan.parts[0].uris[:100])
    assert cli("apply", "nico", plan.id, "--confirm", plan.id).exit_code == 0
    assert sandbox.playlists.get(target).snapshot_id == old, "which still shows"
    assert read(target) == list(plan.parts[0].uris)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    sandbox.playlists.edit(target, lambda items: [*items, song(900, added_at=now)])
    assert read(target) == [*plan.parts[0].uris, *uris(900)], "written by another program"
    sandbox.clock.shift(120)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert read(target) == [*plan.parts[0].uris, *uris(900)]
    assert open_store(Settings().cache).usage().entries == 0, "pages are not in the cache"


@pytest.mark.parametrize("damage", ["other songs", "another id", "another listener", "no JSON"])
def test_a_plan_that_is_not_what_its_id_stands_for_is_refused(
    damage: str, sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(120))
    path = f"users/nico/playlists/plans/{plan.id}.json"
    stored = lake.store.get(path)
    assert stored
    edits = {
        "other songs": (uris(7)[0], uris(500)[0]),
        "another id": (plan.id, "0123456789"),
        "another listener": ('"nico"', '"lena"'),
        "no JSON": ("{", "["),
    }
    old, new = edits[damage]
    lake.store.put(path, stored.body.decode().replace(old, new).encode())
    told = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert told.exit_code == 1
    assert "delete it and plan again" in told.output
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda items: items[1:], "1 went (Amber Foxes - Amber Bridges Again)"),
        (lambda items: [*items, 500, 501], "2 came ("),
        (lambda items: [items[1], items[0], *items[2:]], "its items are in another order"),
        (lambda items: [*items, 0], "1 came (Amber Foxes - Amber Bridges Again)"),
        (lambda items: [*items[:-1], local()], "1 came (Our Band - Demo tape), 1 went ("),
    ],
    ids=["went", "came", "moved", "twice", "other"],
)
def test_a_source_that_changed_refuses_with_what_changed(
    change: Callable[[list[object]], list[object]],
    told: str,
    sandbox: Sandbox,
    lake: Lake,
    cli: Cli,
) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    source = plan.sources[0].playlist_id
    sandbox.playlists.change(source, change(list(sandbox.playlists.items(source))))
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert result.exit_code == 1
    assert f"Error: 'Weighted' has changed since plan {plan.id} was made: {told}" in result.output
    assert "Nothing was written: make a new plan" in result.output
    assert posts(sandbox) == []


def test_a_source_with_another_name_has_not_changed(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    sandbox.playlists.rename(plan.sources[0].playlist_id, "Else")
    assert cli("apply", "nico", plan.id, "--confirm", plan.id).exit_code == 0


def test_an_unchanged_source_costs_one_request(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(400))
    cli("apply", "nico", plan.id, "--confirm", plan.id)
    source = plan.sources[0].playlist_id
    assert sum(source in one.path for one in sandbox.requests) == 1


def test_a_source_that_cannot_be_read_any_more_refuses(
    sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    sandbox.faults.add("status", "playlist", times=None, code=403, message="Forbidden")
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert "cannot be read any more" in result.output
    assert posts(sandbox) == []


def test_without_a_login_that_may_write_the_command_is_named(
    sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    TokenFile(Settings().tokens_dir, "nico", "write").path.unlink()
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert result.output == (
        "Error: nico has no login with which Playledger may write playlists: "
        "run `playledger login nico --write`\n"
    )
    assert sandbox.requests == []


def test_a_login_of_another_account_writes_nothing(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    may_write(sandbox, "mira")
    files = [TokenFile(Settings().tokens_dir, name, "write").path for name in ("mira", "nico")]
    files[0].replace(files[1])
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert "nico's login belongs to the account mira" in result.output
    assert "`playledger login nico --write`" in result.output
    assert posts(sandbox) == []


def test_there_is_no_such_plan(cli: Cli) -> None:
    result = cli("apply", "nico", "0123456789")
    assert "nico has no plan '0123456789'" in result.output


def test_a_lockout_tells_when_and_how_it_goes_on(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(450))
    sandbox.faults.add("rate_limit", ADD, after=2, retry_after=72_000, quota=True)
    until = datetime.now(UTC) + timedelta(hours=20)
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert result.exit_code == 1
    line = result.output.splitlines()[-1]
    assert f"refuses requests until {until:%Y-%m-%d}" in line
    assert "200 of 450 songs are written" in line
    assert f"`playledger playlists apply nico {plan.id}` goes on from there" in line
    # Whatever becomes of the source by then, the plan is finished as it was confirmed.
    sandbox.playlists.change(plan.sources[0].playlist_id, [7])
    lake.store.delete("state/lockouts/")
    result = cli("apply", "nico", plan.id, typed=f"{plan.id}\n")
    assert result.exit_code == 0, result.output
    [target] = own_playlists(sandbox)
    assert sandbox.playlists.uris(target) == list(plan.parts[0].uris)


def test_songs_that_were_left_out_are_named(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    sandbox.faults.add("dead_uri", ADD, times=None, uri=uris(0)[0])
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert result.exit_code == 0
    told = result.output.replace("\n", " ")
    assert f"left out: Amber Foxes - Amber Bridges Again ({uris(0)[0]}, place 1 of Master)" in told
    assert "as planned, without 1 songs that Spotify does not take" in told


def test_what_reads_back_differently_is_shown_and_left_as_it_is(
    sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan = plan_from(sandbox, lake, *range(250))
    sandbox.faults.add("someone_edits", ADD, after=2, remove=7)
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert result.exit_code == 1
    [target] = own_playlists(sandbox)
    assert "249 items instead of 250" in result.output.replace("\n", " ")
    before = sandbox.playlists.items(target)
    sandbox.requests.clear()
    assert cli("apply", "nico", plan.id, "--confirm", plan.id).exit_code == 1
    assert posts(sandbox) == []
    assert sandbox.playlists.items(target) == before


def test_no_secret_is_logged(
    sandbox: Sandbox, lake: Lake, cli: Cli, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan = plan_from(sandbox, lake, *range(60))
    token = TokenFile(Settings().tokens_dir, "nico", "write").read()
    result = cli("apply", "nico", plan.id, "--confirm", plan.id)
    assert token
    for secret in (*token.secrets, sandbox.client_secret, sandbox.refresh_token("nico")):
        assert secret not in caplog.text + result.output


def test_a_kept_state_comes_back_as_a_new_playlist(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    items = [*range(130), 5, 5, local(), gone(), 7]
    source = sandbox.playlists.add("nico", "Weighted", items)
    refresh(lake.of("nico"), Spotify(Settings(), lake), source)
    sandbox.playlists.change(source, [1, 2, 3])
    refresh(lake.of("nico"), Spotify(Settings(), lake), source)
    sandbox.requests.clear()
    [first, last] = Readings(lake.of("nico")).by_playlist(source)[source]
    listed = cli("restore", "nico", "--list").output
    assert f"{first.started_at:%Y-%m-%dT%H:%M:%S} UTC" in listed
    assert last.complete
    asked = cli("restore", "nico", "Weighted", "--at", first.started_at.isoformat())
    assert sandbox.requests == []
    told = asked.output.replace("\n", " ")
    assert "cannot come back: 1, a local file" in told
    assert "cannot come back: 1, Spotify shows an empty item" in told
    assert "when each item was added and by whom" in told
    plan_id = re.search(r"Plan (\w{10}) for nico", asked.output)
    assert plan_id
    done = cli(
        *("restore", "nico", "Weighted", "--at", first.started_at.isoformat()),
        *("--confirm", plan_id[1]),
    )
    assert done.exit_code == 0, done.output
    [target] = own_playlists(sandbox, f"Weighted as of {first.started_at:%Y-%m-%d}")
    assert sandbox.playlists.uris(target) == list(uris(*range(130), 5, 5, 7))
    assert sandbox.playlists.uris(source) == list(uris(1, 2, 3))


def test_what_was_written_is_a_state_too(sandbox: Sandbox, lake: Lake, cli: Cli) -> None:
    plan = plan_from(sandbox, lake, *range(60))
    cli("apply", "nico", plan.id, "--confirm", plan.id)
    [target] = own_playlists(sandbox)
    sandbox.playlists.change(target, [])
    asked = cli("restore", "nico", target, "--name", "Back")
    plan_id = re.search(r"Plan (\w{10}) for nico", asked.output)
    assert plan_id
    assert cli("apply", "nico", plan_id[1], "--confirm", plan_id[1]).exit_code == 0
    [back] = own_playlists(sandbox, "Back")
    assert sandbox.playlists.uris(back) == list(plan.parts[0].uris)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Nowhere"], "'Nowhere' is no playlist"),
        (["Weighted", "--at", "yesterday"], "'yesterday' is no time: write it like 2026-11-28"),
        (["Weighted", "--at", "2020-01-01"], "no complete reading of 'Weighted' of 2020-01-01"),
        ([], "name a playlist, or --list"),
    ],
)
def test_a_state_that_there_is_not_is_a_clear_line(
    arguments: list[str], told: str, sandbox: Sandbox, lake: Lake, cli: Cli
) -> None:
    plan_from(sandbox, lake, *range(10))
    result = cli("restore", "nico", *arguments)
    assert result.exit_code != 0
    assert told in result.output


@pytest.mark.rare
@pytest.mark.timeout(900)
def test_a_process_that_is_killed_a_dozen_times_ends_like_one_that_is_not(
    sandbox: Sandbox, lake: Lake
) -> None:
    plan = plan_from(sandbox, lake, *range(1_000))
    source, chance = plan.sources[0].playlist_id, random.Random(7)
    command = [sys.executable, "-m", "pipelines.cli.main", "playlists", "apply", "nico", plan.id]
    confirmed = [*command, "--confirm", plan.id]
    environment = {**os.environ, "REQUEST_INTERVAL_S": "0.2"}
    for _ in range(12):
        process = subprocess.Popen(
            confirmed, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        before = len(posts(sandbox))
        deadline = time.monotonic() + 20
        while len(posts(sandbox)) == before and time.monotonic() < deadline:
            if process.poll() is not None:
                break
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = subprocess.run(
        confirmed, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert last.returncode == 0, last.stdout + last.stderr
    [target] = own_playlists(sandbox)
    assert sandbox.playlists.uris(target) == list(plan.parts[0].uris)
    assert len(sandbox.playlists.items(source)) == 1_000
    assert len(posts(sandbox)) <= 11 + 12
