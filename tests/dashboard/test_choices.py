"""What is chosen is in the address, and whatever an address says, something sensible is chosen."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.choices import (
    ALL_TIME,
    Choices,
    beside,
    from_address,
    period_words,
    periods,
)
from pipelines.listening.time.months import Month

KNOWN = [Month(2025, 11), Month(2025, 12), Month(2026, 1), Month(2026, 3)]


@given(
    st.sampled_from(["nico", "mira"]),
    st.sampled_from(["all", "mine"]),
    st.sampled_from(periods(KNOWN)),
)
def test_a_link_shows_what_was_chosen(listener: str, scope: str, period: str) -> None:
    chosen = Choices(listener, "all" if scope == "all" else "mine", period)
    assert from_address(chosen.to_address(), ("nico", "mira"), KNOWN) == chosen


@given(st.dictionaries(st.sampled_from(["listener", "scope", "period"]), st.text()))
def test_whatever_an_address_says_the_reader_sees_only_whom_they_may(
    address: dict[str, str],
) -> None:
    chosen = from_address(address, ("nico",), KNOWN)
    assert chosen.listener == "nico"
    assert chosen.period in periods(KNOWN)


def test_a_period_has_its_known_months_and_the_last_of_them() -> None:
    assert Choices("nico", period="2025").months(KNOWN) == [Month(2025, 11), Month(2025, 12)]
    assert Choices("nico", period="2026").last_month(KNOWN) == Month(2026, 3)
    assert Choices("nico", period=ALL_TIME).months(KNOWN) == KNOWN
    assert Choices("nico", period="2026-03").month == Month(2026, 3)
    assert Choices("nico", period="2026-03").year == 2026
    assert Choices("nico").last_month([]) is None


def test_periods_are_told_in_words() -> None:
    assert [period_words(one) for one in ("all", "2026", "2026-03")] == [
        "All time",
        "2026",
        "March 2026",
    ]


def test_beside_a_period_is_the_next_of_its_kind() -> None:
    every = periods(KNOWN)
    assert beside(every, "2026-01", 1) == "2025-12"
    assert beside(every, "2026-01", -1) == "2026-03"
    assert beside(every, "2025", -1) == "2026"
    assert beside(every, "2026-03", -1) is None
    assert beside(every, "2025-11", 1) is None
    assert beside(every, ALL_TIME, 1) is None
