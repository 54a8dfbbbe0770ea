"""All statistics of a survey, out of who answered and the songs that they named.

The order is: vectors of people, their components, groups among them, twins, and whether songs tell
the major. Add here what is computed of people and their songs. What of it may be published is not
decided here: figures of few people stand in these tables.
"""

import pyarrow as pa

from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPONENTS,
    MAJOR_PREDICTOR,
    MUSIC_DNA,
    TWINS,
)
from pipelines.listening.survey.clusters import clusters_table, find_groups
from pipelines.listening.survey.dna import components, components_table, dna_table
from pipelines.listening.survey.predictor import predictor_table
from pipelines.listening.survey.twins import twins_table
from pipelines.listening.survey.vectors import person_vectors, standardised


def measure(responses: pa.Table, songs: pa.Table, k: int) -> dict[str, pa.Table]:
    """The tables of statistics, by name.

    The same answers give the same bytes, whatever the order of rows and the number of processors.

    Args:
        responses: as RESPONSES.
        songs: as SONGS.
        k: groups and majors that are spoken of have so many people.
    """
    from threadpoolctl import (  # type: ignore[import-untyped] # noqa: PLC0415 looks at all libraries
        threadpool_limits,
    )

    # Sums of several threads come in any order, and so do their last digits.
    with threadpool_limits(1):
        people = person_vectors(responses, songs)
        found = components(standardised(people.means))
        groups = find_groups(people.means, k)
        group_of = (groups.label + 1).tolist() or [None] * len(people)
        tables = {
            MUSIC_DNA: dna_table(people, found, group_of),
            COMPONENTS: components_table(people, found),
            CLUSTERS: clusters_table(people, groups),
            TWINS: twins_table(people, songs),
            MAJOR_PREDICTOR: predictor_table(people, k),
        }
    return {table.name: table.conform(rows) for table, rows in tables.items()}
