"""Every table, against the same made in plain Python by its head comment."""

from hypothesis import given

from tests.support.examples import of_whole_runs
from tests.support.insights.agreement import agree
from tests.support.insights.chance import lives
from tests.support.insights.lives import Life


@of_whole_runs(4, rare=12)
@given(lives())
def test_tables_say_what_their_head_comments_promise(life: Life) -> None:
    agree(life)
