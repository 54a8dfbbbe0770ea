"""Logins between runs: refreshing, rotating, seeding, and what is left after a kill."""

import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from pipelines.errors import LoginExpired, TokenFileError
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.oauth import Login
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.asking import ASK, Collector, asked, heard, logged_in, python, tell

NewClient = Callable[[str], SpotifyClient]

DIES_WRITING = """
import os, sys, time
from pathlib import Path
from pipelines.resources.spotify.token_store import Token, TokenFile

def stop(*_):
    print("now", flush=True)
    time.sleep(60)

Path.replace = stop
TokenFile(Path(sys.argv[1]), "nico").write(Token(refresh_token="new" * 1000))
"""


FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""
"""Room for the small files of a run, as the last blocks of a disk are, but not for a token's."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "disk"
    where.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", where], check=True)
    yield where
    subprocess.run(["umount", where], check=True)


def fill(disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"), (disk / "other").open("ab") as file:
        file.write(b"x" * 1_000_000)


def me(client: SpotifyClient) -> object:
    return client.get("profile", lambda api: api.current_user())


@pytest.mark.parametrize(("minutes", "refreshed"), [(49, False), (50, True)])
def test_an_access_token_is_refreshed_after_50_of_its_60_minutes(
    minutes: int, refreshed: bool, client: SpotifyClient, sandbox: Sandbox
) -> None:
    logged_in(client, sandbox)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes), tick=True):
        me(client)
    assert ("POST /api/token" in asked(sandbox)) is refreshed


def test_a_clock_set_back_refreshes_rather_than_trusting_the_token(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    logged_in(client, sandbox)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
        me(client)
    assert asked(sandbox) == ["POST /api/token", "GET me"]


def test_two_processes_refresh_once_and_both_go_on_with_the_rotated_token(
    sandbox: Sandbox, token_file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTIFY_CLIENT_SECRET")
    sandbox.faults.add("hang", "token", seconds=0.3)
    processes = [python(ASK, "nico", "1") for _ in range(2)]
    for process in processes:
        heard(process)
    for process in processes:
        tell(process)
    for process in processes:
        _, told = process.communicate()
        assert process.returncode == 0, told
    assert sorted(asked(sandbox)) == ["GET me", "GET me", "POST /api/token"]
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico")


def test_a_rotated_token_is_kept_for_its_owner_alone(
    client: SpotifyClient,
    sandbox: Sandbox,
    token_file: TokenFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox.accounts.rotate = True
    seed = sandbox.refresh_token("nico")
    me(client)
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico") != seed
    assert stat.S_IMODE(token_file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(token_file.path.parent.stat().st_mode) == 0o700


def test_a_process_killed_while_writing_leaves_the_old_token_whole(
    token_file: TokenFile,
) -> None:
    token_file.write(Token(refresh_token="old"))
    process = python(DIES_WRITING, str(token_file.path.parent))
    assert heard(process) == "now"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    token = token_file.read()
    assert token
    assert token.refresh_token == "old"
    with token_file.locked():
        token_file.write(Token(refresh_token="newer"))
    modes = {stat.S_IMODE(one.stat().st_mode) for one in token_file.path.parent.glob(".nico-*")}
    assert modes == {0o600}, "nor can anybody read what it left behind"


def test_a_full_disk_loses_no_rotated_token_since_none_is_asked_for(
    sandbox: Sandbox, token_file: TokenFile, new_client: NewClient
) -> None:
    sandbox.accounts.rotate = True
    before = new_client("nico").login.current()
    process = python(FULL_DISK + ASK, "nico", "1")
    tell(process)
    _, error = process.communicate()
    told = f"TokenFileError: TOKENS_DIR: cannot write {token_file.path} (File too large): "
    assert told in error
    assert asked(sandbox) == []
    assert token_file.read() == before
    me(new_client("nico"))
    assert sandbox.refresh_token("nico") != before.refresh_token


@needs_root
def test_a_token_that_comes_while_the_disk_fills_up_has_its_room(small_disk: Path) -> None:
    file = TokenFile(small_disk, "nico")
    file.write(Token(refresh_token="old"))
    with file.reserve_space() as write:
        fill(small_disk)
        write(Token(refresh_token="rotated"))
    token = file.read()
    assert token
    assert token.refresh_token == "rotated"
    fill(small_disk)
    with pytest.raises(TokenFileError) as error:
        TokenFile(small_disk, "mira").write(Token(refresh_token="new"))
    assert str(error.value) == (
        f"TOKENS_DIR: cannot write {small_disk}/mira.json (No space left on device): "
        "free some space there"
    )
    assert [one.name for one in small_disk.glob(".mira-*")] == []


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
def test_a_folder_of_tokens_that_cannot_be_used_is_one_line(
    used: bool,
    sandbox: Sandbox,
    collect_for: Collector,
    token_file: TokenFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = token_file.path.parent
    if used:  # the tokens are there, but what is shared by the machine's runs is not
        collect_for("profile")
        sandbox.requests.clear()
        (lock,) = folder.glob("throttle-*.lock")
        lock.unlink()
        lock.mkdir()
    else:
        folder.write_text("a file stands where the folder should be")
    line = collect_for("recently_played", force=True).line
    assert re.fullmatch(
        rf"TOKENS_DIR: cannot (read|lock) {folder}/\S+ \((Not|Is) a directory\): let the user who "
        "runs this read and write there, or set it to another folder",
        line,
    )
    assert asked(sandbox) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_token_that_others_can_read_is_refused(
    mode: int, sandbox: Sandbox, collect_for: Collector, token_file: TokenFile
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    token_file.path.chmod(mode)
    assert collect_for("recently_played").line == (
        f"{token_file.path} can be read by others (mode 0{mode:o}): run `chmod 600` on it"
    )
    assert asked(sandbox) == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"access_token": "secret-token"}'])
def test_a_damaged_token_file_says_what_to_do_and_nothing_of_its_content(
    damage: bytes, token_file: TokenFile, sandbox: Sandbox
) -> None:
    token_file.write(Token(refresh_token="x"))
    token_file.path.write_bytes(damage)
    with pytest.raises(TokenFileError, match="run `playledger login nico`") as error:
        token_file.read()
    assert "secret-token" not in str(error.value)


def test_a_seed_is_taken_over_once_and_does_not_undo_a_rotation(
    new_client: NewClient, sandbox: Sandbox, token_file: TokenFile
) -> None:
    sandbox.accounts.rotate = True
    me(new_client("nico"))
    rotated = sandbox.refresh_token("nico")
    sandbox.accounts.expire("nico")
    me(new_client("nico"))  # would end in invalid_grant with the seed
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico") != rotated


def test_a_new_seed_replaces_a_login_that_was_refused(
    new_client: NewClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN_NICO", "AQ-from-another-time")
    with pytest.raises(LoginExpired, match="nico's login has expired"):
        me(new_client("nico"))
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN_NICO", sandbox.refresh_token("nico"))
    me(new_client("nico"))


def test_a_reader_without_the_lock_does_not_seed_over_a_token_under_way(
    environment: object, token_file: TokenFile
) -> None:
    settings = Settings()
    seed = settings.refresh_token("nico")
    login = Login(settings.app, TokenFile(settings.tokens_dir, "nico"), seed)
    read_before = login._has_new_seed(token_file.read())
    assert read_before
    # Meanwhile another process has seeded and rotated.
    rotated = Login(settings.app, token_file, seed).current()
    token_file.write(Token(refresh_token="rotated", seed=rotated.seed))
    seeded = login._adopt_seed()
    assert seeded
    assert seeded.refresh_token == "rotated"


def test_an_ended_login_says_what_to_run_and_is_not_tried_again(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    told = "nico's login has expired: run `playledger login nico`"
    sandbox.accounts.revoke("nico")
    assert collect_for("profile", "recently_played").line == told
    assert asked(sandbox) == ["POST /api/token"]
    assert collect_for().line == told
    assert asked(sandbox) == ["POST /api/token"]
    assert collect_for(listener="mira").success


def test_an_access_token_that_dies_with_its_login_ends_in_the_same_line(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    sandbox.accounts.revoke("nico")
    assert "run `playledger login nico`" in collect_for("recently_played").line
    assert asked(sandbox) == ["GET me/player/recently-played?limit=50", "POST /api/token"]


def test_without_a_login_the_line_says_what_to_run(
    collect_for: Collector, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_NICO")
    assert collect_for().line == "nico has not logged in yet: run `playledger login nico`"
    assert asked(sandbox) == []


def test_without_a_client_id_the_line_names_the_variable(
    collect_for: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTIFY_CLIENT_ID")
    assert collect_for().line.startswith("SPOTIFY_CLIENT_ID is not set")


def test_a_token_never_shows_its_secrets() -> None:
    token = Token(refresh_token="AQ-refresh", access_token="BQ-access")
    assert "AQ-refresh" not in f"{token} {token!r}"
    assert "BQ-access" not in f"{token} {token!r}"
