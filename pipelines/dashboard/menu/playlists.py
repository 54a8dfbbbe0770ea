"""Playlists: their weights, duplicates and overlap; plans for new ones, and writing them.

Charts are those of the report. Plans are made, stored, confirmed and written by what the commands
use; nothing is sent to Spotify before somebody has typed in a plan's id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import msgspec
import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.actions import EVERY_S, may_change, refusals, show_told, tell
from pipelines.dashboard.address_widgets import rows_key
from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import argument
from pipelines.dashboard.frame import opened
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import day_words
from pipelines.errors import CorruptFile, RefusedPlan
from pipelines.library.applying import UNLISTED, Applying
from pipelines.library.journal import Journal
from pipelines.library.planning import Planner, name_in
from pipelines.library.plans import Plans
from pipelines.library.restoring import State, restoring, states
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.plain_text import plain
from pipelines.listening.playlists.describe import Chapter, chapters, markdown, opening
from pipelines.listening.playlists.from_ledger import PICKS, default_name, parse_pick
from pipelines.listening.playlists.parts import Pace
from pipelines.listening.playlists.plan import Keep, Options, Order, Plan
from pipelines.listening.playlists.written import Written
from pipelines.ops.health import imports_only
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings

VIEWS = {"playlists": "Playlists", "plans": "Plans", "restore": "Go back"}

OF_ALL = ("playlists", "playlist-overlap")
OF_ONE = (
    *("playlist-weights", "playlist-top-weights", "playlist-verdicts"),
    *("playlist-over-and-under", "playlist-duplicates", "playlist-history"),
    *("playlist-artists", "playlist-genres", "playlist-decades", "playlist-sound"),
)
"""Ids of the report's charts."""

PICK_WORDS = {
    "rotation": "Heavy rotation of a month",
    "forgotten": "Forgotten favourites",
    "obsessions": "Obsessions",
    "context": "What I hear in a context",
    "year": "A year's favourites",
}
KEEP_WORDS = {"first_added": "the first added", "last_added": "the last added", "best": "the best"}
ORDER_WORDS = {
    "as_is": "as they stand",
    "added": "oldest first",
    "artist": "by artist",
    "weight": "heaviest first",
}


@dataclass(frozen=True)
class Known:
    """A playlist that is known.

    Attributes:
        id: Spotify's.
        name: as Spotify told it.
        items: how many.
        read_at: when it was last read to its end; None where it never was.
        remark: what is odd about it, in words.
    """

    id: str
    name: str
    items: int | None
    read_at: datetime | None
    remark: str


@dataclass(frozen=True)
class Listed:
    """A plan as it is listed.

    Attributes:
        plan: the plan.
        items: of all its playlists.
        state: planned, written in part, or done.
    """

    plan: Plan
    items: int
    state: str


def load(reading: Reading) -> list[Known]:
    """The playlists that are known, in order of their names."""
    rows = reading.table("playlist_readings").to_pylist()
    return sorted(
        (
            Known(
                row["playlist_id"],
                row["name"] or row["playlist_id"],
                row["items"] if row["items"] is not None else row["total"],
                row["read_at"],
                _remark(row),
            )
            for row in rows
        ),
        key=lambda one: (one.name.casefold(), one.id),
    )


def _remark(row: Mapping[str, object]) -> str:
    words = {
        "partly": "read in part: the next run goes on",
        "not_readable": "Spotify does not give out its items",
        "not_read": "not read yet",
    }
    said = words.get(str(row["state"]), "")
    if row["changed"] and row["state"] == "read":
        said = "has changed since"
    return f"{said} ({row['reason']})" if said and row["reason"] else said


def load_plans(lake: ListenerLake) -> list[Listed]:
    """The plans that are stored, the newest first.

    Args:
        lake: the listener's.
    """
    plans = sorted(Plans(lake).every(), key=lambda one: one.made_at, reverse=True)
    return [
        Listed(plan, sum(len(part.uris) for part in plan.parts), _state(lake, plan))
        for plan in plans
    ]


def _state(lake: ListenerLake, plan: Plan) -> str:
    try:
        written = Journal(lake, plan).written
    except CorruptFile:
        return "its journal is damaged"
    return state_words(written)


def state_words(written: Written) -> str:
    """How far the writing of a plan is, in words."""
    if written.done:
        return "done"
    total = sum(len(part.uris) for part in written.plan.parts)
    return f"{written.items_written:,} of {total:,} written" if written.begun else "planned"


def show() -> None:
    """The page."""
    page = opened()
    if not may_change():
        st.text("Playlists are shown to nobody but their listener.")
        return
    show_told()
    shown: Mapping[str, Callable[[Reading], None]] = {
        "playlists": _show_playlists,
        "plans": _show_plans,
        "restore": _show_restore,
    }
    shown[choose_view()](page.reading)


def choose_view() -> str:
    """The part of the page that the address asks for; what is chosen is written into it."""
    asked = argument(st.query_params, "view")
    # Not a value to begin with: who makes a plan out of a state is led to the plans.
    st.session_state["view"] = asked if asked in VIEWS else "playlists"
    chosen = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        required=True,
        key="view",
        on_change=_chosen_view,
        label_visibility="collapsed",
    )
    # Streamlit passes on whatever text a browser sends, also one that was not offered.
    return chosen if chosen in VIEWS else "playlists"


def _chosen_view() -> None:
    st.query_params["view"] = st.session_state["view"]


def why_none(settings: Settings, lake: ListenerLake) -> str:
    """Why no playlist is known of a listener, in a sentence.

    Args:
        settings: of the process.
        lake: the listener's.
    """
    if imports_only(settings, lake):
        return "Playlists are read from Spotify, and there is no login: plays come from imports."
    return "No playlist was read yet: a run of its own reads them once a week."


def _show_playlists(reading: Reading) -> None:
    known = load(reading)
    if not known:
        st.text(why_none(opened().settings, reading.lake))
        return
    page = opened()
    st.dataframe(
        {
            "Playlist": [plain(one.name) for one in known],
            "Items": [one.items for one in known],
            "Read, UTC": [
                one.read_at.replace(tzinfo=None) if one.read_at else None for one in known
            ],
            "": [plain(one.remark) for one in known],
        },
        column_config={
            "Read, UTC": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Items": st.column_config.NumberColumn(format="localized"),
        },
        height=min(320, 38 + 35 * len(known)),
        hide_index=True,
    )
    show_charts(OF_ALL, page.choices, reading, key="all-playlists")
    summary = reading.table("playlist_summary", ["playlist_id", "name", "songs", "rank"])
    rows = [row for row in summary.sort_by("rank").to_pylist() if row["songs"]]
    if not rows:
        return
    names = {row["playlist_id"]: plain(row["name"] or row["playlist_id"]) for row in rows}
    asked = argument(st.query_params, "playlist")
    ids = list(names)
    st.subheader("One playlist")
    chosen = st.selectbox(
        "Playlist",
        ids,
        index=ids.index(asked) if asked in names else 0,
        format_func=names.__getitem__,
        key="playlist",
        width=360,
    )
    st.query_params["playlist"] = chosen
    show_charts(OF_ONE, page.choices, reading, playlist=chosen, key="one-playlist")


def _show_plans(reading: Reading) -> None:
    lake = reading.lake
    with st.expander("Make a plan", icon=":material/add:"):
        st.caption("Nothing is sent to Spotify: a plan is made of what was read and heard.")
        _make_plan(reading)
    plans = load_plans(lake)
    if not plans:
        st.text("There is no plan yet.")
        return
    chosen = st.dataframe(
        {
            "Plan": [one.plan.id for one in plans],
            "New playlist": [plain(one.plan.options.name) for one in plans],
            "Items": [one.items for one in plans],
            "Made, UTC": [one.plan.made_at.replace(tzinfo=None) for one in plans],
            "State": [one.state for one in plans],
        },
        column_config={
            "Made, UTC": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Items": st.column_config.NumberColumn(format="localized"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=rows_key("plans", [one.plan.id for one in plans]),
        height=min(320, 38 + 35 * len(plans)),
        hide_index=True,
    )
    rows = chosen.selection.rows
    by_id = {one.plan.id: one.plan for one in plans}
    if rows and rows[0] < len(plans):
        st.query_params["plan"] = plans[rows[0]].plan.id
    asked = argument(st.query_params, "plan")
    if asked in by_id:
        _show_plan(lake, by_id[asked])
    else:
        st.caption("Choose a plan to see what it would do.")


def _make_plan(reading: Reading) -> None:
    known = [one for one in load(reading) if one.read_at]
    source = st.segmented_control(
        "Of",
        ["playlists", "plays"],
        default="playlists",
        required=True,
        key="plan-of",
        format_func={"playlists": "Playlists", "plays": "What I heard"}.__getitem__,
    )
    names = {one.id: plain(one.name) for one in known}
    sources: list[str] = []
    pick = ""
    if source == "playlists":
        chosen = st.multiselect("From", list(names), format_func=names.__getitem__, key="plan-from")
        # Streamlit passes on whatever text a browser sends, also one that was not offered.
        sources = [one for one in chosen if one in names]
    else:
        pick = _choose_pick()
    name = st.text_input("Name of the new playlist", key="plan-name", max_chars=100)
    with st.container(horizontal=True):
        keep = st.selectbox(
            "Of duplicates stays",
            get_args(Keep),
            format_func=KEEP_WORDS.__getitem__,
            key="plan-keep",
            width=200,
        )
        order = st.selectbox(
            "Order",
            get_args(Order),
            format_func=ORDER_WORDS.__getitem__,
            key="plan-order",
            width=200,
        )
    weights = st.checkbox("A song stands as often as in all sources together", key="plan-weights")
    without = st.pills("Without", CONTEXTS, selection_mode="multi", key="plan-without")
    if st.button("Make the plan", type="primary", key="plan-make"):
        with refusals():
            options = Options(
                name=name_in(name) if name.strip() else "",
                keep=keep,
                order=order,
                keep_weights=weights,
                without=tuple(context for context in CONTEXTS if context in without),
            )
            plan_id = make_plan(_planner(reading.lake), sources, pick, options)
            st.query_params["plan"] = plan_id
            tell(f"Plan {plan_id} is made. Nothing was sent to Spotify.")


def _choose_pick() -> str:
    kind = st.selectbox(
        "What", list(PICKS), format_func=lambda one: PICK_WORDS.get(one, one), key="pick"
    )
    if PICKS[kind].check is None:
        return kind
    if kind == "context":
        return f"{kind}:{st.selectbox('Which', CONTEXTS, key='pick-context')}"
    months = opened().reading.months[::-1]
    offered = [str(month) for month in months]
    if kind == "year":
        offered = list(dict.fromkeys(one[:4] for one in offered))
    return f"{kind}:{st.selectbox('Which', offered, key=f'pick-{kind}')}"


def make_plan(planner: Planner, sources: Sequence[str], pick: str, options: Options) -> str:
    """Make and store a plan; returns its id.

    Args:
        planner: of the listener.
        sources: ids of playlists; none for a plan of what was heard.
        pick: what to take of that, as the command takes it.
        options: what is wanted.

    Raises:
        RefusedPlan: where nothing comes of it.
    """
    if pick:
        what = parse_pick(pick)
        from_name = options.name or default_name(what)
        planned = planner.of_ledger(what, msgspec.structs.replace(options, name=from_name))
    else:
        if not sources:
            raise RefusedPlan("choose the playlists that the new one is made of")
        if not options.name:
            raise RefusedPlan("give the new playlist a name")
        planned = planner.of_playlists(sources, options)
    planner.save(planned)
    return planned.plan.id


def _planner(lake: ListenerLake) -> Planner:
    page = opened()
    return Planner(lake, page.settings.listener(lake.listener), _pace())


def _pace() -> Pace:
    settings = opened().settings
    return Pace(settings.request_interval_s, settings.requests_per_hour)


def _show_plan(lake: ListenerLake, plan: Plan) -> None:
    with st.container(border=True, key="plan"):
        st.text(f"Plan {plan.id}: {plain(plan.options.name)}")
        for line in opening(plan):
            st.text(line)
        for chapter in chapters(plan):
            _show_chapter(chapter)
        _apply(lake, plan)


def _show_chapter(chapter: Chapter) -> None:
    with st.expander(chapter.title, expanded=bool(chapter.lines) and not chapter.rows):
        for line in chapter.lines:
            st.text(plain(line))
        if chapter.rows:
            st.dataframe(
                {
                    head: [plain(cell) if isinstance(cell, str) else cell for cell in column]
                    for head, column in zip(
                        chapter.head, zip(*chapter.rows, strict=True), strict=True
                    )
                },
                hide_index=True,
            )
        if chapter.more:
            st.caption(f"and {chapter.more:,} more")


def _apply(lake: ListenerLake, plan: Plan) -> None:
    serving = running.current()
    write = serving.writes.of(lake.listener, plan.id)
    if write and not write.is_over:
        st.fragment(_show_write, run_every=EVERY_S)(lake.listener, plan.id)
        return
    if write and write.problem:
        st.error("It stopped before it was done.", icon=":material/error:")
        st.text(plain(write.problem))
    with refusals():
        applying = Applying(lake, Spotify(serving.settings, serving.lake), plan)
        written = applying.written
        if written.done:
            _show_done(written)
            return
        st.text(f"{UNLISTED} Sources are only read.")
        if written.begun:
            st.text(f"{state_words(written)}: it goes on from there.")
        typed = st.text_input(
            "Type the id of the plan to write it to Spotify", key=f"type-{plan.id}", max_chars=40
        )
        ready = typed.strip() == plan.id
        if st.button("Write it to Spotify", type="primary", disabled=not ready, key="apply"):
            applying.check_logins()
            serving.writes.start(applying, typed)
            st.rerun()


def _show_write(listener: str, plan_id: str) -> None:
    write = running.current().writes.of(listener, plan_id)
    if write is None or write.is_over:
        st.rerun()
    else:
        counted = f"{write.step}: {write.done:,} of {write.total:,}" if write.total else write.step
        share = min(1.0, write.done / write.total) if write.total else 0.0
        st.progress(share, text=counted)


def _show_done(written: Written) -> None:
    st.markdown(":green[:material/check:] **Written, read back, and as planned**")
    for part in written.parts:
        if part.read_back:
            st.text(f"{plain(part.part.name)}: {part.read_back.items:,} items")
            st.link_button("Open at Spotify", part.address, icon=":material/open_in_new:")


def _show_restore(reading: Reading) -> None:
    st.caption(
        "Every reading of a playlist is a state that can be made again, as a new playlist. The "
        "playlist as it is now is not touched."
    )
    kept = sorted(states(reading.lake), key=lambda one: one.reading.started_at, reverse=True)
    if not kept:
        st.text("No state of a playlist is kept yet.")
        return
    names = dict.fromkeys(one.name for one in kept)
    name = st.selectbox("Playlist", list(names), format_func=plain, key="restore-name", width=360)
    own = [one for one in kept if one.name == name]
    state = st.selectbox("As of", own, format_func=_state_words, key="restore-state", width=360)
    if state and st.button("Plan to make it again", type="primary", key="restore"):
        with refusals():
            planned = restoring(reading.lake, state, name=None, pace=_pace())
            Plans(reading.lake).save(planned.plan, markdown(planned))
            st.query_params["plan"] = planned.plan.id
            st.query_params["view"] = "plans"
            tell(f"Plan {planned.plan.id} is made: see it below Plans, and write it there.")


def _state_words(state: State) -> str:
    items = "" if state.items is None else f", {state.items:,} items"
    at = state.reading.started_at
    return f"{day_words(at)}, {at:%H:%M} UTC{items}"


if __name__ == "__main__":
    show()
