"""How collecting goes: what is known, what is missing, what was imported, and collecting now.

Owners see that of all listeners, everybody else their own. What is checked is `ops/health.py`, what
a click may start `ops/starting.py`; a file that is sent goes into the inbox and is imported from
there, as if it had been dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.actions import (
    NO_SERVER,
    follow,
    refusals,
    show_problem,
    show_runs,
    show_told,
    start_offline,
    tell,
)
from pipelines.dashboard.choices import argument
from pipelines.dashboard.frame import opened
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.visitor import Visitor
from pipelines.dashboard.words import counted, day_words
from pipelines.errors import CorruptFile, DagsterAway
from pipelines.ingest.inbox import Inbox
from pipelines.ingest.manual_labels import clock_times
from pipelines.listening.plain_text import plain
from pipelines.ops import starting
from pipelines.ops.health import Health, ListenerHealth, LoginHealth, check_health
from pipelines.ops.health_words import NONE, ago, cache_line, login_words
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.settings import Listener

KEPT_S = 20
"""For how long the state of everything is not asked for again."""

LISTED, NAMED = 200, 3
"""Imports that are listed; files that are named of one that has no name of its own."""


@dataclass(frozen=True)
class Gap:
    """A stretch of time of which plays may be missing.

    Attributes:
        begins: on the listener's clock.
        ends: likewise.
        is_open: whether nothing has filled it yet.
        known: plays in it that other sources tell of.
    """

    begins: datetime
    ends: datetime
    is_open: bool
    known: int

    @property
    def lasts(self) -> str:
        """How long it is, in words."""
        return span_words(self.ends - self.begins)


@dataclass(frozen=True)
class Imported:
    """An import, and what became of its rows.

    Attributes:
        name: as what it was given.
        at: when, UTC.
        read: rows.
        new: plays from no other source.
        known: rows of plays that another source, or an earlier import, told of.
        refused: rows that could not be read.
        first, last: days of its plays, YYYY-MM-DD; empty where it has none.
        problem: why a file of it was not read, or only in part.
    """

    name: str
    at: datetime
    read: int
    new: int
    known: int
    refused: int
    first: str
    last: str
    problem: str


@dataclass(frozen=True)
class Data:
    """What the page tells of one listener's data.

    Attributes:
        gaps: the latest first.
        imports: the latest first.
        waiting: names of files in the inbox that nothing has tried to import yet.
        refused: the reason by file for those that stay there.
        damaged: sentences about what could not be read.
    """

    gaps: tuple[Gap, ...]
    imports: tuple[Imported, ...]
    waiting: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    damaged: tuple[str, ...]


def of_whom(visitor: Visitor, asked: str) -> str:
    """Whose data the visitor sees here.

    Args:
        visitor: who looks.
        asked: by the address; "" or a name that they may not see is their own.
    """
    return asked if asked in visitor.operates else visitor.listener


def load(reading: Reading, listener: Listener) -> Data:
    """A listener's gaps and imports.

    Args:
        reading: their tables.
        listener: their settings.
    """
    imports, damaged = _imports(reading.lake)
    inbox = Inbox(reading.lake)
    return Data(
        _gaps(reading, listener),
        imports,
        tuple(entry.key.rpartition("/")[2] for entry in inbox.waiting()),
        tuple(sorted(inbox.refused().items())),
        damaged,
    )


def _gaps(reading: Reading, listener: Listener) -> tuple[Gap, ...]:
    rows = reading.table("gaps").sort_by([("gap_start", "descending")])
    begins, ends = (
        clock_times(rows[name].to_pylist(), listener.zones) for name in ("gap_start", "gap_end")
    )
    return tuple(
        Gap(begin, end, row["closed_at"] is None, row["plays_known"] or 0)
        for row, begin, end in zip(rows.to_pylist(), begins, ends, strict=True)
    )


def _imports(lake: ListenerLake) -> tuple[tuple[Imported, ...], tuple[str, ...]]:
    imports = ImportedExports(lake)
    found: list[Imported] = []
    damaged: list[str] = []
    for one in imports.ids:
        try:
            outcome = imports.outcome(one)
        except CorruptFile as problem:
            damaged.append(str(problem))
            continue
        if outcome:
            found.append(_imported(outcome))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)), tuple(damaged)


def _imported(outcome: dict[str, Any]) -> Imported:
    known = ("seen_before", "merged_with_polled", "merged")
    problems = [file["problem"] for file in outcome.get("files", ()) if "problem" in file]
    names = [file["name"].rpartition("/")[2] for file in outcome.get("files", ())]
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" * (len(names) > NAMED))
    return Imported(
        str(outcome.get("given_as") or listed or outcome["import_id"]),
        datetime.fromisoformat(outcome.get("told_at") or outcome["imported_at"]),
        outcome.get("rows_read", 0),
        outcome.get("new", 0),
        sum(outcome.get(kind) or 0 for kind in known),
        outcome.get("refused", 0),
        (outcome.get("first_played_at") or "")[:10],
        (outcome.get("last_played_at") or "")[:10],
        "; ".join(dict.fromkeys(problems)),
    )


def gap_words(gaps: Sequence[Gap]) -> str:
    """What is missing, in a sentence or two."""
    still = [gap for gap in gaps if gap.is_open]
    if not gaps:
        return "No gap: nothing shows that plays were lost."
    if not still:
        if len(gaps) == 1:
            return "The one gap that there was has been filled."
        every = "Both gaps" if len(gaps) == 2 else f"All {len(gaps):,} gaps"  # noqa: PLR2004
        return f"{every} that there were have been filled."
    total = span_words(sum((gap.ends - gap.begins for gap in still), timedelta()))
    said = (
        f"One gap of {total} is open"
        if len(still) == 1
        else f"{len(still)} gaps are open, {total} in all"
    )
    return f"{said}: plays may be missing there. Spotify's extended streaming history fills it."


def span_words(span: timedelta) -> str:
    """A stretch of time as people say it."""
    minutes = round(span.total_seconds() / 60)
    if not minutes:
        return "a moment"
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return counted(round(minutes / size), unit)
    return counted(minutes, "minute")


def login_sentence(login: LoginHealth) -> str:
    """Until when a login lasts."""
    if login.state == "imports only":
        return "There is no login: plays come from files that you import."
    if login.state == "missing":
        return "Nobody has logged in yet, so nothing is collected."
    if login.state in {"expired", "unreadable"}:
        return f"The login is {login.state}: nothing is collected until it is renewed."
    until = f" It ends on {day_words(login.ends_at)}." if login.ends_at else ""
    left = f" That is in {counted(login.days_left, 'day')}." if login.days_left is not None else ""
    return f"The login works.{until}{left}"


def show() -> None:
    """The page."""
    page = opened()
    seen = page.visitor.operates
    health = _health(seen, page.visitor.is_owner)
    show_told()
    whom = of_whom(page.visitor, argument(st.query_params, "of"))
    if len(seen) > 1:
        _show_everybody(health)
        whom = of_whom(page.visitor, _choose_whom(seen, whom))
    listener = page.settings.listener(whom)
    reading = running.current().reading(whom)
    _show_problems(health, whom)
    _show_collecting(health, listener)
    show_runs(whom)
    data = load(reading, listener)
    left, right = st.columns(2, gap="large")
    with left:
        _show_upload(reading.lake, data)
    with right:
        _show_gaps(data.gaps)
    _show_imports(data)
    _show_machine(health)


@st.cache_data(ttl=KEPT_S, show_spinner=False)
def _health(listeners: tuple[str, ...], everything: bool) -> Health:
    """The state of what a visitor may know, of whom nobody else is told by it."""
    serving = running.current()
    only = None if everything else listeners
    return check_health(serving.settings, serving.lake, only=only)


def _show_everybody(health: Health) -> None:
    rows = health.listeners
    st.dataframe(
        {
            "Listener": [one.listener for one in rows],
            "Login": [login_words(one.login) for one in rows],
            "Last response": [ago(one.last_response_at, health.checked_at) for one in rows],
            "Last snapshot": [one.last_snapshot or NONE for one in rows],
            "Open gaps": [one.open_gaps for one in rows],
        },
        hide_index=True,
    )


def _choose_whom(seen: Sequence[str], whom: str) -> str:
    chosen = st.selectbox("Data of", seen, index=list(seen).index(whom), width=220, key="of")
    st.query_params["of"] = chosen
    return chosen


def _show_problems(health: Health, whom: str) -> None:
    own = {one.listener for one in health.listeners} - {whom}
    for problem in health.problems:
        if problem.topic.split(" ")[0] in own:
            continue
        with st.container(border=True, key=f"problem-{problem.topic.replace(' ', '-')}"):
            if problem.level == "failure":
                st.markdown(":red[:material/error:] **Needs somebody**")
            else:
                st.markdown(":orange[:material/warning:] **Soon**")
            st.text(plain(problem.sentence))


def _show_collecting(health: Health, listener: Listener) -> None:
    one = next((one for one in health.listeners if one.listener == listener.name), None)
    if one is None:
        return
    with st.container(border=True):
        columns = st.columns(3)
        with columns[0]:
            st.caption("Spotify was last asked")
            last = one.last_response_at
            st.text(ago(last, health.checked_at) if last else "never")
        with columns[1]:
            st.caption("Last complete day")
            st.text(one.last_snapshot or "none yet")
        with columns[2]:
            st.caption("Login")
            st.text(login_sentence(one.login))
        for lockout in health.lockouts:
            st.text(f"Spotify refuses requests until {lockout.retry_at:%Y-%m-%d %H:%M} UTC.")
        _show_sync(one, listener.name)


def _show_sync(one: ListenerHealth, listener: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if one.login.state == "imports only":
            st.caption("To collect plays as they happen, log in at Spotify: `playledger login`.")
        elif st.button("Collect now", icon=":material/sync:", type="primary", key="sync"):
            _collect(listener, force=False)
        if one.login.state != "imports only" and listener == opened().visitor.listener:
            st.link_button("Renew the login", "/auth/account", icon=":material/key:")
    done_at = st.session_state.get(f"force-{listener}")
    if done_at:
        with st.container(border=True, key="force"):
            st.text(
                f"Everything was collected {ago(done_at, datetime.now(UTC))}, less than 24 hours "
                "ago. New plays come by themselves every 15 minutes; the rest changes once a day."
            )
            if st.button("Collect all the same", key="sync-force"):
                st.session_state.pop(f"force-{listener}")
                _collect(listener, force=True)


def _collect(listener: str, *, force: bool) -> None:
    serving = running.current()
    with refusals():
        try:
            starting.check_can_collect(serving.settings, serving.lake, listener)
            begun = starting.collect_now(serving.dagster, listener, force=force)
        except DagsterAway as problem:
            show_problem(f"{NO_SERVER} ({problem})")
            return
        if isinstance(begun, starting.NotYet):
            st.session_state[f"force-{listener}"] = begun.done_at
            st.rerun()
        follow(listener, begun.run)
        if not begun.is_new:
            # Who asks for all wants to know of a run of all, too.
            tell(starting.instead_words(begun, "", listener))
        st.rerun()


def _show_upload(lake: ListenerLake, data: Data) -> None:
    st.subheader("Import a file")
    st.caption(
        "What Spotify sent you as a zip, or files of Last.fm and others. What was imported "
        "before is not imported twice."
    )
    # Another key, and what was sent is let go of; nobody's file goes to another.
    turn = st.session_state.setdefault("sent", 0)
    sent = st.file_uploader(
        "A file", key=f"upload-{lake.listener}-{turn}", label_visibility="collapsed"
    )
    if sent is not None and st.button("Import it", type="primary", key="import"):
        with refusals():
            # The same bytes as the browser's, not a copy of them.
            Inbox(lake).drop(sent.name, sent.getvalue())
            st.session_state["sent"] = turn + 1
            _import(lake.listener)
    if data.waiting:
        names = ", ".join(map(plain, data.waiting))
        st.text(f"Waiting to be imported: {names}")
        if sent is None and st.button("Import now", key="import-waiting"):
            with refusals():
                _import(lake.listener)
    for name, reason in data.refused:
        with st.container(border=True):
            st.text(f"{plain(name)} was not imported: {plain(reason)}")


def _import(listener: str) -> None:
    serving = running.current()
    start_offline(
        listener,
        starting.WORDS["import"],
        lambda: starting.import_now(serving.dagster, listener),
        lambda: serving.processes.import_inbox(listener),
    )


def _show_gaps(gaps: Sequence[Gap]) -> None:
    st.subheader("Gaps")
    st.text(gap_words(gaps))
    if gaps:
        st.dataframe(
            {
                "From": [gap.begins for gap in gaps],
                "To": [gap.ends for gap in gaps],
                "Long": [gap.lasts for gap in gaps],
                "": ["open" if gap.is_open else "filled" for gap in gaps],
                "Plays known": [gap.known for gap in gaps],
            },
            column_config={
                name: st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
                for name in ("From", "To")
            },
            height=min(320, 38 + 35 * len(gaps)),
            hide_index=True,
        )


def _show_imports(data: Data) -> None:
    st.subheader("Imports")
    for sentence in data.damaged:
        st.text(plain(sentence))
    if not data.imports:
        st.text("Nothing was imported yet.")
        return
    rows = data.imports[:LISTED]
    st.dataframe(
        {
            "What": [plain(one.name) for one in rows],
            "Imported": [one.at.replace(tzinfo=None) for one in rows],
            "Rows read": [one.read for one in rows],
            "New plays": [one.new for one in rows],
            "Known before": [one.known for one in rows],
            "Unreadable": [one.refused for one in rows],
            "From": [one.first for one in rows],
            "To": [one.last for one in rows],
            "Remark": [plain(one.problem) for one in rows],
        },
        column_config={
            # Of a name that is long its beginning, so that the counts are in sight.
            "What": st.column_config.TextColumn(width=180),
            "Imported": st.column_config.DatetimeColumn(
                "Imported, UTC", format="D MMM YYYY, HH:mm", width=160
            ),
            **{
                name: st.column_config.NumberColumn(format="localized", width=105)
                for name in ("Rows read", "New plays", "Known before", "Unreadable")
            },
        },
        hide_index=True,
    )
    if len(data.imports) > LISTED:
        st.caption(f"and {len(data.imports) - LISTED:,} earlier ones")


def _show_machine(health: Health) -> None:
    if not opened().visitor.is_owner:
        return
    st.subheader("This machine")
    st.text(f"Lake: {plain(health.lake_url)}, {_reached(health.lake_reachable)}.")
    if health.cache:
        st.text(plain(cache_line(health.cache)).replace("cache:", "Cache:", 1))
    if not health.lockouts:
        st.text("No lockout: Spotify takes requests.")
    url = plain(running.current().settings.dagster_url)
    st.text(f"Dagster: {url}, {_reached(_dagster_is_there())}.")


def _reached(is_there: bool) -> str:
    return "reachable" if is_there else "not reachable"


@st.cache_data(ttl=KEPT_S, show_spinner=False)
def _dagster_is_there() -> bool:
    return running.current().dagster.is_there()


if __name__ == "__main__":
    show()
