"""A whole page of ours, such as a survey's, within a page of the dashboard.

It is shown in a frame that may run the page's own scripts and can reach nothing around it: neither
cookies nor what else is shown. `report/js/dashboard/embedded-page.js` makes the frame. Charts in a
page belong to `charts.py`.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import streamlit as st

HEIGHT = 900


def show_page(page: str, title: str, *, key: str) -> None:
    """Show a page.

    Args:
        page: HTML, as it was made.
        title: what a reader of the screen calls it.
        key: tells two on one page apart.
    """
    version = sha256(page.encode()).hexdigest()
    data = {"page": page, "title": title, "height": HEIGHT, "version": version}
    _frame()(data=data, key=key)


@cache
def _frame() -> Any:
    """A frame for a whole page, which may run its scripts and can reach nothing of ours."""
    return st.components.v2.component(
        "playledger_page",
        css="iframe { width: 100%; border: 1px solid #8884; border-radius: 8px }",
        js=(files("pipelines.dashboard") / "embedded_page.js").read_text(encoding="utf-8"),
    )
