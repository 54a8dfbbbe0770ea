"""A page of nothing but charts: those of the address, for tests to look at.

    python charts_page.py PORT

serves it for the first listener of the environment's lake. Streamlit runs this file as the page's
script too.
"""

import sys

import streamlit as st
from streamlit import config

from pipelines.dashboard import running
from pipelines.dashboard.app import options
from pipelines.dashboard.charts import chart_routes, show_charts
from pipelines.dashboard.choices import from_address
from pipelines.settings import Settings


def show() -> None:
    """The charts that the address names, as it asks for them."""
    st.set_page_config(page_title="Charts", layout="wide")
    address = st.query_params.to_dict()
    serving = running.current()
    listener = serving.settings.listeners[0].name
    reading = serving.reading(listener)
    choices = from_address(address, (listener,), reading.months)
    show_charts(address["charts"].split(","), choices, reading, playlist=address.get("playlist"))


def serve(port: int) -> None:
    """Serve until the process is told to stop."""
    import uvicorn

    running.start(Settings())
    for option, value in options().items():
        config.set_option(option, value)
    app = st.App(__file__, routes=chart_routes())
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


if st.runtime.exists():
    show()
elif __name__ == "__main__":
    serve(int(sys.argv[1]))
