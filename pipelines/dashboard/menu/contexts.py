"""In which contexts plays were heard: by month, by session with the reasons, and what to correct.

A session is labelled, a rule made and a context excluded by the functions that the commands use.
The page shows at once what was said; the tables follow with the next run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from pipelines.dashboard.actions import (
    may_change,
    refusals,
    show_derive,
    show_runs,
    show_told,
    tell,
)
from pipelines.dashboard.address_widgets import rows_key
from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices, argument
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.rules import FITTED_COLUMNS, show_rule_form, show_rules
from pipelines.dashboard.words import counted, day_words, percent, time_heard
from pipelines.ingest.manual_labels import clock_times, remove_label, set_label
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import BY_HAND, read_labels, session_at
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.context_tables import LABELS
from pipelines.listening.time.intervals import instants, millis
from pipelines.listening.time.months import Month
from pipelines.settings import Listener
from pipelines.settings.listeners_file import set_exclude

LISTED = 1_000
"""Sessions of a long period that are listed, the latest ones."""

SURE, FAIR = 0.8, 0.5

PLAY_COLUMNS = (
    *FITTED_COLUMNS,
    *("play_id", "session_id", "ms_played", "context_given"),
    *("context", "context_confidence", "context_evidence"),
)


@dataclass(frozen=True)
class Share:
    """How much of a period was heard in a context.

    Attributes:
        context: which.
        hours: heard.
        plays: of 30 seconds or more.
        share: of the minutes, 0 to 1.
        at_least: whether some may be missing.
    """

    context: str
    hours: float
    plays: int
    share: float
    at_least: bool


@dataclass(frozen=True)
class Session:
    """A session as the page shows it.

    Attributes:
        id: of the session.
        at: its start, UTC.
        begins, ends: on the listener's clock.
        plays: how many.
        minutes: heard.
        context: as the listener labelled it, else as of the last run.
        before: as of the last run.
        confidence: how sure that was, 0 to 1.
        evidence: why, in words.
        is_labelled: whether the listener labelled it.
        is_mine: whether it counts as the listener's own, as is set now.
        is_pending: whether the tables say otherwise until the next run.
    """

    id: str
    at: datetime
    begins: datetime
    ends: datetime
    plays: int
    minutes: float
    context: str
    before: str
    confidence: float
    evidence: tuple[str, ...]
    is_labelled: bool
    is_mine: bool
    is_pending: bool

    @property
    def sureness(self) -> str:
        """How sure the context is, in words."""
        if self.is_labelled:
            return "you said so"
        if self.confidence >= SURE:
            return "sure"
        return "likely" if self.confidence >= FAIR else "a guess"


@dataclass(frozen=True)
class Contexts:
    """The contexts of a period.

    Attributes:
        shares: of each context, most heard first.
        sessions: the latest first.
        left_out: how many earlier ones are not listed.
    """

    shares: tuple[Share, ...]
    sessions: tuple[Session, ...]
    left_out: int

    @property
    def pending(self) -> int:
        """How many sessions the tables tell of otherwise until the next run."""
        return sum(one.is_pending for one in self.sessions)


def load(reading: Reading, choices: Choices, listener: Listener) -> Contexts:
    """The contexts of the chosen period.

    Args:
        reading: the listener's tables.
        choices: of which period and scope.
        listener: their settings as they are now.
    """
    months = choices.months(reading.months)
    return Contexts(
        _shares(reading, choices, months),
        *_sessions(reading, months, listener, only_mine=choices.scope == "mine"),
    )


def _shares(reading: Reading, choices: Choices, months: Sequence[Month]) -> tuple[Share, ...]:
    rows = reading.table(
        "contexts_by_month",
        ["scope", "month", "context", "plays", "minutes", "at_least"],
        {"scope": choices.scope},
    )
    firsts = pa.array([month.first for month in months], pa.date32())
    rows = rows.filter(pc.is_in(rows["month"], firsts))
    total = pc.sum(rows["minutes"]).as_py() or 0.0
    found = []
    for context in CONTEXTS:
        own = rows.filter(pc.equal(rows["context"], context))
        if len(own):
            minutes = pc.sum(own["minutes"]).as_py()
            plays = pc.sum(own["plays"]).as_py()
            missing = bool(pc.any(own["at_least"]).as_py())
            share = minutes / total if total else 0.0
            found.append(Share(context, minutes / 60, plays, share, missing))
    return tuple(sorted(found, key=lambda one: -one.hours))


def _sessions(
    reading: Reading, months: Sequence[Month], listener: Listener, *, only_mine: bool
) -> tuple[tuple[Session, ...], int]:
    rows = reading.table("sessions").sort_by(
        [("ended_at", "ascending"), ("started_at", "ascending")]
    )
    labels = _labels(reading, rows)
    first_days = pa.array([month.first for month in months], pa.date32())
    month_of = pc.cast(pc.floor_temporal(rows["local_date"], unit="month"), pa.date32())
    wanted = pc.is_in(month_of, first_days).to_pylist()
    numbers = [number for number, inside in enumerate(wanted) if inside][::-1]
    found: list[Session] = []
    picked = rows.take(pa.array(numbers, pa.int64())) if numbers else rows.slice(0, 0)
    starts, ends = (picked[name].to_pylist() for name in ("started_at", "ended_at"))
    begins, stops = (clock_times(moments, listener.zones) for moments in (starts, ends))
    for number, row, begin, stop in zip(numbers, picked.to_pylist(), begins, stops, strict=True):
        label = labels.get(number)
        context = label or row["context"]
        mine = context not in listener.exclude
        if only_mine and not (mine or row["mine"]):
            continue
        # By what a label of the last run says of itself, one that was taken back since is known.
        was_labelled = any(reason.startswith(BY_HAND) for reason in row["context_evidence"])
        pending = context != row["context"] or mine != row["mine"] or was_labelled != bool(label)
        found.append(
            Session(
                row["session_id"],
                row["started_at"],
                begin,
                stop,
                row["plays"],
                row["minutes"],
                context,
                row["context"],
                row["context_confidence"],
                tuple(row["context_evidence"]),
                label is not None,
                mine,
                pending,
            )
        )
    return tuple(found[:LISTED]), max(0, len(found) - LISTED)


def _labels(reading: Reading, rows: pa.Table) -> Mapping[int, str]:
    """The listener's own labels by the number of the session, of several the last."""
    starts, ends = instants(rows["started_at"]), instants(rows["ended_at"])
    found = {}
    for label in read_labels(reading.lake.read(LABELS)):
        number = session_at(starts, ends, millis(label.at)) if len(rows) else None
        if number is not None:
            found[number] = label.context
    return found


def plays_of(reading: Reading, session: Session) -> pa.Table:
    """The plays of one session, in order.

    Args:
        reading: the listener's tables.
        session: which; only its own months are read.
    """
    first = Month.of(session.begins.date())
    months = list(dict.fromkeys([first, Month.of(session.ends.date())]))
    rows = reading.plays(months, PLAY_COLUMNS)
    return rows.filter(pc.equal(rows["session_id"], session.id)).sort_by("played_at")


def show() -> None:
    """The page."""
    page = opened()
    listener = page.listener
    found = load(page.reading, page.choices, listener)
    show_told()
    if not found.shares and not found.sessions:
        st.text("Nothing was heard in this period.")
        return
    if page.choices.month is None:
        show_figures(figures_of(found.shares))
    of_period = "contexts-month" if page.choices.month else "contexts"
    show_charts((of_period,), page.choices, page.reading, key="by-month")
    if found.pending:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(
                f"Shown here now: {counted(found.pending, 'session')} as you said. The tables, and "
                "all other pages, follow with the next run."
            )
            if may_change():
                show_derive()
    show_runs(listener.name)
    st.subheader("Sessions")
    session = _choose_session(found)
    if session:
        _show_session(page.reading, session, listener)
    if may_change():
        _show_settings(listener)
    show_charts(("sessions", "played-from"), page.choices, page.reading, key="by-session")


def figures_of(shares: Sequence[Share]) -> list[Figure]:
    """How long each context was heard, as it is shown.

    Args:
        shares: most heard first.
    """
    return [
        Figure(
            one.context.capitalize(),
            time_heard(60 * one.hours),
            f"{percent(one.share)} of the time",
            one.at_least,
        )
        for one in shares
    ]


def _choose_session(found: Contexts) -> Session | None:
    """The table of sessions; the one that is chosen in it, or by the address."""
    shown = found.sessions
    contexts = [context for context in CONTEXTS if any(one.context == context for one in shown)]
    only = st.pills("Only", contexts, key="only-context", selection_mode="multi")
    listed = [one for one in shown if not only or one.context in only]
    chosen = st.dataframe(
        {
            "Began": [one.begins for one in listed],
            "Until": [f"{one.ends:%H:%M}" for one in listed],
            "Context": [f"{one.context}{' ●' if one.is_pending else ''}" for one in listed],
            "How sure": [one.sureness for one in listed],
            "Plays": [one.plays for one in listed],
            "Minutes": [round(one.minutes) for one in listed],
            "Why": [
                "; ".join(map(plain, one.evidence)) or "nothing points elsewhere" for one in listed
            ],
        },
        column_config={
            "Began": st.column_config.DatetimeColumn(format="ddd, D MMM YYYY, HH:mm", width=190),
            "Until": st.column_config.TextColumn(width=60),
            "Context": st.column_config.TextColumn(width=110, help="● changed since the last run"),
            "How sure": st.column_config.TextColumn(width=90),
            "Plays": st.column_config.NumberColumn(width=60),
            "Minutes": st.column_config.NumberColumn(width=70),
            "Why": st.column_config.TextColumn(width="large"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=rows_key("sessions", [one.id for one in listed]),
        height=min(420, 38 + 35 * max(1, len(listed))),
        hide_index=True,
    )
    if found.left_out:
        st.caption(f"and {found.left_out:,} earlier ones: choose a year or a month")
    rows = chosen.selection.rows
    if rows and rows[0] < len(listed):
        st.query_params["session"] = listed[rows[0]].id
        return listed[rows[0]]
    asked = argument(st.query_params, "session")
    by_id = {one.id: one for one in shown}
    if asked and asked not in by_id:
        st.text("That session is not in this period.")
    if not asked:
        st.caption("Choose a session to see why it is labelled so, and to correct it.")
    return by_id.get(asked)


def _show_session(reading: Reading, session: Session, listener: Listener) -> None:
    plays = plays_of(reading, session)
    with st.container(border=True, key="session"):
        begins = f"{session.begins:%A}, {day_words(session.begins)}, {session.begins:%H:%M}"
        st.markdown(f"**{begins} to {session.ends:%H:%M}**")
        st.text(f"{session.context}, {session.sureness}")
        for reason in session.evidence:
            st.text(f"\N{BULLET} {plain(reason)}")
        if session.is_pending:
            st.caption(f"As of the last run: {session.before}.")
        if may_change():
            _label(session, listener)
        _show_plays(plays)
        if may_change():
            show_rule_form(plays, listener)


def _label(session: Session, listener: Listener) -> None:
    """What the session is; a click says so."""
    key = f"label-{session.id}"
    chosen = st.segmented_control(
        "What was it?", CONTEXTS, default=session.context, key=f"{key}-{session.context}"
    )
    page = opened()
    with st.container(horizontal=True):
        if st.button(
            "Label this session", type="primary", disabled=chosen is None, key=f"{key}-set"
        ):
            with refusals():
                change = set_label(session.at, str(chosen), listener, page.reading.lake)
                tell(f"{change.session}: was {change.old_context}, is now {change.new_context}.")
        if session.is_labelled and st.button("Take my label back", key=f"{key}-undo"):
            with refusals():
                change = remove_label(session.at, listener, page.reading.lake)
                tell(f"{change.session}: your label {change.old_context} is taken back.")


def _show_plays(plays: pa.Table) -> None:
    rows = plays.to_pylist()
    st.dataframe(
        {
            "At": [f"{row['local_time']:%H:%M}" for row in rows],
            "Title": [plain(row["track_name"] or "") for row in rows],
            "Artist": [plain(row["artist_name"] or "") for row in rows],
            "Context": [row["context"] for row in rows],
            "Why": ["; ".join(map(plain, row["context_evidence"])) for row in rows],
        },
        column_config={"At": st.column_config.TextColumn(width=60)},
        height=min(320, 38 + 35 * max(1, len(rows))),
        hide_index=True,
    )


def _show_settings(listener: Listener) -> None:
    st.subheader("What counts as yours")
    st.caption("Plays in these contexts are left out of Mine, here and in the report.")
    excluded = st.pills(
        "Left out",
        CONTEXTS,
        default=listener.exclude,
        selection_mode="multi",
        key=f"exclude-{'-'.join(listener.exclude)}",
    )
    if set(excluded) != set(listener.exclude) and st.button("Save", type="primary", key="exclude"):
        with refusals():
            kept = [context for context in CONTEXTS if context in excluded]
            set_exclude(opened().settings.listeners_file, listener.name, kept)
            tell("Saved. The tables follow with the next run.")
    show_rules(listener)


if __name__ == "__main__":
    show()
