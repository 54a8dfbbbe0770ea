"""What pages that change something have in common: what they say after it, and runs they start.

An action says what it did above the page that is drawn anew, or why it did not, in a sentence. Add
here what several such pages need; what is changed is changed by functions of other rooms.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.frame import opened
from pipelines.errors import DagsterAway, PlayledgerError
from pipelines.listening.plain_text import plain
from pipelines.ops import starting
from pipelines.ops.dagster_server import Run

_TOLD = "_told"
EVERY_S = 2.0

NO_SERVER = (
    "Dagster's webserver does not answer, so no requests can be sent to Spotify from here. "
    "Start everything with `playledger up`, or set DAGSTER_WEBSERVER_URL to where it is."
)


def tell(text: str) -> None:
    """Say what was done above the page, which is drawn anew with it.

    Args:
        text: a sentence; names in it may be anybody's.
    """
    st.session_state[_TOLD] = text
    st.rerun()


def show_told() -> None:
    """Show what was said last, once.

    Its place is there without it too: otherwise all below would move with it, and what somebody has
    opened there would close.
    """
    place = st.empty()
    text = st.session_state.pop(_TOLD, None)
    if text:
        with place.container(border=True, key="told"):
            st.text(f"\N{CHECK MARK} {plain(text)}")


def show_problem(text: str) -> None:
    """Show a failure that a person can act on, as its sentence."""
    st.error("That was not done.", icon=":material/error:")
    st.text(plain(text))


@contextmanager
def refusals() -> Iterator[None]:
    """Show what an action is refused for; the page goes on below it."""
    try:
        yield
    except PlayledgerError as problem:
        show_problem(str(problem))


def may_change() -> bool:
    """Whether the visitor looks at their own plays: nobody changes another's."""
    page = opened()
    return page.visitor.listener == page.choices.listener


def show_derive() -> None:
    """Offer to make the tables that follow from labels and rules now."""
    listener = opened().choices.listener
    if st.button("Make the tables now", icon=":material/play_arrow:", key="derive"):
        with refusals():
            start_offline(
                listener,
                starting.DERIVING,
                lambda: starting.derive_now(running.current().dagster, listener),
                lambda: running.current().processes.derive(listener),
            )


def start_offline(
    listener: str,
    wanted: str,
    through_dagster: Callable[[], starting.Started],
    here: Callable[[], starting.OwnProcess],
) -> None:
    """Start what sends no request: through Dagster, or here where no webserver answers.

    Args:
        listener: whose.
        wanted: what it is, as `starting.what_runs` calls it.
        through_dagster: starts it there.
        here: starts a process of this machine.
    """
    try:
        begun = through_dagster()
        follow(listener, begun.run)
        instead = starting.instead_words(begun, wanted, listener)
    except DagsterAway:
        instead = starting.process_instead_words(here(), wanted)
    if instead:
        tell(instead)
    st.rerun()


def follow(listener: str, run: Run) -> None:
    """Show from now on how far a run of a listener's is."""
    st.session_state[_followed(listener)] = run.id


def _followed(listener: str) -> str:
    return f"_followed-{listener}"


def show_runs(listener: str) -> None:
    """How far the run of a listener is that is under way, or how the last one ended.

    Args:
        listener: whose; the visitor may see them.
    """
    process = running.current().processes.of(listener)
    busy = _followed(listener) in st.session_state or (process is not None and process.is_under_way)
    st.fragment(_runs, run_every=EVERY_S if busy else None)(listener)


def _runs(listener: str) -> None:
    if process := running.current().processes.of(listener):
        _show_process(process)
    run_id = st.session_state.get(_followed(listener))
    server = running.current().dagster
    try:
        if run_id is None:
            under_way = starting.under_way(server, listener)
            if not under_way:
                return
            follow(listener, under_way[0])
            st.rerun()
        run = server.run(str(run_id))
    except PlayledgerError:
        return
    what = starting.what_runs(run, listener)
    if run.is_under_way:
        of = f"{run.steps_done} of {run.steps} steps" if run.steps else "about to begin"
        since = f", for {_minutes(run.created_at)}" if run.created_at else ""
        st.progress(run.share_done, text=f"Now: {what}, {of}{since}")
        return
    st.session_state.pop(_followed(listener), None)
    if run.is_good:
        tell(done_words(what, makes_tables=starting.makes_tables(run, listener)))
    st.error(f"This did not work: {what}.", icon=":material/error:")
    with refusals():
        st.text(plain(server.why_failed(run.id)))


def _show_process(process: starting.OwnProcess) -> None:
    if process.is_under_way:
        done = f"{process.steps_done} steps done, for {_minutes(process.began_at)}"
        st.text(f"Now: {process.what}, {done}")
    elif not process.is_good:
        st.error(f"This did not work: {process.what}.", icon=":material/error:")
        st.text(plain(process.why_failed()))
    elif not process.is_told:
        process.is_told = True
        tell(done_words(process.what, makes_tables=True))


def done_words(what: str, *, makes_tables: bool) -> str:
    """That something has ended well.

    Args:
        what: in words.
        makes_tables: whether pages show something else now.
    """
    return f"Done: {what}.{' The tables here are new.' if makes_tables else ''}"


def _minutes(since: datetime | None) -> str:
    seconds = int((datetime.now(UTC) - since).total_seconds()) if since else 0
    return f"{seconds} s" if seconds < 100 else f"{seconds // 60} min"  # noqa: PLR2004 as people say it
