"""The run that this process was started for.

Dagster tells a run's process which run it is, but not the code that it loads there, so that every
run would load the definitions of all listeners. Where this finds no run (in a code server, in a
test, in a process that was started in another way) everything is loaded, which is right, and
slower. What a run computes does not belong here.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import dagster as dg

_HOLDS_A_RUN = '"run_id"', '"pipeline_run_id"'


@cache
def own_run() -> dg.DagsterRun | None:
    """The run of this process; None where it executes none, or cannot know which."""
    for text in _told():
        # Whatever Dagster will call these one day: all is loaded then, as before.
        with suppress(Exception):
            told: Any = dg.deserialize_value(text)
            with _instance(told.instance_ref) as instance:
                return instance.get_run_by_id(told.run_id)
    return None


def _told() -> Iterator[str]:
    """What Dagster gave to this process, serialized, where it mentions a run.

    Its own launcher starts a child of the code server, and containers `dagster api execute_run`.
    """
    given = (*getattr(multiprocessing.current_process(), "_args", ()), *sys.argv[1:])
    for one in given:
        if isinstance(one, str) and any(name in one for name in _HOLDS_A_RUN):
            yield one


def _instance(reference: Any) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_ref(reference) if reference else dg.DagsterInstance.get()
