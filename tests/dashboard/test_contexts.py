"""Contexts in the dashboard: what is listed, and what a label or a setting changes at once."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.menu.contexts import Contexts, _choose_session, load, plays_of
from pipelines.dashboard.reading import BY_NAME, Reading
from pipelines.dashboard.rules import fitting
from pipelines.ingest.manual_labels import remove_label, set_label
from pipelines.listening.contexts.overrides import Hours, Override
from pipelines.listening.contexts.summaries import sessions
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.listening.time.local_time import Zone
from pipelines.settings import Listener
from tests.dashboard.chosen_rows import Tables
from tests.dashboard.lakes import reading_of, varied_life, write_life

NICO = Listener("nico", (Zone("Europe/Berlin"),))
ALL = Choices("nico", "all")


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """Three months of plays in every context."""
    made = write_life(tmp_path, "nico", varied_life(seed=7, plays=300, months=3))
    found = reading_of(tmp_path)
    found.lake.replace(SESSIONS, sessions(made["labelled_plays"]))
    return reading_of(tmp_path)


def stored(reading: Reading) -> pa.Table:
    return reading.lake.read(SESSIONS)


def pending(found: Contexts) -> list[str]:
    return [one.id for one in found.sessions if one.is_pending]


def test_every_session_is_listed_the_latest_first_with_its_reasons(reading: Reading) -> None:
    found, rows = load(reading, ALL, NICO), stored(reading)
    assert sorted(one.id for one in found.sessions) == sorted(rows["session_id"].to_pylist())
    began = [one.begins for one in found.sessions]
    assert began == sorted(began, reverse=True)
    reasons = {row["session_id"]: tuple(row["context_evidence"]) for row in rows.to_pylist()}
    assert {one.id: one.evidence for one in found.sessions} == reasons
    assert pending(found) == []


def test_shares_are_those_of_the_table_and_only_of_the_period(reading: Reading) -> None:
    month = reading.months[0]
    found = load(reading, ALL.with_period(str(month)), NICO)
    rows = reading.lake.read(BY_NAME["contexts_by_month"]).to_pylist()
    own = [row for row in rows if row["scope"] == "all" and row["month"] == month.first]
    assert {one.context: (one.plays, round(one.hours * 60, 6)) for one in found.shares} == {
        row["context"]: (row["plays"], round(row["minutes"], 6)) for row in own
    }
    assert sum(one.share for one in found.shares) == pytest.approx(1)
    assert {one.begins.date().replace(day=1) for one in found.sessions} == {month.first}


def test_mine_leaves_out_sessions_in_excluded_contexts(reading: Reading) -> None:
    mine, every = (load(reading, Choices("nico", scope), NICO) for scope in ("mine", "all"))
    left_out = {one.context for one in every.sessions} - {one.context for one in mine.sessions}
    assert left_out <= {"sleep", "kids"}
    assert left_out


def test_a_label_is_shown_at_once_and_as_pending_until_the_next_run(reading: Reading) -> None:
    one = load(reading, ALL, NICO).sessions[3]
    new = "party" if one.context != "party" else "focus"
    set_label(one.at, new, NICO, reading.lake)
    found = load(reading, ALL, NICO)
    [changed] = [session for session in found.sessions if session.is_pending]
    assert (changed.id, changed.context, changed.before) == (one.id, new, one.context)
    assert (changed.is_labelled, changed.sureness, found.pending) == (True, "you said so", 1)
    remove_label(one.at, NICO, reading.lake)
    assert pending(load(reading, ALL, NICO)) == []


def test_a_label_that_the_tables_know_is_not_pending_and_one_taken_back_is(
    reading: Reading,
) -> None:
    one = load(reading, ALL, NICO).sessions[0]
    set_label(one.at, "focus", NICO, reading.lake)
    by_hand = [
        {**row, "context": "focus", "mine": True, "context_evidence": ["you labelled this session"]}
        if row["session_id"] == one.id
        else row
        for row in stored(reading).to_pylist()
    ]
    reading.lake.replace(SESSIONS, SESSIONS.from_rows(by_hand))
    again = reading_of(Path(reading.lake.store.url("")).parents[1])
    assert pending(load(again, ALL, NICO)) == []
    remove_label(one.at, NICO, again.lake)
    assert pending(load(again, ALL, NICO)) == [one.id]


def test_another_excluded_context_counts_at_once(reading: Reading) -> None:
    without_party = Listener("nico", NICO.zones, exclude=("sleep", "kids", "party"))
    found = load(reading, ALL, without_party)
    party = [one for one in found.sessions if one.context == "party"]
    assert party
    assert all(one.is_pending and not one.is_mine for one in party)
    assert found.pending == len(party)


def test_plays_of_a_session_are_read_from_its_own_month_alone(reading: Reading) -> None:
    one = next(one for one in load(reading, ALL, NICO).sessions if one.plays > 1)
    reading.read.clear()
    plays = plays_of(reading, one)
    assert len(plays) == one.plays
    assert len(reading.read) == 1
    assert set(plays["session_id"].to_pylist()) == {one.id}


def test_a_rule_fits_what_it_names(reading: Reading) -> None:
    one = next(one for one in load(reading, ALL, NICO).sessions if one.plays > 1)
    plays = plays_of(reading, one)
    artist = plays["artist_name"][0].as_py()
    assert (
        fitting(Override("kids", artist=artist), plays)
        == pc.sum(pc.equal(plays["artist_name"], artist)).as_py()
    )
    begin = one.begins.hour * 60
    assert fitting(Override("kids", hours=Hours(start=begin, end=(begin + 720) % 1440)), plays) > 0


def test_nothing_is_listed_where_nothing_was_heard(tmp_path: Path) -> None:
    assert load(reading_of(tmp_path), ALL, NICO) == Contexts((), (), 0)


def test_labels_of_long_ago_do_no_harm(reading: Reading) -> None:
    one = load(reading, ALL, NICO).sessions[0]
    set_label(one.at, "focus", NICO, reading.lake)
    reading.lake.replace(SESSIONS, stored(reading).slice(0, 0))
    again = reading_of(Path(reading.lake.store.url("")).parents[1])
    assert load(again, ALL, NICO).sessions == ()


def test_a_session_that_was_chosen_is_no_other_one_in_another_list(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, found = Tables(monkeypatch), load(reading, ALL, NICO)
    _choose_session(found)
    tables.chosen[tables.keys[-1]] = [2]
    assert _choose_session(found) == found.sessions[2]
    fewer = replace(found, sessions=found.sessions[2:])
    assert _choose_session(fewer) == found.sessions[2]
    assert tables.address["session"] == found.sessions[2].id
    del tables.address["session"]
    assert _choose_session(fewer) is None
    assert _choose_session(found) == found.sessions[2]
