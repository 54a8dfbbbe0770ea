"""Playlists, read page by page: what is asked for, what is kept, and how a run goes on."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import BudgetSpent, LockedOut, RefusedRequest
from pipelines.library.derive import update_entries
from pipelines.library.fetching import read_playlists
from pipelines.library.kept import Readings
from pipelines.library.reading import refresh
from pipelines.listening.schema.playlist_tables import (
    LIKED,
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import PlaylistsToRead, Settings
from sandbox import Sandbox
from sandbox.items import local, song
from tests.library.conftest import OLD, Read, killed_at, mixed


def pages(sandbox: Sandbox, playlist: str) -> list[int]:
    """The offsets of a playlist that were asked for, in order."""
    asked = [urlsplit(one.path) for one in sandbox.requests]
    path = "/v1/me/tracks" if playlist == LIKED else f"/v1/playlists/{playlist}/items"
    return [int(parse_qs(one.query)["offset"][0]) for one in asked if one.path == path]


def others(sandbox: Sandbox) -> int:
    """How many requests were neither for pages of items nor for tokens."""
    paths = [urlsplit(one.path).path for one in sandbox.requests]
    return sum(not path.endswith(("/items", "/token", "/me/tracks")) for path in paths)


def uris(lake: ListenerLake, playlist: str) -> list[str]:
    rows = lake.read(PLAYLIST_ENTRIES, playlist=playlist)
    assert rows["position"].to_pylist() == list(range(1, len(rows) + 1))
    return [uri or "" for uri in rows["track_uri"].to_pylist()]


def row(lake: ListenerLake, playlist: str) -> dict[str, object]:
    rows = lake.read(PLAYLIST_READINGS).to_pylist()
    return next(one for one in rows if one["playlist_id"] == playlist)


def states(result: object) -> list[str]:
    return [one.state for one in result.outcomes]


def test_every_item_is_a_row_in_its_place(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    result = read("Mix")
    assert (states(result), result.pages, result.items) == (["read"], 3, 120)
    assert uris(own, mix) == sandbox.playlists.uris(mix)
    assert pages(sandbox, mix) == [0, 50, 100]
    assert others(sandbox) <= 4, "the account, the list, and a look at the end"
    rows = own.read(PLAYLIST_ENTRIES, playlist=mix)
    assert Counter(rows["kind"].to_pylist()) == {
        "track": 112,
        "local": 3,
        "episode": 3,
        "unknown": 2,
    }
    assert Counter(rows["state"].to_pylist()) == {"unknown": 118, "gone": 2}
    assert row(own, mix) | {"read_at": 0, "seen_at": 0, "snapshot_id": 0} == {
        "playlist_id": mix,
        "name": "Mix",
        "listed": True,
        "owned": True,
        "collaborative": False,
        "public": False,
        "state": "read",
        "reason": None,
        "total": 120,
        "items": 120,
        "snapshot_id": 0,
        "read_at": 0,
        "seen_at": 0,
        "changed": False,
    }


def test_no_page_that_feeds_tables_names_a_market(sandbox: Sandbox, mix: str, read: Read) -> None:
    read("Mix")
    asked = [parse_qs(urlsplit(one.path).query) for one in sandbox.requests]
    assert not any("market" in query for query in asked)
    items = [query for query in asked if "limit" in query and "additional_types" in query]
    assert {(query["limit"][0], query["additional_types"][0]) for query in items} == {
        ("50", "track,episode")
    }


def test_what_has_not_changed_costs_no_request_of_its_own(
    sandbox: Sandbox, mix: str, read: Read, tables: Callable[[], dict[str, bytes]]
) -> None:
    read("Mix")
    before = tables()
    sandbox.requests.clear()
    assert states(read("Mix")) == ["unchanged"]
    assert [urlsplit(one.path).path for one in sandbox.requests] == ["/v1/me/playlists"]
    changed = {path for path, body in tables().items() if before.get(path) != body}
    assert changed == {"users/nico/aggregated/playlist_readings.parquet"}, "seen_at is later"


def test_a_playlist_in_no_list_is_looked_at_with_one_request(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    key = sandbox.playlists.add("nico", "Shared", mixed(60), owner="mira", members=["nico"])
    sandbox.playlists.remove("nico", key)
    assert states(read(f"https://open.spotify.com/intl-de/playlist/{key}?si=1")) == ["read"]
    sandbox.requests.clear()
    first = row(own, key)
    assert states(read(f"spotify:playlist:{key}")) == ["unchanged"]
    assert len(sandbox.requests) == 2
    later = row(own, key)
    assert later["seen_at"] > first["seen_at"], "that nothing changed is kept"
    assert (later["listed"], later["owned"], later["items"]) == (False, False, 60)


def test_a_new_snapshot_is_read_anew_and_what_came_and_went_is_kept(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    read("Mix")
    items = list(sandbox.playlists.items(mix))
    sandbox.playlists.change(mix, [song(900, added_at=OLD), *items[1:-1], local("New")])
    assert states(read("Mix")) == ["read"]
    assert uris(own, mix) == sandbox.playlists.uris(mix)
    changes = own.read(PLAYLIST_CHANGES, playlist=mix).to_pylist()
    told = {one["track_uri"]: (one["before"], one["after"]) for one in changes}
    came, went = song(900).uri, items[0].uri
    assert told[came] == (0, 1)
    assert told[local("New").uri] == (0, 1)
    assert told[went][0] - told[went][1] == 1
    assert {one["added_at"] is None for one in changes if one["after"] < one["before"]} == {True}


def test_a_snapshot_proves_nothing_within_a_minute_of_a_write(sandbox: Sandbox, read: Read) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = sandbox.playlists.add("nico", "New", [song(1, added_at=now)])
    assert states(read("New")) == ["read"]
    assert states(read("New")) == ["read"], "something was added just before it was read"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert states(read("New")) == ["read"]
        assert states(read("New")) == ["unchanged"]
    assert pages(sandbox, key) == [0, 0, 0]


def test_force_reads_what_has_not_changed(read: Read, mix: str, own: ListenerLake) -> None:
    read("Mix")
    assert states(read("Mix", force=True)) == ["read"]
    assert len(own.read(PLAYLIST_CHANGES, playlist=mix)) == 0


@given(
    deaths=st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=12),
)
@settings(max_examples=12)
def test_killed_at_any_page_the_next_run_goes_on_and_the_tables_are_the_same(
    deaths: list[tuple[int, bool]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    environment: object,
) -> None:
    with Sandbox("nico") as sandbox:
        environment.ask(sandbox, "nico")
        key = sandbox.playlists.add("nico", "Mix", mixed(210))
        lake = Lake.open(Settings.of({"LAKE_URL": str(tmp_path_factory.mktemp("lake"))}))
        own = lake.of("nico")
        lost = 0
        for write, before in deaths:
            done = any(one.complete for one in Readings(own).by_playlist(key).get(key, []))
            sent = len(pages(sandbox, key))
            kept = len(_kept_pages(own, key))
            with killed_at(write, before=before):
                _reader(own, lake)
            if not done:
                lost += len(pages(sandbox, key)) - sent - (len(_kept_pages(own, key)) - kept)
        _reader(own, lake)
        assert uris(own, key) == sandbox.playlists.uris(key)
        [reading] = Readings(own).by_playlist(key)[key]
        assert reading.offsets == [0, 50, 100, 150, 200]
        asked = Counter(pages(sandbox, key))
        assert sum(asked.values()) == len(asked) + lost, "only an answer in flight is asked again"
        assert len(own.read(PLAYLIST_CHANGES, playlist=key)) == 0


def _kept_pages(own: ListenerLake, key: str) -> list[int]:
    return [at for one in Readings(own).by_playlist(key).get(key, []) for at in one.offsets]


def _reader(own: ListenerLake, lake: Lake) -> None:
    read_playlists(own, Spotify(Settings(), lake), PlaylistsToRead(("Mix",), liked=False))


def test_a_run_that_was_stopped_goes_on_a_day_later(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    with killed_at(2):  # its beginning and two pages
        read("Mix")
    update_entries(own)
    assert row(own, mix)["state"] == "partly"
    sandbox.requests.clear()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert states(read("Mix")) == ["read"]
    assert pages(sandbox, mix) == [100]
    assert uris(own, mix) == sandbox.playlists.uris(mix)


def test_a_playlist_that_changed_meanwhile_is_read_from_its_beginning(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    with killed_at(2):
        read("Mix")
    sandbox.playlists.change(mix, mixed(70, first=500))
    sandbox.requests.clear()
    assert states(read("Mix")) == ["read"]
    assert pages(sandbox, mix) == [0, 50]
    assert uris(own, mix) == sandbox.playlists.uris(mix)


@pytest.mark.parametrize("what", [{"remove": 0}, {"add": {"track": 77}}, {"remove": 119}])
def test_an_edit_between_two_pages_is_seen_at_the_end(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake, what: dict[str, object]
) -> None:
    sandbox.faults.add("someone_edits", f"/v1/playlists/{mix}/items", after=1, **what)
    assert states(read("Mix")) == ["read"]
    assert uris(own, mix) == sandbox.playlists.uris(mix)
    assert pages(sandbox, mix) == [0, 50, 100, 0, 50, 100]


def test_an_edit_whose_snapshot_lags_is_seen_by_the_number_of_items(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    def after_two_pages(progress: object) -> None:
        if len(pages(sandbox, mix)) == 2:
            sandbox.playlists.edit(mix, lambda items: items[1:])

    sandbox.playlists.snapshot_lag_s = 3600
    assert states(read("Mix", progress=after_two_pages)) == ["read"]
    assert uris(own, mix) == sandbox.playlists.uris(mix)


def test_a_playlist_that_never_rests_is_left_to_the_next_run(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    sandbox.faults.add("someone_edits", f"/v1/playlists/{mix}/items", times=None, add={"track": 5})
    result = read("Mix", "Morning")
    assert result.outcomes[0].state == "failed"
    assert "changed while it was read, 3 times in a row" in str(result.outcomes[0].problem)
    assert row(own, mix)["state"] == "not_read"
    sandbox.faults.clear()
    assert states(read("Mix")) == ["read"]


def test_a_lockout_keeps_every_page_and_the_run_after_it_goes_on(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    sandbox.faults.add(
        "rate_limit", f"/v1/playlists/{mix}/items", after=2, retry_after=72_000, quota=True
    )
    result = read("Mix")
    assert isinstance(result.stopped, LockedOut)
    assert (states(result), result.pages) == (["goes_on"], 2)
    assert row(own, mix)["state"] == "partly"
    sandbox.requests.clear()
    assert isinstance(read("Mix").stopped, LockedOut)
    assert sandbox.requests == [], "nothing is sent before it is over"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=21)):
        assert states(read("Mix")) == ["read"]
    assert pages(sandbox, mix) == [100]


def test_a_refusal_is_not_an_empty_playlist(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    key = sandbox.playlists.add("nico", "Theirs", mixed(10), owner="mira")
    result = read("Theirs", "Morning")
    assert result.outcomes[-1].state == "not_readable" or result.outcomes[0].state == "not_readable"
    told = row(own, key)
    assert (told["state"], told["items"], told["owned"]) == ("not_readable", None, False)
    assert "only to whoever owns it" in str(told["reason"])
    assert own.read(PLAYLIST_ENTRIES, playlist=key).num_rows == 0
    assert not own.etag(PLAYLIST_ENTRIES, playlist=key)


def test_what_was_read_before_a_refusal_stays(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    read("Mix")
    sandbox.playlists.rename(mix, "Mix")
    sandbox.faults.add("status", f"/v1/playlists/{mix}/items", code=403)
    assert states(read("Mix")) == ["not_readable"]
    told = row(own, mix)
    assert (told["state"], told["items"]) == ("not_readable", 120)
    assert states(read("Mix")) == ["read"]
    assert row(own, mix)["state"] == "read"


@pytest.mark.parametrize("fault", [{"what": "no_content"}, {"what": "status", "code": 302}])
def test_an_answer_that_is_no_refusal_is_asked_for_again_by_the_next_run(
    fault: dict[str, Any], sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    sandbox.faults.add(where=f"/v1/playlists/{mix}/items", **fault)
    assert states(read("Mix")) == ["failed"]
    assert row(own, mix)["state"] != "not_readable"
    assert states(read("Mix")) == ["read"]


def test_a_login_without_the_permission_for_liked_songs_says_what_to_do(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    body = {"error": {"status": 403, "message": "Insufficient client scope"}}
    sandbox.faults.add("status", "/v1/me/tracks", code=403, body=body)
    result = read("Morning", liked=True)
    told = row(own, LIKED)
    assert (told["state"], told["items"]) == ("not_readable", None)
    assert "log in again, `playledger login nico`" in str(told["reason"])
    assert {one.state for one in result.outcomes} >= {"not_readable"}


def test_liked_songs_are_read_to_their_end_and_not_again_while_they_are_the_same(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    liked = [song(n, added_at=OLD) for n in range(130)]
    sandbox.playlists.like("nico", liked)
    assert states(read(LIKED)) == ["read"]
    assert uris(own, LIKED) == [one.uri for one in liked]
    assert pages(sandbox, LIKED) == [0, 50, 100, 0]
    sandbox.requests.clear()
    assert states(read(LIKED)) == ["unchanged"]
    assert pages(sandbox, LIKED) == [0]
    sandbox.playlists.like("nico", [song(500, added_at=OLD), *liked[:-1]])
    assert states(read(LIKED)) == ["read"]
    assert uris(own, LIKED)[0] == song(500).uri
    assert row(own, LIKED)["name"] == "Liked Songs"


def test_liked_songs_go_on_at_the_next_page_too(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    liked = [song(n, added_at=OLD) for n in range(130)]
    sandbox.playlists.like("nico", liked)
    with killed_at(2):
        read(LIKED)
    sandbox.requests.clear()
    assert states(read(LIKED)) == ["read"]
    assert pages(sandbox, LIKED) == [0, 100, 0], "a look, the missing page, a look"
    assert uris(own, LIKED) == [one.uri for one in liked]


def test_more_than_ten_thousand_are_read_to_their_end(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    sandbox.playlists.like("nico", [song(n % 60, added_at=OLD) for n in range(10_070)])
    result = read(LIKED)
    assert (result.items, row(own, LIKED)["items"]) == (10_070, 10_070)


@pytest.mark.parametrize(
    "odd",
    [
        ("other_page", {"offset": 0}, "asked for the page at 50, Spotify sent that at 0"),
        ("truncated", {}, "the page at 50 is no list of items"),
        ("not_json", {}, "the page at 50 is no list of items"),
        ("duplicate", {}, "has 51 items and is followed by one at 100"),
        ("status", {"code": 500, "times": 3}, "Spotify answered 500"),
        ("cut", {"times": 3}, "no answer from"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_an_odd_page_is_named_and_stops_no_other_playlist(
    sandbox: Sandbox,
    mix: str,
    read: Read,
    own: ListenerLake,
    odd: tuple[str, dict[str, object], str],
) -> None:
    fault, options, said = odd
    other = sandbox.playlists.add("nico", "Other", mixed(20))
    sandbox.faults.add(fault, f"/v1/playlists/{mix}/items", after=1, **options)
    result = read("Mix", "Other")
    by_name = {one.name: one for one in result.outcomes}
    assert by_name["Mix"].state == "failed"
    assert said in str(by_name["Mix"].problem)
    assert by_name["Other"].state == "read"
    assert uris(own, other) == sandbox.playlists.uris(other)
    sandbox.faults.clear()
    sandbox.requests.clear()
    assert states(read("Mix")) == ["read"], "the next run goes on where it was"
    assert pages(sandbox, mix) == [50, 100]
    assert uris(own, mix) == sandbox.playlists.uris(mix)


def test_a_playlist_that_is_gone_is_named(sandbox: Sandbox, read: Read, own: ListenerLake) -> None:
    missing = "7" * 22
    result = read(missing, "Morning")
    told = next(one for one in result.outcomes if one.playlist_id == missing)
    assert told.state == "not_readable"
    assert "Spotify knows no such playlist (404" in str(row(own, missing)["reason"])


@pytest.mark.parametrize("fault", ["empty_items", "fewer"])
def test_a_page_that_is_short_once_is_asked_for_again(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake, fault: str
) -> None:
    options = {"skips": True} if fault == "fewer" else {}
    sandbox.faults.add(fault, f"/v1/playlists/{mix}/items", after=1, **options)
    assert states(read("Mix")) == ["read"]
    assert uris(own, mix) == sandbox.playlists.uris(mix)


def test_pages_smaller_than_asked_for_are_followed_by_their_next(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    sandbox.faults.add("fewer", f"/v1/playlists/{mix}/items", times=None, items=20)
    assert states(read("Mix")) == ["read"]
    assert pages(sandbox, mix) == list(range(0, 120, 20))
    assert uris(own, mix) == sandbox.playlists.uris(mix)


def test_items_that_spotify_hides_for_good_are_told_of_and_positions_stay(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    sandbox.faults.add("fewer", f"/v1/playlists/{mix}/items", times=None, items=48, skips=True)
    assert states(read("Mix")) == ["read"]
    assert pages(sandbox, mix) == [0, 0, 50, 100], "one of them twice, to be sure"
    told = row(own, mix)
    assert (told["total"], told["items"]) == (120, 116)
    rows = own.read(PLAYLIST_ENTRIES, playlist=mix).to_pylist()
    true = sandbox.playlists.uris(mix)
    assert all((one["track_uri"] or "") == true[one["position"] - 1] for one in rows)
    assert states(read("Mix")) == ["read"], "it may have been this once"
    assert states(read("Mix")) == ["unchanged"], "and it was not"


def test_a_list_that_never_ends_is_not_followed_for_ever(
    sandbox: Sandbox, mix: str, read: Read
) -> None:
    sandbox.faults.add("endless", f"/v1/playlists/{mix}/items", times=None)
    assert states(read("Mix")) == ["failed"]
    assert len(pages(sandbox, mix)) == 2


def test_a_playlist_that_stands_twice_in_the_list_is_read_once(
    sandbox: Sandbox, read: Read
) -> None:
    keys = [sandbox.playlists.add("nico", f"List {n}", [song(n)]) for n in range(60)]
    sandbox.faults.add("twice_at_the_edge", "/v1/me/playlists", times=None)
    result = read(*keys)
    assert sorted(one.playlist_id for one in result.outcomes) == sorted(keys)
    assert all(len(pages(sandbox, key)) == 1 for key in keys)


def test_a_scheduled_run_stops_at_its_limit_and_the_next_days_goes_on(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    other = sandbox.playlists.add("nico", "Other", mixed(90))
    first = read("Mix", "Other", requests=6, scheduled=True)
    assert first.out_of_requests
    assert first.stopped is None
    assert len([one for one in sandbox.requests if "/token" not in one.path]) <= 6
    later = datetime.now(UTC)
    for _ in range(4):
        later += timedelta(days=1)
        with time_machine.travel(later):
            result = read("Mix", "Other", requests=6, scheduled=True)
    assert not result.out_of_requests
    for key in (mix, other):
        assert uris(own, key) == sandbox.playlists.uris(key)
        assert Counter(pages(sandbox, key)).most_common(1)[0][1] == 1


def test_a_scheduled_run_reads_no_playlist_twice_a_week(
    sandbox: Sandbox, mix: str, read: Read
) -> None:
    assert states(read("Mix", scheduled=True)) == ["read"]
    sandbox.playlists.rename(mix, "Mix")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        assert states(read("Mix", scheduled=True)) == ["later"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7)):
        assert states(read("Mix", scheduled=True)) == ["read"]


def test_the_hours_requests_that_are_used_up_stop_a_command_and_keep_the_pages(
    mix: str, read: Read, own: ListenerLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_PER_HOUR", "5")
    result = read("Mix")
    assert isinstance(result.stopped, BudgetSpent)
    assert row(own, mix)["state"] == "partly"


def test_a_name_that_fits_none_or_several_is_named_and_the_others_are_read(
    sandbox: Sandbox, mix: str, read: Read
) -> None:
    twins = [sandbox.playlists.add("nico", "Twin", [song(n)]) for n in range(2)]
    result = read("Nothing", "Twin", "Mix")
    assert states(result) == ["read"]
    assert [text for text in result.unknown if "'Nothing' is no playlist" in text]
    assert all(any(key in text for text in result.unknown) for key in twins)


def test_without_settings_all_owned_playlists_and_liked_songs_are_read(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    sandbox.playlists.add("nico", "Theirs", mixed(10), owner="mira")
    result = read(liked=True)
    assert {"Liked Songs", "Theirs"} & {one.name for one in result.outcomes} == {"Liked Songs"}
    assert {one.state for one in result.outcomes} == {"read"}
    rows = own.read(PLAYLIST_READINGS).to_pylist()
    assert {one["state"] for one in rows if one["owned"]} == {"read"}
    assert {one["state"] for one in rows if one["owned"] is False} == {"not_read"}


def test_what_can_be_played_is_asked_apart_and_never_becomes_a_uri(
    sandbox: Sandbox, mix: str, read: Read, own: ListenerLake
) -> None:
    read("Mix", playable=True)
    assert uris(own, mix) == sandbox.playlists.uris(mix)
    rows = own.read(PLAYLIST_ENTRIES, playlist=mix).to_pylist()
    true = sandbox.playlists.items(mix)
    for one, item in zip(rows, true, strict=True):
        want = {"gone": "gone", "local": "unknown"}.get(item.kind, "playable")
        assert one["state"] == ("unplayable" if item.restriction else want)
    sandbox.requests.clear()
    read("Mix")
    assert pages(sandbox, mix) == []
    assert {one["state"] for one in own.read(PLAYLIST_ENTRIES, playlist=mix).to_pylist()} >= {
        "playable"
    }


def test_who_added_something_is_only_a_hash(mix: str, read: Read, own: ListenerLake) -> None:
    read("Mix")
    rows = own.read(PLAYLIST_ENTRIES, playlist=mix)
    hashes = set(rows["added_by"].to_pylist())
    assert len(hashes) == 3, "nico, a friend, and nobody"
    assert "a friend" not in json.dumps(sorted(map(str, hashes)))
    assert all(one is None or len(one) == 16 for one in hashes)


def test_refresh_reads_what_changed_and_gives_its_last_complete_reading(
    sandbox: Sandbox, mix: str, lake: Lake, own: ListenerLake
) -> None:
    spotify = Spotify(Settings(), lake)
    first = refresh(own, spotify, mix)
    assert refresh(own, spotify, mix).folder == first.folder
    sandbox.playlists.change(mix, mixed(60))
    second = refresh(own, spotify, mix)
    assert second.started_at > first.started_at
    assert uris(own, mix) == sandbox.playlists.uris(mix)
    with pytest.raises(RefusedRequest):
        refresh(own, spotify, "7" * 22)


def test_progress_tells_pages_requests_and_the_time_that_is_left(mix: str, read: Read) -> None:
    told = []
    read("Mix", progress=told.append)
    assert [(one.pages, one.of, one.done, one.total) for one in told] == [
        (1, 3, 1, 3),
        (2, 3, 2, 3),
        (3, 3, 3, 3),
    ]
    assert told[0].requests < told[-1].requests
    assert told[-1].seconds_left == 0


def test_no_request_but_get_is_sent(sandbox: Sandbox, mix: str, read: Read) -> None:
    read("Mix", liked=True, playable=True)
    assert {one.method for one in sandbox.requests if one.path.startswith("/v1/")} == {"GET"}
