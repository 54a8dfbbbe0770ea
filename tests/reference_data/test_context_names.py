"""The list of telling words and names is in the form its readers rely on.

Add a test here when the file gets a column or a rule. How plays are labelled with it does not
belong here.
"""

import csv
from itertools import pairwise

from pipelines.listening.catalogue.names import name_words
from tests.support.places import ROOT

FILE = ROOT / "reference_data" / "context_names.csv"
COLUMNS = ["context", "where", "match", "phrase", "strength", "language", "source"]
CONTEXTS = {"sleep", "kids", "workout", "focus", "party", "relaxation", "none"}
PLACES = ["playlist", "album", "track", "artist", "genre", "platform"]


def the_rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def normal(phrases: list[str]) -> list[str]:
    return [name_words(phrase) for phrase in phrases]


def test_the_header_names_the_columns_in_order() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == COLUMNS


def test_every_value_is_a_known_one() -> None:
    for row in the_rows():
        assert row["context"] in CONTEXTS, row
        assert row["match"] in {"words", "whole"}, row
        assert row["strength"] in ({"0"} if row["context"] == "none" else {"1", "2", "3"}), row
        assert row["language"], row
        assert row["source"], row


def test_places_stand_in_their_order_and_once() -> None:
    for row in the_rows():
        places = row["where"].split(" ")
        assert places == [place for place in PLACES if place in places], row


def test_phrases_are_already_normalised() -> None:
    phrases = [row["phrase"] for row in the_rows()]

    wrong = [
        given for given, wanted in zip(phrases, normal(phrases), strict=True) if given != wanted
    ]

    assert wrong == []


def test_rows_are_sorted_and_none_is_there_twice() -> None:
    keys = [(row["context"], row["where"], row["phrase"]) for row in the_rows()]

    assert [second for first, second in pairwise(keys) if first >= second] == []


def test_a_phrase_has_one_strength_for_a_context_in_one_place() -> None:
    keys = [
        (row["context"], place, row["phrase"])
        for row in the_rows()
        for place in row["where"].split(" ")
    ]

    assert len(keys) == len(set(keys))


def test_a_trap_is_never_also_a_sign() -> None:
    places = [(row, place) for row in the_rows() for place in row["where"].split(" ")]
    traps = {(place, row["phrase"]) for row, place in places if row["context"] == "none"}
    signs = {(place, row["phrase"]) for row, place in places if row["context"] != "none"}

    assert traps & signs == set()
