import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from pipelines.listening.survey import clusters, splits
from pipelines.listening.survey.clusters import find_groups
from pipelines.listening.survey.vectors import person_vectors, standardised
from sandbox.survey_worlds import world

Doubles = npt.NDArray[np.float64]
K = 5


def correlated(rng: np.random.Generator) -> Doubles:
    return rng.normal(size=(45, 9)) @ rng.normal(size=(9, 9))


def skewed(rng: np.random.Generator) -> Doubles:
    return np.exp(rng.normal(size=(45, 9)) @ np.linalg.cholesky(np.eye(9) / 2 + 0.5))


def elongated(rng: np.random.Generator) -> Doubles:
    return rng.uniform(-8, 8, (45, 1)) * rng.normal(size=9) + rng.normal(size=(45, 9))


def heavy(rng: np.random.Generator) -> Doubles:
    return rng.normal(size=(45, 9)) / np.sqrt(rng.chisquare(3, (45, 1)) / 3)


def two_valued(rng: np.random.Generator) -> Doubles:
    x = rng.normal(size=(45, 9))
    x[:, 5] = rng.random(45) < 0.3
    return x


GROUPLESS = (correlated, skewed, elongated, heavy, two_valued)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("population", GROUPLESS)
def test_a_population_without_groups_has_none(population: object, seed: int) -> None:
    assert callable(population)
    found = find_groups(population(np.random.default_rng(seed)), K)
    assert (len(found.label), found.why != "groups") == (0, True)


@pytest.mark.rare
@pytest.mark.parametrize("population", GROUPLESS)
def test_of_many_populations_without_groups_hardly_any_has_some(population: object) -> None:
    assert callable(population)
    found = [find_groups(population(np.random.default_rng(seed)), K).why for seed in range(40)]
    assert found.count("groups") <= 2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_groups_that_differ_in_everything_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], [25, 12, 8])
    means = rng.normal(size=(45, 9)) + 4 * rng.normal(size=(3, 9))[truth]
    found = find_groups(means, K)
    assert adjusted_rand_score(truth, found.label) >= 0.9
    assert np.bincount(found.label).tolist() == sorted(np.bincount(found.label), reverse=True)
    assert found.silhouette > found.by_chance
    assert (found.stability >= clusters.STABLE).all()


def test_groups_that_differ_in_two_features_are_found() -> None:
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], 15)
    means = rng.normal(size=(45, 9))
    means[:, [3, 6]] += np.array([[0, 0], [9, 0], [4.5, 9]])[truth]
    assert adjusted_rand_score(truth, find_groups(means, K).label) >= 0.9


def test_groups_along_one_direction_are_found() -> None:
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1], [25, 20])
    means = rng.normal(size=(45, 9)) + 8 * truth[:, None] * np.ones(9) / 3
    assert adjusted_rand_score(truth, find_groups(means, K).label) >= 0.9


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_groups_of_taste_are_found_in_their_songs(seed: int) -> None:
    made = world("strong", seed)
    people = person_vectors(made.responses, made.songs)
    found = find_groups(people.means, K)
    assert adjusted_rand_score(made.group, found.label) >= 0.8


def test_people_in_two_lumps_of_one_single_feature_are_no_groups() -> None:
    rng = np.random.default_rng(1)
    means = rng.normal(size=(45, 9))
    means[:, 5] = np.where(rng.random(45) < 0.4, 0.9, 0) + 0.01 * rng.normal(size=45)
    assert find_groups(means, K).why in {"single", "chance"}


def test_groups_of_fewer_than_may_be_spoken_of_are_none() -> None:
    rng = np.random.default_rng(0)
    means = rng.normal(size=(45, 9)) + 6 * np.repeat([0, 1], [33, 12])[:, None]
    assert find_groups(means, 12).why == "groups"
    assert find_groups(means, 13).why != "groups"


def test_a_hit_that_many_named_makes_no_group() -> None:
    means = np.random.default_rng(0).normal(size=(30, 9))[np.arange(60) % 30]
    means[:30] = means[0]
    assert find_groups(means, K).why != "groups"
    assert find_groups(np.ones((60, 9)), K).why == "alike"
    assert find_groups(means[:10], K).why == "few"
    assert find_groups(means[:0], K).why == "few"


def test_everybody_is_in_a_group_however_many_there_are() -> None:
    rng = np.random.default_rng(6)
    truth = np.arange(700) % 3
    means = rng.normal(size=(700, 9)) + 4 * rng.choice([-1, 1], (3, 9))[truth]
    assert adjusted_rand_score(truth, find_groups(means, K).label) >= 0.95


def test_trees_are_cut_as_scipy_cuts_them() -> None:
    tables = np.random.default_rng(0).normal(size=(4, 30, 3))
    cut = splits.wards_trees(splits.distances(tables), range(2, 7))
    for table in range(4):
        tree = linkage(tables[table], "ward")
        for number in range(2, 7):
            wanted = fcluster(tree, number, "maxclust")
            assert adjusted_rand_score(wanted, cut[number - 2, table]) == 1


def test_a_silhouette_along_the_way_between_two_groups_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], [12, 8])
    z = standardised(rng.normal(size=(20, 3)) + 3 * label[:, None])
    _, mean, within = (one[0] for one in splits.spread_within(z[None], label[None], 2))
    along = z @ np.linalg.solve(within, mean[0] - mean[1])
    wanted = silhouette_samples(along[:, None], label).mean()
    assert splits.silhouettes(z[None], label[None], 2)[0] == pytest.approx(wanted)
