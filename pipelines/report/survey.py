"""A survey's page: one HTML file of what its group said, and each person's own part behind a code.

It is given what is published, and shows no table that has a row for a person: those are not in
`SELECTIONS`. Own parts come sealed, from `survey_own.py`. Charts are `js/charts/survey/`, the page
around them `js/survey/`; what it shares with the report is `embedding.py`. The same tables give the
same bytes.
"""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from pipelines.listening.schema.survey_tables import CLUSTERS, COMPARED, PUBLISHED
from pipelines.report.embedding import SPACE, self_contained
from pipelines.report.packed import Selection, pack
from pipelines.report.survey_own import NOBODY, Sealed

SELECTIONS: Mapping[str, Selection] = {
    "group_profile": Selection("of major topic value people of_people share hidden"),
    "survey_coverage": Selection(
        "major people songs matched with_features with_genres people_compared compared_at_least"
    ),
    "survey_feed": Selection("since until people words"),
    "music_dna_components": Selection(
        "component kept explained explained_by_chance words loadings people at_least"
    ),
    "music_dna_map": Selection("dot people at_least x y z"),
    "survey_clusters": Selection(
        "cluster people at_least name centre silhouette silhouette_by_chance stability outcome"
    ),
    "major_predictor": Selection(
        "speaks outcome people at_least classes balanced_accuracy low high by_guessing p "
        "permutations importances confusion"
    ),
}
"""What the page contains, by the name of the table."""


def page(
    title: str,
    k: int,
    tables: Mapping[str, pa.Table],
    own: Sealed = NOBODY,
    keep_until: date | None = None,
) -> str:
    """The page of one survey.

    Args:
        title: the survey's.
        k: of fewer people nothing is published.
        tables: by name, those that are published; any may be empty or missing.
        own: everybody's own part.
        keep_until: the last day on which it is kept, if the survey names one.

    Returns:
        HTML in UTF-8, of less than six million bytes for a thousand people of ten songs.
    """
    published = {one.name: tables[one.name] for one in PUBLISHED if one.name in tables}
    packed = pack(_with_features(published), SELECTIONS)
    about = {"title": title, "k": k, "keep_until": keep_until and keep_until.isoformat()}
    data = {"survey": about, "own": own.carried, **packed}
    return self_contained("survey.html", SPACE, "survey.js", data, title=title)


def _with_features(tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
    """Centres of groups with the names of their features: packing has no lists of mere numbers."""
    if CLUSTERS.name not in tables:
        return tables
    groups = tables[CLUSTERS.name]
    names = [one.name for one in COMPARED]
    centres = [
        # Of a group that is not told of there is none.
        [{"feature": name, "value": value} for name, value in zip(names, centre, strict=False)]
        for centre in groups["centre"].to_pylist()
    ]
    kind = pa.list_(pa.struct([("feature", pa.string()), ("value", pa.float64())]))
    at = groups.column_names.index("centre")
    return {**tables, CLUSTERS.name: groups.set_column(at, "centre", pa.array(centres, kind))}
