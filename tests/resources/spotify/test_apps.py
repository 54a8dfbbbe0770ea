"""Several Spotify apps in one installation: each listener is asked for through their own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.errors import LockedOut
from pipelines.ops.health import LOCKOUT, check_health
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.asking import Collector
from tests.support.environment import Environment


@pytest.fixture(autouse=True)
def _two_apps(listeners: None, environment: Environment, sandbox: Sandbox) -> None:
    """Nico's app is the one that the sandbox knows; nobody knows mira's."""
    (environment.folder / "listeners.toml").write_text("[mira]\n[nico]\napp = 'second'\n")
    environment.set(
        SPOTIFY_CLIENT_ID="nobody-knows-it",
        SPOTIFY_CLIENT_ID_SECOND=sandbox.client_id,
        SPOTIFY_CLIENT_SECRET_SECOND=sandbox.client_secret,
    )


def test_a_run_asks_for_each_listener_through_the_app_that_they_name(
    collect_for: Collector,
) -> None:
    assert collect_for("profile", listener="nico").success
    assert "check SPOTIFY_CLIENT_ID" in collect_for("profile", listener="mira").line


def test_a_lockout_of_one_app_stops_its_listeners_alone_and_is_told(
    new_client: Callable[[str], SpotifyClient], lake: Lake
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    new_client("nico").lockouts.lock("profile", until, "QUOTA_EXCEEDED")
    with pytest.raises(LockedOut):
        new_client("nico").lockouts.check()
    new_client("mira").lockouts.check()
    assert new_client("nico").throttle.path != new_client("mira").throttle.path
    assert LOCKOUT in {problem.topic for problem in check_health(Settings(), lake).problems}


def test_apps_of_one_developer_share_turns_and_lockouts(
    new_client: Callable[[str], SpotifyClient], environment: Environment
) -> None:
    environment.set(SPOTIFY_DEVELOPER="me")
    until = datetime.now(UTC) + timedelta(hours=1)
    new_client("nico").lockouts.lock("profile", until, "QUOTA_EXCEEDED")
    with pytest.raises(LockedOut):
        new_client("mira").lockouts.check()
    assert new_client("nico").throttle.path == new_client("mira").throttle.path
