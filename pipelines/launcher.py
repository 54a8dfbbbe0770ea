"""The name under which a `dagster.yaml` written before December 2026 finds the run launcher.

It stays so that an upgrade needs no edit there. The launcher itself is `ops/run_launcher.py`.
"""

from pipelines.ops.run_launcher import WatchedRunLauncher

__all__ = ["WatchedRunLauncher"]
