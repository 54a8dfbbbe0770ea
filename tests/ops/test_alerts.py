"""What is wrong, less what was told, is the news."""

import msgspec

from pipelines.ops.alerts import MAX_LINES, FinishedRun, State, pending_notifications
from pipelines.ops.health import Problem


def checks(count: int) -> dict[str, Problem]:
    return {
        f"nico/plays {n:02}": Problem("checks of nico", f"check {n:02} is not passed")
        for n in range(count)
    }


def test_checks_that_fail_together_are_one_message_that_a_phone_can_show() -> None:
    (message,) = pending_notifications(checks(30), {})
    assert message.title == "Playledger: checks of nico"
    assert message.body.splitlines()[-2:] == ["check 11 is not passed", "and 18 more"]
    assert len(message.body.splitlines()) == MAX_LINES + 1


def test_one_more_check_is_told_alone_and_one_that_passes_too() -> None:
    told: dict[str, Problem] = {}
    for message in pending_notifications(checks(2), told):
        message.mark_delivered(told)
    (more,) = pending_notifications(checks(3), told)
    assert more.body == "check 02 is not passed"
    (over,) = pending_notifications(checks(1), told)
    assert (over.kind, over.body) == ("success", "Resolved: check 01 is not passed")


def test_failures_come_before_warnings_and_those_before_what_is_over() -> None:
    present = {
        "nico login": Problem("nico login", "It ends in 29 days", "warning"),
        "lake": Problem("lake", "It is gone"),
    }
    found = pending_notifications(
        present, {"lockout": Problem("lockout", "No requests until 12:00")}
    )
    assert [message.title for message in found] == [
        "Playledger: lake",
        "Playledger: nico login (warning)",
        "Playledger: lockout (resolved)",
    ]


def test_a_failure_that_is_but_a_warning_now_is_not_told_again() -> None:
    told = {"nico login": Problem("nico login", "It ends in 2 days")}
    present = {"nico login": Problem("nico login", "It ends in 5 days", "warning")}
    assert list(pending_notifications(present, told)) == []


def test_what_concerns_a_listener_who_is_no_more_is_forgotten() -> None:
    state = State(
        runs={"poll of mira": Problem("poll of mira", "It failed")},
        checks=checks(1),
    )
    state.drop_others({"nico"})
    assert state.current_problems == checks(1)


def test_a_cursor_of_an_older_version_is_read_and_written_with_its_names() -> None:
    problem = {"about": "lake", "sentence": "It is gone", "level": "failure"}
    cursor = {
        "seen_at": "2026-11-20T22:40:00Z",
        "handled": ["run"],
        "looked_at": "2026-11-20T22:30:00Z",
        "health": {"lake": problem},
        "runs": {},
        "checks": {},
        "told": {"4f2a": {"lake": problem}},
    }
    state = msgspec.json.decode(msgspec.json.encode(cursor), type=State)
    assert state.runs_read == {"run"}
    assert (
        state.notified
        == {"4f2a": state.health}
        == {"4f2a": {"lake": Problem("lake", "It is gone")}}
    )
    assert msgspec.json.decode(msgspec.json.encode(state)) == cursor


def test_a_check_that_no_longer_exists_is_over_after_the_next_whole_daily_run() -> None:
    gone, failing = (Problem("checks of nico", f"{name} is not passed") for name in ("old", "new"))
    others = Problem("checks of mira", "old is not passed")
    state = State(checks={"nico/plays old": gone, "mira/plays old": others})
    checks = {"nico/plays new": failing, "nico/gaps open": None}
    state.add_run(FinishedRun("1", "nico", checks=checks))
    assert set(state.checks) == {"nico/plays old", "nico/plays new", "mira/plays old"}
    state.add_run(FinishedRun("2", "nico", checks=checks, is_whole=True))
    assert state.checks == {"nico/plays new": failing, "mira/plays old": others}
