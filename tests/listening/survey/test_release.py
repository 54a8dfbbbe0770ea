"""Answers come in together, and go at once."""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.survey.answers import NAMED, Answers
from pipelines.listening.survey.release import released
from tests.support.survey.groups import group

K = 5


def answers(people: int, seed: int = 1) -> Answers:
    responses, songs = group(seed, people)
    named = songs.select(NAMED.names).cast(NAMED)
    return Answers(responses, named, pa.table({"row": pa.array([2], pa.int32())}))


def without(these: Answers, *places: int) -> Answers:
    gone = these.responses["pseudonym"].take(pa.array(places))
    return Answers(
        *(
            rows.filter(pc.invert(pc.is_in(rows["pseudonym"], gone.combine_chunks())))
            for rows in (these.responses, these.named)
        ),
        these.refused,
    )


def test_the_first_answers_come_in_however_few() -> None:
    assert released(answers(3), None, K).answers == answers(3)


def test_fewer_than_k_new_answers_wait() -> None:
    everybody = answers(20)
    before = without(everybody, 1, 2, 3, 4)
    release = released(everybody, before, K)
    assert (release.answers, release.waiting) == (before, 4)
    release = released(everybody, without(everybody, 1, 2, 3, 4, 5), K)
    assert (release.answers, release.waiting) == (everybody, 0)


def test_an_answer_that_is_changed_waits_too() -> None:
    before = answers(20)
    now = Answers(before.responses, before.named.slice(1), before.refused)
    release = released(now, before, K)
    assert (release.answers, release.waiting) == (before, 1)


def test_an_answer_that_is_taken_back_is_gone_at_once() -> None:
    everybody = answers(20)
    now = without(everybody, 0, 1)
    before = without(everybody, 1, 2)
    release = released(now, before, K)
    assert release.answers.responses == without(everybody, 0, 1, 2).responses
    assert release.answers.named == without(everybody, 0, 1, 2).named
    assert release.waiting == 1
