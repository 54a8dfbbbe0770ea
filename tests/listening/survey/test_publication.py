"""What is published of a survey speaks of k people or more, and of no fewer by way of a sum."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.schema.survey_tables import (
    CLUSTERS,
    COMPARED,
    COMPONENTS,
    FEED,
    GROUP_PROFILE,
    MAJOR_PREDICTOR,
    MAP,
    PUBLISHED,
    SONGS,
    SURVEY_COVERAGE,
)
from pipelines.listening.survey.feed import spans
from pipelines.listening.survey.map import dots
from pipelines.listening.survey.publication import published
from pipelines.listening.survey.suppression import (
    OTHER,
    crossed,
    in_steps,
    parts_in_steps,
    recoded,
    tellable,
)
from tests.support.survey.auditor import facts, too_small, wrong
from tests.support.survey.groups import dna_of, group

K = 5


def clusters_of(*sizes: int) -> pa.Table:
    return CLUSTERS.from_rows(
        [
            {"cluster": number, "people": size, "name": "", "centre": [0.0], "outcome": "two"}
            for number, size in enumerate(sizes, 1)
        ]
    )


def predictor_of(people: int, *cells: int) -> pa.Table:
    names = ("Law", "Music")
    confusion = [
        {"major": names[at // 2], "told": names[at % 2], "people": cell}
        for at, cell in enumerate(cells)
    ]
    row = {"speaks": True, "outcome": "yes", "people": people, "classes": 2, "permutations": 500}
    return MAJOR_PREDICTOR.from_rows([{**row, "importances": [], "confusion": confusion}])


def publish(responses: pa.Table, songs: pa.Table, **found: pa.Table) -> dict[str, pa.Table]:
    dna = dna_of(songs, 1)
    tables = {
        COMPONENTS.name: COMPONENTS.empty(),
        CLUSTERS.name: clusters_of(),
        MAJOR_PREDICTOR.name: MAJOR_PREDICTOR.empty(),
        **found,
    }
    return published(responses, songs, dna, tables, k=K, fewest_of_a_song=3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("people", [12, 45, 150])
def test_no_figure_is_of_fewer_than_k_people_and_none_follows(seed: int, people: int) -> None:
    responses, songs = group(seed, people)
    told = list(facts(responses, songs, publish(responses, songs)[GROUP_PROFILE.name]))
    assert wrong(told) == []
    assert too_small(told, K) == []
    assert len(told) > 1


@pytest.mark.rare
@given(st.integers(0, 10_000), st.integers(1, 120), st.sampled_from([1, 3, 10]))
def test_whoever_answers_no_figure_is_of_fewer_than_k(seed: int, people: int, named: int) -> None:
    responses, songs = group(seed, people, named)
    tables = publish(responses, songs)
    told = list(facts(responses, songs, tables[GROUP_PROFILE.name]))
    if len(tables[GROUP_PROFILE.name]):
        assert wrong(told) == []
        assert too_small(told, K) == []
    assert all(size >= K for size in tables[MAP.name]["people"].to_pylist())
    assert all(size >= K for size in tables[FEED.name]["people"].to_pylist())


def test_of_fewer_than_k_people_nothing_is_told() -> None:
    responses, songs = group(1, K - 1)
    tables = publish(responses, songs)
    (coverage,) = tables.pop(SURVEY_COVERAGE.name).to_pylist()
    assert {name for name, value in coverage.items() if value is not None} == {"major"}
    assert {name: len(rows) for name, rows in tables.items() if len(rows)} == {}


@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_of_songs_tells_of_k_people_or_more(seed: int) -> None:
    responses, songs = group(seed, 60)
    who = songs["pseudonym"].to_pylist()
    few = {who[seed * 10], who[seed * 10 + 100]}  # of whom fewer songs are known than of others
    keep = pa.array([row % 10 < 2 or one not in few for row, one in enumerate(who)])
    unknown = [one.name for one in SONGS.fields if pa.types.is_floating(one.type)]
    for name in ("state", *unknown):
        at = songs.schema.get_field_index(name)
        nothing = pa.scalar("unmatched" if name == "state" else None, songs.schema.field(at).type)
        songs = songs.set_column(at, songs.schema.field(at), pc.if_else(keep, songs[name], nothing))
    whole, *majors = publish(responses, songs)[SURVEY_COVERAGE.name].to_pylist()
    assert len(majors) > 1
    left_out = [row["people"] - row["people_compared"] for row in majors if row["people_compared"]]
    assert all(few == 0 or few >= K for few in left_out)
    assert len(left_out) in {0, len(majors)}
    if not left_out and whole["people_compared"] is not None:
        others = whole["people"] - whole["people_compared"]
        assert others == 0 or others >= K or whole["people_compared"] % K == 0


def test_where_nobody_can_be_compared_no_number_stands() -> None:
    responses, songs = group(2, 45)
    column = songs.schema.get_field_index("energy")
    nothing = songs.set_column(
        column, songs.schema.field(column), pa.nulls(len(songs), pa.float64())
    )
    rows = publish(responses, nothing)[SURVEY_COVERAGE.name].to_pylist()
    assert len(rows) > 1
    assert {row["people_compared"] for row in rows} == {None}


def test_a_share_of_songs_is_told_coarsely_where_few_people_make_the_difference() -> None:
    responses, songs = group(1, 40)
    state = ["matched"] * 397 + ["unmatched"] * 3
    at = songs.schema.get_field_index("state")
    some = songs.set_column(at, songs.schema.field(at), pa.array(state))
    whole, *majors = publish(responses, some)[SURVEY_COVERAGE.name].to_pylist()
    assert whole["matched"] == 0.95
    assert {row["matched"] for row in majors} == {None}
    state = ["matched", "unmatched"] * 200
    spread = songs.set_column(at, songs.schema.field(at), pa.array(state))
    whole, *majors = publish(responses, spread)[SURVEY_COVERAGE.name].to_pylist()
    assert [row["matched"] for row in (whole, *majors)] == [0.5] * (1 + len(majors))


def test_a_song_of_three_people_is_listed_without_a_figure_and_one_of_two_is_not() -> None:
    responses, songs = group(2, 45)
    profile = publish(responses, songs)[GROUP_PROFILE.name].to_pylist()
    listed = {row["value"]: row["people"] for row in profile if row["topic"] == "song"}
    owners: dict[str, set[str]] = {}
    for row in songs.to_pylist():
        name = f"{row['artist_name']} \N{EN DASH} {row['track_name']}"
        owners.setdefault(name, set()).add(row["pseudonym"])
    assert {len(own) >= 3 for name, own in owners.items() if name in listed} == {True}
    assert {name for name, own in owners.items() if len(own) >= 3} == set(listed)
    assert None in listed.values()
    assert {size for size in listed.values() if size is not None and size < K} == set()


def test_what_is_published_is_as_declared_whoever_answered() -> None:
    for people in (0, 1, 4, 5, 45):
        tables = publish(*group(3, people))
        for table in PUBLISHED:
            assert table.conform(tables[table.name]).schema == table.schema


def test_the_same_answers_in_another_order_are_published_alike() -> None:
    responses, songs = group(4, 45)
    order = np.random.default_rng(1)
    again = (rows.take(order.permutation(len(rows))) for rows in (responses, songs))
    assert publish(*again) == publish(responses, songs)


def test_a_group_of_too_few_people_is_not_told_and_neither_are_the_others() -> None:
    responses, songs = group(5, 45)
    tables = publish(responses, songs, **{CLUSTERS.name: clusters_of(41, 4)})
    (told,) = tables[CLUSTERS.name].to_pylist()
    assert (told["cluster"], told["centre"]) == (0, [])
    assert "fewer than 5" in told["outcome"]


def test_who_is_left_out_of_the_groups_is_not_counted_where_they_are_few() -> None:
    responses, songs = group(5, 45)
    tables = publish(responses, songs, **{CLUSTERS.name: clusters_of(30, 13)})
    assert tables[CLUSTERS.name]["people"].to_pylist() == [30, 10]
    tables = publish(responses, songs, **{CLUSTERS.name: clusters_of(27, 13)})
    assert tables[CLUSTERS.name]["people"].to_pylist() == [27, 13]


def test_a_table_of_predictions_is_told_whole_or_not_at_all() -> None:
    responses, songs = group(5, 45)
    for cells, told in (((20, 5, 6, 14), [20, 5, 6, 14]), ((20, 4, 6, 15), [None] * 4)):
        found = {MAJOR_PREDICTOR.name: predictor_of(sum(cells), *cells)}
        (row,) = publish(responses, songs, **found)[MAJOR_PREDICTOR.name].to_pylist()
        assert [cell["people"] for cell in row["confusion"]] == told


@given(st.lists(st.sampled_from("abcde"), max_size=60))
def test_classes_have_k_people_each_and_as_many_as_before_together(values: list[str]) -> None:
    classes = recoded(values, K)
    if classes is not None:
        assert len(classes) == len(values)
        assert min(classes.count(one) for one in classes) >= K
        assert all(new in {old, OTHER} for old, new in zip(values, classes, strict=True))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=90))
def test_cells_have_k_people_each(pairs: list[tuple[str, str]]) -> None:
    cells = crossed(*([pair[axis] for pair in pairs] for axis in (0, 1)), K)
    if cells is not None:
        classes = {row for row, _ in cells.cells}, {column for _, column in cells.cells}
        assert len(cells.cells) == len(classes[0]) * len(classes[1])
        assert min(cells.cells.values()) >= K


def test_a_larger_set_with_few_more_people_hides_the_smaller_one() -> None:
    sets = np.zeros((30, 3), bool)
    sets[:10, 0] = sets[:12, 1] = sets[5:20, 2] = True
    assert tellable(sets, K).tolist() == [False, True, True]


def test_nearly_everybody_is_not_told() -> None:
    sets = np.zeros((30, 3), bool)
    sets[:26, 0] = sets[:25, 1] = sets[:, 2] = True
    assert tellable(sets, K).tolist() == [False, True, True]


def test_sizes_are_told_in_steps_beside_sizes_that_are_close() -> None:
    assert [in_steps(43, others, K) for others in ((45,), (48,), (43,), ())] == [40, 43, 43, 43]


@given(st.integers(5, 12), st.lists(st.integers(0, 120), min_size=1, max_size=3))
def test_a_size_in_steps_is_told_alike_whoever_makes_the_difference(
    k: int, others: list[int]
) -> None:
    told = {size: in_steps(size, others, k) for size in range(121)}
    for size, said in told.items():
        if said != size:
            assert said == 0 or all(abs(said - other) not in range(1, k) for other in others)
            assert said % k == 0
            assert said < size
    (first, *_) = others
    assert len({in_steps(first - few, [first], k) for few in range(1, k) if few <= first}) <= 1


@given(st.lists(st.integers(K, 30), min_size=1, max_size=6), st.integers(0, 6))
def test_parts_add_up_to_no_more_than_what_is_told_of_all_of_them(
    sizes: list[int], others: int
) -> None:
    whole = in_steps(sum(sizes), [sum(sizes) + others], K)
    told = parts_in_steps(sizes, whole, K)
    if told is None:
        assert whole < len(sizes) * K
        return
    assert sum(told) <= whole
    assert all(K <= part <= size for part, size in zip(told, sizes, strict=True))
    assert (told == sizes) == (whole == sum(sizes))


def without_sound(songs: pa.Table, *people: str) -> pa.Table:
    """Songs of which the sound is not known where these people named them."""
    named = pc.is_in(songs["pseudonym"], pa.array(people))
    for one in COMPARED:
        at = songs.schema.get_field_index(one.name)
        heard = pc.if_else(named, pa.scalar(None, one.type), songs[one.name])
        songs = songs.set_column(at, songs.schema.field(at), heard)
    return songs


def test_no_sum_in_any_table_tells_that_it_is_one_person_who_is_not_compared() -> None:
    responses, songs = group(5, 46)
    songs = without_sound(songs, responses["pseudonym"][0].as_py())
    compared = len(dna_of(songs, 1))
    assert compared == 45
    component = {"component": 1, "kept": True, "explained": 0.5, "words": "", "people": compared}
    tables = publish(
        responses,
        songs,
        **{
            COMPONENTS.name: COMPONENTS.from_rows([component]),
            CLUSTERS.name: clusters_of(20, 15, 10),
            MAJOR_PREDICTOR.name: predictor_of(compared, 20, 5, 6, 14),
        },
    )
    whole = tables[SURVEY_COVERAGE.name].to_pylist()[0]
    assert (whole["people"], whole["people_compared"], whole["compared_at_least"]) == (46, 40, True)
    for table in (COMPONENTS, CLUSTERS, MAP, MAJOR_PREDICTOR):
        rows = tables[table.name]
        assert len(rows), table.name
        assert sum(rows["people"].to_pylist()) == 40, table.name
        assert set(rows["at_least"].to_pylist()) == {True}, table.name


def test_groups_whose_sizes_cannot_be_told_are_not_told() -> None:
    responses, songs = group(5, 11)
    songs = without_sound(songs, responses["pseudonym"][0].as_py())
    tables = publish(responses, songs, **{CLUSTERS.name: clusters_of(5, 5)})
    (told,) = tables[CLUSTERS.name].to_pylist()
    assert (told["cluster"], told["people"], told["at_least"]) == (0, 5, True)
    assert "their sizes" in told["outcome"]


def test_a_table_of_predictions_is_hidden_where_it_tells_whose_songs_are_not_known() -> None:
    responses, songs = group(5, 60)
    at = responses.schema.get_field_index("major")
    for law in (30, 28, 25):
        majors = pa.array(["Law"] * 30 + ["Music"] * 30)
        asked = responses.set_column(at, responses.schema.field(at), majors)
        found = {MAJOR_PREDICTOR.name: predictor_of(law + 30, law - 6, 6, 8, 22)}
        (row,) = publish(asked, songs, **found)[MAJOR_PREDICTOR.name].to_pylist()
        hidden = {cell["people"] for cell in row["confusion"]} == {None}
        assert hidden == (law == 28)


def test_how_many_were_asked_about_is_told_in_steps_beside_how_many_told_their_major() -> None:
    responses, songs = group(5, 60)
    at = responses.schema.get_field_index("major")
    majors = pa.array(["Law"] * 25 + ["Music"] * 25 + [None] * 10)
    asked = responses.set_column(at, responses.schema.field(at), majors)
    found = {MAJOR_PREDICTOR.name: predictor_of(48, 18, 5, 6, 19)}
    (row,) = publish(asked, songs, **found)[MAJOR_PREDICTOR.name].to_pylist()
    assert (row["people"], row["at_least"]) == (45, True)


@given(st.integers(0, 80), st.integers(0, 99))
def test_each_dot_has_k_people_and_fewer_than_twice_as_many(people: int, seed: int) -> None:
    of = dots(np.random.default_rng(seed).normal(size=(people, 2)), K)
    sizes = np.bincount(of[of >= 0])
    assert sizes.sum() == (people if people >= K else 0)
    assert all(K <= size < 2 * K for size in sizes)


def test_dots_are_of_people_who_are_near_each_other() -> None:
    apart = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], K, axis=0)
    scores = apart + np.random.default_rng(1).normal(scale=0.1, size=apart.shape)
    assert len({tuple(sorted(of)) for of in np.split(dots(scores, K), 3)}) == 3
    assert all(len(set(of)) == 1 for of in np.split(dots(scores, K), 3))


@given(st.lists(st.integers(1, 20), max_size=60))
def test_spans_of_days_have_k_people_and_leave_nobody_out(days: list[int]) -> None:
    found = spans([date(2026, 11, day) for day in days], K)
    assert sum(span.people for span in found) == (len(days) if len(days) >= K else 0)
    assert all(span.people >= K for span in found)
    for span in found:
        inside = [day for day in days if span.since.day <= day <= span.until.day]
        assert len(inside) == span.people
