"""Which jobs bring contexts up to date, in which order, and what each asset does alone.

Add a test here when it needs Dagster. When months are made again is
`tests/assets/test_contexts_months.py`.
"""

import json
from datetime import timedelta

import dagster as dg
import pytest
import time_machine

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures
from tests.support import sources
from tests.support.export_files import zipped
from tests.support.spotify_answers import NOON

TABLES = ("sessions", "contexts_by_month", "context_evaluation")
CONTEXTS = ("labelled_plays", *TABLES)
LATER = NOON + timedelta(hours=2)


@pytest.fixture
def imported(pipeline: Pipeline) -> tuple[Pipeline, list[str]]:
    """A lake with an export in it, and which assets its run made, in order."""
    rows = [sources.row(-86_400 * day, seconds=200) for day in range(3)]
    body = json.dumps(rows).encode()
    pipeline.drop("my_spotify_data.zip", zipped({"Streaming_History_Audio_2026.json": body}))
    with time_machine.travel(NOON + timedelta(hours=1)):
        result = pipeline.run_import()
    assert failures(result) == []
    events = result.get_asset_materialization_events()
    return pipeline, [event.asset_key.path[-1] for event in events if event.asset_key]


def alone(pipeline: Pipeline, *names: str) -> dg.ExecuteInProcessResult:
    """Materialize some assets and no others, as by hand; without checks."""
    return (
        defs()
        .resolve_implicit_global_asset_job_def()
        .get_subset(
            asset_selection={dg.AssetKey(["nico", name]) for name in names},
            asset_check_selection=frozenset(),
        )
        .execute_in_process(instance=pipeline.instance, run_config=QUIET, raise_on_error=False)
    )


def contexts_in(pipeline: Pipeline) -> dict[str, bytes]:
    summed = pipeline.bodies("aggregated/")
    return pipeline.bodies("labelled_plays/") | {
        path: summed[path] for name in TABLES if (path := f"aggregated/{name}.parquet") in summed
    }


def test_an_import_labels_what_it_brings_and_a_poll_leaves_that_alone(
    imported: tuple[Pipeline, list[str]], sandbox: Sandbox
) -> None:
    pipeline, order = imported
    labelled = contexts_in(pipeline)
    assert {path.split("/")[-1] for path in labelled} == {
        *("data.parquet", "_manifest.json"),
        *(f"{name}.parquet" for name in TABLES),
    }
    assert order.index("unique_tracks") < order.index("labelled_plays")
    assert order.index("labelled_plays") < min(map(order.index, TABLES))
    assert order.index("last_updated") > max(map(order.index, TABLES))

    with time_machine.travel(LATER):
        sandbox.clock.fix(LATER)
        result = pipeline.run("poll_nico")
    assert failures(result) == []
    assert len(pipeline.plays()) == 53
    assert contexts_in(pipeline) == labelled

    assert failures(alone(pipeline, "unique_tracks", *CONTEXTS)) == []
    assert sum(row["plays"] for row in pipeline.table("aggregated/sessions.parquet")) == 53


def test_each_table_can_be_made_alone_and_a_damaged_month_is_told_in_one_line(
    imported: tuple[Pipeline, list[str]],
) -> None:
    pipeline, _ = imported
    whole = contexts_in(pipeline)
    for name in TABLES:
        pipeline.lake.store.delete(f"users/nico/aggregated/{name}.parquet")
    left = contexts_in(pipeline)
    for name in TABLES:
        path = f"aggregated/{name}.parquet"
        result = alone(pipeline, name)
        assert failures(result) == []
        [made] = result.get_asset_materialization_events()
        assert made.asset_key == dg.AssetKey(["nico", name])
        assert contexts_in(pipeline) == left | {path: whole[path]}
        left = contexts_in(pipeline)

    month = max(path for path in whole if path.endswith("data.parquet"))
    pipeline.lake.store.put(f"users/nico/{month}", b"half a fi")
    [told] = failures(alone(pipeline, "sessions"))
    assert month in told
    assert len(told.splitlines()) == 1
    assert failures(alone(pipeline, *CONTEXTS)) == []
    assert contexts_in(pipeline) == whole


def test_all_but_polls_and_what_follows_a_backfill_bring_contexts_up_to_date(
    pipeline: Pipeline,
) -> None:
    keys = {dg.AssetKey(["nico", name]) for name in CONTEXTS}
    found = defs()

    def made_by(job: str) -> set[dg.AssetKey]:
        return set(found.resolve_job_def(job).asset_layer.executable_asset_keys)

    assert keys <= made_by("daily_nico")
    assert keys <= made_by("import_nico")
    assert not keys & made_by("poll_nico")
    [sensor] = [one for one in found.sensors or [] if one.name == "rebuild_nico_sensor"]
    assert keys <= made_by(sensor.job_name)
