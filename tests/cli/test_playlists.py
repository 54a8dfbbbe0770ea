"""`playledger playlists fetch` and `list`, as a person meets them."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from sandbox import Sandbox
from sandbox.items import song

Cli = Callable[..., Result]


@pytest.fixture
def cli(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("COLUMNS", "200")
    sandbox.playlists.add("nico", "Mix [2]", [song(n) for n in range(70)])
    return lambda *words: CliRunner().invoke(main, ["playlists", *words])


def test_fetch_says_what_became_of_each_and_list_shows_what_there_is(cli: Cli) -> None:
    assert "run `playledger playlists fetch nico`" in cli("list", "nico").output
    fetched = cli("fetch", "nico")
    assert fetched.exit_code == 0, fetched.output
    assert "Mix [2]" in fetched.output
    assert "Liked Songs" in fetched.output
    again = cli("fetch", "nico", "mix [2]")
    assert "as before" in again.output
    assert "0 pages" in again.output
    listed = cli("list", "nico").output
    [line] = [line for line in listed.splitlines() if "Mix [2]" in line]
    assert re.search(r"Mix \[2\].* 70 .*20\d\d-\d\d-\d\d.* read ", line)


def test_a_name_that_fits_nothing_is_one_line_and_the_others_are_read(cli: Cli) -> None:
    result = cli("fetch", "nico", "Nothing", "Mix [2]")
    assert result.exit_code == 1
    last = result.output.splitlines()[-1]
    assert last.startswith("Error: 'Nothing' is no playlist")
    assert "70" in result.output


def test_a_lockout_says_when_to_go_on_and_what_is_kept(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.faults.add(
        "rate_limit", "/v1/playlists/", after=1, times=None, retry_after=72_000, quota=True
    )
    result = cli("fetch", "nico", "Mix [2]")
    assert result.exit_code == 1
    last = result.output.splitlines()[-1]
    assert last.startswith("Error: Spotify refuses requests until ")
    assert "1 page that was read is kept" in last
    assert "run `playledger playlists fetch nico` again" in last
    assert "read in part" in cli("list", "nico").output


def test_what_is_not_readable_is_shown_with_the_reason(cli: Cli, sandbox: Sandbox) -> None:
    body = {"error": {"status": 403, "message": "Insufficient client scope"}}
    sandbox.faults.add("status", "/v1/me/tracks", code=403, body=body)
    result = cli("fetch", "nico", "liked_songs")
    assert result.exit_code == 0
    assert "not readable" in result.output
    assert "log in again" in result.output


def test_without_a_login_one_line_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_NICO")
    result = cli("fetch", "nico")
    assert result.exit_code == 1
    assert "nico has not logged in yet" in result.output
    assert "Traceback" not in result.output


def test_playable_shows_what_can_be_played(cli: Cli, sandbox: Sandbox) -> None:
    result = cli("fetch", "nico", "Mix [2]", "--playable", "--force")
    assert result.exit_code == 0, result.output
    assert any("market=from_token" in one.path for one in sandbox.requests)


def test_control_characters_in_an_error_do_not_reach_the_terminal(
    cli: Cli, sandbox: Sandbox
) -> None:
    key = sandbox.playlists.add("nico", "bell\x07 \x1b[31mred\u202e", [song(1)])
    sandbox.faults.add("status", f"/v1/playlists/{key}/items", code=302, message="\x1b[2J\x07")
    told = cli("fetch", "nico")
    assert told.exit_code == 1
    assert not {"\x07", "\x1b", "\u202e"} & set(told.output)
    named = cli("fetch", "nico", "no\x1b[31m such")
    assert named.output.splitlines()[-1].startswith("Error: 'no")
    assert "\x1b" not in named.output


def test_control_characters_in_names_do_not_reach_the_terminal(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.playlists.add("nico", "bell\x07 \x1b[31mred\u202e", [song(1)])
    for told in (cli("fetch", "nico"), cli("list", "nico")):
        assert told.exit_code == 0, told.output
        assert "bell" in told.output
        assert not {"\x07", "\x1b", "\u202e"} & set(told.output)
