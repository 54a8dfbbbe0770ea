"""Jobs on a lake, run in this process as the daemon would run them, and what they leave."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
import pyarrow.parquet as pq

from pipelines.definitions import defs
from pipelines.resources.lake import Lake

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


@dataclass
class Pipeline:
    """Jobs on a lake."""

    instance: dg.DagsterInstance
    lake: Lake

    def run(
        self, job: str, date: str | None = None, **options: object
    ) -> dg.ExecuteInProcessResult:
        return (
            defs()
            .resolve_job_def(job)
            .execute_in_process(
                partition_key=date or today(),
                instance=self.instance,
                raise_on_error=False,
                run_config=QUIET,
                **options,
            )
        )

    def table(self, path: str, listener: str = "nico") -> list[dict[str, object]]:
        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        return pq.read_table(io.BytesIO(stored.body)).to_pylist()

    def document(self, path: str, listener: str = "nico") -> dict[str, object]:
        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        return json.loads(stored.body)

    def plays(self) -> list[dict[str, object]]:
        months = [e.key for e in self.lake.store.list("users/nico/plays/year=")]
        return [row for key in months for row in self.table(key.removeprefix("users/nico/"))]


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """What each failed step says, as a person reads it in the run."""
    told = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data
            told.append(said.description if said else data.error.to_string())
    return told
