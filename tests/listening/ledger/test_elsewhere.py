"""The rule by which rows of other sources join the plays of polls and exports, line by line."""

import pytest

from tests.support.elsewhere import heard, told
from tests.support.sources import (
    all_plays,
    at,
    export,
    plays,
    row,
)

pytestmark = pytest.mark.usefixtures("from_elsewhere")


@pytest.mark.parametrize("off", [-29, -1, 0, 2, 29])
def test_a_scrobble_that_began_as_an_exports_play_is_that_play(off: int):
    found = plays([], export(row(600)), told("scrobbler", heard(420 + off)))

    assert found == [(600, "export+scrobbler")]


def test_a_scrobble_far_from_any_play_is_one_of_its_own():
    [found, _] = all_plays([], [export(row(600)), told("scrobbler", heard(60))])

    assert (found["source"], found["played_at"], found["started_at"]) == (
        "scrobbler",
        at(60),
        at(60),
    )
    assert (found["ms_played"], found["ms_played_source"], found["counts"]) == (
        None,
        "unknown",
        True,
    )
