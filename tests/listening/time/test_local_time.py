"""What is known of a listener's time zones besides the time that their clocks show."""

from datetime import date

import pytest

from pipelines.listening.time.local_time import Zone, is_northern


@pytest.mark.parametrize(
    ("names", "northern"),
    [
        (["Europe/Berlin"], True),
        (["Europe/Dublin"], True),
        (["America/Los_Angeles"], True),
        (["Europe/Istanbul"], True),
        (["Australia/Sydney"], False),
        (["America/Sao_Paulo"], False),
        (["Africa/Windhoek"], False),
        (["Asia/Singapore"], None),
        (["Asia/Tokyo"], None),
        (["UTC"], None),
        (["Europe/Berlin", "America/New_York"], True),
        (["America/Sao_Paulo", "Europe/Lisbon"], None),
        (["Europe/Berlin", "Asia/Tokyo"], None),
    ],
)
def test_where_july_is_summer_is_known_from_summer_time(
    names: list[str], northern: bool | None
) -> None:
    zones = [Zone(name, date(2024, 1, 1) if n else None) for n, name in enumerate(names)]

    assert is_northern(zones) is northern
