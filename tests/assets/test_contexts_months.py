"""Labelled months as they grow, and as the listener and reference data change them.

Add a test here for when months are made again, and of what. Which context a play gets belongs in
the tests of `listening/contexts/`, jobs in `tests/pipeline/`, what is killed or damaged in
`test_labelled_months_mended.py`.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.assets import contexts
from pipelines.ingest import reference_files
from pipelines.ingest.manual_labels import remove_label, set_label
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import Month
from tests.support.labelled import (
    AROUND,
    BEGIN,
    CONTEXTS_BY_MONTH,
    MANIFEST,
    MONTHS,
    NOW,
    RULE,
    TRACKS,
    derived_again,
    evenings,
    forget_counts,
    heard,
    imported,
    late,
    made,
    made_again,
    months_of,
    rows,
    table,
    tell,
)
from tests.support.reference_rows import as_csv
from tests.support.reference_rows import row as reference_row
from tests.support.spotify_answers import Heard, isrc_of, minutes
from tests.support.world import HOME, World


def test_every_play_is_labelled_in_the_month_where_it_stands(world: World) -> None:
    plays = {name: set(rows_["play_id"].to_pylist()) for name, rows_ in world.months().items()}
    assert months_of(made(world), "labelled_plays") == MONTHS
    assert sorted(row["play_id"] for row in rows(world)) == sorted(set.union(*plays.values()))
    for name, ids in plays.items():
        assert {row["play_id"] for row in rows(world, name[5:9] + "-" + name[-2:])} == ids


def test_a_run_without_changes_writes_nothing_and_reads_no_month_of_the_ledger(
    world: World,
) -> None:
    for _ in range(2):
        world.find_tracks()
        forget_counts(world)
        world.label()
        assert months_of(world.store.reads, "plays") == []
        world.sum_up()
        assert not world.store.writes


def test_a_late_play_makes_the_months_around_its_own_again(world: World) -> None:
    before, month = made(world), 2
    late(world, month)
    world.find_tracks()
    forget_counts(world)
    outcome = world.label()

    def within(reach: int) -> list[str]:
        return [one for one in MONTHS if abs(int(one[-2:]) - month) <= reach]

    assert derived_again(before, world) == within(AROUND)
    assert months_of(world.store.reads.elements(), "plays") == within(2 * AROUND)
    changed = {key for key, body in made(world).items() if before[key] != body}
    written = months_of(world.store.writes.elements(), "labelled_plays")
    assert months_of(changed, "labelled_plays") == written
    assert outcome["months_changed"] == len(written)
    assert set(written) <= set(within(AROUND))


def test_a_day_costs_the_same_a_year_later(tmp_path: Path) -> None:
    costs = []
    for months in (2 * AROUND + 1, 2 * AROUND + 13):
        world = World(tmp_path / f"{months}")
        imported(world, evenings(months, BEGIN - timedelta(days=366)))
        world.follow()
        day = max(at for at, _ in world.rows()) + minutes(90)
        world.run(world.keep([Heard(day, "n" * 22)], day + minutes(1)))
        world.find_tracks()
        forget_counts(world)
        world.label()
        costs.append((world.store.reads.total(), world.store.writes.total()))
    assert costs[0] == costs[1]
    assert costs[0][1] <= AROUND + 2, (
        "this month and those before it that it bears on, where they change, and the manifest"
    )


def test_days_one_by_one_and_a_rebuild_from_nothing_give_the_same_bytes(tmp_path: Path) -> None:
    world = World(tmp_path)
    life = [Heard(BEGIN + timedelta(days=20 * n), TRACKS[n % 3]) for n in range(4)]
    for play in life:
        world.run(world.keep(life, play.at + minutes(1)))
        world.follow()
    grown = made(world)
    assert len(months_of(grown, "labelled_plays")) == 3
    made_again(world)
    assert made(world) == grown


def test_exports_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    early, later = evenings(2), evenings(2, BEGIN + timedelta(days=30))
    found = []
    for number, exports in enumerate([(early, later), (later, early)]):
        world = World(tmp_path / f"{number}")
        for count, export in enumerate(exports):
            imported(world, export, NOW + minutes(count))
        world.follow()
        found.append(made(world))
    assert found[0] == found[1]


def test_how_many_months_are_labelled_at_once_makes_no_difference(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made(world)
    monkeypatch.setattr(contexts, "MONTHS_AT_ONCE", 3)
    world.store.delete(f"{HOME}labelled_plays/")
    world.label()
    assert made(world) == before


def test_a_rule_holds_until_it_is_taken_back(world: World) -> None:
    before = made(world)
    tell(world, RULE.format(TRACKS[1]))
    world.follow()

    for row in rows(world):
        is_meant = row["track_id"] == TRACKS[1]
        assert (row["context_given"] == "rule") == is_meant
        if is_meant:
            assert (row["context"], row["context_confidence"], row["mine"]) == ("kids", 1, False)
            assert row["context_evidence"][0].startswith("you said so: artist")
    by_month = {(row["scope"], row["context"]) for row in table(world, CONTEXTS_BY_MONTH)}
    assert ("all", "kids") in by_month
    assert ("mine", "kids") not in by_month
    tell(world, "")
    world.follow()
    assert made(world) == before


def test_a_label_by_hand_holds_for_its_session_until_it_is_taken_back(world: World) -> None:
    before = made(world)
    at = BEGIN + timedelta(days=60, minutes=1)
    set_label(at, "party", world.listener, world.own)
    world.follow()

    again = derived_again(before, world)
    assert again == MONTHS[: 3 + AROUND], "March, and the months on either side"
    meant = [row for row in rows(world) if row["context_given"]]
    assert len(meant) == 2
    assert {row["context_given"] for row in meant} == {"session"}
    assert {(row["context"], row["context_confidence"], row["mine"]) for row in meant} == {
        ("party", 1, True)
    }
    assert {row["context_evidence"][0] for row in meant} == {"you labelled this session"}
    [session] = [row for row in table(world, SESSIONS) if row["context"] == "party"]
    assert session["started_at"] <= at <= session["ended_at"]
    assert [
        (row["scope"], f"{row['month']:%Y-%m}", row["plays"])
        for row in table(world, CONTEXTS_BY_MONTH)
        if row["context"] == "party"
    ] == [("all", "2025-03", 2), ("mine", "2025-03", 2)]

    labelled = made(world)
    made_again(world)
    assert made(world) == labelled, "a rebuild takes no word back"
    remove_label(at, world.listener, world.own)
    world.follow()
    assert made(world) == before


def test_a_gap_cuts_a_session_in_two_until_it_is_closed(world: World) -> None:
    before = made(world)
    ended = max(row["played_at"] for row in rows(world, "2025-01")) - minutes(3)
    gap = {"gap_start": ended, "gap_end": ended + minutes(1), "detected_at": NOW}
    known = len(table(world, SESSIONS))
    world.own.replace(GAPS, GAPS.from_rows([gap]))
    world.follow()
    assert derived_again(before, world) == MONTHS[: 1 + AROUND]
    assert len(table(world, SESSIONS)) == known + 1
    at_least = {row["month"].month for row in table(world, CONTEXTS_BY_MONTH) if row["at_least"]}
    assert at_least == {1}
    world.own.replace(GAPS, GAPS.from_rows([gap | {"closed_at": NOW, "closed_by": "x"}]))
    world.follow()
    assert made(world) == before


def test_other_contexts_to_exclude_change_what_is_mine_alone(world: World) -> None:
    before = rows(world)
    tell(world, 'exclude = ["everyday"]')
    assert world.follow()["months_changed"] == len(MONTHS)
    for old, new in zip(before, rows(world), strict=True):
        assert new == old | {"mine": new["context"] != "everyday"}
    assert {row["mine"] for row in rows(world)} != {True}


def test_reference_data_makes_every_month_again_and_tells_how_much_it_covers(
    world: World, tmp_path: Path
) -> None:
    before = made(world)
    file = tmp_path / "tracks.csv"
    told = {"artists": "Somebody", "track_name": "Something", "track_genre": "sleep"}
    file.write_bytes(as_csv([reference_row(track_id=TRACKS[0], energy="0.01", **told)]))
    reference_files.add(file, world.lake)

    assert world.follow()["months_changed"] == len(MONTHS)
    manifest = world.lake.document(MANIFEST)
    assert manifest is not None
    for path, month in manifest.items():
        here = rows(world, str(Month.from_path(f"/{path.partition('/')[2]}")))
        known = sum(row["track_id"] == TRACKS[0] for row in here)
        assert 0 < month["coverage"]["sound"] == known < month["rows"] == len(here)
    world.store.delete("reference/")
    world.follow()
    assert made(world) == before


def test_a_month_that_a_move_to_another_zone_empties_is_gone(tmp_path: Path) -> None:
    world = World(tmp_path, Zone("Europe/Berlin"))
    imported(world, [heard(datetime(2025, month, 31, 22, 30, tzinfo=UTC)) for month in (5, 7, 8)])
    world.follow()
    assert months_of(made(world), "labelled_plays") == ["2025-06", "2025-08", "2025-09"]
    world.listener = replace(world.listener, zones=(Zone("America/New_York"),))
    world.run(None)
    world.follow()

    there = ["2025-05", "2025-07", "2025-08"]
    assert months_of(made(world), "labelled_plays") == there
    assert len(rows(world)) == 3
    manifest = world.lake.document(MANIFEST)
    assert manifest is not None
    assert months_of([f"/{path}" for path in manifest], "labelled_plays") == there


def test_an_id_that_a_later_poll_tells_is_filled_in_where_the_ledger_has_none(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    imported(world, [heard(BEGIN, account=True), heard(BEGIN + minutes(9), "b", account=True)])
    world.follow()
    january = "2025-01"
    assert [row["track_id"] for row in rows(world, january)] == [None, None]
    plays = world.files("plays/")

    at = BEGIN + timedelta(days=300)
    world.run(world.keep([Heard(at, TRACKS[0])], at + minutes(1)))
    world.follow()
    first, second = rows(world, january)
    assert (first["track_id"], first["isrc"]) == (TRACKS[0], isrc_of(TRACKS[0]))
    assert first["recording_id"] == rows(world, "2025-10")[0]["recording_id"]
    assert second["track_id"] is None
    assert {key: world.files("plays/")[key] for key in plays if "year=" in key} == {
        key: body for key, body in plays.items() if "year=" in key
    }
