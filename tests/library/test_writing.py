"""Plans become playlists: every song once, in order, whatever happens on the way."""

import contextlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import LockedOut, RefusedPlan, SpotifyDown, SpotifyError, TargetDiffers
from pipelines.library import writing
from pipelines.library.journal import Journal
from pipelines.library.writing import Writer
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.library.writers import (
    ADD,
    CREATE,
    Killed,
    killed_at,
    know,
    may_write,
    own_playlists,
    plan_of,
    posts,
    uris,
    write,
    written_to,
)
from tests.support.environment import Environment

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(autouse=True)
def at_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LOOKS_S", (0.0, 0.0))
    monkeypatch.setattr(writing, "SLOW_LOOKS_S", (0.0, 0.0))
    monkeypatch.setattr(writing, "LIST_LOOKS_S", (0.0, 0.0))
    know(sandbox, *range(1000))
    may_write(sandbox)


def test_parts_are_written_in_order_in_batches_of_a_hundred(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(250)), uris(*range(250, 300)))
    written = write(plan)
    assert written_to(sandbox, written) == [list(part.uris) for part in plan.parts]
    first, second = (part.playlist_id for part in written.parts)
    assert posts(sandbox) == [
        "POST me/playlists",
        *[f"POST playlists/{first}/items"] * 3,
        "POST me/playlists",
        f"POST playlists/{second}/items",
    ]
    assert all(part.written for part in written.parts)


def test_the_same_song_stands_as_often_as_in_the_plan(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*[1, 2, 1, 1, 3] * 50))
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]


def test_what_is_written_already_is_not_written_again(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(150)))
    write(plan)
    sandbox.requests.clear()
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "fault", [{"what": "applied"}, {"what": "cut"}, {"what": "cut", "at": "middle"}]
)
@pytest.mark.parametrize("where", [ADD, CREATE])
def test_what_was_done_although_no_answer_came_is_not_done_again(
    fault: dict[str, str], where: str, sandbox: Sandbox
) -> None:
    plan = plan_of(uris(*range(250)))
    sandbox.faults.add(where=where, times=1, **fault)
    written = write(plan)
    assert written_to(sandbox, written) == [list(plan.parts[0].uris)]
    assert len(posts(sandbox)) == 4
    assert len(own_playlists(sandbox)) == 1


@pytest.mark.parametrize(
    "fault", [{"what": "status", "code": 502}, {"what": "status", "code": 503}, {"what": "unheard"}]
)
@pytest.mark.parametrize("where", [ADD])
def test_what_was_not_done_is_sent_again_after_a_look(
    fault: dict[str, str], where: str, sandbox: Sandbox
) -> None:
    plan = plan_of(uris(*range(250)))
    sandbox.faults.add(where=where, times=1, after=1, **fault)
    written = write(plan)
    assert written_to(sandbox, written) == [list(plan.parts[0].uris)]
    assert len(posts(sandbox)) == 5


def test_a_playlist_that_was_not_made_is_made_by_the_next_apply(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(50)))
    sandbox.faults.add("status", CREATE, code=502)
    with pytest.raises(SpotifyError, match="did not make the playlist 'Master 1/1'"):
        write(plan)
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]
    assert len(own_playlists(sandbox)) == 1


def test_a_playlist_that_shows_late_in_the_list_is_not_made_twice(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(uris(*range(50)))
    sandbox.faults.add("applied", CREATE)
    with monkeypatch.context() as patched:
        patched.setattr(writing, "find_made", lambda _client: iter(()))
        with pytest.raises(SpotifyError, match="as far as its list shows"):
            write(plan)
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]
    assert len(own_playlists(sandbox)) == 1


@pytest.mark.parametrize("code", [502, 400, 404])
def test_a_song_that_spotify_does_not_take_is_found_named_and_left_out(
    code: int, sandbox: Sandbox
) -> None:
    songs = uris(*range(250))
    for dead in (songs[37], songs[38], songs[120], songs[249]):
        sandbox.faults.add("dead_uri", ADD, times=None, uri=dead, code=code)
    written = write(plan_of(songs))
    left = written.parts[0].left_out
    assert [one.position for one in left] == [37, 38, 120, 249]
    assert all(one.uri == songs[one.position] for one in left)
    assert all(str(code) in one.reason for one in left)
    alive = [uri for place, uri in enumerate(songs) if place not in {37, 38, 120, 249}]
    assert written_to(sandbox, written) == [alive]
    assert len(posts(sandbox)) < 90


@pytest.mark.parametrize(
    ("songs", "code", "told"),
    [
        (250, 400, "none of 10 songs"),
        (250, 502, "adds no songs to playlists now"),
        (205, 502, "adds no songs to playlists now"),
        (101, 502, "adds no songs to playlists now"),
    ],
)
def test_an_outage_of_writing_condemns_no_song(
    songs: int, code: int, told: str, sandbox: Sandbox
) -> None:
    plan = plan_of(uris(*range(songs)))
    outage = sandbox.faults.add("status", ADD, times=None, after=songs // 100, code=code)
    with pytest.raises(SpotifyError, match=told):
        write(plan)
    assert outage.met < 50
    sandbox.faults.clear()
    written = write(plan)
    assert written.parts[0].left_out == ()
    assert written_to(sandbox, written) == [list(plan.parts[0].uris)]


@pytest.mark.parametrize("failures", range(3, 40, 4))
def test_an_outage_of_writing_that_ends_at_any_moment_condemns_no_song(
    failures: int, sandbox: Sandbox
) -> None:
    plan = plan_of(uris(*range(250)))
    sandbox.faults.add("status", ADD, times=failures, after=1, code=503)
    for _ in range(10):
        try:
            written = write(plan)
        except SpotifyError:
            continue
        break
    assert written.parts[0].left_out == ()
    assert written_to(sandbox, written) == [list(plan.parts[0].uris)]


def test_an_outage_of_everything_stops_at_once(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(250)))
    sandbox.faults.add("status", "/v1", times=None, after=2, code=503)
    with pytest.raises(SpotifyDown):
        write(plan)
    assert len(posts(sandbox)) == 3
    sandbox.faults.clear()
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]


def test_a_lockout_stops_with_its_end_and_writing_goes_on_afterwards(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(450)))
    until = datetime.now(UTC) + timedelta(hours=20)
    sandbox.faults.add("rate_limit", ADD, after=2, retry_after=72_000, quota=True)
    with pytest.raises(LockedOut, match=f"until {until:%Y-%m-%d}"):
        write(plan)
    sent = len(sandbox.requests)
    with pytest.raises(LockedOut):
        write(plan)
    assert len(sandbox.requests) == sent, "nothing is sent before its end"


def test_a_lockout_ends_and_another_machine_goes_on(
    sandbox: Sandbox, environment: Environment, lake: Lake
) -> None:
    plan = plan_of(uris(*range(450)))
    sandbox.faults.add("rate_limit", ADD, after=2, retry_after=72_000, quota=True)
    with pytest.raises(LockedOut):
        write(plan)
    lake.store.delete("state/lockouts/")  # it is a day later
    environment.set(TOKENS_DIR=str(environment.folder / "elsewhere"))
    may_write(sandbox)
    before = len(posts(sandbox))
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]
    assert len(posts(sandbox)) - before == 3


def test_a_short_wait_that_spotify_asks_for_is_waited_for(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(250)))
    sandbox.faults.add("rate_limit", ADD, after=1, retry_after=0)
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]


def test_a_login_that_may_not_write_says_the_command(sandbox: Sandbox) -> None:
    sandbox.faults.add("status", CREATE, code=403, message="Insufficient client scope")
    with pytest.raises(SpotifyError, match=r"Insufficient client scope.*login nico --write"):
        write(plan_of(uris(1)))


def test_a_part_that_no_playlist_can_hold_is_refused_before_anything_is_sent(
    sandbox: Sandbox,
) -> None:
    with pytest.raises(RefusedPlan, match="10,001 items"):
        write(plan_of(uris(*[1] * 10_001)))
    assert posts(sandbox) == []


def test_a_process_killed_at_any_step_harms_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(uris(*range(210)), uris(*range(300, 350)), name="Master")
    step = 0
    while True:
        name = f"Master {step}"
        one = plan_of(*(part.uris for part in plan.parts), name=name)
        with killed_at(step, monkeypatch) as steps, contextlib.suppress(Killed):
            write(one)
        done = steps() <= step
        written = write(one)
        assert written_to(sandbox, written) == [list(part.uris) for part in one.parts], step
        assert len(own_playlists(sandbox, name + " ")) == 2, step
        if done:
            break
        step += 1
    assert step > 20


@given(steps=st.lists(st.integers(0, 12), min_size=12, max_size=12), seed=st.integers(0, 10**9))
@settings(max_examples=15)
def test_a_dozen_kills_in_a_row_send_nothing_twice_but_what_was_in_flight(
    steps: list[int], seed: int, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(uris(*range(620)), uris(*range(700, 750)), name=f"Kills {seed} {steps}")
    sandbox.requests.clear()
    kills = 0
    for step in steps:
        with killed_at(step, monkeypatch):
            try:
                write(plan)
            except Killed:
                kills += 1
    written = write(plan)
    assert written_to(sandbox, written) == [list(part.uris) for part in plan.parts]
    assert len(own_playlists(sandbox, plan.options.name + " ")) == 2
    assert len(posts(sandbox)) <= 2 + 7 + 1, "what the sandbox did is never asked for again"


@pytest.mark.parametrize("how", ["deleted", "added", "moved", "other"])
def test_a_playlist_that_somebody_changed_meanwhile_stops_it(how: str, sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(450)))
    sandbox.faults.add("rate_limit", ADD, after=2, retry_after=3_600)
    with pytest.raises(LockedOut):
        write(plan)
    [target] = own_playlists(sandbox)
    items = list(sandbox.playlists.items(target))
    changed = {
        "deleted": items[:20] + items[21:],
        "added": [*items, 999],
        "moved": [items[1], items[0], *items[2:]],
        "other": [*items[:100], 999, *items[101:]],
    }[how]
    sandbox.playlists.change(target, changed)
    Lake.open(Settings()).store.delete("state/lockouts/")
    before = sandbox.playlists.uris(target)
    with pytest.raises(TargetDiffers, match=r"somebody has changed it: (it has|item)") as told:
        write(plan)
    first = {"deleted": "item 21 is", "added": "it has", "moved": "item 1 is", "other": "item 101"}
    assert first[how] in str(told.value), "where it differs is named, not only that it does"
    assert sandbox.playlists.uris(target) == before
    sandbox.playlists.change(target, items)
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]


def test_a_change_in_the_middle_of_writing_is_noticed_when_an_answer_is_missing(
    sandbox: Sandbox,
) -> None:
    plan = plan_of(uris(*range(450)))
    sandbox.faults.add("someone_edits", ADD, after=1, remove=3)
    sandbox.faults.add("status", ADD, after=1, code=502)
    with pytest.raises(TargetDiffers, match=r"199 items instead of 200|99 items instead of 100"):
        write(plan)


def test_of_two_processes_one_stops_before_it_sends_anything(sandbox: Sandbox) -> None:
    plan = plan_of(uris(*range(450)))
    lake = Lake.open(Settings())
    journals = [Journal(lake.of("nico"), plan) for _ in range(2)]
    client = Spotify(Settings(), lake).client("nico", "write")
    Writer(lake.of("nico"), client, journals[0]).write()
    before = len(posts(sandbox))
    with pytest.raises(RefusedPlan, match="another `playledger playlists apply` is writing"):
        Writer(lake.of("nico"), client, journals[1]).write()
    assert len(posts(sandbox)) == before


def test_a_request_of_another_machine_is_waited_for_before_it_is_sent_again(
    sandbox: Sandbox, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request arrives while this one has looked already."""
    monkeypatch.setattr(writing, "IN_FLIGHT", timedelta(hours=1))
    plan = plan_of(uris(*range(150)))
    with killed_at(14, monkeypatch), contextlib.suppress(Killed):
        write(plan)
    lake = Lake.open(Settings())
    [part] = Journal(lake.of("nico"), plan).written.parts
    assert part.sending
    assert part.batch(part.sending) == dict(enumerate(uris(*range(100, 150)), 100))
    environment.set(TOKENS_DIR=str(environment.folder / "elsewhere"))
    may_write(sandbox)
    held = sandbox.playlists.items(part.playlist_id or "")
    over = part.sending.at + timedelta(hours=1)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds:
            waited.append(seconds)
            assert datetime.now(UTC) + timedelta(seconds=seconds) >= over
            assert sandbox.requests[-1].method == "GET"
            sandbox.playlists.change(part.playlist_id or "", [*held, *range(100, 150)])

    monkeypatch.setattr(writing, "time", SimpleNamespace(sleep=sleep))
    written = write(plan)
    assert len(waited) == 1
    assert written_to(sandbox, written) == [list(plan.parts[0].uris)]


def test_items_that_show_late_are_looked_for_again(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LOOKS_S", (0.0, 0.5, 0.5))
    sandbox.playlists.items_lag_s = 0.6
    plan = plan_of(uris(*range(450)))
    for number in range(4):
        sandbox.faults.add("applied", ADD, after=number)
    assert written_to(sandbox, write(plan)) == [list(plan.parts[0].uris)]
    assert len(posts(sandbox)) == 6
