"""A master of 15,000 songs in two parts, written against everything that can go wrong at once."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.errors import LockedOut, PlayledgerError
from pipelines.library import writing
from pipelines.library.applying import Applying
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
)
from tests.support.environment import Environment

ALL = 15_000
CUT = 7_500


@pytest.mark.rare
@pytest.mark.usefixtures("quick")
def test_a_master_of_fifteen_thousand_equals_its_plan_item_by_item(
    sandbox: Sandbox, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LOOKS_S", (0.0, 0.02))
    monkeypatch.setattr(writing, "SLOW_LOOKS_S", (0.0, 0.02))
    monkeypatch.setattr(writing, "LIST_LOOKS_S", (0.0, 0.0))
    environment.set(REQUESTS_PER_HOUR="100000")
    know(sandbox, *range(ALL))
    may_write(sandbox)
    sandbox.playlists.third_snapshot = True
    songs = uris(*range(ALL))
    plan = plan_of(songs[:CUT], songs[CUT:])
    dead = (songs[4_321], songs[14_999])
    for uri in dead:
        sandbox.faults.add("dead_uri", ADD, times=None, uri=uri)
    sandbox.faults.add("applied", CREATE)
    for number in range(3, 150, 9):
        sandbox.faults.add("applied", ADD, after=number)
        sandbox.faults.add("cut", ADD, after=number + 2)
        sandbox.faults.add("unheard", ADD, after=number + 3)
        sandbox.faults.add("status", ADD, after=number + 5, code=503)
    locked = sandbox.faults.add("rate_limit", ADD, after=80, retry_after=72_000, quota=True)
    lake = Lake.open(Settings())
    sandbox.requests.clear()
    stops, kills = 0, 0
    ends: list[datetime] = []
    for step in (40, 90, 300, 800, None, None, None, None):
        applying = Applying(lake.of("nico"), Spotify(Settings(), lake), plan)
        with contextlib.ExitStack() as stack:
            if step is not None:
                stack.enter_context(killed_at(step, monkeypatch))
            try:
                applying.apply()
            except Killed:
                kills += 1
            except LockedOut as problem:
                stops += 1
                ends.append(problem.retry_at)
                lake.store.delete("state/lockouts/")
            except PlayledgerError:
                stops += 1
            else:
                break
    assert (stops, kills) >= (1, 3)
    # Of 152 that are needed; 17 times nothing was done, twice a song was searched for.
    assert len(posts(sandbox)) < 260
    assert locked.met > 80
    [end] = ends
    assert timedelta(hours=19) < end - datetime.now(UTC) < timedelta(hours=21)
    assert applying.written.done
    targets = own_playlists(sandbox)
    assert len(targets) == 2
    expected = [[uri for uri in part.uris if uri not in dead] for part in plan.parts]
    assert [sandbox.playlists.uris(one) for one in reversed(targets)] == expected
    left = [one.uri for part in applying.written.parts for one in part.left_out]
    assert left == list(dead)
