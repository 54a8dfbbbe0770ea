"""Playlists in the dashboard: what is listed, plans that are made, and who writes them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.dashboard.menu import playlists
from pipelines.dashboard.menu.playlists import load, load_plans, make_plan, why_none
from pipelines.dashboard.plan_writes import Write, Writes
from pipelines.errors import RefusedPlan
from pipelines.library.applying import Applying
from pipelines.library.planning import Planner
from pipelines.library.plans import Plans
from pipelines.listening.playlists.parts import Pace
from pipelines.listening.playlists.plan import Options, Part, new_plan
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Listener, Settings
from tests.dashboard.chosen_rows import Tables
from tests.dashboard.lakes import lake_in, reading_of
from tests.support.environment import Environment

NICO = Listener("nico", (Zone("Europe/Berlin"),))
READ_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def reading(playlist: str, name: str | None, **more: Any) -> dict[str, Any]:
    told = {"listed": True, "state": "read", "changed": False, "items": 2, "read_at": READ_AT}
    return {"playlist_id": playlist, "name": name, **told, **more}


def test_playlists_are_listed_by_name_with_what_is_odd(tmp_path: Path) -> None:
    rows = [
        reading("b", "beta", changed=True),
        reading("a", "Alpha"),
        reading("c", None, state="not_readable", reason="it is another's", items=None, total=9),
        reading("d", "Delta", state="partly", read_at=None, items=None),
    ]
    lake_in(tmp_path).of("nico").replace(PLAYLIST_READINGS, PLAYLIST_READINGS.from_rows(rows))
    found = load(reading_of(tmp_path))
    assert [(one.name, one.items, one.remark) for one in found] == [
        ("Alpha", 2, ""),
        ("beta", 2, "has changed since"),
        ("c", 9, "Spotify does not give out its items (it is another's)"),
        ("Delta", None, "read in part: the next run goes on"),
    ]


def test_who_only_imports_is_not_told_to_wait_for_playlists(
    environment: Environment, lake: Lake, imported: Callable[[str], None]
) -> None:
    own = lake.of("nico")
    assert "once a week" in why_none(Settings(), own)
    imported("nico")
    assert "there is no login" in why_none(Settings(), own)


def planner(lake: ListenerLake) -> Planner:
    return Planner(lake, NICO, Pace(2, 1000))


def test_a_plan_needs_sources_and_a_name_and_says_so(tmp_path: Path) -> None:
    own = planner(lake_in(tmp_path).of("nico"))
    with pytest.raises(RefusedPlan, match="choose the playlists"):
        make_plan(own, [], "", Options(name="New"))
    with pytest.raises(RefusedPlan, match="give the new playlist a name"):
        make_plan(own, ["a"], "", Options(name=""))
    with pytest.raises(RefusedPlan, match="nothing to pick"):
        make_plan(own, [], "nonsense", Options(name=""))
    assert load_plans(own.lake) == []


def a_plan(lake: ListenerLake, name: str = "New") -> str:
    figures = {"items": 1, "notes": [], "requests": None}
    parts = (Part("New", ("spotify:track:0123456789abcdefghijAB",)),)
    made = new_plan("nico", Options(name=name), parts, left=(), figures=figures, made_at=READ_AT)
    Plans(lake).save(made, "# New")
    return made.id


def test_plans_are_listed_with_how_far_they_are(tmp_path: Path) -> None:
    lake = lake_in(tmp_path).of("nico")
    plan_id = a_plan(lake)
    [listed] = load_plans(lake)
    assert (listed.plan.id, listed.items, listed.state) == (plan_id, 1, "planned")


def test_a_plan_that_was_chosen_is_no_other_one_once_another_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, shown, own = Tables(monkeypatch), list[str](), reading_of(tmp_path)
    monkeypatch.setattr(playlists, "_make_plan", lambda _: None)
    monkeypatch.setattr(playlists, "_show_plan", lambda _, plan: shown.append(plan.id))
    first = a_plan(own.lake)
    playlists._show_plans(own)
    tables.chosen[tables.keys[-1]] = [0]
    playlists._show_plans(own)
    made = a_plan(own.lake, "Another")
    tables.address["plan"] = made
    playlists._show_plans(own)
    assert shown == [first, made]
    assert tables.address["plan"] == made


@pytest.mark.parametrize("typed", ["", "something else", "{id}x"])
def test_nothing_is_sent_before_the_id_is_typed(environment: Environment, typed: str) -> None:
    lake = lake_in(environment.lake)
    plan = Plans(lake.of("nico")).load(a_plan(lake.of("nico")))
    write = Write(Applying(lake.of("nico"), Spotify(Settings(), lake), plan))
    write.run(typed.format(id=plan.id))
    assert write.is_over
    assert write.problem.endswith("is not the id of this plan: nothing was sent")


def test_without_a_login_that_may_write_the_problem_is_its_sentence(
    environment: Environment,
) -> None:
    lake = lake_in(environment.lake)
    plan = Plans(lake.of("nico")).load(a_plan(lake.of("nico")))
    writes = Writes()
    write = writes.start(Applying(lake.of("nico"), Spotify(Settings(), lake), plan), plan.id)
    until = time.monotonic() + 60
    while not write.is_over and time.monotonic() < until:
        time.sleep(0.02)
    assert "playledger login nico" in write.problem
    assert writes.of("nico", plan.id) is write
    assert writes.of("mira", plan.id) is None
