"""The fixtures of `tests/pipeline`, for tests that run the pipeline in this process."""

from tests.pipeline.conftest import new_pipeline, pipeline, point_at, sandbox

__all__ = ["new_pipeline", "pipeline", "point_at", "sandbox"]
