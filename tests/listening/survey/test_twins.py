from dataclasses import replace

import numpy as np
import pyarrow as pa
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import StandardScaler

from pipelines.listening.schema.survey_tables import TWINS
from pipelines.listening.survey.twins import twins_table
from pipelines.listening.survey.vectors import People, person_vectors
from sandbox.survey_worlds import SurveyWorld, world


def everybody(made: SurveyWorld, *, agree: bool = True) -> People:
    people = person_vectors(made.responses, made.songs)
    return replace(people, may_be_matched=np.full(len(people), agree))


def with_values(songs: pa.Table, name: str, values: dict[int, object]) -> pa.Table:
    place = songs.schema.get_field_index(name)
    listed = songs[name].to_pylist()
    for row, value in values.items():
        listed[row] = value
    return songs.set_column(place, songs.schema.field(place), pa.array(listed, songs[name].type))


def test_twins_are_the_three_whose_songs_are_likest() -> None:
    made = world("null", 4)
    people = everybody(made)
    alike = cosine_similarity(StandardScaler().fit_transform(people.means))
    np.fill_diagonal(alike, -2)
    rows = TWINS.conform(twins_table(people, made.songs)).to_pylist()
    assert len(rows) == 3 * len(people)
    for row in rows:
        mine = alike[people.pseudonyms.index(row["pseudonym"])]
        other = people.pseudonyms.index(row["twin"])
        assert abs(mine[other] - row["similarity"]) < 1e-5
        assert (mine > mine[other] + 1e-5).sum() == row["rank"] - 1


def test_only_people_who_agreed_are_anybodys_twins() -> None:
    made = world("null", 4)
    people = everybody(made, agree=False)
    agreed = np.arange(len(people)) % 5 == 0
    rows = twins_table(replace(people, may_be_matched=agreed), made.songs).to_pylist()
    allowed = {people.pseudonyms[one] for one in np.flatnonzero(agreed)}
    assert {row["pseudonym"] for row in rows} == {row["twin"] for row in rows} == allowed
    assert len(twins_table(people, made.songs)) == 0


def test_percentiles_say_how_many_pairs_are_less_alike() -> None:
    made = world("strong", 4)
    people = everybody(made)
    alike = cosine_similarity(StandardScaler().fit_transform(people.means))
    pairs = alike[np.triu_indices(len(people), 1)]
    for row in twins_table(people, made.songs).to_pylist():
        wanted = 100 * (pairs < row["similarity"] - 1e-5).mean()
        assert abs(row["percentile"] - wanted) < 0.2
        assert 0 <= row["percentile_by_chance"] <= 100


def test_where_songs_are_dealt_out_a_pair_is_as_alike_as_any_other() -> None:
    # Without tastes of their own, people's pairs are those of any deal.
    made = world("null", 4, people=60)
    people = everybody(made)
    rng = np.random.default_rng(0)
    dealt = people.features[rng.permutation(len(people.features))]
    means = np.stack([dealt[people.whose == one].mean(0) for one in range(60)])
    rows = twins_table(replace(people, features=dealt, means=means), made.songs).to_pylist()
    off = [row["percentile"] - row["percentile_by_chance"] for row in rows]
    assert abs(np.mean(off)) < 3


def test_by_chance_the_likest_of_many_is_seldom_more_than_chance() -> None:
    # Of all pairs it nearly always seems to be: somebody out of 44 is likest.
    of_pairs, of_likest = [], []
    for seed in range(6):
        made = world("null", seed, people=45)
        people = everybody(made)
        rng = np.random.default_rng(seed)
        dealt = people.features[rng.permutation(len(people.features))]
        means = np.stack([dealt[people.whose == one].mean(0) for one in range(45)])
        chance = replace(people, features=dealt, means=means)
        for row in twins_table(chance, made.songs).to_pylist():
            of_pairs.append(row["percentile_by_chance"] >= 95)
            of_likest.append(row["percentile_of_likest"] >= 95)
    assert np.mean(of_pairs) > 0.5
    assert np.mean(of_likest) < 0.12


def test_people_who_share_a_taste_are_more_alike_than_chance_makes_the_likest() -> None:
    made = world("null", 4, people=24)
    people = everybody(made)
    pairs = np.arange(24) // 2
    means = np.random.default_rng(2).normal(size=(12, 9))[pairs]
    features = means[people.whose] + np.random.default_rng(3).normal(size=people.features.shape)
    alike = replace(people, means=means, features=features)
    told = twins_table(alike, made.songs).to_pylist()
    first = [row["percentile_of_likest"] for row in told if row["rank"] == 1]
    assert min(first) > 95


def test_what_both_named_is_told_with_one_spelling() -> None:
    made = world("null", 4, people=2, songs=3)
    songs = with_values(made.songs, "song_key", {0: "same", 4: "same"})
    songs = with_values(songs, "track_name", {0: "Halo", 4: "halo!"})
    songs = with_values(songs, "artist_name", {0: "Beyoncé", 1: "A", 2: "B", 3: "C", 4: "BEYONCE"})
    songs = with_values(songs, "artist_name", {5: "D"})
    songs = with_values(songs, "genres", {0: ["pop", "r&b"], 1: None, 2: None, 3: ["r&b"]})
    songs = with_values(songs, "genres", {4: ["soul"], 5: None})
    rows = twins_table(everybody(made), songs).to_pylist()
    assert [row["shared_songs"] for row in rows] == [["Beyoncé - Halo"]] * 2
    assert [row["shared_artists"] for row in rows] == [["Beyoncé"]] * 2
    assert [row["shared_genres"] for row in rows] == [["r&b"]] * 2


def test_people_who_are_all_the_same_are_nobodys_twins() -> None:
    made = world("null", 4, people=6)
    people = everybody(made)
    same = replace(people, means=np.ones_like(people.means))
    assert len(twins_table(same, made.songs)) == 0
