"""What is wrong, less what was told, is the news."""

from pipelines.ops.alerts import MOST_LINES, State, news
from pipelines.ops.health import Problem


def checks(count: int) -> dict[str, Problem]:
    return {
        f"nico/plays {n:02}": Problem("checks of nico", f"check {n:02} is not passed")
        for n in range(count)
    }


def test_checks_that_fail_together_are_one_message_that_a_phone_can_show() -> None:
    (message,) = news(checks(30), {})
    assert message.title == "Playledger: checks of nico"
    assert message.body.splitlines()[-2:] == ["check 11 is not passed", "and 18 more"]
    assert len(message.body.splitlines()) == MOST_LINES + 1


def test_one_more_check_is_told_alone_and_one_that_passes_too() -> None:
    told: dict[str, Problem] = {}
    for message in news(checks(2), told):
        message.delivered(told)
    (more,) = news(checks(3), told)
    assert more.body == "check 02 is not passed"
    (over,) = news(checks(1), told)
    assert (over.kind, over.body) == ("success", "Over: check 01 is not passed")


def test_failures_come_before_warnings_and_those_before_what_is_over() -> None:
    present = {
        "nico login": Problem("nico login", "It ends in 29 days", "warning"),
        "lake": Problem("lake", "It is gone"),
    }
    found = news(present, {"lockout": Problem("lockout", "No requests until 12:00")})
    assert [message.title for message in found] == [
        "Playledger: lake",
        "Playledger: nico login (warning)",
        "Playledger: lockout (over)",
    ]


def test_a_failure_that_is_but_a_warning_now_is_not_told_again() -> None:
    told = {"nico login": Problem("nico login", "It ends in 2 days")}
    present = {"nico login": Problem("nico login", "It ends in 5 days", "warning")}
    assert list(news(present, told)) == []


def test_what_concerns_a_listener_who_is_no_more_is_forgotten() -> None:
    state = State(
        runs={"poll of mira": Problem("poll of mira", "It failed")},
        checks=checks(1),
    )
    state.only_of({"nico"})
    assert state.present == checks(1)
