"""Links between pages of the dashboard: an address that can be copied, and a click that stays here.

A link names a page and all that its address asks for, so that it shows the same to whoever opens
it. How lists and rankings draw it is `report/js/dashboard/link.js`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pipelines.dashboard.pages import every_page


@dataclass(frozen=True)
class Link:
    """A page of the dashboard, and what it is asked for.

    Attributes:
        page: its name in `pages.py`.
        parameters: of its address.
    """

    page: str
    parameters: Mapping[str, str]

    @property
    def address(self) -> str:
        """Of the page, on this server."""
        return f"/{self.page}?{urlencode(self.parameters)}"

    @property
    def as_data(self) -> dict[str, Any]:
        """As scripts read it."""
        return {
            "address": self.address,
            "page": self.page,
            "parameters": dict(self.parameters),
        }


def follow(followed: Any) -> None:
    """Open the page that a link of a component leads to; what is no such link leads nowhere.

    Args:
        followed: `page` and `parameters`, as the browser sent them; None where nothing was clicked.
    """
    if not isinstance(followed, Mapping):
        return
    files = {page.name: page.file for page in every_page()}
    page, parameters = followed.get("page"), followed.get("parameters")
    if page in files and isinstance(parameters, Mapping):
        asked = {str(name): str(value) for name, value in parameters.items()}
        st.switch_page(files[page], query_params=asked)


def login_address(path: str, asked: Mapping[str, str]) -> str:
    """Where to log in, and to be led back from to a page.

    Args:
        path: of the page, without a slash; "" for the first.
        asked: the parameters of its address.
    """
    there = f"/{path}{'?' if asked else ''}{urlencode(asked)}"
    return "/auth/" if there == "/" else f"/auth/?{urlencode({'next': there})}"


def nothing() -> None:
    """What a component calls after a click: Streamlit keeps a click only for who waits for it."""


def open_link(label: str, link: Link, icon: str = "") -> None:
    """A link with a label of ours.

    Args:
        label: not of anybody else: it is Markdown.
        link: where it leads.
        icon: one of Streamlit's Material symbols.
    """
    file = next(page.file for page in every_page() if page.name == link.page)
    st.page_link(
        file,
        label=label,
        icon=f":material/{icon}:" if icon else None,
        query_params=dict(link.parameters),
    )
