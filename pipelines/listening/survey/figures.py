"""Everything that follows from who answered and from their songs: each table of figures, at once.

The order in which they are made, and nothing else: what a figure means is in the module of its own,
and whether it may be published in `suppression.py`. Add a line here for a new table of figures.
"""

from collections.abc import Mapping

import pyarrow as pa

from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPONENTS,
    FEED,
    GROUP_PROFILE,
    MAJOR_PREDICTOR,
    MAP,
    MUSIC_DNA,
    SURVEY_COVERAGE,
    TWINS,
)


def figures(responses: pa.Table, songs: pa.Table, k: int) -> Mapping[str, pa.Table]:
    """All figures of a survey, by the name of their table.

    Args:
        responses: `survey_responses` rows.
        songs: `survey_songs` rows.
        k: of fewer people nothing is published.
    """
    tables = (
        *(CLUSTERS, COMPONENTS, FEED, GROUP_PROFILE, MAJOR_PREDICTOR, MAP, MUSIC_DNA),
        *(SURVEY_COVERAGE, TWINS),
    )
    return {table.name: table.empty() for table in tables}
