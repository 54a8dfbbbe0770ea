"""Songs that are searched for at Spotify: how many a day, what is kept, and what is forgotten."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from pipelines.ingest import catalogue
from pipelines.ingest.catalogue import BUDGET, Budget
from pipelines.listening.schema.survey_tables import FOUND, SONGS
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.settings import Settings
from pipelines.surveys.enriching import Enriched, enrich, is_searched_for
from pipelines.surveys.known import Known
from pipelines.surveys.making import take_answers
from sandbox import Sandbox
from sandbox import catalogue as sandbox_catalogue
from sandbox.catalogue import Track
from tests.support.asking import gets
from tests.support.environment import Environment
from tests.support.survey_songs import named_songs

SURVEYS = """
[spring]
title = "Our songs"
file = "answers.csv"
search_as = "nico"
"""

Cells = Sequence[tuple[str, str]]
Run = Callable[[Cells], Enriched]


def a_few() -> list[Track]:
    """Songs of the sandbox's catalogue with names of their own."""
    every = sorted(sandbox_catalogue.catalogue().tracks.values(), key=lambda one: one.id)
    named = {(one.name, one.album.artist.name): one for one in every if one.isrc}
    return list(named.values())[:6]


def cells(tracks: Sequence[Track]) -> Cells:
    return [(one.name, one.album.artist.name) for one in tracks]


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "A_MOMENT_S", 0)


@pytest.fixture
def spring(sandbox: Sandbox, environment: Environment, lake: Lake) -> SurveyLake:
    """The survey's folder; songs are searched for."""
    assert sandbox
    environment.surveys(SURVEYS)
    environment.set(CATALOGUE_READS_PER_DAY="20")
    return lake.survey("spring")


@pytest.fixture
def run(lake: Lake, spring: SurveyLake) -> Run:
    """One run over some songs, as another process would do it."""

    def enriched(songs: Cells) -> Enriched:
        survey = Settings().survey("spring")
        return enrich(Settings(), lake, survey, named_songs(songs), Known(lake, spring))

    return enriched


def searches(sandbox: Sandbox) -> int:
    return sum(one.startswith("GET search") for one in gets(sandbox))


def states(enriched: Enriched) -> list[str]:
    found: list[str] = enriched.matched.songs["state"].to_pylist()
    return found


def test_a_song_that_nothing_here_knows_is_found_by_a_search(run: Run, spring: SurveyLake) -> None:
    [track, *_] = a_few()
    enriched = run(cells([track]))
    [song] = enriched.matched.songs.to_pylist()
    assert (song["state"], song["source"], song["isrc"]) == ("matched", "search", track.isrc)
    assert song["energy"] is None
    assert set(spring.read(FOUND)["song_key"].to_pylist()) == enriched.matched.written_keys


def test_a_pasted_id_is_asked_for_by_itself_and_gets_its_names(run: Run, sandbox: Sandbox) -> None:
    [track, *_] = a_few()
    [song] = run([(f"spotify:track:{track.id}", "")]).matched.songs.to_pylist()
    assert (song["source"], song["track_id"]) == ("link", track.id)
    assert (song["track_name"], song["isrc"]) == (track.name, track.isrc)
    assert searches(sandbox) == 0


def test_no_more_is_asked_than_the_days_budget_and_the_next_day_goes_on(
    run: Run, environment: Environment, sandbox: Sandbox, lake: Lake
) -> None:
    songs = cells(a_few())
    assert len(songs) == 6
    environment.set(CATALOGUE_READS_PER_DAY="4")
    first = run(songs)
    assert sorted(states(first)) == ["matched"] * 4 + ["waiting"] * 2
    assert first.note is not None
    assert first.note.startswith("2 songs are still to be searched for: today's 4 requests")
    assert states(run(songs)) == states(first)
    assert searches(sandbox) == 4
    lake.of("nico").store.delete(BUDGET)  # another day
    assert states(run(songs)) == ["matched"] * 6
    assert searches(sandbox) == 6


def test_the_budget_is_that_of_the_listeners_own_catalogue(run: Run, lake: Lake) -> None:
    run(cells(a_few()[:3]))
    budget = lake.of("nico").document(BUDGET)
    assert budget["sent"] == 3


def test_nothing_is_asked_twice_also_where_it_was_not_found(run: Run, sandbox: Sandbox) -> None:
    songs = [("No Such Song At All", "Nina Nowhere")]
    assert states(run(songs)) == ["unmatched"]
    assert states(run(songs)) == ["unmatched"]
    assert searches(sandbox) == 1


def test_whether_something_is_left_to_search_for_is_known_from_what_is_stored(
    run: Run, spring: SurveyLake, environment: Environment
) -> None:
    environment.set(CATALOGUE_READS_PER_DAY="1")
    songs = cells(a_few()[:2])
    survey = Settings().survey("spring")
    assert not is_searched_for(Settings(), spring, survey)
    spring.replace(SONGS, run(songs).matched.songs)
    assert is_searched_for(Settings(), spring, survey)
    environment.set(CATALOGUE_READS_PER_DAY="9")
    spring.replace(SONGS, run(songs).matched.songs)
    assert not is_searched_for(Settings(), spring, survey)


def test_what_was_found_is_forgotten_with_the_last_one_who_named_the_song(
    run: Run, spring: SurveyLake
) -> None:
    one, other = cells(a_few()[:2])
    run([one, other])
    assert len(set(spring.read(FOUND)["song_key"].to_pylist())) == 2
    run([other])
    assert len(set(spring.read(FOUND)["song_key"].to_pylist())) == 1


def test_without_a_listener_or_a_budget_nothing_is_asked(
    run: Run, environment: Environment, sandbox: Sandbox
) -> None:
    songs = cells(a_few()[:1])
    environment.set(CATALOGUE_READS_PER_DAY="0")
    assert (states(run(songs)), run(songs).asked) == (["unmatched"], None)
    environment.set(CATALOGUE_READS_PER_DAY="9")
    environment.surveys(SURVEYS.replace('search_as = "nico"', ""))
    assert (states(run(songs)), run(songs).asked) == (["unmatched"], None)
    assert gets(sandbox) == []


def test_no_song_stands_in_a_log_or_in_the_note(
    run: Run, caplog: pytest.LogCaptureFixture, sandbox: Sandbox
) -> None:
    with caplog.at_level(logging.DEBUG, logger="playledger"):
        enriched = run([("Xylophonia Quartz", "Nina Zanzibar"), *cells(a_few()[:1])])
    text = f"{caplog.text} {enriched.note} {enriched.asked}"
    assert searches(sandbox) == 2
    assert "search" in text
    assert not any(word in text for word in ("Xylophonia", "Zanzibar", a_few()[0].name))


def test_a_spotify_that_fails_costs_nothing_and_the_songs_wait(
    run: Run, sandbox: Sandbox, spring: SurveyLake, environment: Environment
) -> None:
    environment.set(SPOTIFY_API_URL="http://127.0.0.1:9/v1/")
    enriched = run(cells(a_few()[:2]))
    assert states(enriched) == ["waiting"] * 2
    assert enriched.note is not None
    assert len(spring.read(FOUND)) == 0
    assert sandbox


def test_a_run_goes_on_searching_while_nothing_has_changed_and_then_makes_nothing_again(
    spring: SurveyLake, environment: Environment, lake: Lake, sandbox: Sandbox
) -> None:
    rows = [f'Student {at},"{song}","{artist}"' for at, (song, artist) in enumerate(cells(a_few()))]
    (environment.folder / "answers.csv").write_text("\n".join(["name,song,artist", *rows]))
    environment.set(CATALOGUE_READS_PER_DAY="4")
    survey = Settings().survey("spring")
    first = take_answers(Settings(), lake, survey)
    assert first.notes[0].startswith("2 songs are still to be searched for")
    lake.of("nico").store.delete(BUDGET)  # another day
    second = take_answers(Settings(), lake, survey)
    assert (SONGS.path in second.changed, second.notes) == (True, [])
    assert set(spring.read(SONGS)["state"].to_pylist()) == {"matched"}
    before = searches(sandbox)
    third = take_answers(Settings(), lake, survey)
    assert (third.changed, searches(sandbox)) == ([], before)


def test_a_ledger_of_years_leaves_a_survey_some_of_each_days_requests(
    run: Run, lake: Lake, environment: Environment
) -> None:
    own = lake.of("nico")
    environment.set(CATALOGUE_READS_PER_DAY="4")
    songs = [*cells(a_few()), ("No Such Song", "Nina Nowhere")]
    budget = Budget(own, 4)
    assert budget.left == 4
    run(songs)  # four of seven
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert (Budget(own, 4).left, Budget(own, 4, is_surveys=True).left) == (3, 4)
        Budget(own, 4, is_surveys=True).take()
        assert (Budget(own, 4).left, Budget(own, 4, is_surveys=True).left) == (3, 3)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4)):
        assert Budget(own, 4).left == 4  # nobody has asked for days


def test_nothing_is_left_to_a_survey_that_has_nothing_more_to_ask(run: Run, lake: Lake) -> None:
    run(cells(a_few()[:2]))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert Budget(lake.of("nico"), 8).left == 8
