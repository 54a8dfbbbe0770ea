"""Every check of a listener is green after a daily run, and red once the lake is changed for it.

Add a change here for a new check: one that no change can turn red is none. Which metadata tells
what of a change belongs in the tests of its stage.
"""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.definitions import defs
from pipelines.ingest.privacy_export import BECAME
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.context_tables import LABELLED_PLAYS, SESSIONS
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import (
    GAPS,
    PLAYS,
    RECENT_TRACKS,
    REFUSED,
    TOP_ARTISTS,
    TOP_TRACKS,
)
from pipelines.listening.time.months import Month
from pipelines.ops.run_events import LEFT_TO_HEALTH
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import to_parquet
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline, bytes_at, dagster_home, failures, today
from tests.checks.evaluations import evaluations

HOME = "users/nico/"
MOST = 45
"""Checks of one listener: an operator has to know what each of them means."""

CONTEXTS_BY_MONTH = insights()["contexts_by_month"].table
LISTENING_BY_MONTH = insights()["listening_by_month"].table

Change = Callable[[Lake], None]


def stored(lake: Lake, table: Table, **parts: str) -> dict[str, pa.Table]:
    """By path what lies in the files of a table."""
    if "{month}" in table.path:
        found = [e.key for e in lake.store.list(HOME + table.path.partition("{")[0])]
    else:
        found = [HOME + table.path.format(date=today(), **parts)]
    return {path: pq.read_table(io.BytesIO(bytes_at(lake, path))) for path in found}


def last(lake: Lake, table: Table) -> tuple[str, pa.Table]:
    """The path of a table's last file, and what lies in it."""
    return list(stored(lake, table).items())[-1]


def put(lake: Lake, path: str, rows: pa.Table) -> None:
    """Store what no asset would write: the gate before the lake is not asked."""
    lake.store.put(path, to_parquet(rows, {}))


def values(table: Table, column: str, *first: Any, every: bool = False, **parts: str) -> Change:
    """Other values in the first rows of a column in each file, or one in all rows.

    Args:
        table: whose column it is.
        column: its name.
        first: the values.
        every: whether the first value is that of every row.
        parts: what the path of its file names, such as a time range.
    """

    def change(lake: Lake) -> None:
        for path, rows in stored(lake, table, **parts).items():
            before = rows[column].to_pylist()
            after = list(first) * len(rows) if every else [*first, *before[len(first) :]]
            field = rows.schema.field(column).with_nullable(True)
            at = rows.schema.get_field_index(column)
            put(lake, path, rows.set_column(at, field, pa.array(after[: len(rows)], field.type)))

    return change


def again(table: Table) -> Change:
    """The first row once more."""

    def change(lake: Lake) -> None:
        path, rows = last(lake, table)
        put(lake, path, pa.concat_tables([rows, rows.slice(0, 1)]))

    return change


def without(table: Table, column: str) -> Change:
    """A column less."""

    def change(lake: Lake) -> None:
        path, rows = last(lake, table)
        put(lake, path, rows.drop_columns([column]))

    return change


def only_rows(table: Table, *made: dict[str, Any], **parts: str) -> Change:
    """These rows and no others; columns that they lack are null."""

    def change(lake: Lake) -> None:
        put(lake, HOME + table.path.format(date=today(), **parts), table.from_rows(list(made)))

    return change


def document(path: str, content: Any) -> Change:
    """A JSON document."""
    return lambda lake: lake.store.put(HOME + path, json.dumps(content).encode())


def manifest_of_labels(**coverage: int) -> Change:
    """A manifest of nine labelled plays, so many of which have evidence of a kind."""
    made = {"etag": "0", "code": "", "inputs": {}, "rows": 9, "coverage": coverage}
    return document("labelled_plays/_manifest.json", {"a": made})


def no_responses(lake: Lake) -> None:
    for entry in list(lake.store.list(f"{HOME}raw/recently_played/")):
        lake.store.delete(entry.key)


def old_login(_: Lake) -> None:
    consent = datetime.now(UTC) - timedelta(days=200)
    file = TokenFile(Settings().tokens_dir, "nico")
    file.write(Token(refresh_token="kept secret", authorized_at=consent))


def refused_file(lake: Lake) -> None:
    lake.store.put(f"{HOME}imports/holiday.zip", b"no archive")
    told = {"holiday.zip": {"size": 10, "reason": "holiday.zip is no export"}}
    document("imports/refused.json", told)(lake)


def shares(by_month: list[float]) -> Change:
    """Months before this one in which parties had these shares, and sleep the rest."""
    now = Month.of(datetime.now(UTC).date())
    rows = [
        {"scope": "all", "context": context, "share": share, "minutes": 1000 * share}
        | {"month": now.plus_months(back - len(by_month)).first, "plays": 9, "sessions": 1}
        | {"avg_confidence": 0.9, "coverage": "export", "at_least": False}
        for back, party in enumerate(by_month)
        for context, share in (("party", party), ("sleep", 1 - party))
    ]
    return only_rows(CONTEXTS_BY_MONTH, *rows)


def more_than_all(lake: Lake) -> None:
    [(path, rows)] = stored(lake, LISTENING_BY_MONTH).items()
    plays = pc.if_else(pc.equal(rows["scope"], "mine"), 1_000_000, rows["plays"])
    field = rows.schema.field("plays")
    at = rows.schema.get_field_index("plays")
    put(lake, path, rows.set_column(at, field, plays.cast(field.type)))


AT = datetime(2026, 6, 1, tzinfo=UTC)
OPEN_GAP = {"gap_start": AT, "gap_end": AT + timedelta(hours=1), "detected_at": AT}
A_REFUSED_ROW = {"response": "one.json.gz", "item": 1, "reason": "track is null", "row": "{}"}
AN_IMPORT = dict.fromkeys(BECAME, 1) | {
    "import_id": "a1",
    "imported_at": AT.isoformat(),
    "vouches_for": [],
    "months": [],
    "rows_read": len(BECAME) + 1,
}
OLD, LATE = datetime(1999, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

SURE = [
    values(LABELLED_PLAYS, "context_confidence", 0.9, every=True),
    manifest_of_labels(names=9),
]
"""How sure labels of a few hours are is chance."""

CHANGES: dict[str, list[Change]] = {
    "recently_played last_response_is_fresh": [no_responses],
    "profile login_lasts": [old_login],
    "streaming_history every_dropped_file_was_taken_in": [refused_file],
    "streaming_history every_row_is_accounted_for": [
        document("streaming_history/a1/outcome.json", AN_IMPORT)
    ],
    "recent_tracks recent_tracks_as_declared": [
        values(RECENT_TRACKS, "kind", None),
        again(RECENT_TRACKS),
        without(RECENT_TRACKS, "isrc"),
    ],
    "recent_tracks track_id_is_mostly_there": [values(RECENT_TRACKS, "track_id", *[None] * 9)],
    "recent_tracks artist_id_is_mostly_there": [values(RECENT_TRACKS, "artist_id", *[None] * 9)],
    "recent_tracks duration_ms_is_mostly_there": [
        values(RECENT_TRACKS, "duration_ms", *[None] * 9)
    ],
    "recent_tracks no_row_was_refused": [only_rows(REFUSED, A_REFUSED_ROW)],
    "top_tracks top_tracks_as_declared": [
        values(TOP_TRACKS, "rank", 1, 1, time_range="short"),
        values(TOP_TRACKS, "time_range", None, time_range="long"),
    ],
    "top_tracks ranks_have_no_holes": [
        values(TOP_TRACKS, "rank", 1, 99, time_range="medium"),
        values(TOP_TRACKS, "rank", 0, time_range="long"),
    ],
    "top_tracks lists_are_not_empty": [only_rows(TOP_TRACKS, time_range="long")],
    "top_tracks track_id_is_mostly_there": [
        values(TOP_TRACKS, "track_id", None, every=True, time_range="medium")
    ],
    "top_artists top_artists_as_declared": [
        values(TOP_ARTISTS, "rank", 1, 1, time_range="medium"),
        values(TOP_ARTISTS, "artist_name", None, time_range="long"),
    ],
    "top_artists ranks_have_no_holes": [values(TOP_ARTISTS, "rank", 1, 99, time_range="short")],
    "top_artists lists_are_not_empty": [only_rows(TOP_ARTISTS, time_range="medium")],
    "top_artists artist_id_is_mostly_there": [
        values(TOP_ARTISTS, "artist_id", None, every=True, time_range="long")
    ],
    "plays plays_as_declared": [
        values(PLAYS, "play_id", None),
        again(PLAYS),
        without(PLAYS, "kind"),
    ],
    "plays played_at_is_in_time": [
        values(PLAYS, "played_at", OLD),
        values(PLAYS, "played_at", LATE),
    ],
    "plays ms_played_is_not_negative": [values(PLAYS, "ms_played", -1)],
    "plays track_name_is_mostly_there": [values(PLAYS, "track_name", None, every=True)],
    "plays artist_name_is_mostly_there": [values(PLAYS, "artist_name", None, every=True)],
    "plays ms_played_is_mostly_there": [values(PLAYS, "ms_played", None, every=True)],
    "gaps gaps_as_declared": [
        only_rows(GAPS, OPEN_GAP, OPEN_GAP),
        without(GAPS, "closed_at"),
    ],
    "gaps no_gap_is_open": [only_rows(GAPS, OPEN_GAP)],
    "labelled_plays labelled_plays_as_declared": [
        values(LABELLED_PLAYS, "mine", None),
        again(LABELLED_PLAYS),
    ],
    "labelled_plays context_is_known": [values(LABELLED_PLAYS, "context", "jogging")],
    "labelled_plays context_confidence_is_a_share": [
        values(LABELLED_PLAYS, "context_confidence", 1.5),
        values(LABELLED_PLAYS, "context_confidence", -0.5),
    ],
    "labelled_plays labels_rest_on_more_than_clock_and_habits": [manifest_of_labels(habits=9)],
    "labelled_plays most_labels_are_sure": [
        values(LABELLED_PLAYS, "context_confidence", 0.1, every=True)
    ],
    "sessions sessions_as_declared": [values(SESSIONS, "minutes", None), again(SESSIONS)],
    "sessions session_does_not_end_before_it_starts": [values(SESSIONS, "ended_at", OLD)],
    "playlist_readings playlist_readings_as_declared": [
        values(PLAYLIST_READINGS, "state", None),
        again(PLAYLIST_READINGS),
    ],
    "playlist_readings as_many_items_as_spotify_told": [
        values(PLAYLIST_READINGS, "items", 1_000, every=True)
    ],
    "playlist_readings every_playlist_is_readable": [
        values(PLAYLIST_READINGS, "state", "not_readable")
    ],
    "listening_by_month listening_by_month_as_declared": [
        values(LISTENING_BY_MONTH, "plays", None),
        again(LISTENING_BY_MONTH),
    ],
    "listening_by_month mine_is_never_more_than_all": [more_than_all],
    "contexts_by_month contexts_by_month_as_declared": [
        values(CONTEXTS_BY_MONTH, "share", None),
        again(CONTEXTS_BY_MONTH),
    ],
    "contexts_by_month shares_of_a_month_add_up": [values(CONTEXTS_BY_MONTH, "share", 2.0)],
    "contexts_by_month no_share_jumped": [shares([0.1, 0.1, 0.1, 0.9])],
}


class Daily:
    """A daily run, what it left, and its checks."""

    def __init__(self, job: dg.JobDefinition, instance: dg.DagsterInstance, folder: Path) -> None:
        self.job, self.instance, self.folder = job, instance, folder
        self.green = self.checked({key.partition(" ")[0] for key in CHANGES})

    def checked(self, assets: set[str]) -> dict[str, dg.AssetCheckEvaluation]:
        """By asset and name the evaluation of their checks on the lake of the environment."""
        found: dict[str, dg.AssetCheckEvaluation] = {}
        for asset in sorted(assets):
            for name, one in evaluations(self.job, self.instance, [asset], date=today()).items():
                found[f"{asset} {name}"] = one
        return found


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daily]:
    folder = tmp_path_factory.mktemp("daily")
    (folder / "listeners.toml").write_text('[nico]\ntimezone = "Europe/Berlin"\n')
    with (
        Sandbox("nico") as sandbox,
        pytest.MonkeyPatch.context() as environment,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        for name, value in {
            "DAGSTER_HOME": str(dagster_home(folder)),
            "LAKE_URL": str(folder / "lake"),
            "TOKENS_DIR": str(folder / "tokens"),
            "LISTENERS_FILE": str(folder / "listeners.toml"),
            **sandbox.environment("nico"),
        }.items():
            environment.setenv(name, value)
        day = today()
        environment.setitem(globals(), "today", lambda: day)  # the lake's, after midnight too
        lake = Lake.open(Settings())
        assert failures(Pipeline(instance, lake).run("daily_nico", day)) == []
        assert failures(Pipeline(instance, lake).read_playlists()) == []
        for change in SURE:
            change(lake)
        yield Daily(defs().resolve_implicit_global_asset_job_def(), instance, folder)


@pytest.fixture
def changing(daily: Daily, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A copy of what the daily run left."""
    for name, what in (("LAKE_URL", "lake"), ("TOKENS_DIR", "tokens")):
        shutil.copytree(daily.folder / what, tmp_path / what)
        monkeypatch.setenv(name, str(tmp_path / what))
    return Lake.open(Settings())


def test_a_listener_has_no_more_checks_than_a_person_can_know(daily: Daily) -> None:
    keys = daily.job.asset_layer.asset_graph.asset_check_keys
    names = [f"{key.asset_key.path[-1]} {key.name}" for key in keys]
    assert len(names) <= MOST
    assert sorted(names) == sorted(CHANGES), "each check needs a change here that turns it red"


def test_checks_that_alerts_leave_to_health_are_there(daily: Daily) -> None:
    names = {key.name for key in daily.job.asset_layer.asset_graph.asset_check_keys}
    assert names >= LEFT_TO_HEALTH


def test_all_are_green_after_a_daily_run(daily: Daily) -> None:
    assert [name for name, one in daily.green.items() if not one.passed] == []


@pytest.mark.parametrize(
    ("check", "change"), [(check, one) for check, some in CHANGES.items() for one in some]
)
def test_a_change_in_the_lake_turns_it_red(
    daily: Daily, changing: Lake, check: str, change: Change
) -> None:
    change(changing)
    assert not daily.checked({check.partition(" ")[0]})[check].passed
