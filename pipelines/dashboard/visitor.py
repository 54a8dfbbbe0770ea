"""Who looks at the dashboard, and whose plays they may see.

Asked at each run of the script, since an open page outlives its login. How somebody logs in, and
what a login lets them see, is `login/`; the gate there says in a header, which nobody else can set,
which login a page is of.
"""

import streamlit as st

from pipelines.dashboard.login.access import Visitor, current_access
from pipelines.dashboard.login.gate import LOGIN_HEADER

__all__ = ["Visitor", "current_visitor"]


def current_visitor() -> Visitor | None:
    """Who runs the script now; None for nobody who is logged in."""
    return current_access().visitor(st.context.headers.get(LOGIN_HEADER))
