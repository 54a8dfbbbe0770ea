"""What stands around every page: the menu, who is logged in, and the widgets of the choices.

`opened()` is how a page learns for whom and of what it is. Add here what every page shows; what one
page shows belongs to its file.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.choices import (
    SCOPES,
    Choices,
    beside,
    from_address,
    period_words,
    periods,
)
from pipelines.dashboard.pages import PAGES, PageEntry
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.visitor import Visitor
from pipelines.errors import PlayledgerError
from pipelines.listening.plain_text import plain
from pipelines.settings import Listener, Settings

SCOPE_WORDS = {"mine": "Mine", "all": "All"}


@dataclass(frozen=True)
class Opened:
    """A page as it is open now.

    Attributes:
        visitor: who looks.
        choices: what they chose.
        reading: the tables of the chosen listener.
        settings: of the process.
        unreadable: why it is not known which months there are; None where it is.
    """

    visitor: Visitor
    choices: Choices
    reading: Reading
    settings: Settings
    unreadable: PlayledgerError | None = None

    @property
    def listener(self) -> Listener:
        """The chosen listener's settings, as they are now."""
        return self.settings.listener(self.choices.listener)


def open_page(visitor: Visitor) -> Opened:
    """Read the choices from the address; the widgets then show them.

    Where the table of months cannot be read, there is the menu still, and pages that do without.
    """
    serving = running.current()
    address = st.query_params.to_dict()
    asked = address.get("listener", "")
    listener = asked if asked in visitor.sees else visitor.listener
    reading = serving.reading(listener)
    unreadable: PlayledgerError | None = None
    try:
        known = reading.months
    except PlayledgerError as problem:
        known, unreadable = [], problem
    choices = from_address(address, (listener,), known)
    page = Opened(visitor, choices, reading, serving.settings, unreadable)
    st.session_state["_opened"] = page
    return page


def opened() -> Opened:
    """The page that is open, for its script."""
    page = st.session_state["_opened"]
    assert isinstance(page, Opened)  # noqa: S101 set before any page runs
    return page


def show_menu(pages: dict[str, st.Page], page: Opened) -> None:
    """The links to all pages; each keeps what was chosen.

    Args:
        pages: Streamlit's, by name.
        page: the one that is open.
    """
    with st.sidebar:
        st.html(_style())
        with st.container(key="who", gap=None):
            st.caption("Playledger")
            st.text(plain(page.settings.listener(page.visitor.listener).display_name))
        for section, entries in PAGES.items():
            there = [entry for entry in entries if entry.name in pages]
            if there:
                st.caption(section)
            for entry in there:
                st.page_link(
                    pages[entry.name],
                    label=entry.title,
                    icon=f":material/{entry.icon}:",
                    query_params=page.choices.to_address(),
                    width="stretch",
                )
        st.html(
            '<p class="pl-account"><a href="/auth/account" target="_self">Account, log out</a></p>'
        )


@cache
def _style() -> str:
    """What themes cannot say; nothing of anybody's is in it."""
    return f"<style>{(files('pipelines.dashboard') / 'frame.css').read_text()}</style>"


def show_choices(entry: PageEntry, page: Opened) -> None:
    """The widgets that choose listener, scope and period, where the page is of that."""
    if not entry.of_tables:
        return
    chosen = page.choices
    every = periods(page.reading.months)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="choices"):
        if len(page.visitor.sees) > 1:
            _choose("listener", "Whose plays", page.visitor.sees, chosen.listener, page)
        st.session_state["choose-scope"] = chosen.scope
        st.segmented_control(
            "Which plays",
            SCOPES,
            format_func=SCOPE_WORDS.__getitem__,
            key="choose-scope",
            required=True,
            on_change=_chosen,
            args=("scope",),
            label_visibility="collapsed",
        )
        if entry.of_periods:
            _choose("period", "Period", every, chosen.period, page)
            _step("Earlier", "chevron_left", beside(every, chosen.period, 1))
            _step("Later", "chevron_right", beside(every, chosen.period, -1))


def _choose(name: str, label: str, options: Sequence[str], now: str, page: Opened) -> None:
    st.session_state[f"choose-{name}"] = now
    st.selectbox(
        label,
        options,
        format_func=period_words
        if name == "period"
        else lambda listener: plain(page.settings.listener(listener).display_name),
        key=f"choose-{name}",
        on_change=_chosen,
        args=(name,),
        label_visibility="collapsed",
        width=170,
    )


def _step(label: str, icon: str, period: str | None) -> None:
    """A button to the period beside the chosen one."""
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"step-{label}",
        disabled=period is None,
        on_click=_choose_period,
        args=(period or "",),
        help=period_words(period) if period else None,
    )


def _choose_period(period: str) -> None:
    st.query_params["period"] = period


def _chosen(name: str) -> None:
    st.query_params[name] = st.session_state[f"choose-{name}"]


@contextmanager
def expected_failures() -> Iterator[None]:
    """Show a failure that a person can act on as its sentence; nothing below it runs."""
    try:
        yield
    except PlayledgerError as problem:
        with st.container(border=True):
            st.subheader("This cannot be shown", anchor=False)
            st.text(plain(str(problem)))
        st.stop()
