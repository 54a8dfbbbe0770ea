"""Tracks that are looked up in Spotify's catalogue: which, how many, and what stops it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import time_machine

from pipelines.ingest import catalogue
from pipelines.ingest.catalogue import (
    BUDGET,
    LookedUp,
    look_up_tracks,
    update_described,
    update_outcomes,
)
from pipelines.listening.schema.tables import CACHE_OUTCOMES, DESCRIBED_TRACKS, UNIQUE_TRACKS
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox import catalogue as sandbox_catalogue
from sandbox.catalogue import Track
from tests.support.asking import gets, today
from tests.support.environment import Environment

SONGS = sorted(sandbox_catalogue.catalogue().tracks.values(), key=lambda one: one.id)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
LookUp = Callable[..., LookedUp]


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "A_MOMENT_S", 0)


@pytest.fixture
def own(lake: Lake) -> ListenerLake:
    return lake.of("nico")


@pytest.fixture
def look_up(lake: Lake, own: ListenerLake) -> LookUp:
    """One run, as another process would do it."""

    def run(per_day: int = 200) -> LookedUp:
        return look_up_tracks(own, Spotify(Settings(), lake), per_day=per_day, day=today())

    return run


def row(**told: object) -> dict[str, object]:
    return {
        "recording_id": "some",
        "kind": "track",
        "plays": 1,
        "ms_played": 200_000,
        "unknown_lengths": 0,
        "first_played_at": NOW,
        "last_played_at": NOW,
        **told,
    }


def by_id(track: Track | str, **told: object) -> dict[str, object]:
    """A track as an extended export knows it."""
    key = track if isinstance(track, str) else track.id
    return row(track_key=key, track_id=key, track_uri=f"spotify:track:{key}", **told)


def by_names(track: Track, **told: object) -> dict[str, object]:
    """A track as account data knows it."""
    artist, title = track.album.artist.name, track.name
    return row(
        **{"track_key": f"{artist} - {title}", "artist_name": artist, "track_name": title} | told
    )


def heard(own: ListenerLake, *rows: dict[str, object]) -> None:
    own.replace(UNIQUE_TRACKS, UNIQUE_TRACKS.from_rows(list(rows)))


def read(sandbox: Sandbox) -> list[str]:
    """What the catalogue was asked for, in order: ids, or `search`."""
    asked = [one.removeprefix("GET ") for one in gets(sandbox)]
    return [
        one.partition("?")[0].removeprefix("tracks/")
        for one in asked
        if one.startswith(("tracks/", "search"))
    ]


def described(own: ListenerLake) -> dict[str, dict[str, object]]:
    update_described(own, date=None)
    return {one["asked_for"]: one for one in own.read(DESCRIBED_TRACKS).to_pylist()}


def outcomes(own: ListenerLake) -> list[dict[str, object]]:
    update_outcomes(own, date=None)
    return own.read(CACHE_OUTCOMES).to_pylist()


def times(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("kind", "hits", "misses", "stale", "saved_requests"))


def forgotten(own: ListenerLake) -> None:
    """As if nothing had ever been asked: what is left is in the cache."""
    for path in ("raw/track/", "raw/search/", "state/", "aggregated/described_tracks.parquet"):
        own.store.delete(path)


def test_the_most_played_tracks_are_asked_for_first_and_answers_are_kept(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    few, many, named = SONGS[:3]
    heard(own, by_id(few, plays=2), by_id(many, plays=9), by_names(named, plays=5))
    result = look_up()
    assert read(sandbox) == [many.id, "search", few.id]
    assert (result.answered, result.learned, result.left, result.stopped) == (3, 3, 0, None)
    known = described(own)
    assert known[many.id]["isrc"] == (many.isrc or None)
    assert known[many.id]["release_date"] == many.album.release_date
    [found] = [one for one in known.values() if one["asked_by"] == "search"]
    assert found["track_name"] == named.name


def test_nothing_is_asked_of_what_is_known_or_no_song(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    one = SONGS[0]
    complete = {"isrc": "X", "release_date": "1999", "album_id": "an-album", "duration_ms": 1}
    heard(
        own,
        by_id(one, **complete),
        by_id("an-episode", kind="episode"),
        row(track_key="spotify:local:a", track_uri="spotify:local:a", kind="local"),
        by_names(SONGS[1], artist_name="Various Artists"),
        row(track_key="nameless", track_name="Song"),
    )
    assert look_up().left == 0
    assert read(sandbox) == []


def test_no_track_is_asked_for_twice_in_two_runs_also_where_the_first_was_killed(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(own, *(by_id(one, plays=9 - at) for at, one in enumerate(SONGS[:4])))

    class Killed(BaseException):
        pass

    pauses = count()

    def sleep(_: float) -> None:
        if next(pauses) == 1:
            raise Killed

    monkeypatch.setattr(catalogue.time, "sleep", sleep)
    with suppress(Killed):
        look_up()
    assert read(sandbox) == [SONGS[0].id, SONGS[1].id]
    look_up()
    look_up()
    asked = read(sandbox)
    # What had come, but was not kept yet, is in the cache.
    assert sorted(asked) == sorted(one.id for one in SONGS[:4])


def test_the_budget_is_the_days_and_survives_a_restart(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, *(by_id(one) for one in SONGS[:7]))
    first = look_up(3)
    assert (first.requests, first.left, first.budget_left) == (3, 4, 0)
    assert "CATALOGUE_READS_PER_DAY" in str(first.stopped)
    sandbox.requests.clear()
    own.store.delete("profile.json")
    own.store.delete("raw/profile/")
    again = look_up(3)
    assert sandbox.requests == [], "not even who they are"
    assert (again.requests, again.answered, again.left) == (0, 0, 4)
    assert look_up(5).requests == 2
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert (look_up(5).requests, look_up(5).left) == (2, 0)


def test_failures_and_repetitions_count_as_what_they_are_requests(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, quick: None
) -> None:
    heard(own, by_id(SONGS[0]), by_id(SONGS[1]))
    sandbox.faults.add("status", "track", code=503, times=2)
    result = look_up(2)
    assert (result.requests, len(read(sandbox))) == (2, 2)
    assert (result.answered, result.left, result.budget_left) == (0, 2, 0)


def test_while_spotify_refuses_requests_nothing_is_sent(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, lockouts: Lockouts
) -> None:
    heard(own, by_id(SONGS[0]))
    lockouts.lock("recently_played", datetime.now(UTC) + timedelta(hours=5), "429")
    result = look_up()
    assert sandbox.requests == []
    assert (result.requests, result.left, result.budget_left) == (0, 1, 200)
    assert "refuses requests until" in str(result.stopped)


def test_once_spotify_refused_requests_for_these_fewer_are_sent_for_a_month(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, *(by_id(one, plays=99 - at) for at, one in enumerate(SONGS[:30])))
    sandbox.faults.add("rate_limit", "track", after=9, times=1, retry_after=7200)
    first = look_up()
    assert (first.answered, first.requests, first.left) == (9, 10, 21)
    for days, sent in ((1, 5), (2, 5), (40, 11)):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
            result = look_up(11 if days == 40 else 200)
            assert (result.requests, "refused" in str(result.stopped)) == (sent, days < 40)


def test_a_lockout_that_our_request_led_to_halves_the_day_also_where_an_old_answer_helps_out(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, *(by_id(one, plays=99 - at) for at, one in enumerate(SONGS[:10])))
    look_up()
    forgotten(own)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=20)):
        sandbox.faults.add("rate_limit", "track", after=3, times=1, retry_after=7200)
        first = look_up()
        assert (first.requests, first.answered, first.from_cache) == (4, 4, 1)
        assert "no more than 2 requests a day" in str(first.stopped)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert look_up().requests == 2


def test_an_old_answer_during_an_outage_halves_nothing(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, quick: None
) -> None:
    heard(own, by_id(SONGS[0]))
    look_up()
    forgotten(own)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=20)):
        sandbox.faults.add("status", "track", code=503, times=3)
        result = look_up()
        assert (result.requests, result.budget_left, result.left) == (3, 197, 0)


def test_what_became_of_the_questions_of_a_day_is_counted_once_whoever_runs_again(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, by_id(SONGS[0], plays=3), by_id(SONGS[1]), by_names(SONGS[2]), by_id("0" * 22))
    look_up()
    [search, track] = outcomes(own)
    assert times(search) == ("search", 0, 1, 0, 0)
    assert times(track) == ("track", 0, 3, 0, 0), "what Spotify does not have was asked, too"
    assert (track["backend"], track["entries"]) == ("sqlite", 3)
    assert (track["bytes"] or 0) > 0
    once = own.store.get(CACHE_OUTCOMES.path)
    look_up()  # which has nothing to ask
    assert outcomes(own) == [search, track]
    assert own.store.get(CACHE_OUTCOMES.path) == once
    forgotten(own)
    look_up()
    assert [times(one) for one in outcomes(own)] == [
        ("search", 1, 1, 0, 1),
        ("track", 2, 4, 0, 2),
    ]


def test_old_answers_are_counted_as_such_and_each_day_has_rows_of_its_own(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, lockouts: Lockouts
) -> None:
    heard(own, by_id(SONGS[0]))
    look_up()
    first = outcomes(own)
    forgotten(own)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        lockouts.lock("track", datetime.now(UTC) + timedelta(hours=5), "429")
        look_up()
        both = outcomes(own)
    assert both[:1] == first
    assert [times(one) for one in both] == [("track", 0, 1, 0, 0), ("track", 0, 0, 1, 1)]
    own.store.delete(CACHE_OUTCOMES.path)
    assert outcomes(own) == both, "from the records of the runs"


def test_a_record_that_is_damaged_costs_its_own_counts_alone(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    heard(own, by_id(SONGS[0]))
    look_up()
    heard(own, by_id(SONGS[1]))
    look_up()
    [first, _] = sorted(one.key for one in own.store.list("raw/cache_outcomes/"))
    own.store.put(first, b"no record")
    assert [times(one) for one in outcomes(own)] == [("track", 0, 1, 0, 0)]
    assert "not counted" in caplog.text


def test_a_run_that_takes_too_long_leaves_the_rest_to_the_next(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "SECONDS_A_RUN", -1)
    heard(own, by_id(SONGS[0]))
    result = look_up()
    assert (result.requests, result.left) == (0, 1)
    assert "the next one goes on" in str(result.stopped)
    assert outcomes(own) == [], "nothing was asked"


def test_where_nothing_is_kept_the_counts_say_so(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, environment: Environment
) -> None:
    environment.set(CACHE_TTL_HOURS="0")
    heard(own, by_id(SONGS[0]))
    look_up()
    [row] = outcomes(own)
    assert times(row) == ("track", 0, 1, 0, 0)
    assert (row["backend"], row["entries"], row["bytes"]) == (None, None, None)


def test_where_one_request_is_too_many_none_is_sent_the_next_day(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, by_id(SONGS[0]))
    sandbox.faults.add("rate_limit", "track", retry_after=7200)
    look_up()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert look_up().requests == 0


def test_a_track_that_spotify_does_not_have_is_remembered_and_the_rest_goes_on(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    gone = "0" * 22
    heard(own, by_id(gone, plays=9), by_id(SONGS[0]))
    result = look_up()
    assert (result.answered, result.learned, result.left) == (2, 1, 0)
    assert described(own)[gone]["status"] == 404
    look_up()
    assert read(sandbox) == [gone, SONGS[0].id]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=200)):
        look_up()
    assert read(sandbox) == [gone, SONGS[0].id, gone]


def test_where_every_track_is_refused_it_stops_and_asks_again_next_week(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, *(by_id(one) for one in SONGS[:20]))
    sandbox.faults.add("status", "track", code=403, times=None)
    result = look_up()
    assert (len(read(sandbox)), result.left) == (5, 15)
    assert "403" in str(result.stopped)
    sandbox.faults.clear()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        assert (look_up().answered, look_up().left) == (20, 0)


def test_an_outage_ends_a_run_and_leaves_everything_to_the_next(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, quick: None
) -> None:
    heard(own, *(by_id(one) for one in SONGS[:9]))
    sandbox.faults.add("status", "track", code=502, times=None)
    result = look_up()
    assert len(read(sandbox)) == 5
    assert (result.answered, result.left) == (0, 9)
    assert "5 times in a row" in str(result.stopped)
    sandbox.faults.clear()
    assert look_up().answered == 9


def test_an_answer_that_is_no_json_is_kept_aside_and_asked_for_again(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox, environment: Environment
) -> None:
    environment.set(CACHE_TTL_HOURS="0")
    heard(own, by_id(SONGS[0]))
    sandbox.faults.add("not_json", "track")
    result = look_up()
    assert (result.answered, result.failed, result.left) == (0, 1, 1)
    assert list(own.store.list("raw/unreadable/"))
    assert look_up().learned == 1


def test_what_the_cache_has_costs_nothing(
    look_up: LookUp, own: ListenerLake, lake: Lake, sandbox: Sandbox
) -> None:
    heard(own, by_id(SONGS[0], plays=2), by_id(SONGS[1]))
    look_up(1)
    own.store.delete("raw/track/")
    own.store.delete(DESCRIBED_TRACKS.path)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        own.store.delete(BUDGET)
        result = look_up(1)
    assert (result.from_cache, result.requests, result.answered) == (1, 1, 2)
    assert read(sandbox) == [SONGS[0].id, SONGS[1].id]


def test_without_a_login_nothing_is_asked(
    own: ListenerLake, look_up: LookUp, environment: Environment
) -> None:
    environment.unset("SPOTIFY_REFRESH_TOKEN_NICO")
    heard(own, by_id(SONGS[0]))
    result = look_up()
    assert (result.requests, result.left) == (0, 1)
    assert result.stopped


def test_a_search_without_a_hit_is_remembered(
    look_up: LookUp, own: ListenerLake, sandbox: Sandbox
) -> None:
    heard(own, by_names(SONGS[0], track_name='Nobody ever wrote "this": song'))
    assert (look_up().learned, look_up().left) == (0, 0)
    assert read(sandbox) == ["search"]
    assert [one["place"] for one in described(own).values()] == [0]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"date": "yesterday"}', b'{"date": 1}'])
@pytest.mark.usefixtures("sandbox")
def test_a_damaged_budget_is_as_none(look_up: LookUp, own: ListenerLake, body: bytes) -> None:
    own.store.put(BUDGET, body)
    heard(own, by_id(SONGS[0]))
    assert look_up(5).budget_left == 4
