"""Answers come in together, and go at once."""

import pyarrow as pa
import pytest

from pipelines.listening.schema.survey_tables import TOLD
from pipelines.listening.survey.release import released

K = 5


def answers(people: int, **versions: str) -> pa.Table:
    """So many answers, p00 and on; some in another version, or gone where it is empty."""
    names = [f"p{number:02}" for number in range(people)]
    same = {"major": "Physics", "may_be_matched": True, "songs": 1}
    rows = [{"pseudonym": one, "version": versions.get(one, "a"), **same} for one in names]
    return TOLD.from_rows([row for row in rows if row["version"]])


def majors(*values: str | None) -> pa.Table:
    rows = answers(len(values))
    at = rows.schema.get_field_index("major")
    return rows.set_column(at, rows.schema.field(at), pa.array(values, pa.string()))


def test_the_first_answers_come_in_however_few() -> None:
    release = released(answers(3), TOLD.empty(), K)
    assert (release.told, release.waiting, release.holds) == (answers(3), 0, False)


def test_fewer_than_k_new_answers_wait() -> None:
    release = released(answers(14), answers(10), K)
    assert (release.told, release.waiting, release.holds) == (answers(10), 4, False)
    release = released(answers(15), answers(10), K)
    assert (release.told, release.waiting) == (answers(15), 0)


def test_while_an_answer_that_was_changed_waits_figures_stay_as_they_are() -> None:
    release = released(answers(10, p03="b"), answers(10), K)
    assert (release.waiting, release.holds) == (1, True)
    changed = dict.fromkeys(("p01", "p02", "p03", "p04", "p05"), "b")
    release = released(answers(10, **changed), answers(10), K)
    assert (release.told, release.waiting, release.holds) == (answers(10, **changed), 0, False)


def test_new_and_changed_answers_come_in_together() -> None:
    release = released(answers(12, p01="b", p02="b", p03="b"), answers(10), K)
    assert (release.waiting, release.holds) == (0, False)


@pytest.mark.parametrize("version", ["a", "b"])
def test_an_answer_that_is_taken_back_is_gone_at_once(version: str) -> None:
    release = released(answers(12, p00="", p03=version), answers(10), K)
    is_edited = version == "b"
    assert release.told == answers(10, p00="", p03="" if is_edited else "a")
    assert (release.waiting, release.holds) == (3 if is_edited else 2, False)


def test_a_value_that_few_gave_and_now_others_too_is_no_change() -> None:
    before = majors(*["other"] * 4, *["Law"] * 6)
    now = majors(*["Physics"] * 4, *["Law"] * 6, "Physics")
    release = released(now, before, K)
    assert (release.told, release.waiting, release.holds) == (now.slice(0, 10), 1, False)
    release = released(before, now.slice(0, 10), K)
    assert (release.told, release.waiting, release.holds) == (before, 0, False)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (["Physics"] * 9 + ["Law"] * 6, ["Physics"] * 8 + ["other"] + ["Law"] * 6),
        (["Physics"] * 9 + ["other"] * 6, ["Physics"] * 10 + ["other"] * 5),
        (["Physics"] * 9 + [None] * 6, ["Physics"] * 9 + ["other"] + [None] * 5),
        (["Physics"] * 9 + ["other"] * 6, ["Physics"] * 9 + [None] + ["other"] * 5),
    ],
)
def test_who_changes_to_a_value_of_few_or_from_one_to_that_of_many_waits(
    before: list[str | None], now: list[str | None]
) -> None:
    release = released(majors(*now), majors(*before), K)
    assert (release.waiting, release.holds) == (1, True)
