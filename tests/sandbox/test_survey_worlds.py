import numpy as np
import pyarrow as pa

from pipelines.listening.schema.survey_tables import RESPONSES, SONGS
from pipelines.listening.survey.vectors import FEATURES, person_vectors
from sandbox.survey_worlds import world


def test_a_world_is_the_same_each_time_and_another_with_another_seed() -> None:
    assert world("weak", 3).songs == world("weak", 3).songs
    assert world("weak", 3).songs != world("weak", 4).songs


def test_worlds_are_rows_of_the_tables_of_a_survey() -> None:
    made = world("strong", 1)
    assert RESPONSES.conform(made.responses).num_rows == 45
    assert SONGS.conform(made.songs).num_rows == 450


def test_people_of_a_strong_world_study_what_their_group_does() -> None:
    made = world("strong", 1)
    majors = made.responses["major"].to_pylist()
    pairs = list(zip(made.group.tolist(), majors, strict=True))
    most = sum(max(pairs.count((one, major)) for major in set(majors)) for one in range(3))
    assert most >= 35


def test_songs_are_as_skewed_and_correlated_as_reference_tracks() -> None:
    features = person_vectors(*_tables(1)).features
    energy, loudness = (features[:, FEATURES.index(one)] for one in ("energy", "loudness"))
    instrumental = features[:, FEATURES.index("instrumentalness")]
    assert np.corrcoef(energy, loudness)[0, 1] > 0.4
    assert np.median(instrumental) < 0.001
    assert instrumental.mean() > 0.02


def _tables(seed: int) -> tuple[pa.Table, pa.Table]:
    made = world("null", seed, people=200)
    return made.responses, made.songs


def test_a_sheet_has_a_row_for_each_and_a_column_for_each_song() -> None:
    made = world("null", 1, people=3, songs=2)
    assert [len(row) for row in made.rows] == [7] * 4
    artist, track = made.rows[1][5].split(" - ")
    reference = made.reference_rows()
    assert any(one["artists"] == artist and one["track_name"] == track for one in reference)
    assert len({one["track_id"] for one in reference}) == len(reference)
