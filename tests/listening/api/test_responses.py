import gzip
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableResponse
from pipelines.listening.api.responses import (
    MAX_PAGES,
    Page,
    Request,
    Response,
    fetched_at,
    file_name,
    items_of,
    last_complete_list,
    last_list,
    next_offset,
    page_of,
    unpack,
)
from tests.support.spotify_answers import NOON, page, respond

FIRST_DAY = datetime(2006, 1, 1)  # noqa: DTZ001 Hypothesis adds the zones
SECOND = timedelta(seconds=1)
PAST = "https://elsewhere.example/v1/me/top/tracks?offset="


def listed(*names: str, offset: int = 0, more: bool = False, at: int = 0, **changed: object):
    body = page(
        ({"id": name} for name in names),
        offset=offset,
        next=f"{PAST}{offset + len(names)}" if more else None,
    )
    return respond({**body, **changed}, NOON + at * SECOND, endpoint="top", offset=offset)


def pages(*responses: Response) -> list[Page]:
    return [Page.of(one) for one in responses]


def ids(responses: list[Response]) -> list[str]:
    return [msgspec.json.decode(item)["id"] for item in items_of(responses)]


@given(st.binary(max_size=200), st.datetimes(timezones=st.just(UTC)))
def test_a_kept_response_comes_back_byte_for_byte(body: bytes, at: datetime):
    response = Response(Request("top", "me/top", {"limit": 50}), at, 200, msgspec.Raw(body), at)
    again = unpack(response.pack(), "file")

    assert bytes(again.body) == body
    assert (again.request, again.fetched_at, again.server_date) == (response.request, at, at)
    assert response.pack() == again.pack()


def test_a_cut_off_or_altered_or_foreign_file_is_unreadable_by_name():
    packed = respond(page([])).pack()
    damaged = [
        *(packed[:cut] for cut in range(len(packed))),
        packed[:20] + bytes([packed[20] ^ 1]) + packed[21:],
        b"not gzip at all",
        gzip.compress(b"not a response", mtime=0),
        gzip.compress(b'{"items": []}\n{}', mtime=0),
        gzip.compress(b"\xff\xfe\n{}", mtime=0),
    ]
    for file in damaged:
        with pytest.raises(UnreadableResponse, match=r"raw/top/1\.json\.gz"):
            unpack(file, "raw/top/1.json.gz")


@given(st.datetimes(min_value=FIRST_DAY, timezones=st.timezones()))
def test_file_names_sort_by_time_and_tell_it(at: datetime):
    name = file_name(at)

    assert fetched_at(name) == at.astimezone(UTC)
    later = at.astimezone(UTC) + timedelta(microseconds=1)
    assert name < file_name(later)


def test_a_list_ends_where_next_is_null():
    assert next_offset(pages(listed("a", "b"))) is None


def test_a_list_ends_at_an_empty_page_whatever_next_says():
    assert next_offset(pages(listed(next=f"{PAST}50"))) is None


def test_the_next_page_is_where_next_points():
    assert next_offset(pages(listed("a", "b", more=True))) == 2


@pytest.mark.parametrize(
    "address",
    [
        *("nonsense", f"{PAST}0", f"{PAST}-5", f"{PAST}", f"{PAST}1e9", "http://["),
        *(f"{PAST}{'9' * 5000}", f"{PAST}\u0663", f"{PAST}\ud83d"),
    ],
)
def test_an_address_that_does_not_lead_on_is_replaced_by_counting(address: str):
    assert next_offset(pages(listed("a", "b", next=address))) == 2


def test_a_list_ends_where_the_server_ignores_the_offset():
    first, second = listed("a", "b", more=True), listed("a", "b", offset=2, more=True)
    ignored = listed("c", "d", offset=2, more=True, next=f"{PAST}4")
    body = page([{"id": "c"}], offset=0, next=f"{PAST}1")

    assert next_offset(pages(first, second)) is None
    assert next_offset(pages(first, ignored)) == 4
    assert next_offset(pages(first, respond(body, endpoint="top", offset=2))) is None


def test_a_list_never_goes_on_for_ever():
    endless = pages(*(listed(f"t{n}", offset=n, more=True) for n in range(MAX_PAGES)))

    assert next_offset(endless[:-1]) == MAX_PAGES - 1
    assert next_offset(endless) is None


def test_a_list_of_more_than_ten_thousand_is_read_to_its_end():
    names = [[f"t{n}" for n in range(at, at + 50)] for at in range(0, 10_100, 50)]
    long = [listed(*some, offset=at * 50, more=at < 201) for at, some in enumerate(names)]

    assert next_offset(pages(*long[:201])) == 10_050
    assert next_offset(pages(*long)) is None
    assert len(ids(long)) == 10_100
    assert last_complete_list(long) == long


def test_items_come_once_and_in_order_without_pages_that_repeat():
    first = listed("a", "b", more=True)
    second = listed("b", "c", offset=2, more=True, at=1)
    repeat = respond(page([{"id": "z"}], offset=0), endpoint="top", offset=4)

    assert ids([first, second, repeat]) == ["a", "b", "c"]


def test_items_without_a_name_are_all_kept():
    strange = respond(page([None, 3, "x", {"id": None}, {"id": 7}, {"uri": "u"}, {"uri": "u"}]))

    assert len(items_of([strange])) == 6


@pytest.mark.parametrize(
    "body",
    [b'{"items": null}', b'{"items": {}}', b'{"error": {}}', b"[]", b"null", b"<html>", b""],
)
def test_what_is_no_list_is_not_told_as_one(body: bytes):
    assert page_of(respond(body)) is None


def test_an_empty_list_is_a_list():
    assert page_of(respond(page([]))) is not None
    assert last_complete_list([listed()]) == [listed()]


def test_a_list_that_was_broken_off_is_not_complete_but_is_the_last():
    whole = [listed("a", more=True), listed("b", offset=1, at=1)]
    broken = [listed("c", more=True, at=2)]

    assert last_complete_list(whole + broken) == whole
    assert last_list(whole + broken) == broken
    assert last_complete_list(broken) == []


def test_the_later_of_two_complete_lists_holds():
    first = [listed("a", more=True), listed("b", offset=1, at=1)]
    second = [listed("c", more=True, at=2), listed("d", offset=1, at=3)]

    assert last_complete_list([*second, *first]) == second


def test_two_lists_asked_for_at_once_still_make_a_whole_one():
    mine = [listed("a", more=True, at=0), listed("b", offset=1, at=2)]
    theirs = [listed("a", more=True, at=1), listed("b", offset=1, at=3)]

    assert ids(last_complete_list(mine + theirs)) == ["a", "b"]


def test_a_list_with_a_page_missing_in_between_is_not_complete():
    first, third = listed("a", more=True), listed("c", offset=2, at=2)

    assert last_complete_list([first, third]) == []


def test_an_answer_that_is_no_list_leaves_the_last_complete_list_alone():
    whole = [listed("a")]
    broken = respond(b'{"items": null}', NOON + SECOND, endpoint="top")

    assert last_complete_list([*whole, broken]) == whole
