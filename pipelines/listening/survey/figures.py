"""Everything that follows from who answered and from their songs: each table of figures, at once.

The order in which they are made, and nothing else: what a figure means is in the module of its own,
and what of it may be published in `publication.py`. Add a line here for a new table of figures.
"""

from collections.abc import Mapping

import pyarrow as pa

from pipelines.listening.schema.survey_tables import MUSIC_DNA, TWINS
from pipelines.listening.survey.measures import measure
from pipelines.listening.survey.publication import published


def figures(
    responses: pa.Table, songs: pa.Table, *, k: int, fewest_of_a_song: int
) -> Mapping[str, pa.Table]:
    """All figures of a survey, by the name of their table.

    Args:
        responses: `survey_responses` rows.
        songs: `survey_songs` rows.
        k: of fewer people nothing is published.
        fewest_of_a_song: of fewer people no song or artist is.
    """
    found = measure(responses, songs, k)
    dna, twins = found[MUSIC_DNA.name], found[TWINS.name]
    told = published(responses, songs, dna, found, k=k, fewest_of_a_song=fewest_of_a_song)
    return {MUSIC_DNA.name: dna, TWINS.name: twins, **told}
