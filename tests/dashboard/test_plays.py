"""Whatever is asked, the pages of plays together are the plays that are so, each once."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.menu.plays import (
    LENGTHS,
    Wanted,
    as_csv,
    before_of,
    evidence_of,
    listing_of,
    load,
    source_words,
)
from pipelines.dashboard.reading import Kept, Reading
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.plain_text import plain
from tests.dashboard.lakes import HOSTILE, lake_in, reading_of
from tests.dashboard.test_items import make_lake

Row = dict[str, Any]
asks = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

WANTED = st.builds(
    Wanted,
    search=st.sampled_from(["", "", "artist", "ALBUM 1", "morning", *HOSTILE, "nowhere"]),
    context=st.sampled_from(["", *CONTEXTS]),
    source=st.sampled_from(["", "api", "export", "lastfm"]),
    origin=st.sampled_from(["", "playlist"]),
    artist=st.sampled_from(["", "", "artist 12"]),
    length=st.sampled_from(LENGTHS),
)


@pytest.fixture(scope="module")
def lake(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("lake-of-items", make_lake)


@pytest.fixture(scope="module")
def reading(lake: Path) -> Reading:
    return reading_of(lake)


@pytest.fixture(scope="module")
def plays(reading: Reading) -> list[Row]:
    return reading.plays(list(reading.play_months)).to_pylist()


def is_wanted(row: Row, choices: Choices, wanted: Wanted) -> bool:
    names = [row[name] or "" for name in ("track_name", "artist_name", "album_name")]
    names.append(row["played_from_name"] or "")
    text = "\n".join(names).lower()
    return (
        (row["mine"] or choices.scope == "all")
        and (choices.period == "all" or str(row["local_date"]).startswith(choices.period))
        and all(word in text for word in wanted.search.lower().split())
        and wanted.context in {"", row["context"]}
        and (not wanted.source or wanted.source in row["source"].split("+"))
        and wanted.origin in {"", row["played_from_type"]}
        and wanted.artist in {"", row["artist_key"]}
        and wanted.song in {"", row["recording_id"]}
        and {"": row["counts"], "short": not row["counts"], "every": True}[wanted.length]
    )


def all_pages(reading: Reading, choices: Choices, wanted: Wanted, most: int = 50) -> list[Row]:
    rows: list[Row] = []
    while True:
        found = load(reading, choices, wanted, most)
        assert len(found.rows) == most or found.is_all
        rows += found.rows
        if found.is_all:
            return rows
        wanted = replace(wanted, before=before_of(found.next_before))


@asks
@given(
    scope=st.sampled_from(["all", "mine"]),
    period=st.sampled_from(["all", "2025", "2025-06"]),
    wanted=WANTED,
)
def test_pages_together_are_the_plays_that_are_asked_for(
    reading: Reading, plays: list[Row], *, scope: Any, period: str, wanted: Wanted
) -> None:
    choices = Choices("nico", scope, period)
    expected = [row["play_id"] for row in plays if is_wanted(row, choices, wanted)][::-1]
    assert [row["play_id"] for row in all_pages(reading, choices, wanted)] == expected


def test_pages_of_one_play_each_lose_none(reading: Reading) -> None:
    choices = Choices("nico", "all", "2025-03")
    one_by_one = all_pages(reading, choices, Wanted(length="every"), most=1)
    assert one_by_one == all_pages(reading, choices, Wanted(length="every"))


def test_plays_of_a_song_are_as_many_as_its_page_says(reading: Reading) -> None:
    for scope in ("all", "mine"):
        where = {"scope": scope}
        for row in reading.table("songs", ["track_key", "plays"], where).to_pylist()[:20]:
            choices = Choices("nico", scope)  # type: ignore[arg-type]
            found = all_pages(reading, choices, Wanted(song=row["track_key"]))
            music = [one for one in found if one["kind"] == "track"]
            assert len(music) == row["plays"]


def test_only_months_that_are_shown_are_read(lake: Path) -> None:
    reading = reading_of(lake)
    load(reading, Choices("nico", "all"), Wanted())
    assert {path.split("/")[0] for path in reading.read} <= {"labelled_plays", "aggregated"}
    assert len({path for path in reading.read if path.startswith("labelled_plays")}) <= 2
    reading = reading_of(lake)
    load(reading, Choices("nico", "all", "2025-06"), Wanted(search="nowhere"))
    months = {path for path in reading.read if path.startswith("labelled_plays")}
    assert months == {"labelled_plays/year=2025/month=06/data.parquet"}


def test_of_a_rare_artist_only_their_months_are_read(lake: Path) -> None:
    reading = reading_of(lake)
    rows = reading.table("artists", ["artist_key", "by_month"], {"scope": "all"}).to_pylist()
    rare = min(rows, key=lambda row: len(row["by_month"]))
    found = load(reading, Choices("nico", "all"), Wanted(artist=rare["artist_key"]))
    assert found.months == len(rare["by_month"])
    read = {path for path in reading.read if path.startswith("labelled_plays")}
    assert len(read) == len(rare["by_month"])


def test_what_was_searched_is_not_read_again(lake: Path) -> None:
    kept = Kept()
    first, second = (Reading(lake_in(lake), "nico", kept) for _ in range(2))
    for reading in (first, second):
        load(reading, Choices("nico", "all"), Wanted(search="nowhere"))
    assert len(first.read) == len(first.play_months)
    assert second.read == []


@asks
@given(scope=st.sampled_from(["all", "mine"]), wanted=WANTED)
def test_the_file_has_all_that_is_asked_for(
    reading: Reading, plays: list[Row], *, scope: Any, wanted: Wanted
) -> None:
    choices = Choices("nico", scope)
    rows = list(csv.DictReader(io.StringIO(as_csv(reading, choices, wanted).decode(), newline="")))
    expected = [row for row in plays if is_wanted(row, choices, wanted)][::-1]
    assert [row["play_id"] for row in rows] == [row["play_id"] for row in expected]
    assert [row["track_name"] for row in rows] == [row["track_name"] for row in expected]
    assert [int(row["ms_played"]) for row in rows] == [row["ms_played"] for row in expected]


def test_a_page_shows_every_play_with_its_context_and_why(reading: Reading) -> None:
    choices = Choices("nico", "all")
    found = load(reading, choices, Wanted(length="every"))
    for row, cells in zip(found.rows, listing_of(found, choices).rows, strict=True):
        when, what, context, source = cells
        assert f"{row['local_time']:%H:%M}" in when.note
        assert plain(what.text) == plain(row["track_name"])
        assert context.text.startswith(row["context"])
        assert context.link is not None
        assert context.link.parameters["session"] == row["session_id"]
        for sentence in row["context_evidence"]:
            assert sentence[1:] in context.note
        assert f"{row['ms_played'] // 60_000}:" in source.note
        is_listed = row["counts"] and row["kind"] == "track"
        assert (what.link is not None) == is_listed


def test_what_the_listener_said_is_evidence() -> None:
    row = {"context": "kids", "context_evidence": ["a lullaby"], "context_given": "rule"}
    assert evidence_of(row) == "A rule of yours says so. A lullaby."
    assert evidence_of(row | {"context_given": "session"}).startswith("You said so")
    assert evidence_of({**row, "context_evidence": [], "context_given": None}) == ""


@pytest.mark.parametrize("text", ["", ".", "x.y", "-1.a", "1" * 14 + ".a", "²5.a", "12"])
def test_an_address_that_says_no_place_is_the_beginning(text: str) -> None:
    assert before_of(text) is None


def test_a_place_far_away_is_no_failure(reading: Reading) -> None:
    choices = Choices("nico", "all")
    assert load(reading, choices, Wanted(before=(0, ""))).rows == []
    latest = load(reading, choices, Wanted())
    far = Wanted(before=before_of("9999999999999.z"))
    assert load(reading, choices, far).rows == latest.rows


def test_sources_are_called_as_people_call_them() -> None:
    assert source_words("api+export") == "polls and extended streaming history"
    assert "Last.fm" in source_words("lastfm")
