"""Widgets of one page whose state is in the address, so that a link shows the same.

Each is given what the address says now and writes what is chosen back into it; to choose something
else begins at the first of several pages. What every page knows of is `choices.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Literal

import streamlit as st

from pipelines.dashboard.choices import argument

FIRST_PAGE = "1"
_MOST_PAGES = 100_000


def asked(name: str, options: Sequence[str] = ()) -> str:
    """What the address asks a page for.

    Args:
        name: of the parameter.
        options: what may be asked for, the usual first; empty for any text.
    """
    found = argument(st.query_params, name)
    return found if not options or found in options else options[0]


def asked_page() -> int:
    """Which of several pages is asked for, from 1 on."""
    found = argument(st.query_params, "page")
    return max(1, min(int(found), _MOST_PAGES)) if found.isdecimal() and found.isascii() else 1


def search_box(label: str, placeholder: str) -> str:
    """A text to search for, asked for as `search`."""
    st.session_state["ask-search"] = asked("search")
    return st.text_input(
        label,
        key="ask-search",
        type="search",
        placeholder=placeholder,
        max_chars=200,
        on_change=_answer,
        args=("search", ""),
    )


def select_box(
    name: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """One of several.

    Args:
        name: of the parameter.
        label: above the box.
        options: the usual first, which the address does not name.
        words: an option as people read it.
        width: in pixels.
    """
    st.session_state[f"ask-{name}"] = asked(name, options)
    chosen = st.selectbox(
        label,
        options,
        format_func=words,
        key=f"ask-{name}",
        on_change=_answer,
        args=(name, options[0]),
        width=width,
    )
    # Streamlit passes on whatever text a browser sends, also one that was not offered.
    return chosen if chosen in options else options[0]


def page_choice(pages: int) -> None:
    """Which of several pages; nothing where there is one."""
    if pages > 1:
        now = min(asked_page(), pages)
        # It has a value of its own, which the address may change only where it is another widget.
        key = f"ask-page-{now}"
        st.pagination(
            pages, default=now, key=key, on_change=_answer, args=("page", FIRST_PAGE, key)
        )


def rows_key(name: str, ids: Iterable[str]) -> str:
    """The key of a table in which a row can be chosen: of other rows another, and none is chosen.

    Streamlit keeps the number of the row, which in another list is another thing.

    Args:
        name: of the table.
        ids: of its rows, in order.
    """
    return f"{name}-{sha256(repr(list(ids)).encode()).hexdigest()[:16]}"


def _answer(name: str, usual: str, key: str = "") -> None:
    value = str(st.session_state[key or f"ask-{name}"] or "")
    if value == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    if name != "page":
        st.query_params.pop("page", None)
