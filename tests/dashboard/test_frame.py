"""What stands around pages, as the script runs without a browser: menu, choices, ways to log in.

How pages look in a browser is `test_pages_in_browser.py`.
"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipelines.dashboard import running, script
from pipelines.dashboard.links import login_address
from pipelines.dashboard.login.routes import safe_path
from pipelines.dashboard.visitor import Visitor
from pipelines.settings import Settings
from tests.dashboard.lakes import one_day, write_life, write_listeners

MONTHS = "users/nico/aggregated/listening_by_month.parquet"


def run_script() -> None:
    from pipelines.dashboard import script

    script.run()


def choices_of_page(name: str) -> None:
    from pipelines.dashboard import frame
    from pipelines.dashboard.pages import every_page
    from pipelines.dashboard.visitor import Visitor

    page = frame.open_page(Visitor("nico", True, ("nico",), ("nico",)))
    frame.show_choices(next(one for one in every_page() if one.name == name), page)


def view_of_playlists() -> None:
    import streamlit as st

    from pipelines.dashboard.menu.playlists import choose_view

    st.text(choose_view())
    if st.button("Plan it"):
        st.query_params["view"] = "plans"
        st.rerun()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lake of nico, who is logged in."""
    lake, listeners = tmp_path / "lake", tmp_path / "listeners.toml"
    write_life(lake, "nico", one_day())
    write_listeners(listeners, {"nico": ""})
    settings = Settings.of({"LAKE_URL": str(lake), "LISTENERS_FILE": str(listeners)})
    monkeypatch.setattr(running, "_running", [running.Running(settings)])
    visitor = Visitor("nico", True, ("nico",), ("nico",))
    monkeypatch.setattr(script, "current_visitor", lambda: visitor)
    return lake


def test_a_damaged_table_of_months_leaves_the_menu_and_the_way_out(lake: Path) -> None:
    (lake / MONTHS).write_bytes(b"nonsense")
    test = AppTest.from_function(run_script, default_timeout=60).run()
    assert "is not the table listening_by_month" in " ".join(one.value for one in test.text)
    menu = [one.value for one in test.sidebar.caption]
    assert {"Listening", "Taste", "More"} <= set(menu)
    assert not test.exception


@pytest.mark.parametrize(
    ("page", "boxes", "groups"), [("when", ["Period"], 1), ("playlists", [], 1), ("data", [], 0)]
)
def test_a_page_has_the_choices_that_change_it(
    page: str, boxes: list[str], groups: int, lake: Path
) -> None:
    kwargs = {"name": page}
    test = AppTest.from_function(choices_of_page, default_timeout=60, kwargs=kwargs).run()
    assert not test.exception
    assert [one.label for one in test.selectbox] == boxes
    assert len(test.button_group) == groups


def test_a_login_that_ended_leads_back_to_the_page_that_was_open() -> None:
    assert login_address("", {}) == "/auth/"
    address = login_address("artists", {"artist": "a/b & c", "period": "2026-03"})
    then = address.partition("?next=")[2]
    assert then == "%2Fartists%3Fartist%3Da%252Fb%2B%2526%2Bc%26period%3D2026-03"
    there = "/artists?artist=a%2Fb+%26+c&period=2026-03"
    assert safe_path(there) == there


def test_who_makes_a_plan_of_a_state_is_led_to_the_plans() -> None:
    test = AppTest.from_function(view_of_playlists, default_timeout=60)
    test.query_params["view"] = "restore"
    assert test.run().text[0].value == "restore"
    assert test.button[0].click().run().text[0].value == "plans"
    assert test.button_group[0].set_value("playlists").run().text[0].value == "playlists"
    assert test.query_params["view"] == "playlists"
