"""What somebody changes in the dashboard, in a browser: it is stored, and the page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.menu.contexts import Session, load
from pipelines.listening.contexts.overrides import read_labels
from pipelines.listening.contexts.summaries import sessions
from pipelines.listening.schema.context_tables import LABELS, SESSIONS
from pipelines.settings import Settings
from tests.dashboard.lakes import HOSTILE, reading_of, varied_life, write_life, write_listeners
from tests.support.browsing import Browser, wait_for
from tests.support.dashboard import Tab, looking, served, settled

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]


MAIN = "document.querySelector('[data-testid=stMain]').innerText"


@dataclass
class Opened:
    """A page about contexts, and what is stored behind it."""

    tab: Tab
    lake: Path
    listeners: Path

    @property
    def settings(self) -> Settings:
        return Settings.of({"LISTENERS_FILE": str(self.listeners)})

    def sessions(self) -> tuple[Session, ...]:
        found = load(reading_of(self.lake), Choices("nico", "all"), self.settings.listener("nico"))
        return found.sessions

    def open(self, session: Session) -> None:
        self.tab.open("contexts", scope="all", period=f"{session.begins:%Y-%m}", session=session.id)

    def click(self, name: str) -> None:
        self.tab.page.get_by_role("button", name=name, exact=True).click()
        settled(self.tab.page)

    def sees(self, text: str) -> None:
        """Wait for a text: a click runs the page's script twice, with a moment between."""
        wait_for(self.tab.page, f"{MAIN}.includes({text!r})")

    def misses(self, text: str) -> None:
        """Wait until a text is gone."""
        wait_for(self.tab.page, f"!{MAIN}.includes({text!r})")

    def pick(self, group: str, name: str) -> None:
        self.tab.page.get_by_role("radiogroup", name=group).get_by_role(
            "radio", name=name, exact=True
        ).click()
        settled(self.tab.page)


@pytest.fixture
def opened(tmp_path: Path, browser: Browser) -> Iterator[Opened]:
    lake, listeners = tmp_path / "lake", tmp_path / "listeners.toml"
    made = write_life(lake, "nico", varied_life(seed=7, plays=120, months=2))
    reading_of(lake).lake.replace(SESSIONS, sessions(made["labelled_plays"]))
    write_listeners(listeners, {"nico": 'exclude = ["sleep", "kids"]'})
    nobody = {"DAGSTER_WEBSERVER_URL": "http://127.0.0.1:9"}
    with (
        served(lake, listeners, tmp_path, nobody) as server,
        looking(browser, server, "nico") as tab,
    ):
        yield Opened(tab, lake, listeners)


def test_where_dagster_does_not_answer_the_page_of_data_says_so(opened: Opened) -> None:
    opened.tab.open("data")
    assert "Dagster: http://127.0.0.1:9, not reachable." in opened.tab.text()


def test_a_session_is_relabelled_and_the_page_shows_it_at_once(opened: Opened) -> None:
    session = next(one for one in opened.sessions() if one.context == "everyday")
    opened.open(session)
    opened.pick("What was it?", "party")
    opened.click("Label this session")
    opened.sees("was everyday, is now party.")
    opened.sees("party, you said so")
    opened.sees("Shown here now: 1 session as you said.")
    [label] = read_labels(reading_of(opened.lake).lake.read(LABELS))
    assert (label.at, label.context) == (session.at, "party")
    opened.click("Take my label back")
    opened.misses("Shown here now")
    assert not len(reading_of(opened.lake).lake.read(LABELS))
    assert opened.tab.complaints == []


def test_a_left_out_context_and_a_rule_are_written_into_the_file(opened: Opened) -> None:
    plays = reading_of(opened.lake).plays(list(reading_of(opened.lake).play_months))
    hostile = {row["session_id"] for row in plays.to_pylist() if row["artist_name"] in HOSTILE[:3]}
    session = next(one for one in opened.sessions() if one.id in hostile)
    opened.open(session)
    page = opened.tab.page
    page.get_by_role("button", name="party", exact=True).last.click()
    settled(page)
    opened.click("Save")
    opened.sees("Saved.")
    assert opened.settings.listener("nico").exclude == ("sleep", "kids", "party")
    page.get_by_text("Make a rule of it").click()
    settled(page)
    page.get_by_role("combobox", name="Artist").click()
    page.get_by_role("option").first.click()
    settled(page)
    opened.click("Write this rule")
    opened.sees("Written: artist")
    [rule] = opened.settings.listener("nico").overrides
    assert rule.artist
    assert rule.context == "sleep"
    assert page.evaluate("document.querySelector('img[src=x]')") is None
    assert opened.tab.complaints == []
