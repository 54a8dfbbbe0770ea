"""Logins of the dashboard: what is kept of them, how long they last, and that they can be ended."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.errors import LoginsUnavailable
from pipelines.resources.dashboard_logins import AGENT_LENGTH, DashboardLogins, key_of
from pipelines.settings import DashboardSettings

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "dashboard.sqlite"


@pytest.fixture
def now() -> list[float]:
    return [1_790_000_000.0]


@pytest.fixture
def logins(file: Path, now: list[float]) -> DashboardLogins:
    return opened(file, now)


def opened(file: Path, now: list[float], lasts: timedelta = 12 * HOUR) -> DashboardLogins:
    settings = DashboardSettings(None, (), file, lasts, 2 * HOUR)
    return DashboardLogins(settings, lambda: now[0])


def test_another_process_knows_a_login_and_can_end_it(
    logins: DashboardLogins, file: Path, now: list[float]
) -> None:
    token = logins.begin("nico", "Firefox")
    other = opened(file, now)
    found = other.find(token)
    assert found
    assert (found.listener, found.agent, found.key) == ("nico", "Firefox", key_of(token))
    assert other.end(found.key) == 1
    assert logins.find(token) is None


def test_beside_a_process_that_keeps_a_write_ahead_log_logins_work_and_are_forgotten(
    logins: DashboardLogins, file: Path, now: list[float]
) -> None:
    token = logins.begin("nico")
    logins.close()
    log = file.with_name(f"{file.name}-wal")
    with closing(sqlite3.connect(file, isolation_level=None)) as older:
        older.execute("PRAGMA journal_mode = WAL")
        older.execute("UPDATE logins SET agent = 'in the log'")
        other = opened(file, now)
        found = other.find(token)
        assert found
        assert found.agent == "in the log"
        assert b"in the log" in log.read_bytes()
        assert other.forget("nico") == 1
        assert b"in the log" not in log.read_bytes() + file.read_bytes()
        other.close()
    assert opened(file, now).find(token) is None
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_tokens_are_never_the_same_and_32_bytes_long(logins: DashboardLogins) -> None:
    tokens = {logins.begin("nico") for _ in range(50)} | {logins.invite("nico", HOUR)}
    assert len(tokens) == 51
    assert all(len(token) == 43 for token in tokens)


def test_a_login_that_is_used_lasts_until_its_end(
    logins: DashboardLogins, now: list[float]
) -> None:
    token = logins.begin("nico")
    for _ in range(11):
        now[0] += 3_600
        assert logins.find(token)
    now[0] += 3_599
    assert logins.find(token)
    now[0] += 1
    assert logins.find(token) is None


def test_being_asked_about_is_not_being_used(logins: DashboardLogins, now: list[float]) -> None:
    token = logins.begin("nico")
    now[0] += 7_199
    assert logins.find(token, is_used=False)
    now[0] += 1
    assert logins.find(token) is None


def test_a_clock_that_was_put_back_does_not_prolong_a_login(
    logins: DashboardLogins, now: list[float]
) -> None:
    token = logins.begin("nico")
    now[0] -= 3_600
    assert logins.find(token) is None


def test_a_shorter_limit_holds_for_logins_of_before(
    logins: DashboardLogins, file: Path, now: list[float]
) -> None:
    token = logins.begin("nico")
    now[0] += 3_600
    assert opened(file, now, lasts=HOUR).find(token) is None


def test_what_is_over_is_swept_at_the_next_login(
    logins: DashboardLogins, file: Path, now: list[float]
) -> None:
    for _ in range(3):
        logins.begin("nico")
        logins.invite("nico", HOUR)
    now[0] += 13 * 3_600
    logins.begin("mira")
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT listener FROM logins").fetchall() == [("mira",)]
        assert database.execute("SELECT count(*) FROM invitations").fetchone() == (0,)


def test_an_invitation_is_accepted_once_while_it_lasts(
    logins: DashboardLogins, now: list[float]
) -> None:
    token = logins.invite("nico", HOUR)
    assert logins.invitations("nico") == 1
    assert logins.accept(token) == "nico"
    assert logins.accept(token) is None
    late = logins.invite("nico", HOUR)
    now[0] += 3_600
    assert logins.accept(late) is None


def test_an_invitation_is_no_login_and_a_login_no_invitation(logins: DashboardLogins) -> None:
    assert logins.find(logins.invite("nico", HOUR)) is None
    assert logins.accept(logins.begin("nico")) is None


def test_nothing_of_a_forgotten_listener_is_left_in_any_byte(
    logins: DashboardLogins, file: Path
) -> None:
    stays = logins.begin("mira", "Firefox of mira")
    for _ in range(20):
        logins.begin("marlene", "Firefox of marlene")
        logins.invite("marlene", HOUR)
    assert logins.count("marlene") == 40
    assert logins.forget("marlene") == 40
    assert logins.count("marlene") == 0
    assert logins.find(stays)
    for path in file.parent.iterdir():
        assert b"marlene" not in path.read_bytes(), path


def test_to_forget_makes_no_file(logins: DashboardLogins, file: Path) -> None:
    assert (logins.count("nico"), logins.forget("nico")) == (0, 0)
    assert not file.exists()


def test_what_a_browser_calls_itself_is_short_and_printable(logins: DashboardLogins) -> None:
    logins.begin("nico", "a\x1b[31m\n" + "b" * 500)
    [login] = logins.all()
    assert login.agent.isprintable()
    assert len(login.agent) == AGENT_LENGTH


@pytest.mark.parametrize("kind", ["readable", "link", "damaged", "folder"])
def test_a_file_that_cannot_be_trusted_is_one_line(
    kind: str, logins: DashboardLogins, file: Path, tmp_path: Path
) -> None:
    file.parent.mkdir()
    if kind == "readable":
        file.touch(0o644)
    elif kind == "link":
        (tmp_path / "elsewhere").touch(0o600)
        file.symlink_to(tmp_path / "elsewhere")
    elif kind == "damaged":
        file.touch(0o600)
        file.write_bytes(b"no database" * 1_000)
    else:
        file.mkdir(0o700)
    with pytest.raises(LoginsUnavailable, match="DASHBOARD_FILE") as problem:
        logins.begin("nico")
    assert "\n" not in str(problem.value)
