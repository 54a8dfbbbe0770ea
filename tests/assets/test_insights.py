"""What insights select from comes out of the lake, and what they select goes into it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipelines.assets import report
from pipelines.assets.insights import InsightInputs, update_insights
from pipelines.listening.insights.runner import insights, required_inputs
from pipelines.listening.schema.tables import COVERED, GAPS
from tests.support.insights.agreement import TOLD_IN_WORDS, disagreements
from tests.support.insights.ground import Ground
from tests.support.labelled import evenings, imported
from tests.support.spotify_answers import Heard, minutes
from tests.support.world import World


def test_tables_in_the_lake_are_those_of_the_plays_in_it_and_made_again_they_stay(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    imported(world, evenings(3))
    polled = datetime(2025, 12, 30, 23, 30, tzinfo=UTC)
    silent = polled + timedelta(days=3)
    for asked in (polled + minutes(1), silent):
        world.run(world.keep([Heard(polled, "n" * 22)], asked))
    world.follow()

    tables = dict(update_insights(world.own, world.listener, insights()))
    inputs = InsightInputs(world.own, world.listener).read(required_inputs(insights()))
    ground = Ground(inputs, world.listener.zones)
    assert ground.through == date(2026, 1, 3), "half past midnight, three silent days later"
    assert len(ground.plays) > 30
    for name in set(tables) - {TOLD_IN_WORDS}:
        table = insights()[name].table
        found = world.own.read(table)
        assert disagreements(name, found, ground) == []

    world.store.writes.clear()
    assert dict(update_insights(world.own, world.listener, insights())) == tables
    assert not world.store.writes


def test_a_lake_in_which_nothing_is_known_yet_has_every_table_and_a_report(tmp_path: Path) -> None:
    world = World(tmp_path)
    # As an export without a row leaves it: no time is covered, and there is no gap.
    world.own.replace(COVERED, COVERED.empty())
    world.own.replace(GAPS, GAPS.empty())

    tables = dict(update_insights(world.own, world.listener, insights()))
    assert {name for name, rows in tables.items() if len(rows)} == set()
    assert report.write_report(world.own)
