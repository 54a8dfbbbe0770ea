"""All that is published of a survey, from the tables with a row for each person.

The one way from `kept/` to `published/`: whatever is told of a group passes here, so that figures
of different tables cannot be subtracted from each other. What becomes of single figures is
`suppression.py`.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPONENTS,
    FEED,
    GROUP_PROFILE,
    MAJOR_PREDICTOR,
    MAP,
    SURVEY_COVERAGE,
)
from pipelines.listening.survey.feed import feed
from pipelines.listening.survey.map import music_map
from pipelines.listening.survey.profile import Group, group_profile, survey_coverage, things_named
from pipelines.listening.survey.suppression import in_steps, tellable

TOO_FEW = "Fewer than {k} people can be compared: nothing is told of them."


def published(
    responses: pa.Table,
    songs: pa.Table,
    dna: pa.Table,
    found: Mapping[str, pa.Table],
    *,
    k: int,
    fewest_of_a_song: int,
) -> dict[str, pa.Table]:
    """The published tables, by name.

    Args:
        responses: rows of `survey_responses`.
        songs: rows of `survey_songs`.
        dna: rows of `music_dna`.
        found: `music_dna_components`, `survey_clusters` and `major_predictor` as computed.
        k: of fewer people nothing is told.
        fewest_of_a_song: songs and artists that so many people named are listed.
    """
    group = Group.of(responses, k)
    things = things_named(group.people, songs)
    told = tellable(things.sets, k) if group.is_told else np.zeros(len(things.values), bool)
    names = [value for value, may in zip(things.values, told, strict=True) if may]
    whole, compared = len(responses), len(dna)
    return {
        GROUP_PROFILE.name: group_profile(group, things, fewest_of_a_song),
        SURVEY_COVERAGE.name: survey_coverage(group, songs, dna["pseudonym"].to_pylist()),
        FEED.name: feed(group.responses["answered_on"].to_pylist(), things.sets[:, told], names, k),
        COMPONENTS.name: _components(found[COMPONENTS.name], whole, k),
        MAP.name: music_map(dna, k, (whole,)),
        CLUSTERS.name: _clusters(found[CLUSTERS.name], whole, k),
        MAJOR_PREDICTOR.name: _predictor(found[MAJOR_PREDICTOR.name], (whole, compared), k),
    }


def _components(rows: pa.Table, whole: int, k: int) -> pa.Table:
    if not len(rows) or rows["people"][0].as_py() < k:
        return COMPONENTS.empty()
    people = in_steps(rows["people"][0].as_py(), (whole,), k)
    return _with(rows, "people", pa.array([people] * len(rows), pa.int32()))


def _clusters(rows: pa.Table, whole: int, k: int) -> pa.Table:
    """Groups as they may be told: where one is too small, or all are, none is told."""
    sizes: list[int] = rows["people"].to_pylist()
    if not sizes:
        return CLUSTERS.empty()
    if min(sizes) >= k:
        compared = sum(sizes)
        exact = in_steps(compared, (whole,), k) == compared
        told = [size if exact else size - size % k for size in sizes]
        return _with(rows, "people", pa.array(told, pa.int32()))
    people = in_steps(sum(sizes), (whole,), k)
    few = people < k
    outcome = (
        TOO_FEW.format(k=k)
        if few
        else f"No groups are told: one of those found has fewer than {k} people."
    )
    none: list[float] = []
    return CLUSTERS.from_rows(
        [
            {
                "cluster": 0,
                "people": 0 if few else people,
                "name": "everybody",
                "centre": none,
                "outcome": outcome,
            }
        ]
    )


def _predictor(rows: pa.Table, others: tuple[int, ...], k: int) -> pa.Table:
    """The answer as it may be told: its table of people is told whole, or not at all."""
    if not len(rows):
        return MAJOR_PREDICTOR.empty()
    (row,) = rows.to_pylist()
    exact = row["people"]
    row["people"] = in_steps(exact, others, k)
    if row["people"] < k:
        row["people"] = 0
    if row["people"] != exact:
        row["outcome"] = row["outcome"].replace(f"With {exact} people", "With these people")
    cells = row["confusion"]
    if any((cell["people"] or 0) < k for cell in cells):
        # A row's sum is the number of a subject's people, and the score the mean of all rows:
        # one cell would follow from the others.
        row["confusion"] = [{**cell, "people": None} for cell in cells]
    return MAJOR_PREDICTOR.from_rows([row])


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), values)
