"""Pictures of insights in Dagster: small, the same for the same rows, and there from the first day.

Add a test here with every picture of an insight. Whether one is a good picture must be looked at.
"""

import io
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from PIL import Image

from pipelines.assets.insights import PICTURES
from pipelines.listening.insights.runner import insights


def rows_of(name: str, days: int) -> pa.Table:
    """So many days of listening, as the rows of an insight."""
    first = date(2024, 2, 28)
    every = [first + timedelta(n) for n in range(days)]
    told = {
        "listening_by_hour": [
            {"weekday": day, "hour": hour, "minutes": float(day * hour)}
            for day in range(7)
            for hour in range(24)
        ],
        "listening_by_day": [
            {"day": day, "minutes": float(day.day), "known": day.day != 9} for day in every
        ],
        "contexts_by_month": [
            {"month": month, "context": context, "minutes": 60.0}
            for month in sorted({day.replace(day=1) for day in every})
            for context in ("sleep", "everyday")
        ],
    }
    table = insights()[name].table
    return table.from_rows(
        [{"scope": scope, **row} for scope in ("all", "mine") for row in told[name]]
    )


@pytest.mark.parametrize("days", [1, 3, 4000])
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_a_small_png_from_the_first_day_to_ten_years(name: str, days: int) -> None:
    draw, _ = PICTURES[name]
    png = draw(rows_of(name, days))
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
    assert len(png) < 60_000
    assert draw(rows_of(name, days)) == png


def test_a_month_without_plays_leaves_its_place_empty() -> None:
    draw, _ = PICTURES["contexts_by_month"]
    rows = rows_of("contexts_by_month", 100)
    months = sorted(set(rows["month"].to_pylist()))
    without = rows.filter(pc.not_equal(rows["month"], pa.scalar(months[1])))
    assert draw(without) != draw(rows)
    with Image.open(io.BytesIO(draw(without))) as some, Image.open(io.BytesIO(draw(rows))) as every:
        assert some.size == every.size


def test_every_picture_is_of_an_insight_and_says_what_it_shows() -> None:
    assert set(PICTURES) <= set(insights())
    assert all(caption for _, caption in PICTURES.values())
