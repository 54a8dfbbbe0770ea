import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from pipelines.listening.schema.survey_tables import COMPONENTS
from pipelines.listening.survey.dna import components, components_table, words_of
from pipelines.listening.survey.vectors import FEATURES, person_vectors, standardised
from sandbox.survey_worlds import world


def test_components_are_those_of_scikit_learn() -> None:
    made = world("strong", 3)
    people = person_vectors(made.responses, made.songs)
    found = components(standardised(people.means))
    theirs = PCA().fit(StandardScaler().fit_transform(people.means))
    assert np.allclose(found.explained, theirs.explained_variance_ratio_)
    assert np.allclose(np.abs(found.loadings), np.abs(theirs.components_))


def test_nothing_is_kept_of_features_that_have_nothing_to_do_with_each_other() -> None:
    kept = [
        components(standardised(np.random.default_rng(seed).normal(size=(45, 9)))).kept
        for seed in range(20)
    ]
    assert np.mean(np.array(kept) > 0) <= 0.2


def test_a_line_along_which_people_differ_is_kept_with_its_words_and_stable_signs() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(45, 9))
    line = rng.normal(size=45) * 3
    x[:, FEATURES.index("energy")] += line
    x[:, FEATURES.index("acousticness")] -= line
    people = person_vectors(world("null", 1).responses, world("null", 1).songs)
    found = components(standardised(x))
    assert found.kept == 1
    rows = components_table(people, found).to_pylist()
    assert rows[0]["words"] in {
        "more energetic and less acoustic at one end; calmer and more acoustic at the other",
        "less acoustic and more energetic at one end; more acoustic and calmer at the other",
        "more acoustic and calmer at one end; less acoustic and more energetic at the other",
    }
    stable = {one["feature"] for one in rows[0]["loadings"] if one["stable"]}
    assert {"energy", "acousticness"} <= stable
    assert COMPONENTS.conform(components_table(people, found)).num_rows == 9


def test_a_feature_that_is_the_same_for_all_has_no_loading() -> None:
    x = np.random.default_rng(1).normal(size=(30, 9))
    x[:, 2] = -7.1
    found = components(standardised(x))
    assert len(found.explained) == 8
    assert not found.loadings[:, 2].any()
    assert np.isclose(found.explained.sum(), 1)


def test_few_people_have_no_components() -> None:
    assert components(np.random.default_rng(1).normal(size=(9, 9))).kept == 0


def test_words_name_the_largest_first() -> None:
    values = [0.0] * 9
    values[FEATURES.index("tempo")] = -2
    values[FEATURES.index("valence")] = 1
    assert words_of(values, [value != 0 for value in values]) == "slower and more cheerful"
    assert words_of(values, [False] * 9) == ""
