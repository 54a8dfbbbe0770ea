"""The assets of a survey, `survey/<name>/<table>`: who answered, and everything that follows.

They belong to no listener and are made once for each survey in `surveys.toml`. What they do is
`surveys/making.py`; add an asset here for another step between a sheet and a survey's page. What a
run says of itself is numbers: nothing that it says is about a person.
"""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg

from pipelines.assets.shared.reference import REFERENCE_KEYS
from pipelines.listening.schema.survey_tables import FOUND, REFUSED_ANSWERS, RESPONSES, SONGS
from pipelines.listening.schema.table import Table
from pipelines.resources.dagster_resources import (
    LakeResource,
    ListenersResource,
    SpotifyResource,
    SurveysResource,
    settings_of,
)
from pipelines.resources.lake.manifest import ROWS
from pipelines.run_context import SURVEY, RefreshConfig, column_schema, expected_failures
from pipelines.settings.surveys import Survey
from pipelines.surveys.discretion import without_words
from pipelines.surveys.making import ANSWERS, FIGURES, PAGE, VERSION, Made, compute, take_answers

PAGE_ASSET = "page"


def survey_assets(survey: Survey) -> list[dg.AssetsDefinition]:
    """The assets of one survey, in the order in which data flows."""
    answers = _step(
        survey,
        "answers",
        (*ANSWERS, FOUND),
        take_answers,
        kinds={"googlesheets", "parquet"},
        # And the tracks of all listeners: Dagster would store their names with each of these
        # materializations, and a listener may ask to be forgotten.
        deps=REFERENCE_KEYS,
    )
    figures = _step(
        survey,
        "figures",
        FIGURES,
        compute,
        kinds={"scikitlearn", "parquet"},
        deps=[key_of(survey.name, name_of(table)) for table in (RESPONSES, SONGS)],
        page=True,
    )
    return [answers, figures]


def key_of(survey: str, name: str) -> dg.AssetKey:
    """The key of a survey's asset.

    Args:
        survey: its name.
        name: the table's file without its ending, or `page`.
    """
    return dg.AssetKey([SURVEY, survey, name])


def name_of(table: Table) -> str:
    """What the asset of a table is called: as its file."""
    return table.path.rpartition("/")[2].partition(".")[0]


def _step(
    survey: Survey,
    step: str,
    tables: Sequence[Table],
    work: Callable[..., Made],
    *,
    kinds: set[str],
    deps: Sequence[dg.AssetKey] = (),
    page: bool = False,
) -> dg.AssetsDefinition:
    group = f"{SURVEY}/{survey.name}"
    specs = [
        dg.AssetSpec(
            key_of(survey.name, name_of(table)),
            description=table.grain,
            group_name=group,
            kinds=kinds,
            metadata=column_schema(table),
            deps=deps,
            code_version=VERSION,
        )
        for table in tables
    ]
    if page:
        of_page = "The survey's page: one self-contained file that opens in any browser."
        key = key_of(survey.name, PAGE_ASSET)
        spec = dg.AssetSpec(key, description=of_page, group_name=group, kinds={"html"}, deps=deps)
        specs.append(spec.replace_attributes(code_version=VERSION))

    @dg.multi_asset(name=f"{SURVEY}__{survey.name}__{step}", specs=specs)
    def made(  # noqa: PLR0917 what Dagster hands over, by name
        context: dg.AssetExecutionContext,
        config: RefreshConfig,
        lake: LakeResource,
        surveys: SurveysResource,
        listeners: ListenersResource,
        spotify: SpotifyResource,
    ) -> Iterator[dg.MaterializeResult]:
        settings = settings_of(lake, surveys, listeners, spotify)
        with expected_failures():
            now = surveys.get(survey.name)  # the definitions may be older than the file
            result = without_words(
                survey.name,
                lambda: work(settings, lake.open(), now, full_refresh=config.full_refresh),
            )
        for note in result.notes:
            context.log.warning(note)
        for table in tables:
            about = result.counts if table is REFUSED_ANSWERS else {}
            key = key_of(survey.name, name_of(table))
            metadata = {ROWS: result.rows[table.name], **about}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        if page:
            where = dg.MetadataValue.path(lake.open().survey(survey.name).store.url(PAGE))
            key = key_of(survey.name, PAGE_ASSET)
            yield dg.MaterializeResult(asset_key=key, metadata={PAGE_ASSET: where})

    return made
