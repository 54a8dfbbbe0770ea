"""A real person's rows: whatever the clock shows, shape and hour do not convince.

No child is known to listen with them.

Add a test here for what labels must not say of them. Where the rows come from stands beside them.
"""

from datetime import UTC, datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.listening.contexts.phrases import find_phrases
from pipelines.listening.ledger.plays import Assembled, assemble
from pipelines.listening.ledger.plays import plays as plays_of
from pipelines.listening.schema.tables import POLLED
from pipelines.listening.time.local_time import Zone
from tests.listening.contexts.builders import labelled
from tests.support.export_files import ACCOUNT
from tests.support.lives import imported

ZONES = [f"Etc/GMT{hours:+d}" for hours in range(-12, 12)]
every_zone = pytest.mark.parametrize("zone", ZONES)


@cache
def rows_as_imported() -> Assembled:
    files = {ACCOUNT.name: ACCOUNT.read_bytes()}
    return assemble(POLLED.empty(), [imported(files, datetime(2022, 4, 1, tzinfo=UTC), "x")])


@cache
def heard_in(zone: str) -> pa.Table:
    """All plays, labelled as of a listener whose clock shows that zone."""
    return labelled(plays_of([rows_as_imported()], listener="someone", zones=[Zone(zone)]))


def minutes(rows: pa.Table) -> float:
    return float(pc.sum(rows["ms_played"]).as_py() or 0) / 60_000


@every_zone
def test_no_play_without_a_childrens_word_is_surely_for_children(zone: str) -> None:
    rows = heard_in(zone)
    sure = rows.filter(
        pc.and_(pc.equal(rows["context"], "kids"), pc.greater(rows["context_confidence"], 0.6))
    )
    told = np.zeros(len(sure), np.bool_)
    for field, column in (("track", "track_name"), ("artist", "artist_name")):
        told |= find_phrases(sure[column].combine_chunks(), field).strength[:, 1] > 0

    assert told.all()


@every_zone
def test_next_to_nothing_is_left_out_as_sleep_or_kids(zone: str) -> None:
    rows = heard_in(zone)
    left_out = rows.filter(pc.is_in(rows["context"], pa.array(["sleep", "kids"])))

    assert minutes(left_out) <= 0.003 * minutes(rows)


@every_zone
def test_a_day_of_rap_is_mostly_everyday(zone: str) -> None:
    rows = heard_in(zone)

    assert minutes(rows.filter(pc.equal(rows["context"], "everyday"))) >= 0.95 * minutes(rows)
