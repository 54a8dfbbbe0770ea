"""A deployment of an earlier version is upgraded as docs/operations.md says, and rolled back.

What the earlier version left is packed in tests/data/deployments/ (`packing.py` says how); its own
code runs where git has its tag. What is upgraded and rolled back here is done by the operator's
commands and by the two services.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Self

import dagster as dg
import msgspec
import pyarrow.parquet as pq
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule
from pipelines.listening.contexts.overrides import BY_HAND
from pipelines.resources.spotify.token_store import Token, TokenFile
from testing.pipeline import today
from tests.support.dagster_processes import until
from tests.support.environment import Environment
from tests.support.places import ROOT
from tests.support.ticks import tick
from tests.system.deploy.one_machine import Installation, installed
from tests.system.deploy.packing import (
    PLANNED,
    STOPPED,
    WHO,
    checked_out,
    ended,
    fill_in_survey,
    unpack,
)

pytestmark = [pytest.mark.rare, pytest.mark.waits, pytest.mark.timeout(900)]

VERSIONS = ("v1.0.0",)
"""Of which deployments are packed."""

DAILY, POLL = f"daily_{WHO}", f"poll_{WHO}"
"""Old polls are not kept: see "Old runs" of the page."""

KEPT_BY_MONTH = ("plays", "labelled_plays", "polled")

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Home:
    """What belongs to an owner, looked at from outside."""

    folder: Path

    @property
    def own(self) -> Path:
        """The listener's folder in the lake."""
        return self.folder / "lake" / "users" / WHO

    def rows(self, table: str, key: str) -> Rows:
        """The rows of a table that is kept by month, by their key, of which there is one each."""
        rows = pq.read_table(self.own / table, partitioning=None).to_pylist()
        found = {row[key]: row for row in rows}
        assert len(found) == len(rows), f"{table}: {key} twice"
        return found

    def manifest(self, table: str) -> dict[str, dict[str, Any]]:
        """Of what each month of a table was made."""
        return json.loads((self.own / table / "_manifest.json").read_text())

    @property
    def login(self) -> TokenFile:
        """The listener's."""
        return TokenFile(self.folder / "tokens", WHO)

    @property
    def token(self) -> Token:
        """Of the listener's login."""
        token = self.login.read()
        assert token is not None
        return token

    def log_in_again(self) -> None:
        """Make the login as young as it was: half a year after it was packed it has expired."""
        again = msgspec.structs.replace(self.token, seeded_at=datetime.now(UTC))
        with self.login.locked():
            self.login.write(again)


@dataclass
class Upgraded:
    """An upgrade that is over: what there was, what there is now, and what was seen of it.

    Attributes:
        version: the earlier one.
        folder: of both, and of Dagster's logs.
        told: kind and title of each alert that was sent.
        status: what `playledger status` said in the end.
        derived: the manifests after the first daily run; there was a second one after it.
        listed: the plans that there are.
    """

    version: str
    folder: Path
    told: list[list[str]] = field(default_factory=list)
    status: str = ""
    derived: dict[str, Any] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def before(self) -> Home:
        """As the earlier version left it."""
        return Home(self.folder / "before")

    @property
    def after(self) -> Home:
        """As it is now."""
        return Home(self.folder / "home")

    @classmethod
    def read(cls, version: str, folder: Path) -> Self:
        """What `upgrade` wrote."""
        return cls(version, folder, **json.loads((folder / "seen.json").read_text()))


def upgrade(version: str, folder: Path) -> None:
    """The steps of "Upgrade", then a daily run, then another one that finds nothing to do."""
    made = Upgraded(version, folder)
    for home in (made.before, made.after):
        unpack(version, home.folder)
        home.log_in_again()
    with installed(ROOT, made.after.folder, WHO) as new:
        fill_in_survey(new.sandbox)
        new.sandbox.clock.fix(datetime.now(UTC))
        new.do("dagster", "instance", "migrate")
        with new.services() as webserver, new.records() as records:
            assert ended(records, webserver.launch(DAILY, today())) == "SUCCESS"
            over = datetime.now(UTC).isoformat()
            until(lambda: alerts_cursor(records).get("seen_at", "") > over, "a look for alerts")
        made.derived = {name: made.after.manifest(name) for name in KEPT_BY_MONTH}
        run_daily(new)
        made.told = [list(one) for one in new.alerts.told]
        made.status = new.do("playledger", "status")
        made.listed = json.loads(new.do("playledger", "playlists", "plan", WHO, "--json"))
    seen = {"told", "status", "derived", "listed"}
    (folder / "seen.json").write_text(json.dumps({name: getattr(made, name) for name in seen}))


def run_daily(installed: Installation) -> None:
    """A daily run, without any service."""
    tags = json.dumps({"dagster/partition": today()})
    module = ("-m", "pipelines.definitions", "-d", ".")
    installed.do("dagster", "job", "execute", *module, "-j", DAILY, "--tags", tags)


def alerts_cursor(records: dg.DagsterInstance) -> dict[str, Any]:
    """What the sensor `alerts` keeps from one tick to the next."""
    states = [one for one in records.all_instigator_state() if one.name == "alerts"]
    return json.loads(states[0].instigator_data.cursor or "{}") if states else {}


def records_of(home: Home) -> dg.DagsterInstance:
    """Dagster's records."""
    return dg.DagsterInstance.from_config(str(home.folder / "dagster"))


@pytest.fixture(scope="module", params=VERSIONS)
def upgraded(
    request: pytest.FixtureRequest, once: Callable[[str, Callable[[Path], object]], Path]
) -> Upgraded:
    """A deployment of an earlier version after its upgrade; copy it to change it."""
    version = request.param
    return Upgraded.read(version, once(f"upgraded-{version}", partial(upgrade, version)))


def test_every_play_is_there_once_and_says_what_it_said(upgraded: Upgraded) -> None:
    for table in ("plays", "labelled_plays"):
        before = upgraded.before.rows(table, "play_id")
        after = upgraded.after.rows(table, "play_id")
        assert len(before) > 1000
        assert before.keys() <= after.keys()
    before, after = (one.rows("plays", "play_id") for one in (upgraded.before, upgraded.after))
    assert {key: after[key].items() >= row.items() for key, row in before.items()} == dict.fromkeys(
        before, True
    )


def test_what_is_made_of_the_same_by_the_same_code_is_not_made_again(upgraded: Upgraded) -> None:
    before, after = (one.manifest("plays") for one in (upgraded.before, upgraded.after))
    exported = {
        month: entry
        for month, entry in before.items()
        if entry["etag"] and not any(one.startswith("polled/") for one in entry["inputs"])
    }
    assert exported, "there is a month of which no poll told"
    for month, entry in exported.items():
        assert after[month] == entry or after[month]["code"] != entry["code"], month
    for name, derived in upgraded.derived.items():
        assert upgraded.after.manifest(name) == derived, f"{name} is derived by every run"


def test_dagster_still_knows_every_run_and_event_and_what_was_stopped(upgraded: Upgraded) -> None:
    with records_of(upgraded.before) as before, records_of(upgraded.after) as after:
        runs = {run.run_id: run.status for run in before.get_runs() if run.job_name != POLL}
        assert runs.items() <= {run.run_id: run.status for run in after.get_runs()}.items()
        assert set(runs.values()) == {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}
        for run in runs:
            events = [one.storage_id for one in before.get_records_for_run(run).records]
            assert [one.storage_id for one in after.get_records_for_run(run).records] == events
        assert set(before.all_asset_keys()) <= set(after.all_asset_keys())
        states = [
            {one.name: one.status.value for one in records.all_instigator_state()}
            for records in (before, after)
        ]
        assert states[0][STOPPED] == "STOPPED"
        assert states[0].items() <= states[1].items()


def test_a_date_that_was_done_is_not_done_again(
    upgraded: Upgraded, environment: Environment
) -> None:
    home = upgraded.after.folder
    environment.set(
        LAKE_URL=str(home / "lake"),
        TOKENS_DIR=str(home / "tokens"),
        LISTENERS_FILE=str(home / "listeners.toml"),
    )
    with records_of(upgraded.before) as records:
        done = dg.RunsFilter(job_name=DAILY, statuses=[dg.DagsterRunStatus.SUCCESS])
        (date,) = (run.tags["dagster/partition"] for run in records.get_runs(done))
    at = datetime.combine(datetime.fromisoformat(date), time(23, 10), UTC)
    with records_of(upgraded.after) as records, time_machine.travel(at):
        answer = tick(daily_schedule, records, DAILY, due=at, listener=WHO)
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == f"{date} is done"


def test_nobody_is_told_again_of_what_they_were_told_of(upgraded: Upgraded) -> None:
    with records_of(upgraded.before) as before, records_of(upgraded.after) as after:
        (known,), (now,) = (alerts_cursor(one)["told"].values() for one in (before, after))
    assert {problem["level"] for problem in known.values()} == {"failure", "warning"}
    # Its only failure was a daily run's, and now there was one that succeeded.
    assert ["success", f"Playledger: daily run of {WHO} (resolved)"] in upgraded.told
    lasting = {key: one["about"] for key, one in known.items() if one["level"] == "warning"}
    assert lasting.keys() <= now.keys(), "it is still so"
    titles = Counter(title for kind, title in upgraded.told if kind != "success")
    assert not [topic for topic in lasting.values() if titles[f"Playledger: {topic} (warning)"]]


def test_the_login_still_holds_and_all_is_well(upgraded: Upgraded) -> None:
    before, after = upgraded.before.token, upgraded.after.token
    assert after.refresh_token == before.refresh_token
    assert after.access_token != before.access_token, "Spotify accepted it"
    assert after.collecting_since == before.collecting_since
    assert upgraded.status.rstrip().endswith("\nhealthy"), upgraded.status


def test_what_a_listener_chose_is_as_they_chose_it(upgraded: Upgraded) -> None:
    before, after = upgraded.before, upgraded.after
    labels = "labels/data.parquet"
    assert (after.own / labels).read_bytes() == (before.own / labels).read_bytes()
    (label,) = pq.read_table(after.own / labels).to_pylist()
    sessions = pq.read_table(after.own / "aggregated" / "sessions.parquet").to_pylist()
    labelled = [one for one in sessions if one["context"] == label["context"] == "party"]
    assert any(BY_HAND in one["context_evidence"] for one in labelled)
    ruled = [row for row in after.rows("labelled_plays", "play_id").values() if by_rule(row)]
    assert ruled
    assert {row["context"] for row in ruled} == {"focus"}
    assert [one["name"] for one in upgraded.listed] == [PLANNED]
    plans = [sorted(one.glob("playlists/plans/*")) for one in (before.own, after.own)]
    assert [one.read_bytes() for one in plans[0]] == [one.read_bytes() for one in plans[1]]
    answers = "surveys/class/kept/responses.parquet"
    pseudonyms = [pq.read_table(one.folder / "lake" / answers) for one in (before, after)]
    assert pseudonyms[0].equals(pseudonyms[1])


def by_rule(row: dict[str, Any]) -> bool:
    """Whether the listener's rule decided."""
    return any(reason.startswith("you said so: ") for reason in row["context_evidence"])


def test_the_earlier_version_reads_what_the_new_one_wrote(
    upgraded: Upgraded, tmp_path: Path
) -> None:
    tag = upgraded.version
    known = subprocess.run(["git", "rev-parse", "-q", "--verify", f"{tag}^{{commit}}"], cwd=ROOT)
    if known.returncode:
        pytest.skip(f"git has no tag {tag} here")
    home = Home(tmp_path / "home")
    shutil.copytree(upgraded.after.folder, home.folder)
    # As the page says: Dagster's records come from the backup, the lake stays.
    shutil.rmtree(home.folder / "dagster")
    shutil.copytree(upgraded.before.folder / "dagster", home.folder / "dagster")
    with (
        checked_out(tag, tmp_path / "code") as code,
        installed(code, home.folder, WHO) as earlier,
    ):
        assert "\nhealthy" in earlier.do("playledger", "status")
        run_daily(earlier)
        assert "\nhealthy" in earlier.do("playledger", "status")
    upgraded_rows = upgraded.after.rows("plays", "play_id")
    assert upgraded_rows.items() <= home.rows("plays", "play_id").items()
