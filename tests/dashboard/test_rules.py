"""Rules in the dashboard: what a form's fields become, and how a rule is told."""

from datetime import time

import pytest

from pipelines.dashboard.rules import rule_of, rule_words
from pipelines.listening.contexts.overrides import Hours, Override


@pytest.mark.parametrize(
    ("named", "days", "begin", "end", "rule"),
    [
        ({}, [], None, None, None),
        ({"artist": "A"}, [], None, None, Override("kids", artist="A")),
        ({}, ["sat", "fri"], None, None, Override("kids", hours=Hours((4, 5)))),
        ({}, [], time(22), time(6, 30), Override("kids", hours=Hours(start=1320, end=390))),
        ({}, [], time(22), None, Override("kids", hours=Hours(start=1320))),
        ({}, [], None, time(6), Override("kids", hours=Hours(end=360))),
        ({}, [], time(6), time(6), None),
    ],
)
def test_a_rule_is_what_a_person_put_together(
    named: dict[str, str],
    days: list[str],
    begin: time | None,
    end: time | None,
    rule: Override | None,
) -> None:
    assert rule_of(named, days, begin, end, "kids") == rule


def test_rules_are_told_in_words() -> None:
    rule = Override("sleep", artist="A", playlist="B", hours=Hours((4, 5), 1320, 390))
    assert rule_words(rule) == (
        "artist “A” and playlist “B” and Friday, Saturday, 22:00 to 06:30: sleep"
    )
    assert rule_words(Override("kids", hours=Hours(end=360))) == "every day, 00:00 to 06:00: kids"
