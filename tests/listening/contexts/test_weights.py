"""Weights are read with care, every one of them is used, and they do what they say.

Add a test here when the file gets a new table. Whether the numbers are good ones is measured by
`benchmarks/contexts.py`.
"""

import re
import tomllib
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pytest

from pipelines.errors import WrongWeights
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts import CONTEXTS, weights
from pipelines.listening.contexts.evidence import Evidence, gather
from pipelines.listening.contexts.filling import fill
from pipelines.listening.contexts.labels import reference_data_of
from pipelines.listening.contexts.phrases import NAME_FIELDS
from pipelines.listening.contexts.sessions import PAUSE
from pipelines.listening.contexts.weights import HABITS, SIGNS, default_weights, parse
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from tests.listening.contexts.builders import (
    at,
    contexts,
    from_playlist,
    gaps,
    heard,
    labelled,
    play,
    plays,
    song,
    sound,
)

FILES = ("context_weights.toml", "context_weights_reasoned.toml")
both_files = pytest.mark.parametrize("name", FILES)


def read(name: str) -> str:
    return files("reference_data").joinpath(name).read_text(encoding="utf-8")


def gathered() -> Evidence:
    rows = plays(heard(at(0, "12:00"), [song("A"), song("B")]))
    tracks = unique_tracks(rows)
    known = reference_data_of(tracks, AUDIO_FEATURES.empty(), ARTIST_GENRES.empty())
    filled = fill(rows, tracks)
    return gather(filled.plays, known, filled.track_of, gaps(), PAUSE)


def signs_in_code() -> dict[str, set[str]]:
    evidence = gathered()
    return {
        "sound": set(evidence.track_signs),
        "play": set(evidence.play_signs),
        "repertoire": set(evidence.repertoire_signs),
        "session": set(evidence.shape(evidence.timeline)),
    }


def changed(pattern: str, replacement: str, text: str | None = None) -> str:
    """The shipped file with one place changed."""
    text = default_weights().text if text is None else text
    told, times = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert times == 1, pattern
    return told


def test_every_sign_that_is_looked_for_has_a_line() -> None:
    lines = default_weights().signs

    assert {kind: signs - set(lines[kind]) for kind, signs in signs_in_code().items()} == {
        kind: set() for kind in SIGNS
    }


@both_files
def test_every_line_is_of_a_sign_that_is_looked_for(name: str) -> None:
    signs = signs_in_code()

    for kind, lines in parse(read(name)).signs.items():
        assert set(lines) - signs[kind] == set()


@both_files
def test_every_table_is_one_that_is_read(name: str) -> None:
    told = tomllib.loads(read(name))

    limits = {"alone", "unnamed", "least"}
    assert set(told) == {"start", *limits, "neighbours", "confidence", "names", "habits", *SIGNS}
    assert set(told["names"]) == set(NAME_FIELDS)
    assert set(told["habits"]) - {"source"} == set(HABITS)


def test_every_habit_that_votes_has_a_weight() -> None:
    evidence = gathered()
    even = np.full((2, len(CONTEXTS)), 1 / len(CONTEXTS), np.float32)

    assert set(evidence.habit_scores(even)) == set(default_weights().habits)


def test_every_number_names_its_source() -> None:
    told = tomllib.loads(default_weights().text)
    tables = ("start", "alone", "unnamed", "least", "neighbours", "confidence", "habits")
    single = [told[table] for table in tables]
    lines = [line for table in ("names", *SIGNS) for line in told[table].values()]

    assert [one for one in [*single, *lines] if not one.get("source")] == []


@both_files
def test_no_piece_of_evidence_is_infinitely_strong(name: str) -> None:
    told = parse(read(name))
    vectors = [told.start, *(line for lines in told.signs.values() for line in lines.values())]
    numbers = [*told.habits.values(), *(n for place in told.names.values() for n in place)]

    assert all(np.abs(vector).max() <= 8 for vector in vectors)
    assert all(0 <= number <= 8 for number in numbers)


@both_files
def test_a_stronger_phrase_is_worth_more_than_a_weaker_one(name: str) -> None:
    for hint, likely, strong in parse(read(name)).names.values():
        assert 0 <= hint <= likely <= strong


@pytest.mark.parametrize(
    ("pattern", "replacement", "problem"),
    [
        (r"^certainty = .*", "", "[confidence] needs a number for certainty"),
        (r"^near = .*", 'near = "much"', "[neighbours] needs a number for near"),
        (r"^near = .*", "near = true", "[neighbours] needs a number for near"),
        (r"^near = .*", "near = nan", "[neighbours] needs a number for near"),
        (r"^week = .*", "", "[habits] needs a number for week"),
        (r"^album = \{.*", "", "[names.album] needs a number for hint"),
        (r"^album = \{.*", "album = 3", "write [names.album] as a table"),
        (r"^\[confidence\]", "[sure]", "[sure] is not one of its tables"),
        (r"^certainty = .*", "certainty = -1", "[confidence] and [neighbours] are above 0"),
        (r"^sleep = 0.95", "sleep = 95", "[least] are shares from 0 to 1"),
        (r"^sleep = .*", "sleep = 1e300", "[start] sleep: write a number for one of"),
        (r"^\[start\]\n(.+\n)+", "", "the table [start] is missing"),
        (r"^sleep = .*", "sleeping = 1", "[start] sleeping: write a number for one of sleep, kids"),
        (r"^sleep = .*", 'sleep = "1"', "[start] sleep: write a number for one of"),
        (r"^sleep = .*", "sleep = inf", "[start] sleep: write a number for one of"),
        (r'^"explicit" = .*', '"explicit" = 1', 'write [play."explicit"] as a table'),
        (
            r'^"explicit" = \{',
            '"explicit" = { dancing = 1,',
            '[play."explicit"] dancing: write a number for one of',
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(
    pattern: str, replacement: str, problem: str
) -> None:
    with pytest.raises(WrongWeights) as refused:
        parse(changed(pattern, replacement))

    assert str(refused.value).startswith(f"context_weights.toml: {problem}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("table", ["start", "least", "neighbours", "names", "habits", "play"])
def test_a_number_in_place_of_a_table_is_refused(table: str) -> None:
    text = re.sub(rf"^\[{table}\]\n(.+\n)+", "", default_weights().text, flags=re.MULTILINE)

    with pytest.raises(WrongWeights, match=table):
        parse(f"{table} = 1\n{text}")


def test_a_sign_that_does_not_exist_is_refused_by_its_name() -> None:
    weights = parse(changed(r'^"explicit" =', '"explicti" ='))
    with pytest.raises(WrongWeights, match=r'there is no sign \[play\] "explicti"'):
        labelled(plays([play(at(0, "08:10"))]), weights=weights)


def test_what_is_no_toml_is_refused_with_the_line() -> None:
    with pytest.raises(WrongWeights, match=r"^context_weights\.toml: .*line 2"):
        parse("[start]\nsleep = = 1\n")


def test_the_text_is_kept_so_that_a_change_is_noticed() -> None:
    text = f"# another one\n{default_weights().text}"

    assert parse(text).text == text


def test_a_sign_without_a_line_is_worth_nothing() -> None:
    assert weights.default_weights().of_sign("session", "never heard of").tolist() == [0] * len(
        CONTEXTS
    )


def by_names(strong: float) -> list[str]:
    """What becomes of an afternoon from a playlist named Gym when such a name is worth so much."""
    pattern = r"^(playlist = \{.*strong = )[^,]+"
    worth = parse(changed(pattern, rf"\g<1>{strong}"))
    songs = [song(f"Song {n}", f"Band {n}", **from_playlist("Gym")) for n in range(10)]
    return contexts(labelled(plays(heard(at(1, "16:00"), songs)), weights=worth))


def test_a_playlists_name_decides_when_it_is_worth_much_and_not_when_it_is_worth_nothing() -> None:
    assert set(by_names(strong=8)) == {"workout"}
    assert "workout" not in by_names(strong=0)


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ('"explicit"', True),
        ('"session of 0 to 15 min"', True),
        ('"energy of 0.85 or more"', True),
        ('"energy below 0.25"', False),
    ],
)
def test_every_kind_of_sign_counts_where_it_holds(line: str, known: bool) -> None:
    done = labelled_with(line, alone=30)

    assert (set(contexts(done)) == {"party"}) == known


@pytest.mark.parametrize(
    ("line", "convinces"),
    [
        ('"explicit"', False),
        ('"session of 0 to 15 min"', False),
        ('"energy of 0.85 or more"', True),
    ],
)
def test_shape_and_clock_alone_do_not_convince_whatever_they_are_worth(
    line: str, convinces: bool
) -> None:
    done = labelled_with(line, alone=-3)

    assert (set(contexts(done)) == {"party"}) == convinces


def labelled_with(line: str, *, alone: float) -> pa.Table:
    """Four loud songs, where one sign is worth everything for a party."""
    songs = [song(f"Song {n}", explicit=True) for n in range(4)]
    rows = plays(heard(at(1, "16:00"), songs))
    text = changed(rf"^{line} = .*", f"{line} = {{ party = 30 }}")
    text = changed(r"^(\[alone\]\n(?:.*\n)*?party = ).*", rf"\g<1>{alone}", text)
    text = changed(r"^(\[unnamed\]\n(?:.*\n)*?party = ).*", r"\g<1>30", text)
    return labelled(rows, weights=parse(text), sounds=[sound(one, energy=0.9) for one in songs])
