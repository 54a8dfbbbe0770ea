"""A survey from its sheet to its page: made once, the same in any order, and never by half."""

import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.assets.shared.views import write_views
from pipelines.errors import SheetError, SurveyError, SurveyKeyError
from pipelines.listening.schema.survey_tables import (
    GROUP_PROFILE,
    KEPT,
    MUSIC_DNA,
    PUBLISHED,
    REFUSED_ANSWERS,
    RESPONSES,
    SONGS,
    TOLD,
)
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.resources.lake.tables import TableStore
from pipelines.settings import Settings
from pipelines.surveys import making
from pipelines.surveys.choosing import choose
from pipelines.surveys.discretion import without_words
from pipelines.surveys.making import ANSWERS, FIGURES, PAGE, Made
from tests.support.environment import Environment
from tests.surveys import classes
from tests.surveys.classes import Student
from tests.surveys.conftest import SURVEYS, Answer

Run = Callable[..., Made]


def bodies(lake: SurveyLake) -> dict[str, bytes]:
    stored = {path: lake.store.get(path) for path in lake.etags()}
    return {path: one.body for path, one in stored.items() if one}


def test_a_sheet_becomes_every_table_and_a_page(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(12))
    made = run()
    assert {table.path for table in (*ANSWERS, *FIGURES)} | {PAGE} <= set(spring.etags())
    assert made.rows[RESPONSES.name] == len(spring.read(RESPONSES)) == 12
    assert made.rows[SONGS.name] == len(spring.read(SONGS)) == 12 * classes.SONGS
    assert set(spring.read(SONGS)["state"].to_pylist()) == {"matched"}
    assert len(spring.read(MUSIC_DNA)) == 12


def test_a_link_that_no_table_knows_is_a_song_without_a_name(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    rows = classes.rows(12)
    at = classes.header().index("Song 1")
    for row in rows[1:7]:
        row[at : at + 2] = ["https://open.spotify.com/track/7hijxSCnV3p8vHJBGhUqBl", ""]
    answer(rows)
    assert run().rows[SONGS.name] == 12 * classes.SONGS
    named = [
        row["value"] for row in spring.read(GROUP_PROFILE).to_pylist() if row["topic"] == "song"
    ]
    assert named
    assert None not in named
    assert "7hijxSCnV3p8vHJBGhUqBl" in spring.read(SONGS)["track_id"].to_pylist()


def test_the_same_sheet_makes_nothing_again(answer: Answer, run: Run, spring: SurveyLake) -> None:
    answer(classes.rows(12))
    assert run().changed
    before = bodies(spring)
    assert run().changed == []
    assert bodies(spring) == before


def test_the_same_answers_in_another_order_give_the_same_bytes(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    header, *rows = classes.rows(14)
    answer([header, *rows])
    run()
    before = bodies(spring)
    spring.store.delete("kept/_manifest.json")
    columns = list(range(len(header)))
    random.Random(1).shuffle(rows)
    random.Random(2).shuffle(columns)
    answer([[row[column] for column in columns] for row in [header, *rows]])
    run(full_refresh=True)
    assert bodies(spring) == before


def test_a_new_answer_is_added_and_an_edited_one_counts_as_it_is_now(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(8))
    run()
    first = spring.read(RESPONSES)["pseudonym"].to_pylist()
    rows = classes.rows(9)
    rows[1] = classes.answer(Student(0), may="no")
    answer(rows)
    assert run().rows[RESPONSES.name] == 9
    assert set(first) < set(spring.read(RESPONSES)["pseudonym"].to_pylist())
    assert spring.read(RESPONSES)["may_be_matched"].to_pylist().count(False) == 3


def test_a_file_that_somebody_deleted_is_made_again(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(8))
    run()
    before = bodies(spring)
    spring.store.delete(SONGS.path)
    spring.store.delete(PAGE)
    run()
    assert bodies(spring) == before


def test_people_do_not_become_others_where_their_mails_are_not_found_any_more(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    rows = classes.rows(8)
    answer(rows)
    run()
    before = bodies(spring)
    rows[0][1] = "How do we reach you?"
    answer(rows)
    with pytest.raises(SheetError, match=r"spring: its sheet had mails.* `mail` under `columns`"):
        run()
    assert bodies(spring) == before
    rows[0][1] = "Email address"
    answer(rows[:2])
    assert run().rows[RESPONSES.name] == 1


@pytest.mark.parametrize("columns", [["Your name", "Email address"], ["Song"]])
def test_a_sheet_that_lost_what_is_needed_leaves_everything_as_it_was(
    answer: Answer, run: Run, spring: SurveyLake, columns: list[str]
) -> None:
    rows = classes.rows(8)
    answer(rows)
    run()
    before = bodies(spring)
    rows[0] = [
        "?" if any(str(cell).startswith(one) for one in columns) else cell for cell in rows[0]
    ]
    answer(rows)
    with pytest.raises(SheetError, match="spring"):
        run()
    assert bodies(spring) == before


def test_a_sheet_that_is_gone_leaves_everything_as_it_was(
    answer: Answer, run: Run, spring: SurveyLake, environment: Environment
) -> None:
    answer(classes.rows(8))
    run()
    before = bodies(spring)
    (environment.folder / "answers.csv").unlink()
    with pytest.raises(SheetError, match=r"spring.*answers\.csv"):
        run()
    assert bodies(spring) == before


def test_rows_that_say_nothing_are_refused_and_the_others_go_on(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    rows = classes.rows(8)
    rows.append(classes.answer(Student(50), email="", your=""))
    answer(rows)
    made = run()
    assert made.rows[RESPONSES.name] == 8
    assert spring.read(REFUSED_ANSWERS).to_pylist()[-1]["row"] == 10
    assert sum(made.counts.values()) == 1


def test_a_lost_key_makes_no_second_class_of_everybody(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(8))
    run()
    before = bodies(spring)
    [key] = Settings().survey_keys_dir.glob("*.key")
    key.unlink()
    with pytest.raises(SurveyKeyError, match="backup"):
        run(full_refresh=True)
    assert bodies(spring) == before
    assert not key.exists()


@pytest.mark.parametrize("writes", range(1, 8))
def test_a_run_that_is_killed_is_made_up_for_by_the_next_one(
    answer: Answer,
    run: Run,
    spring: SurveyLake,
    monkeypatch: pytest.MonkeyPatch,
    writes: int,
) -> None:
    answer(classes.rows(8))
    run()
    expected = bodies(spring)
    for path in spring.etags():
        spring.store.delete(path)
    genuine, left = TableStore.write, iter(range(writes))

    class Killed(BaseException):
        pass

    def write(self: TableStore, *args: object, **options: object) -> object:
        if next(left, None) is None:
            raise Killed
        return genuine(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(TableStore, "write", write)
    with pytest.raises(Killed):
        run()
    monkeypatch.setattr(TableStore, "write", genuine)
    run()
    assert bodies(spring) == expected


class PanicException(BaseException):
    """As a library in Rust has it: no `Exception`, and it speaks too."""


@pytest.mark.parametrize("kind", [ValueError, PanicException])
def test_what_nobody_expected_is_told_without_its_words(
    answer: Answer, run: Run, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    answer(classes.rows(8))

    def broken(*_: object, **__: object) -> None:
        raise kind(f"cannot convert {Student(1).name!r}")

    monkeypatch.setattr(making, "parse", broken)
    with pytest.raises(SurveyError) as caught:
        without_words("spring", run)
    told = caught.value
    assert (
        f"spring failed with an unexpected {kind.__name__} at pipelines/surveys/making.py:"
        in str(told)
    )
    assert "Quillfeather" not in str(told)
    assert told.__cause__ is None
    assert told.__context__ is None
    assert Path("pipelines/surveys/making.py").exists()


def published(lake: SurveyLake) -> dict[str, bytes]:
    return {path: body for path, body in bodies(lake).items() if path.startswith(("publ", "page"))}


def test_figures_wait_for_enough_answers_so_that_nobodys_follows_from_a_change(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(20))
    run()
    before = published(spring)
    rows = classes.rows(22)
    rows[3] = classes.answer(Student(2), what="History")
    answer(rows)
    made = run()
    assert made.rows[RESPONSES.name] == 22
    assert published(spring) == before
    assert "wait until they are 5" in " ".join(made.notes)
    assert run().changed == []
    rows = classes.rows(24)
    rows[3] = classes.answer(Student(2), what="History")
    answer(rows)
    made = run()
    assert made.notes == []
    assert published(spring) != before
    now = bodies(spring)
    assert run(full_refresh=True).changed == []
    assert bodies(spring) == now


def test_somebody_who_asks_for_it_sees_figures_of_all_answers(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(20))
    run()
    answer(classes.rows(21))
    run()
    waiting = published(spring)
    run(full_refresh=True)
    assert published(spring) != waiting


def test_new_songs_of_those_who_are_told_of_are_seen_while_others_wait(
    answer: Answer, run: Run, spring: SurveyLake
) -> None:
    answer(classes.rows(20))
    run()
    before = published(spring)
    answer(classes.rows(21))
    run()
    [key] = {one["song_key"] for one in spring.read(SONGS).to_pylist()[:1]}
    choose(spring, key, "none")
    run()
    assert published(spring) != before
    assert spring.read(TOLD).num_rows == 20


def test_what_is_published_of_all_surveys_can_be_read_through_views(
    answer: Answer, run: Run, lake: Lake
) -> None:
    answer(classes.rows(12))
    run()
    write_views(lake, ["spring"])
    stored = lake.store.get("views.sql")
    assert stored
    with duckdb.connect() as db:
        db.execute(stored.body.decode())
        query = "SELECT survey, people FROM survey_coverage WHERE major = ''"
        assert db.sql(query).fetchall() == [("spring", 12)]
        for table in PUBLISHED:
            db.sql(f"FROM {table.name}").fetchall()
        names = {name for (name,) in db.sql("SELECT view_name FROM duckdb_views()").fetchall()}
    assert not names & {table.name for table in KEPT}
    write_views(lake)
    assert "survey" not in (lake.store.get("views.sql") or stored).body.decode()


def test_figures_wait_for_nothing_when_more_people_are_to_stand_behind_each(
    answer: Answer, run: Run, spring: SurveyLake, environment: Environment
) -> None:
    answer(classes.rows(20))
    run()
    rows = classes.rows(20)
    rows[3] = classes.answer(Student(2), what="History")
    answer(rows)
    assert published(spring).keys() & set(run().changed) == set()
    environment.surveys(SURVEYS + "k = 9\n")
    run()
    people = spring.read(GROUP_PROFILE)["people"].drop_null().to_pylist()
    assert people
    assert min(people) >= 9


@pytest.mark.parametrize("path", [TOLD.path, "kept/_manifest.json", SONGS.path])
def test_what_is_damaged_is_made_again(
    answer: Answer, run: Run, spring: SurveyLake, path: str
) -> None:
    answer(classes.rows(8))
    run()
    before = bodies(spring)
    spring.store.put(path, b"damaged")
    run()
    assert bodies(spring) == before
