"""Runs at each click of everybody: who asks, what they chose, and the page that is open.

Nothing is shown before somebody is logged in. What stands around a page is `frame.py`; a page is a
file in `menu/`.
"""

from pathlib import Path

import streamlit as st

from pipelines.dashboard.frame import expected_failures, open_page, show_choices, show_menu
from pipelines.dashboard.links import login_address
from pipelines.dashboard.pages import every_page
from pipelines.dashboard.visitor import current_visitor

FAVICON = Path(__file__).parent / "favicon.svg"


def run() -> None:
    """One run of the script."""
    # Without a picture of ours Streamlit would fetch one from outside.
    st.set_page_config(page_title="Playledger", page_icon=FAVICON, layout="wide")
    visitor = current_visitor()
    pages = {
        one.name: st.Page(
            one.file,
            title=one.title,
            url_path="" if number == 0 else one.name,
            default=number == 0,
        )
        for number, one in enumerate(every_page())
        if one.file.exists()
    }
    current = st.navigation(list(pages.values()), position="hidden")
    if visitor is None:
        st.title("Playledger")
        st.text("You are not logged in, or your login has ended.")
        st.link_button("Log in", login_address(current.url_path, st.query_params.to_dict()))
        st.stop()
    with expected_failures():
        page = open_page(visitor)
        show_menu(pages, page)
        entry = next(one for one in every_page() if pages.get(one.name) is current)
        if not entry.is_cover:
            st.title(entry.title)
        if page.unreadable and entry.of_tables:
            raise page.unreadable
        show_choices(entry, page)
        current.run()


if __name__ == "__main__":
    run()
