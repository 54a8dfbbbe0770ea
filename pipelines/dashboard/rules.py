"""A listener's rules: one made of plays that are shown, and those that there are.

A rule labels whatever it fits, from the next run on; `playledger` reads it from `listeners.toml`,
where it is written by the function that the commands use. What a rule is and what it fits belongs
to `listening/contexts/overrides.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

import pyarrow as pa
import streamlit as st

from pipelines.dashboard.actions import refusals, tell
from pipelines.dashboard.frame import opened
from pipelines.dashboard.words import DAY_NAMES, counted
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import Hours, Override, fits
from pipelines.listening.plain_text import plain
from pipelines.listening.time.intervals import instants
from pipelines.settings import Listener
from pipelines.settings.listeners import WEEKDAYS
from pipelines.settings.listeners_file import add_rule

FITTED_COLUMNS = (
    *("played_at", "started_at", "local_time", "kind"),
    *("track_name", "track_id", "track_uri", "artist_name", "artist_id", "artist_key"),
    *("played_from_type", "played_from_name", "played_from_uri"),
)
"""What of a play a rule can be about, and when it was heard."""


def fitting(rule: Override, plays: pa.Table) -> int:
    """How many plays a rule would hold for.

    Args:
        rule: the rule.
        plays: with `FITTED_COLUMNS`.
    """
    lasted = instants(plays["played_at"]) - instants(plays["started_at"])
    return int(fits(rule, plays, instants(plays["local_time"]) - lasted).sum())


def rule_words(rule: Override) -> str:
    """A rule as a sentence."""
    named = [
        f"{kind} “{name}”"
        for kind in ("artist", "track", "playlist")
        if (name := getattr(rule, kind))
    ]
    if rule.hours:
        days = [DAY_NAMES[day] for day in rule.hours.weekdays]
        when = "every day" if len(days) == len(WEEKDAYS) else ", ".join(days)
        begin, end = (f"{at // 60:02}:{at % 60:02}" for at in (rule.hours.start, rule.hours.end))
        named.append(f"{when}, {begin} to {end}")
    return f"{' and '.join(named)}: {rule.context}"


def show_rule_form(plays: pa.Table, listener: Listener) -> None:
    """The form that makes a rule of what is in some plays.

    Args:
        plays: with `FITTED_COLUMNS`.
        listener: whose rule it will be.
    """
    with st.expander("Make a rule of it", icon=":material/rule:"):
        _form(plays, listener)


def _form(plays: pa.Table, listener: Listener) -> None:
    kinds = {"artist": "artist_name", "track": "track_name", "playlist": "played_from_name"}
    named = {
        kind: sorted({plain(name) for name in plays[column].to_pylist() if name and plain(name)})
        for kind, column in kinds.items()
    }
    offered = [kind for kind in kinds if named[kind]]
    chosen: dict[str, str] = {}
    for kind in offered:
        name = st.selectbox(
            kind.capitalize(), named[kind], index=None, key=f"rule-{kind}", placeholder="any"
        )
        if name:
            chosen[kind] = name
    names_of_days = dict(zip(WEEKDAYS, DAY_NAMES, strict=True))
    days = st.pills(
        "Days",
        WEEKDAYS,
        key="rule-days",
        selection_mode="multi",
        format_func=names_of_days.__getitem__,
    )
    with st.container(horizontal=True):
        begin = st.time_input("From", None, key="rule-from", step=900, width=140)
        end = st.time_input("To", None, key="rule-to", step=900, width=140)
        context = st.selectbox("Is always", CONTEXTS, key="rule-context", width=160)
    rule = rule_of(chosen, days, begin, end, str(context))
    if rule is None:
        st.caption("Choose what the rule is about; what you leave open fits anything.")
        return
    number = fitting(rule, plays)
    st.text(f"{plain(rule_words(rule))}. {number:,} of these {len(plays):,} plays fit.")
    if st.button("Write this rule", type="primary", key="rule-write"):
        with refusals():
            add_rule(opened().settings.listeners_file, listener.name, rule)
            tell(f"Written: {rule_words(rule)}. It holds from the next run on.")


def rule_of(
    named: Mapping[str, str],
    days: Sequence[str],
    begin: time | None,
    end: time | None,
    context: str,
) -> Override | None:
    """The rule that a person put together; None where it is about nothing yet.

    Args:
        named: names of artist, track and playlist.
        days: as in `WEEKDAYS`; none are all.
        begin: of a stretch of the day; None is midnight.
        end: of it; likewise.
        context: that it gives.
    """
    minutes = [at.hour * 60 + at.minute if at else None for at in (begin, end)]
    hours: dict[str, Any] = {}
    if days and len(days) < len(WEEKDAYS):
        hours["weekdays"] = tuple(sorted(WEEKDAYS.index(day) for day in days))
    if minutes[0] is not None and minutes[0] != minutes[1]:
        hours["start"] = minutes[0]
    if minutes[1] and minutes[0] != minutes[1]:
        hours["end"] = minutes[1]
    if not named and not hours:
        return None
    return Override(context, **named, hours=Hours(**hours) if hours else None)


def show_rules(listener: Listener) -> None:
    """The rules that there are, in the order in which they hold.

    Args:
        listener: whose.
    """
    if not listener.overrides:
        return
    with st.expander(f"{counted(len(listener.overrides), 'rule')} of yours", key="own-rules"):
        st.caption("Of several that fit a play, the first holds. They stand in listeners.toml.")
        for rule in listener.overrides:
            st.text(plain(rule_words(rule)))
