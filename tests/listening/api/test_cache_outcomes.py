"""Counts of a date: the sums of its records, in any order and however often they are read."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.api.cache_outcomes import Record, Times, as_response, cache_outcomes
from pipelines.listening.api.responses import Request, Response, unpack
from pipelines.listening.schema.tables import CACHE_OUTCOMES

NOTHING = CACHE_OUTCOMES.empty()
AT = datetime(2026, 11, 1, 5, tzinfo=UTC)
DAYS = ("2026-11-01", "2026-11-02", "2026-11-03")

counts = st.builds(Times, *[st.integers(0, 300)] * 3)
records = st.builds(
    Record,
    st.dictionaries(st.sampled_from(["track", "search"]), counts, min_size=1),
    st.sampled_from(["sqlite", "redis", None]),
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**9),
)


@given(st.lists(st.lists(records, max_size=4), min_size=3, max_size=3), st.integers(0, 3))
def test_days_may_be_added_one_by_one_or_again(lists: list[list[Record]], split: int) -> None:
    days = [
        (day, [as_response(one, AT + timedelta(hours=at)) for at, one in enumerate(some)])
        for day, some in zip(DAYS, lists, strict=True)
    ]
    whole, problems = cache_outcomes(NOTHING, days)
    assert problems == []
    part, _ = cache_outcomes(NOTHING, days[:split])
    again, _ = cache_outcomes(part, days[max(0, split - 1) :])
    assert CACHE_OUTCOMES.conform(again).equals(CACHE_OUTCOMES.conform(whole))
    for row in whole.to_pylist():
        assert row["saved_requests"] == row["hits"] + row["stale"]
    told = sum(times.miss for some in lists for one in some for times in one.kinds.values())
    assert sum(whole["misses"].to_pylist()) == told


def test_what_is_kept_now_is_what_the_last_record_of_the_day_says() -> None:
    kinds = {"track": Times(hit=1)}
    said = [Record(kinds, "redis", 5), Record(kinds, "sqlite", 7, 4096)]
    kept = [as_response(one, AT) for one in said]
    rows, _ = cache_outcomes(NOTHING, [(DAYS[0], kept)])
    [row] = rows.to_pylist()
    assert (row["backend"], row["entries"], row["bytes"]) == ("sqlite", 7, 4096)
    assert (row["date"], row["hits"]) == (date(2026, 11, 1), 2)


def test_a_record_is_kept_as_it_is_and_one_that_is_none_is_named() -> None:
    record = Record({"search": Times(miss=3)}, "sqlite", 1, 2)
    kept = unpack(as_response(record, AT).pack(), "a file")
    assert msgspec.json.decode(kept.body, type=Record) == record
    odd = Response(Request("cache_outcomes", ""), AT, 200, msgspec.Raw(b'{"kinds": 3}'))
    rows, problems = cache_outcomes(NOTHING, [(DAYS[0], [odd, kept])])
    assert [row["misses"] for row in rows.to_pylist()] == [3]
    [problem] = problems
    assert DAYS[0] in problem
