"""What imports cover, where several of their files cover the same."""

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.listening.ledger.covered import Covered
from pipelines.listening.ledger.gaps import CoveredInterval
from pipelines.listening.schema.tables import COVERED, POLLS

AT = datetime(2025, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def stretch(*, start: datetime = AT, complete: bool = True) -> CoveredInterval:
    return CoveredInterval(
        start, AT + DAY, AT + 2 * DAY, "an import", source="export", complete=complete
    )


@pytest.mark.parametrize("first_is_complete", [True, False])
def test_files_that_cover_the_same_are_one_stretch_that_any_of_them_completes(
    first_is_complete: bool,
) -> None:
    both = [stretch(complete=first_is_complete), stretch(complete=not first_is_complete)]
    found = Covered().add_all(POLLS.empty(), both).table()
    COVERED.validate(found)
    assert found["complete"].to_pylist() == [True]


def test_files_that_end_with_the_same_play_are_stretches_of_their_own() -> None:
    both = [stretch(), stretch(start=AT - DAY, complete=False)]
    found = Covered().add_all(POLLS.empty(), both).table()
    COVERED.validate(found)
    assert found["start"].to_pylist() == [AT - DAY, AT]
    assert Covered().add_all(POLLS.empty(), both[::-1]).table() == found
