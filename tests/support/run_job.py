"""Runs jobs in a process of its own, for a test to kill: run_job.py DATE JOB [JOB]."""

import sys
import warnings

import dagster as dg

warnings.simplefilter("ignore")

from pipelines.definitions import defs  # noqa: E402


def main(date: str, *jobs: str) -> int:
    """Run the jobs for a date, one after the other."""
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    print("ready", flush=True)
    with dg.DagsterInstance.get() as instance:
        for job in jobs:
            result = (
                defs()
                .resolve_job_def(job)
                .execute_in_process(
                    partition_key=date, instance=instance, run_config=quiet, raise_on_error=False
                )
            )
            if not result.success:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
