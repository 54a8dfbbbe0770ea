import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPONENTS,
    MAJOR_PREDICTOR,
    MUSIC_DNA,
    RESPONSES,
    SONGS,
    TWINS,
)
from pipelines.listening.survey.measures import measure
from pipelines.listening.survey.vectors import FEATURES
from sandbox.survey_worlds import Kind, SurveyWorld, world

K = 5
ROOT = Path(__file__).parents[3]

DIGEST = """
import hashlib
from pipelines.listening.survey.measures import measure
from sandbox.survey_worlds import world
made = world("strong", 11)
tables = measure(made.responses, made.songs, 5)
print(hashlib.sha256(repr({n: t.to_pylist() for n, t in tables.items()}).encode()).hexdigest())
"""


def measured(made: SurveyWorld) -> dict[str, pa.Table]:
    return measure(made.responses, made.songs, K)


def changed(songs: pa.Table, value: float) -> pa.Table:
    for name in FEATURES:
        place = songs.schema.get_field_index(name)
        column = pa.array(np.full(len(songs), value), mask=np.full(len(songs), np.isnan(value)))
        songs = songs.set_column(place, songs.schema.field(place), column)
    return songs


def test_the_order_of_rows_changes_nothing() -> None:
    made = world("strong", 11)
    rng = np.random.default_rng(0)
    other = measure(
        made.responses.take(pa.array(rng.permutation(len(made.responses)))),
        made.songs.take(pa.array(rng.permutation(len(made.songs)))),
        K,
    )
    assert measured(made) == other


def test_the_number_of_threads_changes_nothing() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(digests) == 1


def test_nobody_one_and_few_people_have_sentences() -> None:
    for people in (0, 1, 2, 7, 17):
        made = world("null", 1, people)
        tables = measured(made)
        assert len(tables[MUSIC_DNA.name]) == people
        assert tables[CLUSTERS.name]["outcome"].to_pylist()[0].startswith("No groups")
        assert tables[MAJOR_PREDICTOR.name]["speaks"].to_pylist() == [False]


def test_people_without_songs_or_without_features_have_sentences() -> None:
    made = world("null", 1)
    for songs in (SONGS.empty(), changed(made.songs, np.nan)):
        tables = measure(made.responses, songs, K)
        assert len(tables[MUSIC_DNA.name]) == len(tables[TWINS.name]) == 0
        assert tables[CLUSTERS.name]["people"].to_pylist() == [0]
    assert len(measure(RESPONSES.empty(), SONGS.empty(), K)[COMPONENTS.name]) == 0


def test_people_who_are_all_the_same_have_sentences() -> None:
    made = world("strong", 1)
    tables = measure(made.responses, changed(made.songs, 0.1), K)
    assert tables[CLUSTERS.name]["outcome"].to_pylist() == [
        "No groups found: most people named the same songs."
    ]
    assert tables[MAJOR_PREDICTOR.name]["outcome"].to_pylist() == [
        "Everybody's songs sound the same, so they tell nobody's major."
    ]
    assert not any(tables[MUSIC_DNA.name]["energy"].to_pylist())


def test_groups_have_their_people_their_centre_and_a_name() -> None:
    tables = measured(world("strong", 0))
    dna, rows = tables[MUSIC_DNA.name], tables[CLUSTERS.name].to_pylist()
    assert len(rows) == 3
    for row in rows:
        inside = [one for one in dna.to_pylist() if one["group"] == row["cluster"]]
        assert len(inside) == row["people"]
        centre = [np.mean([one[name] for one in inside]) for name in FEATURES]
        assert np.allclose(row["centre"], centre, atol=1e-5)
        assert row["name"] not in {"", "everybody"}
    assert len({row["name"] for row in rows}) == 3


@pytest.mark.rare
@pytest.mark.parametrize(("kind", "speaks"), [("null", 0), ("strong", 25)])
def test_of_many_worlds_nearly_all_are_told_as_they_are(kind: Kind, speaks: int) -> None:
    told = [measured(world(kind, seed)) for seed in range(25)]
    right = sum(one[MAJOR_PREDICTOR.name]["speaks"][0].as_py() for one in told)
    grouped = sum(len(one[CLUSTERS.name]) > 1 for one in told)
    assert abs(right - speaks) <= 1
    assert abs(grouped - speaks) <= 1
