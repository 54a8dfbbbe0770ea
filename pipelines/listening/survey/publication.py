"""All that is published of a survey, from the tables with a row for each person.

The one way from `kept/` to `published/`: whatever is told of a group passes here, so that figures
of different tables cannot be subtracted from each other. What becomes of single figures is
`suppression.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

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
from pipelines.listening.survey.suppression import in_steps, parts_in_steps, tellable

TOO_FEW = "Fewer than {k} people can be compared: nothing is told of them."
A_GROUP_OF_FEW = "No groups are told: one of those found has fewer than {k} people."
GROUPS_TELL = (
    "No groups are told: from their sizes it would follow of how many people, fewer than {k}, too "
    "few songs are known."
)


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
    whole = len(responses)
    compared: list[str] = dna["pseudonym"].to_pylist()
    return {
        GROUP_PROFILE.name: group_profile(group, things, fewest_of_a_song),
        SURVEY_COVERAGE.name: survey_coverage(group, songs, compared),
        FEED.name: feed(group.responses["answered_on"].to_pylist(), things.sets[:, told], names, k),
        COMPONENTS.name: _components(found[COMPONENTS.name], whole, k),
        MAP.name: music_map(dna, k, (whole,)),
        CLUSTERS.name: _clusters(found[CLUSTERS.name], whole, k),
        MAJOR_PREDICTOR.name: _predictor(found[MAJOR_PREDICTOR.name], responses, compared, k),
    }


def _components(rows: pa.Table, whole: int, k: int) -> pa.Table:
    if not len(rows):
        return COMPONENTS.empty()
    exact = rows["people"][0].as_py()
    people = in_steps(exact, (whole,), k)
    return (
        _counted(rows, [people] * len(rows), at_least=people < exact)
        if people >= k
        else rows.slice(0, 0)
    )


def _clusters(rows: pa.Table, whole: int, k: int) -> pa.Table:
    """Groups as they may be told: where one is too small, or all are, none is told."""
    sizes: list[int] = rows["people"].to_pylist()
    if not sizes:
        return CLUSTERS.empty()
    compared = sum(sizes)
    people = in_steps(compared, (whole,), k)
    few = people < k
    told = None if few or min(sizes) < k else parts_in_steps(sizes, people, k)
    if told is not None:
        return _counted(rows, told, at_least=people < compared)
    outcome = TOO_FEW if few else A_GROUP_OF_FEW if min(sizes) < k else GROUPS_TELL
    none: list[float] = []
    return CLUSTERS.from_rows(
        [
            {
                "cluster": 0,
                "people": 0 if few else people,
                "at_least": not few and people < compared,
                "name": "everybody",
                "centre": none,
                "outcome": outcome.format(k=k),
            }
        ]
    )


def _predictor(rows: pa.Table, responses: pa.Table, compared: Sequence[str], k: int) -> pa.Table:
    """The answer as it may be told: its table of people is told whole, or not at all."""
    if not len(rows):
        return MAJOR_PREDICTOR.empty()
    (row,) = rows.to_pylist()
    of_majors = Counter(one for one in responses["major"].to_pylist() if one is not None)
    whole = len(responses)
    others = (whole, len(compared), in_steps(len(compared), (whole,), k), of_majors.total())
    exact, told = row["people"], in_steps(row["people"], others, k)
    row["people"] = told if told >= k else 0
    row["at_least"] = row["people"] < exact and row["people"] > 0
    if row["people"] != exact:
        row["outcome"] = row["outcome"].replace(f"With {exact} people", "With these people")
    cells = row["confusion"]
    asked = Counter[str]()
    for cell in cells:
        asked[cell["major"]] += cell["people"] or 0
    left_out = [of_majors[major] - people for major, people in asked.items()]
    if any((cell["people"] or 0) < k for cell in cells) or any(0 < few < k for few in left_out):
        # A row's sum is the number of a subject's people, and the score the mean of all rows: one
        # cell would follow from the others. Beside how many answered, a row would tell of how many
        # too few songs are known.
        row["confusion"] = [{**cell, "people": None} for cell in cells]
    return MAJOR_PREDICTOR.from_rows([row])


def _counted(rows: pa.Table, people: list[int], *, at_least: bool) -> pa.Table:
    """Rows with numbers of people as they are told."""
    rows = _with(rows, "people", pa.array(people, pa.int32()))
    return _with(rows, "at_least", pa.array([at_least] * len(rows), pa.bool_()))


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), values)
