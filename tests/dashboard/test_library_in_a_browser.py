"""Playlists and surveys as somebody uses them in Chromium: plans made and written, songs chosen.

The server asks a sandbox, to which it really writes. Which rows a page reads is tested beside this.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.library.planning import Planner
from pipelines.library.reading import refresh
from pipelines.listening.playlists.parts import Pace
from pipelines.listening.playlists.plan import Options, Plan
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from pipelines.surveys.making import make, take_answers
from pipelines.surveys.people import find_person
from sandbox import Sandbox
from tests.dashboard.lakes import write_life
from tests.dashboard.test_playlists import reading
from tests.dashboard.test_survey import ANSWERS, SURVEYS
from tests.library.writers import may_write, own_playlists
from tests.report.libraries import WEIGHTED
from tests.report.listeners import full_life
from tests.support.browsing import Browser, wait_for
from tests.support.dashboard import Served, Tab, looking, served, settled
from tests.support.environment import Environment

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]


@pytest.fixture
def plan(environment: Environment, sandbox: Sandbox, lake: Lake) -> Plan:
    """A plan of nico's that is not written yet."""
    may_write(sandbox)
    source = sandbox.playlists.add("nico", "Weighted", [*range(120), *range(20)])
    refresh(lake.of("nico"), Spotify(Settings(), lake), source)
    planner = Planner(lake.of("nico"), Settings().listener("nico"), Pace(0, 1000))
    planned = planner.of_playlists([source], Options(name="Master", keep_weights=True))
    planner.save(planned)
    return planned.plan


@pytest.fixture
def server(environment: Environment, lake: Lake, tmp_path: Path) -> Iterator[Served]:
    """A dashboard for nico, who is its owner, and mira; what they hear is the same."""
    environment.listeners("nico", "mira")
    environment.surveys(SURVEYS)
    (environment.folder / "answers.csv").write_text(ANSWERS)
    survey = Settings().survey("spring")
    take_answers(Settings(), lake, survey)
    make(Settings(), lake, survey, full_refresh=True)
    for listener in ("nico", "mira"):
        write_life(environment.lake, listener, full_life())
    rows = PLAYLIST_READINGS.from_rows([reading(WEIGHTED, "Weighted")])
    lake.of("nico").replace(PLAYLIST_READINGS, rows)
    settings = Settings()
    folder = tmp_path / "dashboard"
    folder.mkdir()
    tokens = {"TOKENS_DIR": str(settings.tokens_dir), "DASHBOARD_OWNERS": "nico"}
    with served(environment.lake, settings.listeners_file, folder, tokens) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, server: Served) -> Iterator[Tab]:
    with looking(browser, server, "nico") as seen:
        yield seen


def shows(tab: Tab, text: str) -> None:
    tab.page.get_by_text(text).first.wait_for()


def test_a_plan_is_written_once_its_id_is_typed(plan: Plan, tab: Tab, sandbox: Sandbox) -> None:
    sandbox.requests.clear()
    tab.open("playlists", view="plans", plan=plan.id)
    shows(tab, f"Plan {plan.id}: Master")
    button = tab.page.get_by_role("button", name="Write it to Spotify")
    assert button.is_disabled()
    typed = tab.page.get_by_label("Type the id of the plan")
    typed.fill(plan.id[:-1])
    typed.press("Enter")
    settled(tab.page)
    assert button.is_disabled()
    assert sandbox.requests == []
    typed.fill(plan.id)
    typed.press("Enter")
    settled(tab.page)
    button.click()
    shows(tab, "Written, read back, and as planned")
    [target] = own_playlists(sandbox)
    assert sandbox.playlists.uris(target) == list(plan.parts[0].uris)
    tab.page.get_by_role("radio", name="Go back").click()
    shows(tab, "Every reading of a playlist is a state")
    settled(tab.page)
    tab.page.get_by_role("button", name="Plan to make it again").click()
    shows(tab, "see it below Plans, and write it there")
    assert tab.complaints == []
    assert "Traceback" not in tab.server.said()


def test_a_plan_of_which_nothing_comes_is_refused_in_words(tab: Tab, lake: Lake) -> None:
    tab.open("playlists", view="plans")
    shows(tab, "There is no plan yet.")
    tab.page.get_by_text("Make a plan").click()
    settled(tab.page)
    tab.page.get_by_role("button", name="Make the plan").click()
    shows(tab, "choose the playlists that the new one is made of")
    settled(tab.page)
    tab.page.get_by_role("radio", name="What I heard").click()
    settled(tab.page)
    tab.page.get_by_label("Name of the new playlist").fill("Of 2025")
    tab.page.get_by_label("Name of the new playlist").press("Enter")
    settled(tab.page)
    tab.page.get_by_role("combobox", name="What").first.click()
    tab.page.get_by_role("option", name="A year's favourites").click()
    settled(tab.page)
    tab.page.get_by_role("button", name="Make the plan").click()
    # No source told the ids of what this life is made of.
    shows(tab, "there is nothing to write for 'Of 2025': all 26 songs are left out")
    shows(tab, "There is no plan yet.")
    assert list(lake.of("nico").store.list("playlists/plans/")) == []


def test_playlists_are_shown_by_the_charts_of_the_report(tab: Tab) -> None:
    tab.open("playlists")
    shows(tab, "One playlist")
    wait_for(tab.page, "document.querySelectorAll('figure[id^=chart-playlist]').length === 12")
    assert "playlist=" in tab.page.url
    assert tab.complaints == []


def test_an_owner_chooses_what_a_doubtful_song_is(tab: Tab) -> None:
    tab.open("survey")
    shows(tab, "Our songs")
    tab.page.get_by_text("Songs in doubt: 2").click()
    settled(tab.page)
    # Nothing is offered for it, so that "none of them" stands first.
    tab.page.get_by_role("button", name="Choose it").click()
    shows(tab, "It takes effect with the survey's next run.")
    shows(tab, "Songs in doubt: 1")
    settled(tab.page)
    tab.page.get_by_role("button", name="Take it back").click()
    shows(tab, "Your choice is taken back.")
    shows(tab, "Songs in doubt: 2")
    assert "Traceback" not in tab.server.said()


def test_a_code_opens_the_survey_for_who_answered(
    browser: Browser, server: Served, lake: Lake
) -> None:
    code = find_person(Settings(), lake, "spring", "Ada Lovelace").code
    with looking(browser, server, "mira") as tab:
        tab.open("survey")
        for typed, answer in (("a" * 26, "nobody's code in this survey"), (code, "Download this")):
            tab.page.get_by_label("Your code").fill(typed)
            tab.page.get_by_label("Your code").press("Enter")
            settled(tab.page)
            tab.page.get_by_role("button", name="Open").click()
            shows(tab, answer)
        assert "Songs in doubt" not in tab.text()
        assert code not in tab.page.url
