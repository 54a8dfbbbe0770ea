"""Evidence is said in sentences that name a word, a habit or a session, and everyday says nothing.

Add a test here when evidence is said in a new way. What it is worth is tested elsewhere.
"""

import re

import pyarrow as pa
import pytest

from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.explanations import THINGS
from pipelines.listening.contexts.phrases import NAME_FIELDS
from pipelines.listening.contexts.sentences import (
    ARTISTS_OF,
    IN_NAMES,
    SIGN_SENTENCES,
    habit_sentences,
    span,
)
from pipelines.listening.contexts.weights import HABITS, default_weights
from tests.listening.contexts.builders import (
    Row,
    at,
    from_playlist,
    heard,
    labelled,
    plays,
    song,
)
from tests.listening.contexts.test_repertoire import own_songs, some_weeks

VAGUE = re.compile(
    r"what was heard around|usual at this|not sure enough|nothing speaks|other sessions with this|"
    r"\b0\.\d+ to \d|\d min from|\+ min"
)


def test_every_sign_has_its_sentence() -> None:
    worth = default_weights()
    signs = {sign for kind in ("sound", "play", "session") for sign in worth.signs[kind]}

    assert signs == set(SIGN_SENTENCES)


def test_every_kind_of_name_artist_and_habit_has_words() -> None:
    assert set(IN_NAMES) == set(NAME_FIELDS)
    assert set(ARTISTS_OF) == set(CONTEXTS) - {"everyday"}
    assert set(THINGS) == set(HABITS) - {"week", "day"}


@pytest.mark.parametrize("sentence", sorted(set(SIGN_SENTENCES.values())))
def test_a_sentence_is_words_and_no_name_of_a_sign(sentence: str) -> None:
    assert not VAGUE.search(sentence)
    assert len(sentence.split()) >= 3
    assert sentence not in SIGN_SENTENCES


def test_a_session_is_told_by_its_date_and_times() -> None:
    begins = round((at(1, "18:05").timestamp()) * 1000)

    assert span(begins, begins + 50 * 60_000) == "Tue 3 Mar 2026, 18:05 to 18:55"


def test_a_habit_is_told_by_its_days_time_weeks_and_songs() -> None:
    line, own = own_songs(some_weeks((1, 3), "18:00"))

    (said,) = habit_sentences(own, line, own.stretch[own.first][4:5])
    when, _, what = said.partition(" it: ")
    assert when == "Tuesdays and Thursdays about 18:00, in all 6 weeks around"
    assert what == "11 songs that are hardly heard otherwise"


def told(rows: list[Row]) -> pa.Table:
    return labelled(plays(rows))


def texts(rows: pa.Table, artist: str) -> list[str]:
    return sorted(
        {
            text
            for row in rows.to_pylist()
            if row["artist_name"] == artist
            for text in row["context_evidence"]
        }
    )


def test_a_word_is_told_with_the_name_in_which_it_stands() -> None:
    rows: list[Row] = []
    for day in range(6):
        night = [song(f"Rain Sounds {n % 2}", "Quiet Ones", 6) for n in range(20)]
        rows += heard(at(day, "22:30"), night)
        few = [song(f"Set {n}", f"DJ {n % 3}", **from_playlist("My Gym")) for n in range(12)]
        rows += heard(at(day, "18:00"), few)
    done = told(rows)

    night = texts(done, "Quiet Ones")
    album = "the album “Quiet Ones, collected”"
    assert "“rain sounds” in the title “Rain Sounds 0”" in night
    assert f"all 5 other sessions within 18 days with {album} are labelled sleep" in night
    assert "“gym” in the name of the playlist “My Gym”" in texts(done, "DJ 1")


def test_no_sentence_is_vague_and_everyday_has_none() -> None:
    done = told(some_weeks((1, 3), "18:00"))
    for row in done.to_pylist():
        assert (row["context_evidence"] == []) == (row["context"] == "everyday")
        assert not any(VAGUE.search(text) for text in row["context_evidence"])
    assert "workout" in done["context"].to_pylist()
