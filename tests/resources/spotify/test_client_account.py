"""Whose plays they are: a login of another account must not fill somebody's ledger."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.token_store import Token, TokenFile
from sandbox import Sandbox
from tests.support.asking import Collector, asked

PROFILE = "users/nico/profile.json"


def profile(lake: Lake) -> dict[str, str | None]:
    stored = lake.store.get(PROFILE)
    assert stored
    told: dict[str, str | None] = json.loads(stored.body)
    return told


@pytest.fixture
def becomes(
    sandbox: Sandbox, collect_for: Collector, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """The listener nico was collected for; from now on the login is somebody else's."""
    assert collect_for("profile").success
    sandbox.requests.clear()

    def log_in_as(user: str) -> None:
        monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN_NICO", sandbox.refresh_token(user))

    return log_in_as


@pytest.mark.parametrize("name", ["profile", "recently_played", "top_items", "playlists"])
def test_another_account_is_refused_before_anything_is_stored(  # noqa: PLR0917 fixtures
    name: str,
    sandbox: Sandbox,
    collect_for: Collector,
    becomes: Callable[[str], None],
    kept: Callable[[], list[str]],
    lake: Lake,
) -> None:
    before = profile(lake)
    becomes("mira")
    line = collect_for(name, force=True).line
    assert line.startswith(
        "nico's login belongs to the account mira, but the lake keeps plays of nico: "
        "log in with that account"
    )
    assert asked(sandbox) == ["POST /api/token", "GET me"], "the plays were not even asked for"
    assert kept() == ["profile"]
    assert profile(lake) == before


def test_another_account_is_refused_at_every_run_and_asked_for_once(
    sandbox: Sandbox,
    collect_for: Collector,
    becomes: Callable[[str], None],
    kept: Callable[[], list[str]],
) -> None:
    becomes("mira")
    first, *later = [collect_for("recently_played").line for _ in range(3)]
    assert first.startswith("nico's login belongs to the account mira, but the lake keeps plays of")
    assert later == [first, first]
    assert asked(sandbox) == ["POST /api/token", "GET me"]
    assert kept() == ["profile"]


def test_a_wrong_account_is_not_asked_for_again_by_the_next_daily_run(
    sandbox: Sandbox, collect_for: Collector, becomes: Callable[[str], None], lake: Lake
) -> None:
    becomes("mira")
    collect_for("recently_played")
    lake.store.delete("users/nico/raw/profile/")  # as on the next day
    sandbox.requests.clear()
    assert collect_for().line.startswith("nico's login belongs to the account mira")
    assert asked(sandbox) == []
    assert not collect_for("profile", force=True).success
    assert asked(sandbox) == ["GET me"], "a person may insist"


def test_the_answer_about_an_old_login_says_nothing_about_a_new_one(
    client: SpotifyClient, token_file: TokenFile
) -> None:
    old = client.login.current()
    token_file.write(Token(refresh_token="new", authorized_at=datetime.now(UTC), seed=old.seed))
    client.login.record_account("0abc", "mira", token_used=old)
    assert client.login.current().account is None


def test_the_right_account_is_taken_again_after_the_wrong_one(
    collect_for: Collector, becomes: Callable[[str], None], sandbox: Sandbox
) -> None:
    becomes("mira")
    collect_for("recently_played")
    becomes("nico")
    assert collect_for("recently_played").success


def test_a_lake_with_the_profile_of_somebody_else_is_not_added_to(
    sandbox: Sandbox, collect_for: Collector, lake: Lake, kept: Callable[[], list[str]]
) -> None:
    collect_for("profile")
    lake.of("nico").write_document(
        "profile.json", {"user_id": "x", "account_id": "y", "display_name": "Z"}
    )
    sandbox.requests.clear()
    line = collect_for("recently_played").line
    assert "belongs to the account nico, but the lake keeps plays of x:" in line, "names, not ids"
    assert asked(sandbox) == [], "the login is known to be another account's"
    assert kept() == ["profile"]


def test_a_new_display_name_is_the_same_account(
    sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    collect_for("profile")
    account = profile(lake)["account_id"]
    body = {"id": "nico", "account_id": account, "display_name": "DJ Nico"}
    sandbox.faults.add("status", "me", code=200, body=body)
    assert collect_for("profile", force=True).success
    assert profile(lake)["display_name"] == "DJ Nico"
    assert collect_for("recently_played").success


def test_a_new_user_name_is_the_same_account_while_its_account_id_is(
    sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    collect_for("profile")
    account = profile(lake)["account_id"]
    body = {"id": "nico2", "account_id": account, "display_name": None}
    sandbox.faults.add("status", "me", code=200, body=body)
    assert collect_for("profile", force=True).success
    assert collect_for("recently_played").success


@pytest.mark.parametrize("first", ["old", "new"])
def test_the_account_is_known_in_old_and_new_shapes(
    first: str, sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    shapes = {"old": {"id": "nico", "display_name": "Nico"}}
    shapes["new"] = {**shapes["old"], "account_id": "0abc"}
    second = "new" if first == "old" else "old"
    for shape in (first, second, first):
        sandbox.faults.add("status", "me", code=200, body=shapes[shape])
        assert collect_for("profile", force=True).success
        assert collect_for("recently_played").success
    assert profile(lake)["account_id"] == "0abc", "what was once told is not forgotten"


@pytest.mark.parametrize("body", [b"{", b"[]", None], ids=["cut off", "no object", "gone"])
def test_the_account_is_known_from_what_was_answered_where_its_file_is_damaged(
    body: bytes | None,
    collect_for: Collector,
    becomes: Callable[[str], None],
    lake: Lake,
) -> None:
    collect_for("profile")
    before = profile(lake)
    if body is None:
        lake.store.delete(PROFILE)
    else:
        lake.store.put(PROFILE, body)
    becomes("mira")
    assert "but the lake keeps plays of nico" in collect_for("recently_played").line
    assert profile(lake) == before
    becomes("nico")
    assert collect_for("recently_played").success
