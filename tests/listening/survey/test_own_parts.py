"""What each person may see of their own: all of theirs, and of others what both agreed to."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.schema.survey_tables import COMPARED, SURVEY_TABLES
from pipelines.listening.survey.own_parts import own_parts as told

ANNA, BEN = "a" * 32, "b" * 32
FEATURES = [one.name for one in COMPARED]
_TABLES = {table.name: table for table in SURVEY_TABLES}


def own_parts(tables: dict[str, pa.Table], k: int = 1) -> dict[str, Any]:
    return told(tables, k)


def made(name: str, *rows: dict[str, Any]) -> dict[str, pa.Table]:
    schema = _TABLES[name].schema
    empty = dict.fromkeys(schema.names)
    return {name: pa.Table.from_pylist([empty | row for row in rows], schema)}


def answered(who: str, *, agreed: bool = True, **told: Any) -> dict[str, Any]:
    return {"pseudonym": who, "may_be_matched": agreed, "songs": 1} | told


def named(who: str, place: int, title: str, **told: Any) -> dict[str, Any]:
    return {
        "pseudonym": who,
        "place": place,
        "song_key": title,
        "track_name": title,
        "state": "unmatched",
    } | told


def twin(who: str, other: str, rank: int = 1) -> dict[str, Any]:
    return {
        "pseudonym": who,
        "twin": other,
        "rank": rank,
        "similarity": 0.91234,
        "percentile": 97.04,
        "percentile_by_chance": 90.06,
        "percentile_of_likest": 61.07,
        "shared_songs": ["Dreams"],
        "shared_artists": [],
        "shared_genres": None,
    }


def test_everybody_who_answered_has_a_part_even_if_nothing_is_known_of_them() -> None:
    parts = own_parts(made("survey_responses", answered(ANNA), answered(BEN, agreed=False)))
    assert set(parts) == {ANNA, BEN}
    assert parts[BEN] == {
        "answer": dict.fromkeys(parts[BEN]["answer"]),
        "agreed": False,
        "songs": [],
        "compared": 0,
        "place": None,
        "group": None,
        "sound": None,
        "twins": [],
    }


def test_songs_are_ones_own_in_the_order_in_which_they_were_named() -> None:
    features = dict.fromkeys(FEATURES, 0.5)
    parts = own_parts(
        made("survey_responses", answered(ANNA), answered(BEN))
        | made(
            "survey_songs",
            named(ANNA, 2, "Second", state="matched", source="link", **features),
            named(BEN, 1, "Not hers"),
            named(ANNA, 1, "First", similarity=0.987, genres=["pop", "rock", "jazz"]),
        )
    )
    assert [song["title"] for song in parts[ANNA]["songs"]] == ["First", "Second"]
    assert [song["features"] for song in parts[ANNA]["songs"]] == [False, True]
    assert parts[ANNA]["songs"][0]["similarity"] == 0.99
    assert parts[ANNA]["compared"] == 1


def test_the_answer_is_told_as_it_is_kept() -> None:
    row = answered(ANNA, answered_on=date(2026, 11, 3), age_band="20-24", major="Law")
    answer = own_parts(made("survey_responses", row))[ANNA]["answer"]
    assert (answer["answered_on"], answer["age_band"], answer["major"]) == (
        "2026-11-03",
        "20-24",
        "Law",
    )


def test_of_a_twin_only_the_first_signs_and_what_both_named_are_told() -> None:
    parts = own_parts(
        made("survey_responses", answered(ANNA), answered(BEN))
        | made("survey_twins", twin(ANNA, BEN), twin(BEN, ANNA))
    )
    [other] = parts[ANNA]["twins"]
    assert other == {
        "name": "bbbbbb",
        "similarity": 0.91,
        "percentile": 97.0,
        "by_chance": 90.1,
        "of_likest": 61.1,
        "songs": ["Dreams"],
        "artists": [],
        "genres": [],
    }


def test_who_did_not_agree_is_shown_no_twin_even_if_the_table_has_one() -> None:
    parts = own_parts(
        made("survey_responses", answered(ANNA, agreed=False))
        | made("survey_twins", twin(ANNA, BEN))
    )
    assert parts[ANNA]["twins"] == []


def test_place_and_group_are_those_of_the_map() -> None:
    row = {"pseudonym": ANNA, "songs": 3, "scores": [1.23456, -2.0], "group": 2}
    dna = row | dict.fromkeys(FEATURES, 0.456)
    parts = own_parts(made("survey_responses", answered(ANNA)) | made("music_dna", dna))
    assert (parts[ANNA]["place"], parts[ANNA]["group"]) == ([1.2, -2.0, 0.0], 2)
    assert parts[ANNA]["sound"] == dict.fromkeys(FEATURES, 0.5)


def test_without_a_map_nobody_has_a_place_and_yet_a_sound() -> None:
    row = {"pseudonym": ANNA, "songs": 3, "scores": [], "group": None}
    dna = row | dict.fromkeys(FEATURES, 0.456)
    part = own_parts(made("survey_responses", answered(ANNA)) | made("music_dna", dna))[ANNA]
    assert (part["place"], part["group"]) == (None, None)
    assert part["sound"] == dict.fromkeys(FEATURES, 0.5)


@pytest.mark.parametrize(("k", "is_told"), [(2, True), (3, False)])
def test_where_fewer_than_k_are_compared_nobody_is_told_how_they_lie_to_the_mean(
    k: int, is_told: bool
) -> None:
    rows = [
        {"pseudonym": who, "songs": 3, "scores": [1.0], "group": 1} | dict.fromkeys(FEATURES, 0.5)
        for who in (ANNA, BEN)
    ]
    answers = made("survey_responses", answered(ANNA), answered(BEN))
    part = own_parts(answers | made("music_dna", *rows), k)[ANNA]
    assert [part[name] is not None for name in ("place", "group", "sound")] == [is_told] * 3


@pytest.mark.parametrize(("length", "signs"), [(60, 60), (61, 60), (5000, 60)])
def test_a_title_that_is_a_whole_text_is_cut(length: int, signs: int) -> None:
    parts = own_parts(
        made("survey_responses", answered(ANNA))
        | made("survey_songs", named(ANNA, 1, "x" * length))
    )
    assert len(parts[ANNA]["songs"][0]["title"]) == signs
