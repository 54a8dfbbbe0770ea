"""Days with every fault at random: at the end the ledger is the truth, and rebuilds to the byte.

`make soak` runs it for 30 days; SOAK_DAYS and SOAK_SEEDS choose others.
"""

import gzip
import hashlib
import json
import os
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.resources.lake import lakes
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as policy
from sandbox import Play, Sandbox, truth
from testing.pipeline import Pipeline
from tests.support.environment import Environment
from tests.system.faults.shaky import Shaky
from tests.system.faults.soak import BEGIN, Soak

pytestmark = pytest.mark.rare

DAYS = float(os.environ.get("SOAK_DAYS", "3"))
SEEDS = [int(seed) for seed in os.environ.get("SOAK_SEEDS", "1").split()]
EXPORTS_DIFFER = timedelta(seconds=2)
DERIVED = ("polled/", "plays/", "aggregated/")


@pytest.fixture
def soak(  # noqa: PLR0917 fixtures
    request: pytest.FixtureRequest,
    tmp_path: Path,
    environment: Environment,
    sandbox: Sandbox,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Soak:
    store = Shaky(Folder(tmp_path / "lake"))
    monkeypatch.setattr(lakes, "open_store", lambda *_, **__: store)
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.005)

    sandbox.shows_its_clock = True  # which is right when the machine's is not
    chance = random.Random(request.param)
    return Soak(sandbox, store, instance, tmp_path, chance, monkeypatch)


class Once:
    """Rows of a ledger, each to be found once."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows: dict[str, list[datetime]] = defaultdict(list)
        for row in rows:
            self._rows[row["track_id"]].append(row["played_at"])

    def take(self, track: str, at: datetime) -> bool:
        """Whether there was one more row of this play."""
        near = [one for one in self._rows[track] if abs(one - at) <= EXPORTS_DIFFER]
        if near:
            self._rows[track].remove(min(near, key=lambda one: abs(one - at)))
        return bool(near)

    @property
    def left(self) -> list[tuple[str, datetime]]:
        """What nobody asked for."""
        return [(track, at) for track, times in self._rows.items() for at in times]


def shown(pipeline: Pipeline) -> set[tuple[str, datetime]]:
    """Every play that stands in a response kept, read without the pipeline."""
    found = set()
    for path, body in pipeline.bodies("raw/recently_played/").items():
        assert path.endswith(".json.gz")
        answer = json.loads(gzip.decompress(body).partition(b"\n")[2])
        for item in answer["items"]:
            track = item.get("track") or item["item"]
            found.add((track["id"], datetime.fromisoformat(item["played_at"])))
    return found


def lived(soak: Soak) -> list[Play]:
    return truth("nico", BEGIN - timedelta(days=25), soak.moment)


def lost(soak: Soak, pipeline: Pipeline) -> list[Play]:
    """Plays that are neither in the ledger nor in an open gap, since polling began."""
    gaps = [gap for gap in pipeline.table("aggregated/gaps.parquet") if not gap["closed_at"]]
    kept = shown(pipeline)
    began = min(at for _, at in kept)
    rows = Once([row for row in pipeline.plays() if row["kind"] == "track"])

    def excused(play: Play) -> bool:
        at = play.played_at
        in_a_gap = any(gap["gap_start"] <= at <= gap["gap_end"] for gap in gaps)
        return in_a_gap or any(start <= at < end for start, end, _ in soak.offline)

    return [
        play
        for play in lived(soak)
        if not play.skipped
        and play.played_at >= began
        and not rows.take(play.track.id, play.played_at)
        and not ((play.track.id, play.played_at) not in kept and excused(play))
    ]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("soak", SEEDS, indirect=True)
def test_after_days_of_faults_the_ledger_is_the_truth(soak: Soak) -> None:
    pipeline = Pipeline(soak.instance, Lake(soak.store.folder))
    raw: dict[str, str] = {}
    for day in range(1, int(DAYS) + 1):
        soak.live(day)
        now = {
            path: hashlib.sha256(body).hexdigest() for path, body in pipeline.bodies("raw/").items()
        }
        assert raw.items() <= now.items(), "what was kept stays as it is"
        raw = now
    assert soak.last_day() == []
    print(dict(soak.happened))

    assert soak.disobeyed == []
    assert lost(soak, pipeline) == []
    rows = Once([row for row in pipeline.plays() if row["kind"] == "track"])
    for play in lived(soak):
        rows.take(play.track.id, play.played_at)
    assert rows.left == [], "nothing is there twice, or was never heard"

    paths = [path for folder in DERIVED for path in pipeline.bodies(folder)]
    before = pipeline.bodies()
    for folder in ("polled/", "plays/"):
        pipeline.lake.store.delete(f"users/nico/{folder}")
    assert soak.rebuild() == []
    after = pipeline.bodies()
    assert [path for path in paths if after.get(path) != before[path]] == []
