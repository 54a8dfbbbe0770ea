"""Names are searched for whole words, however they are spelled, and a longer phrase explains more.

Add a test here when names are searched in a new way. What shipped phrases must not find is in
`test_traps.py`, the form of their file in `test_context_names.py`.
"""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.listening.contexts import CONTEXTS, phrases
from pipelines.listening.contexts.phrases import HINT, LIKELY, STRONG, find_phrases

Phrase = tuple[str, str, int]


def searched(
    name: str | None, *wanted: Phrase, whole: bool = False, place: str = "track"
) -> dict[str, tuple[int, str]]:
    """What a name tells: by context the strength and the phrase."""
    table = pa.Table.from_pylist(
        [
            {
                "field": "track",
                "context": context,
                "whole": whole,
                "phrase": phrase,
                "strength": strength,
            }
            for context, phrase, strength in wanted
        ]
    )
    told = find_phrases(pa.array([name], pa.string()), place, table)
    return {
        context: (int(strength), told.phrases[int(number)].as_py())
        for context, strength, number in zip(
            CONTEXTS, told.strength[0], told.phrase[0], strict=True
        )
        if strength
    }


RAIN = ("sleep", "rain", LIKELY)
NIGHT_RAIN = ("relaxation", "night rain", STRONG)


@pytest.mark.parametrize("name", ["Rain", "Rain Sounds", "The Rain", "Into the Rain, Tonight"])
def test_a_word_is_found_wherever_it_stands(name: str) -> None:
    assert searched(name, RAIN) == {"sleep": (LIKELY, "rain")}


@pytest.mark.parametrize("name", ["Ukraine", "Train", "Rains", "Brainrain", "Rain2", ""])
def test_a_part_of_a_word_is_not_the_word(name: str) -> None:
    assert searched(name, RAIN) == {}


def test_words_of_a_phrase_stand_side_by_side_and_in_order() -> None:
    assert searched("One night rain fell", NIGHT_RAIN) == {"relaxation": (STRONG, "night rain")}
    assert searched("Rain night", NIGHT_RAIN) == searched("Night of rain", NIGHT_RAIN) == {}


def test_a_longer_phrase_hides_a_shorter_one_in_it() -> None:
    assert searched("Night Rain", RAIN, NIGHT_RAIN) == {"relaxation": (STRONG, "night rain")}
    assert searched("Night Rain", RAIN, ("none", "night rain", 0)) == {}


def test_it_hides_nothing_elsewhere_in_the_name() -> None:
    both = {"sleep": (LIKELY, "rain"), "relaxation": (STRONG, "night rain")}

    assert searched("Night rain and more rain", RAIN, NIGHT_RAIN) == both


def test_phrases_that_overlap_but_do_not_hold_each_other_both_count() -> None:
    told = searched("Deep Night Rain", ("focus", "deep night", HINT), NIGHT_RAIN)

    assert told == {"focus": (HINT, "deep night"), "relaxation": (STRONG, "night rain")}


def test_of_several_phrases_for_a_context_the_strongest_counts() -> None:
    assert searched("Rain storm", RAIN, ("sleep", "storm", STRONG)) == {"sleep": (STRONG, "storm")}


def test_one_phrase_may_speak_for_two_contexts() -> None:
    told = searched("Lullaby", ("sleep", "lullaby", HINT), ("kids", "lullaby", LIKELY))

    assert told == {"sleep": (HINT, "lullaby"), "kids": (LIKELY, "lullaby")}


def test_a_whole_name_is_matched_by_nothing_more_or_less() -> None:
    assert searched("RAIN!", RAIN, whole=True) == {"sleep": (LIKELY, "rain")}
    assert searched("Rain 2", RAIN, whole=True) == searched("Ra in", RAIN, whole=True) == {}


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("MÚSICA PARA DORMIR", "musica para dormir"),
        ("Lo-Fi/Beats!!", "lo fi beats"),
        ("Children's   Music", "children s music"),
        ("💤 Schlaf 💤", "schlaf"),
        ("Сон", "сон"),
        ("!!!", "!!!"),
    ],
)
def test_case_accents_and_signs_make_no_difference(name: str, phrase: str) -> None:
    assert searched(name, ("sleep", phrase, STRONG)) == {"sleep": (STRONG, phrase)}


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("睡眠用BGM", "睡眠用"),
        ("赤ちゃんの子守唄集", "子守唄"),
        ("수면음악", "수면"),
        ("ที่ทำงานของฉัน", "ทำงาน"),
    ],
)
def test_where_words_are_not_set_apart_a_phrase_is_found_inside(name: str, phrase: str) -> None:
    assert searched(name, ("sleep", phrase, STRONG)) == {"sleep": (STRONG, phrase)}


def test_there_too_a_longer_phrase_hides_a_shorter_one_in_it() -> None:
    told = searched(
        "赤ちゃんの子守唄集", ("sleep", "子守唄", HINT), ("kids", "赤ちゃんの子守唄", STRONG)
    )

    assert told == {"kids": (STRONG, "赤ちゃんの子守唄")}


@pytest.mark.parametrize(
    "name", ["睡眠用音楽 a gym", "gym 睡眠用音楽", "1 2 3 4 5 6 gym 睡眠用音楽"]
)
def test_a_name_in_two_scripts_tells_what_either_part_tells(name: str) -> None:
    told = searched(name, ("sleep", "睡眠用音楽", STRONG), ("workout", "gym", LIKELY))

    assert told == {"sleep": (STRONG, "睡眠用音楽"), "workout": (LIKELY, "gym")}


def test_a_phrase_in_letters_is_not_found_inside_words_of_a_mixed_name() -> None:
    assert searched("睡眠 Ukraine", RAIN) == {}


def test_a_phrase_counts_in_its_own_place_only() -> None:
    assert searched("Rain", RAIN, place="artist") == {}


@pytest.mark.parametrize(
    ("name", "tells"),
    [("नींद", True), ("नदी", False), ("ダンス", True), ("タンス", False), ("новый год", True)],
)
def test_words_that_differ_in_a_mark_that_carries_meaning_are_others(
    name: str, tells: bool
) -> None:
    told = find_phrases(pa.array([name], pa.string()), "playlist")

    assert told.strength.any() == tells


def test_null_and_empty_names_tell_nothing() -> None:
    told = find_phrases(pa.array([None, "", "   ", "Sleep"], pa.string()), "playlist")

    assert told.strength.any(axis=1).tolist() == [False, False, False, True]
    assert (told.phrase[:3] == -1).all()
    assert find_phrases(pa.array([], pa.string()), "playlist").strength.shape == (0, len(CONTEXTS))


def test_each_name_is_told_in_its_own_row() -> None:
    told = find_phrases(pa.array(["Gym", "Kitchen", None, "Sleep"]), "playlist")

    assert [[CONTEXTS[n] for n in row.nonzero()[0]] for row in told.strength] == [
        ["workout"],
        [],
        [],
        ["sleep"],
    ]


def test_no_shipped_phrase_is_too_long_to_be_found() -> None:
    shipped = phrases.default_phrases()
    in_words = shipped.filter(pc.invert(shipped["whole"]))
    found_in_itself = {
        (place, phrase)
        for place in phrases.NAME_FIELDS
        for phrase in _found_in_themselves(in_words, place)
    }
    names = zip(in_words["field"].to_pylist(), in_words["phrase"].to_pylist(), strict=True)

    assert [name for name in names if name not in found_in_itself] == []


def _found_in_themselves(shipped: pa.Table, place: str) -> list[str]:
    """Phrases that are found in a name that consists of them; traps count as signs here."""
    here = shipped.filter(pc.equal(shipped["field"], place))
    signs = here.set_column(
        here.schema.get_field_index("context"), "context", pa.repeat("sleep", len(here))
    ).set_column(here.schema.get_field_index("strength"), "strength", pa.repeat(1, len(here)))
    names = pc.unique(here["phrase"])
    told = find_phrases(names, place, signs)
    return [str(name) for name in names.filter(pa.array(told.strength.any(axis=1)))]
