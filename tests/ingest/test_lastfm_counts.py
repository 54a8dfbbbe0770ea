"""Reading Last.fm's counts: some every day, none twice, and only the last answers are kept."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from pipelines.errors import LastfmDown
from pipelines.ingest import lastfm_counts
from pipelines.ingest.lastfm_counts import Collected, Counts
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.sources import lastfm_counts as rules
from pipelines.listening.sources.lastfm_counts import Name
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lastfm import client as policy
from pipelines.resources.lastfm.client import Lastfm, TrackInfo
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.lastfm import Scrobble, World, refusal

NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
DAY = timedelta(days=1)


class Last:
    """A listener's lake, and Last.fm to be asked for their tracks."""

    def __init__(self, sandbox: Sandbox, lake: ListenerLake) -> None:
        self.sandbox, self.lake = sandbox, lake
        self.asked: list[Name] = []
        self.time_left: Callable[[], float] = lambda: 100.0

    def played(self, *tracks: dict[str, Any]) -> None:
        rows = [
            {
                "track_key": f"{number}",
                "recording_id": f"name:{number}",
                "kind": "track",
                "artist_name": "Band",
                "artist_key": "band",
                "plays": 100 - number,
                "ms_played": 0,
                "unknown_lengths": 0,
                "first_played_at": NOW,
                "last_played_at": NOW,
                **track,
            }
            for number, track in enumerate(tracks)
        ]
        self.lake.replace(UNIQUE_TRACKS, UNIQUE_TRACKS.from_rows(rows))

    def run(self, now: datetime = NOW) -> Collected:
        """What the asset does on a day; whose clock is that day's."""
        self.sandbox.requests.clear()
        self.asked = []
        client = Lastfm(Settings()).client("nico", "nico", self.time_left)
        ask = client.track

        def dated(artist: str, title: str) -> TrackInfo:
            self.asked.append(Name(artist, title))
            told = ask(artist, title)
            return TrackInfo(told.body, told.corrected, now)

        client.track = dated  # type: ignore[method-assign]
        counts = Counts(self.lake, "nico")
        collected = counts.collect(client, now)
        counts.update()
        return collected

    def files(self, endpoint: str) -> list[str]:
        return [entry.key for entry in self.lake.store.list(f"raw/{endpoint}/")]

    def world(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows = self.lake.read(LASTFM_TRACKS).to_pylist()
        return {(row["asked_artist"], row["asked_title"]): row for row in rows}

    def listed(self) -> dict[tuple[str, str], int]:
        rows = self.lake.read(LASTFM_USER_TRACKS).to_pylist()
        return {(row["artist_name"], row["track_name"]): row["plays"] for row in rows}

    def requests(self, method: str) -> int:
        return sum(f"method={method}" in one.path for one in self.sandbox.requests)


@pytest.fixture
def last(sandbox: Sandbox, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Last:
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)
    sandbox.lastfm.begin("2030-01-01T00:00:00Z")
    scrobble(sandbox, ["One", "One", "Two"])
    return Last(sandbox, lake.of("nico"))


def scrobble(sandbox: Sandbox, titles: Sequence[str]) -> None:
    sandbox.lastfm.more["nico"] = [Scrobble(at, "Band", "", one) for at, one in enumerate(titles)]


def songs(*titles: str) -> list[dict[str, Any]]:
    return [{"track_name": title} for title in titles]


def test_the_whole_list_is_read_whatever_the_length_of_its_pages(last: Last) -> None:
    scrobble(last.sandbox, [f"{number}" for number in range(7)] * 2 + ["0"])
    last.sandbox.lastfm.longest_top_page = 3
    collected = last.run()
    assert collected.pages == 3
    assert last.listed() == {("Band", f"{n}"): 3 if n == 0 else 2 for n in range(7)}


def test_an_account_that_gets_no_long_pages_is_read_in_short_ones(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = last.sandbox.lastfm.answer

    def short_only(request: Any, view: Any) -> Any:
        if request.query.get("limit") == "1000":
            return refusal(8, 500, "Operation failed")
        return answer(request, view)

    monkeypatch.setattr(last.sandbox.lastfm, "answer", short_only)
    assert last.run().problem is None
    assert last.listed() == {("Band", "One"): 2, ("Band", "Two"): 1}


def test_a_list_that_changes_while_it_is_read_is_read_anew(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrobble(last.sandbox, ["One", "Two", "Three"])
    last.sandbox.lastfm.longest_top_page = 2
    answer, seen = last.sandbox.lastfm.answer, list[str]()

    def scrobbling(request: Any, view: Any) -> Any:
        seen.append(request.query["method"])
        if len(seen) == 2:
            scrobble(last.sandbox, ["One", "Two", "Three", "Four", "Four"])
        return answer(request, view)

    monkeypatch.setattr(last.sandbox.lastfm, "answer", scrobbling)
    last.run()
    assert last.listed() == {
        ("Band", one): 1 + (one == "Four") for one in ("One", "Two", "Three", "Four")
    }


def test_a_list_is_read_once_a_day_and_only_the_last_one_is_kept(last: Last) -> None:
    last.run(datetime.now(UTC))
    assert last.run(datetime.now(UTC) + timedelta(hours=3)).pages == 0
    scrobble(last.sandbox, ["Three"])
    assert last.run(datetime.now(UTC) + DAY).pages == 1
    assert len(last.files("lastfm_top_tracks")) == 1
    assert last.listed() == {("Band", "Three"): 1}


def test_a_list_by_a_clock_that_was_ahead_is_replaced(last: Last) -> None:
    ahead = datetime.now(UTC) + 400 * DAY
    with time_machine.travel(ahead):
        last.run(ahead)
    scrobble(last.sandbox, ["Three"])
    assert last.run(datetime.now(UTC)).pages == 1
    assert last.listed() == {("Band", "Three"): 1}
    assert last.run(datetime.now(UTC)).pages == 0
    assert len(last.files("lastfm_top_tracks")) == 1


def test_the_most_played_are_asked_first_and_so_many_a_day(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lastfm_counts, "REQUESTS_A_RUN", 2)
    monkeypatch.setattr(lastfm_counts, "ANSWERS_A_FILE", 1)
    for one in ("One", "Two", "Three"):
        last.sandbox.lastfm.world["Band", one] = World(1000, 10)
    last.played(*songs("One", "Two", "Three"))
    first = last.run(NOW)
    assert last.asked == [("Band", "One"), ("Band", "Two")]
    assert (first.names, first.left) == (2, 1)
    assert last.run(NOW + DAY).left == 0
    assert last.asked == [("Band", "Three")]
    assert last.run(NOW + 29 * DAY).names == 0


def test_what_was_asked_longest_ago_is_asked_again_and_the_older_answer_is_deleted(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lastfm_counts, "REQUESTS_A_RUN", 1)
    world = last.sandbox.lastfm.world
    world["Band", "One"], world["Band", "Two"] = World(1000, 10), World(2000, 20)
    last.played(*songs("One", "Two"))
    for day in (0, 1, 30, 31):
        world["Band", "One"] = World(1000 + day, 10)
        last.run(NOW + day * DAY)
        assert last.asked == [("Band", "Two" if day % 30 else "One")]
    assert len(last.files("lastfm_track")) == 2
    assert last.world()["Band", "One"]["plays"] == 1030
    assert last.world()["Band", "One"]["as_of"] == NOW + 30 * DAY


def test_a_name_that_is_not_known_is_not_asked_for_again_at_once(last: Last) -> None:
    last.played(*songs("Unheard Of"))
    assert last.run().requests == 3
    [row] = last.world().values()
    assert (row["plays"], row["artist_name"], row["corrected"]) == (None, None, False)
    assert last.run(NOW + DAY).names == 0


def test_a_correction_is_flagged_and_says_what_was_told_of(last: Last) -> None:
    last.sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    last.sandbox.lastfm.corrections["Band", "Sogn"] = ("Band", "Song")
    last.played(*songs("Sogn"))
    last.run()
    row = last.world()["Band", "Sogn"]
    assert (row["track_name"], row["corrected"]) == ("Song", True)
    assert (row["plays"], row["listeners"]) == (1200, 34)


def test_every_name_of_a_recording_is_asked_also_as_the_listener_scrobbled_it(last: Last) -> None:
    scrobble(last.sandbox, ["SONG!", "Else"])
    last.played(
        {"track_name": "Song", "recording_id": "a"},
        {"track_name": "song", "recording_id": "a"},
        {"track_name": "Song - Live", "recording_id": "a"},
        {"track_name": None, "recording_id": "b"},
        {"track_name": "Talk", "kind": "episode"},
        {"track_name": "Mix", "artist_name": "Various Artists", "artist_key": None},
        {"track_name": "Skipped", "plays": 0},
    )
    last.run()
    assert last.asked == [("Band", "Song"), ("Band", "Song - Live"), ("Band", "SONG!")]


def test_of_the_most_played_recordings_alone_anything_is_asked(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_DUE", rules._DUE.replace("LIMIT 5000", "LIMIT 1"))
    last.played(*songs("One", "Two"))
    last.run()
    assert last.asked == [("Band", "One")]


def test_what_was_answered_before_last_fm_went_down_is_kept(last: Last) -> None:
    last.played(*songs("One", "Two"))
    last.run(NOW)
    last.played(*songs("Three", "Four", "One", "Two"))
    answered = iter([True, False])
    time_left = last.time_left

    def dying() -> float:
        if not next(answered, False):
            last.sandbox.faults.add("lastfm_error", "lastfm", number=11, code=503, times=None)
        return time_left()

    last.time_left = dying
    collected = last.run(NOW)
    assert isinstance(collected.problem, LastfmDown)
    assert ("Band", "Three") in last.world()
    assert last.listed()


def test_a_run_ends_when_its_time_is_over(last: Last) -> None:
    last.played(*songs("One", "Two"))
    last.time_left = lambda: 0.0
    assert last.run().names == 0


@pytest.mark.parametrize("endpoint", ["lastfm_top_tracks", "lastfm_track"])
def test_a_damaged_file_is_told_deleted_and_asked_for_again(endpoint: str, last: Last) -> None:
    last.played(*songs("One"))
    last.run()
    [path] = last.files(endpoint)
    last.lake.store.put(path, b"damaged")
    [problem] = Counts(last.lake, "nico").update().damaged
    assert "Last.fm is asked again" in str(problem)
    assert last.files(endpoint) == []
    last.run()
    assert last.listed()
    assert ("Band", "One") in last.world()


def test_the_tables_are_the_same_bytes_however_often_they_are_made(last: Last) -> None:
    last.played(*songs("One", "Two"))
    last.run()
    before = [last.lake.etag(table) for table in (LASTFM_TRACKS, LASTFM_USER_TRACKS)]
    for table in (LASTFM_TRACKS, LASTFM_USER_TRACKS):
        last.lake.store.delete(table.path)
    Counts(last.lake, "nico").update()
    assert [last.lake.etag(table) for table in (LASTFM_TRACKS, LASTFM_USER_TRACKS)] == before


@pytest.mark.parametrize(
    ("track", "row"),
    [
        ({"playcount": "12"}, {"plays": 12, "listeners": None, "url": None}),
        ({"playcount": 12, "listeners": "x"}, {"plays": 12, "listeners": None}),
        ({"playcount": "-1", "listeners": None, "url": 5}, {"plays": None, "url": None}),
        ({"name": "half \ud83d", "playcount": "1"}, {"track_name": "half \ufffd", "plays": 1}),
        ({"artist": "Band"}, {"artist_name": None, "plays": None}),
    ],
)
def test_an_odd_answer_costs_what_is_odd_in_it(track: Any, row: Any) -> None:
    whole = {"name": "Song", "artist": {"name": "Band"}, **track}
    asked = rules.Asked("Band", "Song", NOW, corrected=False, track=whole)
    [found] = rules.tracks(rules.unpacked(rules.packed([asked]))).to_pylist()
    assert {name: found[name] for name in row} == row


@pytest.mark.parametrize(
    ("told", "asked_so", "corrected"),
    [
        ("Song", False, False),
        ("SONG", False, False),
        ("Song", True, False),
        ("Other", True, True),
        ("Other", False, True),  # an alias that Last.fm follows, whatever it is asked
    ],
)
def test_a_correction_is_another_name_than_was_asked_for(
    told: str, asked_so: bool, corrected: bool
) -> None:
    track = {"name": told, "artist": {"name": "Band"}, "playcount": "1"}
    asked = rules.Asked("Band", "Song", NOW, corrected=asked_so, track=track)
    [row] = rules.tracks([asked]).to_pylist()
    assert row["corrected"] is corrected


def test_who_never_scrobbled_anything_has_an_empty_list(last: Last) -> None:
    scrobble(last.sandbox, [])
    assert last.run().problem is None
    assert last.listed() == {}
