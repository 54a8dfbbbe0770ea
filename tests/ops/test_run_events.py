"""Which runs say something about everything of a listener, and whose a run is."""

import dagster as dg
import pytest

from pipelines.ops import run_events
from pipelines.run_context import BACKFILL_TAG
from tests.ops.made_runs import QUIET, execute


def is_whole(instance: dg.DagsterInstance, **options: object) -> bool:
    result = execute(instance, **options)  # type: ignore[arg-type]
    run = instance.get_run_by_id(result.run_id)
    assert run
    read = run_events.read(instance, run, ["nico"])
    assert read
    return read.is_whole


def test_only_a_whole_daily_run_tells_which_checks_are_gone(instance: dg.DagsterInstance) -> None:
    assert is_whole(instance)
    assert not is_whole(instance, job="poll_nico")
    assert not is_whole(instance, tags={BACKFILL_TAG: "abcdefgh"})


def test_a_run_that_repeats_what_had_failed_is_not_whole(instance: dg.DagsterInstance) -> None:
    run = instance.get_run_by_id(execute(instance).run_id)
    assert run
    again = run._replace(parent_run_id="earlier", root_run_id="earlier")
    read = run_events.read(instance, again, ["nico"])
    assert read
    assert not read.is_whole


@pytest.mark.parametrize("listener", ["anna", "zoe"])
def test_a_run_with_what_all_share_belongs_to_the_listener_in_it(
    instance: dg.DagsterInstance, listener: str
) -> None:
    @dg.asset(key_prefix=listener)
    def plays() -> None:
        raise ValueError

    @dg.asset
    def views() -> None: ...

    result = dg.materialize(
        [plays, views], instance=instance, raise_on_error=False, run_config=QUIET
    )
    run = instance.get_run_by_id(result.run_id)
    assert run
    read = run_events.read(instance, run, ["anna", "zoe"])
    assert read
    assert read.listener == listener
    assert read.failure
