"""Listeners are divided among code locations by the Spotify app that they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ops.code_servers import servers_on_ports
from pipelines.settings import (
    MAIN,
    crowded,
    location_of,
    locations,
    parse_listeners,
    without_listeners,
)

NAMES = st.from_regex(r"[a-z0-9_]{1,6}", fullmatch=True)
APPS = st.sampled_from([MAIN, "second", "third", "a_fourth"])


@given(people=st.dictionaries(NAMES, APPS, max_size=30))
def test_every_listener_is_in_one_location_and_what_is_shared_in_one(people: dict[str, str]):
    listeners = parse_listeners("".join(f"[{n}]\napp = '{a}'\n" for n, a in people.items()))
    divided = locations(listeners)
    everyone = [one.name for location in divided for one in location.listeners]
    assert sorted(everyone) == sorted(people)
    assert [one.has_shared for one in divided] == [True] + [False] * (len(divided) - 1)
    for location in divided:
        assert location == location_of(listeners, location.app)
        assert location.app == "" or {one.app for one in location.listeners} <= {location.app}
    if len(set(people.values())) < 2:
        assert [one.app for one in divided] == [""], "with one app nothing is divided"


@given(
    people=st.dictionaries(NAMES, APPS, max_size=8).flatmap(
        lambda found: st.tuples(*[st.permutations(list(found.items()))] * 2)
    )
)
def test_who_stands_where_in_the_file_changes_no_location_and_no_port(
    people: tuple[list[tuple[str, str]], list[tuple[str, str]]],
):
    one, other = (
        servers_on_ports(
            locations(parse_listeners("".join(f"[{n}]\napp = '{a}'\n" for n, a in order))),
            "code",
            4000,
        )
        for order in people
    )
    assert [server.told for server in one] == [server.told for server in other]


def test_the_apps_come_in_the_order_of_their_names_after_what_is_shared():
    listeners = parse_listeners("[nico]\napp = 'b'\n[mira]\n[otto]\napp = 'a'\n")
    assert [one.app for one in locations(listeners)] == [MAIN, "a", "b"]


@pytest.mark.parametrize("app", ["", MAIN, "second"])
def test_of_an_app_that_somebody_names_nothing_is_said(app: str):
    assert not [*without_listeners(parse_listeners("[nico]\napp = 'second'\n"), app)]


def test_a_location_that_is_told_again_when_its_app_is_the_only_one_still_has_everything():
    listeners = parse_listeners("[nico]\n[mira]\n")
    assert location_of(listeners, MAIN).listeners == listeners
    assert location_of(listeners, MAIN).has_shared


def test_an_app_with_more_listeners_than_spotify_lets_use_it_is_told():
    text = "".join(f"[of_main_{n}]\n" for n in range(6))
    text += "".join(f"[other_{n}]\napp = 'second'\n" for n in range(5))
    [told] = crowded(parse_listeners(text))
    assert told.startswith("the app main has 6 listeners")
