"""Backfills and checks as an operator meets them: in Chromium, over Dagster's webserver and daemon.

Add a scene for what an operator does in the UI. Whether a backfill derives the right rows is tested
without a browser, in `tests/system/lives/test_backfill.py`.
"""

import io
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from pipelines.checks.ledger import PLAYS_CHECKS
from testing.pipeline import REBUILT
from tests.support.browsing import DESK, HEIGHT, PATIENCE_MS, started
from tests.system.ui.deployed import Deployed, deployed
from tests.system.ui.operator import CHECKS, REBUILD, RECENT_TRACKS, Operator

pytestmark = [
    pytest.mark.rare,
    pytest.mark.timeout(1200),  # the daemon looks for backfills and changes twice a minute
]

RUN_MS = 300_000
NEGATIVE = "ms_played_is_not_negative"


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(tmp_path_factory.mktemp("deployed")) as running:
        yield running


@pytest.fixture(scope="module")
def operator(dagster: Deployed) -> Iterator[Operator]:
    with started() as browser:
        page = browser.new_page(
            viewport={"width": DESK, "height": HEIGHT}, reduced_motion="reduce", timezone_id="UTC"
        )
        page.set_default_timeout(PATIENCE_MS)
        yield Operator(page, dagster.url)


@pytest.fixture(scope="module")
def launched(dagster: Deployed, operator: Operator) -> str:
    """The page of a backfill of three dates that were collected; none of them is green yet."""
    operator.open(RECENT_TRACKS)
    operator.see(dagster.day(0), "green")
    for back in range(1, 6):
        operator.see(dagster.day(back), "gray")
    operator.choose_range(dagster.day(3), dagster.day(1))
    operator.page.get_by_text("3 partitions", exact=True).wait_for()
    operator.keep("backfill-range")
    return operator.launch()


@pytest.fixture(scope="module")
def refused(dagster: Deployed, operator: Operator, launched: str) -> str:
    """The page of a backfill of two dates that were never collected; it waits with the other."""
    operator.choose_range(dagster.day(5), dagster.day(4))
    return operator.launch()


@pytest.fixture(scope="module")
def rebuilt(dagster: Deployed, refused: str) -> None:
    """The sensor has noticed the backfills' end, and its run is over."""
    dagster.wait_for_run_of("rebuild_nico_sensor")


def id_of(backfill: str) -> str:
    return backfill.rpartition("/")[2]


def test_collected_dates_turn_green_and_others_red(
    dagster: Deployed, operator: Operator, launched: str, refused: str
) -> None:
    assert dagster.ended(id_of(launched)) == [True, True]  # the metrics are a run of their own
    assert dagster.ended(id_of(refused)) == [False]  # and are not tried after a failure
    operator.open(RECENT_TRACKS)
    for back, colour in enumerate(["green", "green", "green", "green", "red", "red", "gray"]):
        operator.see(dagster.day(back), colour)
    operator.keep("backfill-colours")


def test_the_run_of_dates_that_were_never_collected_says_so(
    dagster: Deployed, operator: Operator, refused: str
) -> None:
    assert dagster.ended(id_of(refused)) == [False]
    page = operator.page
    operator.open(f"{refused}?tab=runs")
    page.get_by_role("link", name="View", exact=True).click()
    page.locator("[class*=GanttStatusPanel]").get_by_text("recent_tracks", exact=True).click()
    page.get_by_text(
        f"no recently played tracks were collected on {dagster.day(5)}, and Spotify only reports "
        "the present: choose dates that were collected, or today "
        f"(likewise {dagster.day(4)})"
    ).first.wait_for()
    operator.keep("backfill-refused")


@pytest.mark.usefixtures("rebuilt")
def test_what_follows_is_rebuilt_once_and_spotify_is_not_asked(
    dagster: Deployed, operator: Operator
) -> None:
    dagster.wait_for_tick("rebuild_nico_sensor")
    operator.open(REBUILD)
    requested = operator.page.locator("tr", has_text=re.compile(r"[1-9]\d* runs? requested"))
    requested.first.wait_for()
    assert requested.count() == 1
    assert dagster.made_by("rebuild_nico") == {*REBUILT, "views"}
    operator.keep("backfill-rebuilt")
    operator.open("/runs")
    operator.row("rebuild_nico").first.wait_for()
    assert ["Success" in row for row in operator.row("rebuild_nico").all_inner_texts()] == [True]
    assert dagster.sandbox.requests == []


@pytest.mark.usefixtures("rebuilt")
def test_a_red_check_shows_the_rows_it_is_about(dagster: Deployed, operator: Operator) -> None:
    damage_a_play(dagster)
    page = operator.page
    operator.open(CHECKS + NEGATIVE)
    page.get_by_role("button", name="Execute all").click()
    page.get_by_text("Failed", exact=True).last.wait_for(timeout=RUN_MS)
    page.get_by_text("This is a blocking asset check.").wait_for()
    others = len(PLAYS_CHECKS) - 1
    expect(page.get_by_text("Succeeded")).to_have_count(others, timeout=RUN_MS)
    operator.keep("check-red")
    page.get_by_text("[Show JSON]").click()
    examples = page.get_by_role("dialog")
    examples.get_by_text('"ms_played": "-1"').wait_for()
    assert examples.inner_text().count('"play_id"') == 1
    operator.keep("check-examples")
    operator.open("/runs")
    run = operator.row(f"{others} more").filter(has_text="_is_mostly_there")
    run.filter(has_text="Failure").wait_for()


def damage_a_play(dagster: Deployed) -> None:
    """Let the first play of the latest month have lasted less than no time."""
    store = dagster.lake.store
    *_, path = (entry.key for entry in store.list("users/nico/plays/year="))
    rows = pq.read_table(io.BytesIO(store.get(path).body))
    at = rows.schema.get_field_index("ms_played")
    field = rows.schema.field(at)
    lasted = pa.array([-1, *rows["ms_played"].to_pylist()[1:]], field.type)
    damaged = io.BytesIO()
    pq.write_table(rows.set_column(at, field, lasted), damaged)
    store.put(path, damaged.getvalue())
