"""What the catalogue answered of single tracks, in whatever order it is read."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.api.catalogue_answers import described_tracks
from pipelines.listening.api.responses import Request, Response
from pipelines.listening.catalogue.described import NOTHING_TOLD, search_query
from tests.support.spotify_answers import NOON, Json, minutes, track

Row = dict[str, Any]


def of_id(key: str, body: object, *, status: int = 200, after: float = 0) -> Response:
    return _answer(Request("track", f"tracks/{key}"), body, status, after)


def of_names(
    artist: str, title: str, *hits: object, status: int = 200, after: float = 0
) -> Response:
    asked: dict[str, str | int] = {"q": search_query(artist, title), "limit": 10, "type": "track"}
    return _answer(
        Request("search", "search", asked), {"tracks": {"items": list(hits)}}, status, after
    )


def _answer(request: Request, body: object, status: int, after: float) -> Response:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(request, NOON + minutes(after), status, msgspec.Raw(sent))


def rows(*answers: Response) -> list[Row]:
    return described_tracks(NOTHING_TOLD, answers).to_pylist()


def by(artist: str, title: str, key: str = "a", **changed: object) -> Json:
    return track(key, name=title, artists=[{"id": f"id-{artist}", "name": artist}], **changed)


def test_an_answer_by_id_is_a_row_with_all_that_describes_the_track() -> None:
    [row] = rows(of_id("a", track("a")))
    assert (row["asked_by"], row["asked_for"], row["place"], row["status"]) == ("id", "a", 1, 200)
    assert (row["track_id"], row["album_name"], row["release_year"]) == ("a", "Album a", 1999)
    assert row["asked_at"] == row["told_at"] == NOON


def test_one_under_another_id_is_the_answer_to_the_question_that_was_asked() -> None:
    [row] = rows(of_id("a", track("b")))
    assert (row["asked_for"], row["track_id"]) == ("a", "b")


@pytest.mark.parametrize(
    ("body", "status"), [({"error": {"status": 404}}, 404), ({}, 200), (b"[]", 200), (b"<", 200)]
)
def test_an_answer_that_tells_of_no_track_is_remembered(body: object, status: int) -> None:
    [row] = rows(of_id("a", body, status=status))
    assert (row["place"], row["status"], row["told_at"], row["track_id"]) == (0, status, None, None)


def test_of_a_search_only_hits_with_these_names_are_taken() -> None:
    found = rows(
        of_names(
            "Björk",
            "Jóga",
            by("Björk", "Jóga - Live", "live"),
            by("Someone", "Joga", "cover"),
            by("BJORK", "joga", "first"),
            by("Guest", "Jóga", "theirs", album={"id": "x", "artists": [{"name": "Björk"}]}),
            None,
            {"name": "Jóga"},
        )
    )
    assert [(row["place"], row["track_id"]) for row in found] == [(1, "first"), (2, "theirs")]
    assert {row["asked_for"] for row in found} == {"bjork|joga"}


@pytest.mark.parametrize("body", [{}, {"tracks": None}, {"tracks": {"items": None}}, b"[]", b"<"])
def test_a_search_that_finds_nothing_is_remembered(body: object) -> None:
    found = rows(_answer(of_names("A", "B").request, body, 200, 0))
    assert [(row["asked_for"], row["place"]) for row in found] == [("a|b", 0)]


def test_another_query_is_nobodys_answer() -> None:
    assert rows(_answer(Request("search", "search", {"q": "a b"}), {}, 200, 0)) == []


def test_what_spotify_no_longer_knows_stays_as_it_was_told() -> None:
    [row] = rows(of_id("a", track("a")), of_id("a", {}, status=404, after=9))
    assert (row["track_id"], row["status"]) == ("a", 404)
    assert (row["told_at"], row["asked_at"]) == (NOON, NOON + minutes(9))


def test_what_is_told_later_takes_the_place_of_all_that_was_told_before() -> None:
    twice = [by("A", "B", "one"), by("A", "B", "other")]
    found = rows(of_names("A", "B", *twice), of_names("A", "B", by("A", "B", "new"), after=9))
    assert [row["track_id"] for row in found] == ["new"]


ANSWERS = [
    of_id("a", track("a")),
    of_id("a", track("a", popularity=9), after=1),
    of_id("a", {}, status=404, after=2),
    of_id("b", {}, status=404),
    of_id("b", track("b"), after=3.00001),
    of_names("A", "B", by("A", "B", "one"), by("A", "B", "other")),
    of_names("A", "B", after=1),
    of_names("A", "B", by("A", "B", "late"), after=2),
    of_names("A", "B", by("A", "B", "at once"), by("A", "B", "and"), after=2),
]


@given(order=st.permutations(ANSWERS), cut=st.integers(0, len(ANSWERS)), again=st.integers(0, 3))
def test_the_order_of_answers_does_not_matter_nor_how_often_they_are_read(
    order: list[Response], cut: int, again: int
) -> None:
    whole = described_tracks(NOTHING_TOLD, ANSWERS)
    part = described_tracks(NOTHING_TOLD, order[:cut])
    assert described_tracks(part, order[max(0, cut - again) :]).equals(whole)


def test_the_time_is_that_of_the_answer_to_the_millisecond() -> None:
    late = msgspec.structs.replace(
        of_id("a", track("a")), fetched_at=NOON + timedelta(microseconds=1999)
    )
    [row] = rows(late)
    assert row["told_at"] == NOON + timedelta(milliseconds=1)
