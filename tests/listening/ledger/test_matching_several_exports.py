"""The same rule where several exports, or account data, tell of a play, and what it is called."""

import pytest

from tests.support.lives import imported, written
from tests.support.sources import (
    EDGES,
    LATER,
    Json,
    account,
    all_plays,
    answer,
    at,
    export,
    item,
    loop,
    minute,
    plays,
    row,
)

# Several files, several exports


def test_equal_rows_of_one_export_are_as_many_plays():
    assert plays([], export(row(600), row(600))) == [(600, "export")] * 2


def test_equal_rows_of_two_exports_are_one_play():
    assert (
        plays([], export(row(600), row(600)), export(row(600), name="two")) == [(600, "export")] * 2
    )


def test_a_file_that_is_there_twice_adds_nothing():
    rows = [row(600), row(600), row(900)]
    twice = {
        "Streaming_History_Audio_2026.json": rows,
        "Streaming_History_Audio_2026 (1).json": rows,
    }

    assert len(plays([], imported(written(twice), at(LATER), "one"))) == 3


@pytest.mark.parametrize("second", [598, 599, 601, 602])
def test_a_row_that_a_later_export_stamped_anew_is_one_play(second: int):
    assert plays([], export(*EDGES, row(600)), export(*EDGES, row(second), name="two")) == [
        (600, "export")
    ]


@pytest.mark.parametrize("second", [598, 599, 601, 602])
def test_a_row_stamped_anew_may_be_the_first_or_the_last_of_an_export(second: int):
    first = export(row(600), row(1000, "b"), row(2000, "c"))
    later = export(row(second), row(1000, "b"), row(2000, "c"), row(3000), name="two")

    assert len(plays([], first, later)) == 4
    assert len(plays([], later, first)) == 4


def test_rows_three_seconds_apart_in_two_exports_are_two_plays():
    assert len(plays([], export(*EDGES, row(600)), export(*EDGES, row(603), name="two"))) == 2


def test_a_row_that_both_exports_have_and_one_beside_it_are_two_plays():
    one, two = export(*EDGES, row(600)), export(*EDGES, row(600), row(601), name="two")

    assert plays([], one, two) == [(600, "export"), (601, "export")]


# Account data


def test_account_data_is_paired_with_an_export_by_minute_names_and_milliseconds():
    found = plays([], export(row(630)), account(minute(630)))

    assert found == [(630, "export+account")]


@pytest.mark.parametrize("off", [-60, 60])
def test_account_data_may_be_a_minute_off(off: int):
    assert plays([], export(row(630)), account(minute(630 + off))) == [(630, "export+account")]


def test_account_data_two_minutes_off_is_another_play():
    assert len(plays([], export(row(630)), account(minute(750)))) == 2


def test_account_data_of_another_length_is_another_play():
    assert len(plays([], export(row(630)), account(minute(630, seconds=179)))) == 2


@pytest.mark.parametrize("rounded", [0, 30], ids=["cut off", "rounded"])
@pytest.mark.parametrize("second", [600, 615, 629, 630, 645, 659])
def test_a_poll_beside_account_data_is_one_play_however_the_minute_came_about(
    second: int, rounded: int
):
    short: Json = {"duration_ms": 3000}
    told = account(minute(second + rounded, seconds=3))

    assert plays([answer(item(second, **short))], told) == [(second, "api+account")]


@pytest.mark.parametrize("rounded", [0, 30], ids=["cut off", "rounded"])
def test_a_loop_beside_account_data_keeps_the_polls_times(rounded: int):
    ends = loop(40)
    polls = [answer(*(item(end, duration_ms=31_000) for end in ends))]
    told = account(*(minute(end + rounded, seconds=31) for end in ends))

    assert plays(polls, told) == [(end, "api+account") for end in ends]


def test_account_data_of_a_minute_in_which_nothing_else_was_heard_stands_alone():
    [found] = all_plays([], [account(minute(630, seconds=10))])

    assert (found["source"], found["ms_played"], found["counts"]) == ("account", 10_000, False)


def test_account_data_without_names_is_kept():
    nameless = minute(630, artistName="", trackName="")

    assert plays([answer(item(630))], account(nameless)) == [(600, "account"), (630, "api")]


def test_account_data_closes_what_only_polls_and_exports_tell_to_one_row():
    polls = [answer(item(630.5))]

    assert plays(polls, export(row(631)), account(minute(631))) == [(630.5, "api+export+account")]


# Names of plays


def test_a_play_keeps_its_name_when_an_export_tells_it_too():
    polls = [answer(item(600), fetched=700)]
    [before] = all_plays(polls, [])
    [after] = all_plays(polls, [export(row(601), made=9999)])

    assert after["play_id"] == before["play_id"]


def test_a_play_keeps_its_name_when_a_poll_tells_it_later():
    told = [export(row(601), made=700)]
    [before] = all_plays([], told)
    [after] = all_plays([answer(item(600), fetched=9999)], told)

    assert after["play_id"] == before["play_id"]


def test_a_play_keeps_its_name_when_an_export_tells_what_account_data_told():
    told = account(minute(630), made=700)
    [before] = all_plays([], [told])
    [after] = all_plays([], [told, export(row(630), made=9999)])

    assert after["play_id"] == before["play_id"]
    assert after["source"] == "export+account"


def test_equal_plays_have_names_of_their_own():
    found = all_plays([answer(item(600), item(600))], [export(row(9000), row(9000))])

    assert len({one["play_id"] for one in found}) == 4


def test_the_order_in_which_rows_stand_changes_nothing():
    rows = [row(end, seconds=31) for end in loop(12)]
    items = [item(end - 31, duration_ms=31_000) for end in loop(12)]
    forth = all_plays([answer(*items, fetched=500)], [export(*rows, *EDGES)])
    back = all_plays([answer(*items[::-1], fetched=500)], [export(*EDGES, *rows[::-1])])

    assert forth == back
