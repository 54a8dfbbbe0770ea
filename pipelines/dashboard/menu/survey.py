"""Surveys: the page that was made of what a group said, the latest of it, and songs in doubt.

The page is for who has a code of the survey's, and for owners; it is shown as it lies in the lake,
in a frame that can reach nothing around it. Its own parts stay behind their codes. Only owners
choose what a doubtful match is, by the functions of `playledger survey matches`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.actions import refusals, show_told, tell
from pipelines.dashboard.choices import argument
from pipelines.dashboard.embedded_page import show_page
from pipelines.dashboard.frame import opened
from pipelines.dashboard.visitor import Visitor
from pipelines.dashboard.words import counted, percent
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.survey_tables import FEED, MAJOR_PREDICTOR, SONGS
from pipelines.listening.survey.coverage import coverage_of_group, describe_coverage
from pipelines.report.embedding import SPACE, script_digests
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.surveys.choosing import NONE, OpenSong, choose, open_songs, read_choices, undo
from pipelines.surveys.making import PAGE
from pipelines.surveys.people import person_of_code

LATEST = 8
"""Spans of the feed that are listed."""

MOST_SHOWN = 50

TAKES_EFFECT = "It takes effect with the survey's next run."


@dataclass(frozen=True)
class Survey:
    """What is published of a survey.

    Attributes:
        page: its page, HTML as it was made; None where it was not made yet.
        feed: the latest spans in words, the latest first.
        predictor: whether songs tell what somebody studies, in a sentence; "" if nobody asked.
    """

    page: str | None
    feed: tuple[str, ...]
    predictor: str


def may_see(visitor: Visitor, *, has_code: bool) -> bool:
    """Whether somebody may see a survey's page."""
    return visitor.is_owner or has_code


def load(lake: SurveyLake) -> Survey:
    """What is published of a survey.

    Args:
        lake: the survey's.
    """
    stored = lake.store.get(PAGE)
    feed = lake.read(FEED).sort_by([("since", "descending")]).slice(0, LATEST)
    predictor = lake.read(MAJOR_PREDICTOR)
    return Survey(
        stored.body.decode() if stored else None,
        tuple(_span_words(row) for row in feed.to_pylist()),
        plain(predictor["outcome"][0].as_py()) if len(predictor) else "",
    )


def is_of_this_version(page: str) -> bool:
    """Whether a page has the scripts that the dashboard lets a page run: its policy names them."""
    return all(digest in page for digest in script_digests(SPACE, "survey.js"))


def _span_words(row: dict[str, Any]) -> str:
    since, until = (f"{row[end].day} {row[end]:%B}" for end in ("since", "until"))
    when = since if since == until else f"{since} to {until}"
    return f"{when}, {counted(row['people'], 'person', 'people')}: {plain(row['words'])}"


def show() -> None:
    """The page."""
    page = opened()
    show_told()
    surveys = page.settings.surveys
    if not surveys:
        st.text("There is no survey: surveys.toml names those that there are.")
        return
    titles = {one.name: plain(one.title) for one in surveys}
    asked = argument(st.query_params, "survey")
    names = list(titles)
    name = names[names.index(asked) if asked in titles else 0]
    if len(names) > 1:
        name = st.selectbox(
            "Survey", names, index=names.index(name), format_func=titles.__getitem__, width=360
        )
        st.query_params["survey"] = name
    st.subheader(titles[name].replace("[", "(").replace("]", ")"), anchor=False)
    has_code = bool(st.session_state.get(f"has-code-{name}"))
    if not may_see(page.visitor, has_code=has_code):
        _ask_for_code(name)
        return
    lake = running.current().lake.survey(name)
    survey = load(lake)
    _show_survey(name, titles[name], survey)
    if page.visitor.is_owner:
        _show_matches(lake)


def _ask_for_code(name: str) -> None:
    st.text("This is for the group that answered. Whoever runs the survey has a code for each.")
    code = st.text_input("Your code", type="password", key=f"code-{name}", max_chars=60)
    if st.button("Open", type="primary", key="open-survey") and code.strip():
        serving = running.current()
        with refusals():
            person_of_code(serving.settings, serving.lake, name, code)
            st.session_state[f"has-code-{name}"] = True
            st.rerun()


def _show_survey(name: str, title: str, survey: Survey) -> None:
    if survey.page is None:
        st.text(f"Its page was not made yet: `playledger survey run {name}` makes it.")
        return
    if survey.predictor:
        st.text(survey.predictor)
    if survey.feed:
        with st.expander("Latest", expanded=True):
            for words in survey.feed:
                st.text(words)
    if is_of_this_version(survey.page):
        show_page(survey.page, title, key=f"frame-{name}")
    else:
        st.text(
            "Its page was made by another version of Playledger, whose scripts are not run here: "
            f"`playledger survey run {name} --full-refresh` makes it again. Downloaded, it opens."
        )
    st.download_button(
        "Download this page",
        survey.page,
        f"{name}.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
    )


def _show_matches(lake: SurveyLake) -> None:
    songs = open_songs(lake)
    choices = read_choices(lake)
    # Its key keeps it open when a choice changes the number in its name.
    with st.expander(f"Songs in doubt: {len(songs):,}", icon=":material/help:", key="doubt"):
        st.text(describe_coverage(coverage_of_group(lake.read(SONGS))))
        st.caption("A choice holds for everybody who wrote the song so, in every later run.")
        if songs:
            _show_open(lake, songs)
        else:
            st.text("There is no song to choose a track for.")
        for key, track in sorted(choices.items()):
            named = " - ".join(
                filter(None, ((track or {}).get("artist_name"), (track or {}).get("track_name")))
            )
            what = named or (track or {}).get("track_id") or (track or {}).get("isrc") or NONE
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"Chosen: {plain(what)}")
                if st.button("Take it back", key=f"undo-{key}"):
                    with refusals():
                        undo(lake, key)
                        tell(f"Your choice is taken back. {TAKES_EFFECT}")


def _show_open(lake: SurveyLake, songs: Sequence[OpenSong]) -> None:
    by_key = {one.key: one for one in songs[:MOST_SHOWN]}
    key = st.selectbox(
        "Song",
        list(by_key),
        format_func=lambda one: (
            f"{plain(by_key[one].name)} ({counted(by_key[one].people, 'person', 'people')})"
        ),
        key="match-song",
    )
    song = by_key[key]
    offered = {
        str(one.rank): f"{plain(one.name)} ({percent(one.similarity)}, {one.source})"
        for one in song.candidates
    }
    offered[NONE] = "none of them: ask no more"
    offered["other"] = "another one"
    track = st.selectbox(
        "Is", list(offered), format_func=offered.__getitem__, key=f"match-track-{key}"
    )
    if track == "other":
        track = st.text_input("Its address or id at Spotify, or its ISRC", key=f"match-id-{key}")
    if st.button("Choose it", type="primary", key="match-choose") and track:
        with refusals():
            choose(lake, key, track)
            tell(f"Chosen. {TAKES_EFFECT}")


if __name__ == "__main__":
    show()
