import numpy as np
import pyarrow as pa

from pipelines.listening.survey.vectors import FEATURES, person_vectors
from sandbox.survey_worlds import world


def songs_without(songs: pa.Table, rows: set[int]) -> pa.Table:
    values = [None if row in rows else one for row, one in enumerate(songs["energy"].to_pylist())]
    place = songs.schema.get_field_index("energy")
    return songs.set_column(place, songs.schema.field(place), pa.array(values, pa.float64()))


def test_a_persons_vector_is_the_mean_of_their_songs_with_features() -> None:
    made = world("null", 1, people=4, songs=5)
    people = person_vectors(made.responses, songs_without(made.songs, {0, 7}))
    assert people.songs.tolist() == [4, 4, 5, 5]
    energy = made.songs["energy"].to_pylist()
    assert people.means[0, FEATURES.index("energy")] == np.mean(energy[1:5])


def test_three_songs_with_features_are_needed_where_people_name_ten() -> None:
    made = world("null", 1, people=4, songs=10)
    people = person_vectors(made.responses, songs_without(made.songs, set(range(8))))
    assert (people.needed, len(people), people.left_out) == (3, 3, 1)
    assert people.pseudonyms[0].endswith("1")


def test_one_is_enough_where_everybody_names_one() -> None:
    made = world("null", 1, people=4, songs=1)
    people = person_vectors(made.responses, songs_without(made.songs, {2}))
    assert (people.needed, len(people), people.left_out) == (1, 3, 1)


def test_a_feature_that_is_not_a_number_is_none() -> None:
    made = world("null", 1, people=2, songs=3)
    values = made.songs["tempo"].to_numpy().copy()
    values[0] = np.nan
    place = made.songs.schema.get_field_index("tempo")
    songs = made.songs.set_column(place, made.songs.schema.field(place), pa.array(values))
    assert len(person_vectors(made.responses, songs)) == 1


def test_a_song_of_nobody_who_answered_counts_for_nobody() -> None:
    made = world("null", 1, people=6, songs=3)
    people = person_vectors(made.responses.slice(0, 4), made.songs)
    assert len(people) == 4
    assert len(people.features) == 12
