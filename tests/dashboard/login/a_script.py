"""A script behind the door that shows who it thinks is there, for `test_in_a_browser.py`."""

import os
from pathlib import Path

import streamlit as st

from pipelines.dashboard.visitor import current_visitor

ACTED = Path(os.environ["ACTED"])


def act() -> None:
    ACTED.write_text(ACTED.read_text() + "x" if ACTED.exists() else "x")


@st.fragment
def part(listener: str) -> None:
    if st.button("Part"):
        st.text(f"A part of {listener}'s page")


visitor = current_visitor()
if visitor is None:
    st.text("Nobody is logged in.")
    st.stop()
st.text(f"Plays of {visitor.listener}")
st.text(f"Typed: {st.session_state.get('typed', '')}")
st.text_input("Type", key="typed")
st.button("Act", on_click=act)
part(visitor.listener)
st.download_button("Take away", f"secret of {visitor.listener}", "plays.csv")
file = st.file_uploader("Export")
if file:
    st.text(f"Uploaded {file.size} bytes")
if st.button("Fail"):
    raise ValueError("a-secret-of-the-server")
