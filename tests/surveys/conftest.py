"""A survey of a made-up class: its answers are a CSV file, and reference data knows its songs."""

from collections.abc import Callable, Sequence

import pytest

from pipelines.ingest import reference_files
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.settings import Settings
from pipelines.surveys.making import Made, make
from tests.support.environment import Environment
from tests.support.reference_rows import FEATURES
from tests.surveys import classes

SURVEYS = """
[spring]
title = "Our songs"
file = "answers.csv"
timezone = "Europe/Berlin"
"""

Answer = Callable[[Sequence[Sequence[object]]], None]


@pytest.fixture
def answer(environment: Environment, lake: Lake) -> Answer:
    """Says what the sheet has."""
    environment.surveys(SURVEYS)
    reference_files.add(FEATURES / "tracks.parquet", lake)
    return lambda rows: classes.write(environment.folder / "answers.csv", rows)


@pytest.fixture
def run(lake: Lake) -> Callable[..., Made]:
    """Reads the survey as it is now, as a run does."""
    return lambda **options: make(Settings(), lake, Settings().survey("spring"), **options)


@pytest.fixture
def spring(lake: Lake) -> SurveyLake:
    """The survey's folder."""
    return lake.survey("spring")
