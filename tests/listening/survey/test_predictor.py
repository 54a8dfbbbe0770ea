from dataclasses import replace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.preprocessing import StandardScaler

from pipelines.listening.survey import predictor
from pipelines.listening.survey.predictor import predictor_table
from pipelines.listening.survey.vectors import People, person_vectors
from sandbox.survey_worlds import Kind, world

K = 5


def people_of(kind: Kind, seed: int, people: int = 45) -> People:
    made = world(kind, seed, people)
    return person_vectors(made.responses, made.songs)


def answer(people: People) -> dict[str, object]:
    (row,) = predictor_table(people, K).to_pylist()
    return row


def test_a_fold_is_solved_as_scikit_learn_solves_it() -> None:
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1, 2], [20, 14, 11])
    x = rng.normal(size=(45, 9)) @ rng.normal(size=(9, 9)) + y[:, None]
    folds = predictor._folds(y, rng)
    models = predictor._fit(x, np.broadcast_to(y, folds.shape), folds, 3)
    scores = predictor._scores(models, x, folds)
    for fold in range(predictor.FOLDS):
        inside = folds[7] != fold
        scaler = StandardScaler().fit(x[inside])
        theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=predictor.SHRINKAGE)
        theirs.fit(scaler.transform(x[inside]), y[inside])
        # A group's size is no reason to be told as one of it.
        wanted = theirs.decision_function(scaler.transform(x[~inside])) - np.log(theirs.priors_)
        assert np.allclose(scores[7, ~inside], wanted, atol=1e-5)


def test_every_fold_has_its_share_of_each_major() -> None:
    y = np.repeat([0, 1], [25, 20])
    for folds in predictor._folds(y, np.random.default_rng(0)):
        assert {int((folds[y == 0] == fold).sum()) for fold in range(5)} == {5}
        assert {int((folds[y == 1] == fold).sum()) for fold in range(5)} == {4}


def test_both_dummies_guess_as_well_as_is_said() -> None:
    row = answer(people_of("strong", 2))
    y = np.repeat(np.arange(int(str(row["classes"]))), 12)
    commonest = DummyClassifier(strategy="most_frequent").fit(y[:, None], y)
    assert balanced_accuracy_score(y, commonest.predict(y[:, None])) == pytest.approx(
        row["by_guessing"], abs=1e-6
    )
    drawn = [
        balanced_accuracy_score(
            y,
            DummyClassifier(strategy="stratified", random_state=one)
            .fit(y[:, None], y)
            .predict(y[:, None]),
        )
        for one in range(200)
    ]
    assert np.mean(drawn) == pytest.approx(row["by_guessing"], abs=0.02)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_songs_that_tell_the_major_are_found_to(seed: int) -> None:
    row = answer(people_of("strong", seed))
    assert row["speaks"]
    assert str(row["outcome"]).startswith(
        "With 45 people, their songs tell the major better than guessing: "
    )
    assert row["by_guessing"] < row["low"] < row["balanced_accuracy"] < row["high"]  # type: ignore[operator]
    confusion: list[dict[str, object]] = row["confusion"]  # type: ignore[assignment]
    assert sum(int(str(cell["people"])) for cell in confusion) <= 45
    assert row["importances"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_songs_that_do_not_are_said_not_to(seed: int) -> None:
    row = answer(people_of("null", seed))
    assert not row["speaks"]
    assert str(row["outcome"]).startswith(
        "With 45 people, their songs do not tell the major better than guessing: "
    )
    assert (row["importances"], row["confusion"]) == ([], [])
    assert row["permutations"] == 500


def test_p_is_even_where_there_is_nothing() -> None:
    found = []
    for seed in range(8):
        people = people_of("null", seed)
        found.append(answer(people)["p"])
    assert 0.2 < np.mean(found) < 0.8


def test_what_matters_is_named_and_features_that_go_along_are_named_together() -> None:
    rng = np.random.default_rng(4)
    y = np.arange(60) % 2
    means = rng.normal(size=(60, 9))
    means[:, 1] += 3 * y
    means[:, 2] = means[:, 1] + 0.1 * rng.normal(size=60)
    people = replace(
        people_of("null", 1, 60), means=means, majors=tuple("ab"[one] for one in y.tolist())
    )
    rows: list[dict[str, float]] = answer(people)["importances"]  # type: ignore[assignment]
    assert rows[0]["feature"] == "energy, loudness"
    assert rows[0]["importance"] > 0.3
    assert all(abs(row["importance"]) < 0.1 for row in rows[1:])


def test_nothing_is_asked_of_few_people_or_of_one_major() -> None:
    few = answer(people_of("strong", 1, 39))
    one = answer(replace(people_of("strong", 1), majors=("law",) * 45))
    small = answer(replace(people_of("strong", 1), majors=("law",) * 38 + ("art",) * 7))
    unknown = answer(replace(people_of("strong", 1), majors=(None,) * 45))
    bag = answer(replace(people_of("strong", 1), majors=("law",) * 25 + ("other",) * 20))
    for row in (few, one, small, unknown, bag):
        assert not row["speaks"]
        assert "is not asked of so few" in str(row["outcome"])
        assert row["balanced_accuracy"] is None


def test_songs_that_sound_all_the_same_tell_nothing() -> None:
    people = people_of("strong", 1)
    row = answer(replace(people, means=np.full_like(people.means, 0.3)))
    assert row["outcome"] == "Everybody's songs sound the same, so they tell nobody's major."


def test_a_number_from_which_a_small_one_follows_is_not_in_the_sentence() -> None:
    people = people_of("null", 1, 50)
    majors = list(people.majors)
    majors[0] = majors[1] = None
    assert "48" not in str(answer(replace(people, majors=tuple(majors)))["outcome"])


def test_that_smaller_majors_were_left_out_is_said() -> None:
    people = people_of("strong", 1)
    assert predictor.LEFT_OUT not in str(answer(people)["outcome"])
    majors = list(people.majors)
    majors[0] = "Geodesy"
    assert str(answer(replace(people, majors=tuple(majors)))["outcome"]).endswith(
        predictor.LEFT_OUT
    )
