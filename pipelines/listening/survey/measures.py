"""All statistics of a survey, out of who answered and the songs that they named.

The order is: vectors of people, their components, groups among them, twins, and whether songs tell
the major. Add a statistic of its own module here; what may be published of it is decided where it
is computed, for figures that k people or more stand behind.
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
        k: of fewer people nothing is told that is published.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 looks at all loaded libraries

    # Sums of several threads come in any order, and so do their last digits.
    with threadpool_limits(1):
        people = person_vectors(responses, songs)
        found = components(standardised(people.means))
        groups = find_groups(people.means, k)
        group_of = (groups.label + 1).tolist() or [None] * len(people)
        tables = {
            MUSIC_DNA: dna_table(people, found, group_of),
            COMPONENTS: components_table(people, found, k),
            CLUSTERS: clusters_table(people, groups, k),
            TWINS: twins_table(people, songs),
            MAJOR_PREDICTOR: predictor_table(people, k),
        }
    return {table.name: table.conform(rows) for table, rows in tables.items()}
