"""Who may see what: whose account an account is, who is an owner, and who agreed to be compared."""

from collections.abc import Callable

import pytest

from pipelines.dashboard.login.access import (
    Access,
    KnownAccount,
    agreed,
    owners,
)
from pipelines.errors import SettingsError
from pipelines.listening.api.objects import Profile
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings, parse_listeners
from tests.support.environment import Environment

URL = "http://127.0.0.1:8501"


def test_an_id_tells_accounts_apart_whatever_they_are_called() -> None:
    known = KnownAccount("an-id", "nico")
    assert known.is_of(Profile("nico", "an-id"))
    assert known.is_of(Profile("renamed", "an-id"))
    assert not known.is_of(Profile("nico", "another-id")), "a name that somebody took over"
    assert known.is_of(Profile("nico")), "an older answer"
    assert not known.is_of(Profile("mira"))


def test_an_account_of_which_nothing_is_known_is_nobody_s() -> None:
    assert not KnownAccount(None, None).is_of(Profile())
    assert not KnownAccount(None, None).is_of(Profile("nico", "an-id"))
    assert not KnownAccount("an-id", None).is_of(Profile("an-id"))


def test_an_account_is_known_by_the_plays_or_else_by_the_login(
    environment: Environment, lake: Lake, log_in: Callable[..., None]
) -> None:
    environment.listeners("nico", "mira")
    access = Access(Settings(), URL)
    mira = Profile("mira", "mira-id")
    assert access.listener_of(mira) is None
    log_in("mira", account="mira-id", user_id="mira")
    assert access.listener_of(mira) == "mira"
    # What the lake says counts more: the login may be another account's by mistake.
    lake.of("mira").write_document("profile.json", {"account_id": "other", "user_id": "other"})
    assert access.listener_of(mira) is None
    assert access.listener_of(Profile("other", "other")) == "mira"


def test_a_login_that_knows_a_user_name_alone_is_found_by_it(
    environment: Environment, log_in: Callable[..., None]
) -> None:
    log_in("nico", account="nico", user_id="nico")
    assert Access(Settings(), URL).listener_of(Profile("nico", "an-id")) == "nico"
    assert Access(Settings(), URL).listener_of(Profile("mira", "nico")) is None


def test_an_owner_operates_for_all_and_sees_their_own_plays_only(
    environment: Environment,
) -> None:
    environment.listeners("nico", "mira")
    environment.set(DASHBOARD_OWNERS="nico")
    access = Access(Settings(), URL)
    nico, mira = access.visitor_of("nico"), access.visitor_of("mira")
    assert nico
    assert mira
    assert (nico.is_owner, nico.sees, nico.operates) == (True, ("nico",), ("nico", "mira"))
    assert (mira.is_owner, mira.sees, mira.operates) == (False, ("mira",), ("mira",))
    assert access.visitor_of("otto") is None
    assert access.visitor(None) is None
    assert access.visitor("a-key") is None


def test_who_is_alone_is_an_owner_and_of_several_nobody_unless_named() -> None:
    assert owners((), ("nico",)) == ("nico",)
    assert owners((), ("nico", "mira")) == ()
    assert owners(("mira",), ("nico", "mira")) == ("mira",)


def test_an_owner_who_is_no_listener_is_one_line(environment: Environment) -> None:
    environment.set(DASHBOARD_OWNERS="nico otto")
    with pytest.raises(SettingsError, match=r"DASHBOARD_OWNERS: 'otto' is not in .*nico"):
        Access(Settings(), URL)


def test_only_those_are_compared_who_name_each_other() -> None:
    written = (
        '[nico]\ntimezone = "UTC"\ncompare_with = ["mira", "ola", "gone"]\n'
        '[mira]\ntimezone = "UTC"\ncompare_with = ["nico"]\n'
        '[ola]\ntimezone = "UTC"\n'
        '[uno]\ntimezone = "UTC"\ncompare_with = ["nico"]\n'
    )
    listeners = parse_listeners(written)
    assert agreed(listeners, "nico") == ("mira",)
    assert agreed(listeners, "mira") == ("nico",)
    for name in ("ola", "uno", "gone", "nobody"):
        assert agreed(listeners, name) == ()
    withdrawn = parse_listeners(written.replace('compare_with = ["nico"]', "compare_with = []"))
    assert agreed(withdrawn, "nico") == ()


def test_over_tls_no_other_host_can_set_the_cookie(environment: Environment) -> None:
    assert Access(Settings(), "https://music.example").cookie() == "__Host-playledger"
    assert Access(Settings(), URL).cookie() == "playledger-8501"
