"""Reading scrobbles: all of them, once, with few requests, whatever happens in between."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from pipelines.assets.ledger import update_plays
from pipelines.errors import CorruptFile
from pipelines.ingest.archive import open_files
from pipelines.ingest.lastfm import Collected, Collector
from pipelines.ingest.lastfm_imports import Scrobbles
from pipelines.ingest.lastfm_reading import Pages
from pipelines.ingest.privacy_export import import_export
from pipelines.listening.api.responses import unpack
from pipelines.listening.schema.tables import HISTORY, PLAYS, REFUSED_HISTORY
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lastfm import client as policy
from pipelines.resources.lastfm.client import Lastfm
from pipelines.settings import Listener, Settings
from sandbox import Sandbox
from sandbox.lastfm import Scrobble, _track
from tests.support.export_files import in_lake

BEGUN = "2026-10-27T12:00:00Z"
NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)


class Last:
    """A listener's lake, and Last.fm to be read into it."""

    def __init__(self, sandbox: Sandbox, lake: ListenerLake) -> None:
        self.sandbox, self.lake = sandbox, lake
        self.time_left: Callable[[], float] = lambda: 100.0

    def run(self, now: datetime = NOW) -> Collected:
        """What the asset does on a day."""
        self.sandbox.clock.fix(now)
        self.sandbox.requests.clear()
        damaged = Scrobbles(self.lake, "nico").update().damaged
        client = Lastfm(Settings()).client("nico", "nico", self.time_left)
        collected = Collector(self.lake, client, now, damaged).collect()
        Scrobbles(self.lake, "nico").update()
        return collected

    def imports(self) -> list[str]:
        return [one.id for one in ImportedExports(self.lake).all]

    def rows(self) -> pa.Table:
        years = range(2020, 2028)
        every = [
            self.lake.read(HISTORY, **{"import": one, "year": f"{year}"})
            for one in self.imports()
            for year in years
        ]
        return pa.concat_tables([HISTORY.empty(), *every])

    def heard(self) -> list[tuple[int, str, str]]:
        return sorted(
            (int(row["started_at"].timestamp()), row["artist_name"], row["track_name"])
            for row in self.rows().to_pylist()
        )

    def truth(self, now: datetime = NOW) -> list[tuple[int, str, str]]:
        self.sandbox.clock.fix(now)
        listener = self.sandbox.app.listeners["nico"]
        every = self.sandbox.lastfm.scrobbles(listener, now)
        return sorted((one.uts, one.artist, one.title) for one in every if one.uts > 10**9)


@pytest.fixture
def last(sandbox: Sandbox, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Last]:
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)
    sandbox.lastfm.begin(BEGUN)
    return Last(sandbox, lake.of("nico"))


def test_everything_is_read_month_by_month_and_each_scrobble_is_once(last: Last) -> None:
    collected = last.run()
    assert collected.problem is None
    assert collected.windows == ["2026-10", "2026-11"]
    assert last.heard() == last.truth()
    assert len(last.truth()) == collected.total
    assert collected.pages > 10
    assert [one.rpartition("-")[0] for one in sorted(last.imports())] == [
        "lastfm-nico-2026-10",
        "lastfm-nico-2026-11",
    ]
    assert {row["source"] for row in last.rows().to_pylist()} == {"lastfm"}


def test_pages_of_a_month_come_from_the_last_to_the_first(last: Last) -> None:
    last.run()
    [reading] = Pages(last.lake, "nico").readings()["2026-11"]
    fetched = {}
    for number, name in reading.pages.items():
        stored = last.lake.store.get(f"raw/lastfm_recent_tracks/nico/{name}")
        assert stored is not None
        fetched[number] = unpack(stored.body, name).fetched_at
    first = fetched.pop(1)  # which tells how many there are, and is stored last
    assert first < min(fetched.values())
    assert sorted(fetched, key=lambda n: fetched[n]) == sorted(fetched, reverse=True)


def test_a_day_later_the_latest_pages_show_what_is_new(last: Last) -> None:
    last.run()
    tomorrow = NOW + timedelta(hours=20)
    collected = last.run(tomorrow)
    assert collected.windows == ["2026-11"]
    new = len(last.truth(tomorrow)) - len(last.truth())
    assert collected.requests <= 2 + -(-new // 200)  # one asks for the total
    assert last.heard() == last.truth(tomorrow)
    assert len(last.imports()) == 2


def test_a_month_is_asked_for_until_nothing_can_come_late(last: Last) -> None:
    last.run()
    for days, windows in [
        (10, ["2026-11"]),
        (12, ["2026-11", "2026-12"]),
        (26, ["2026-11", "2026-12"]),
        (27, ["2026-12"]),
    ]:
        assert last.run(NOW + timedelta(days=days)).windows == windows


def test_what_comes_late_is_found(last: Last) -> None:
    last.run()
    then = datetime(2026, 11, 9, 3, 0, tzinfo=UTC)
    late = [Scrobble(int(then.timestamp()) + 200 * n, "Late", "", f"Late {n}") for n in range(3)]
    last.sandbox.lastfm.more["nico"] = late
    tomorrow = NOW + timedelta(days=1)
    collected = last.run(tomorrow)
    assert collected.requests > 6
    assert last.heard() == last.truth(tomorrow)


def test_a_corrected_title_replaces_the_wrong_one_and_nothing_else_is_lost(last: Last) -> None:
    at = int(NOW.timestamp()) - 3600
    last.sandbox.lastfm.more["nico"] = [
        Scrobble(at, "A", "", "Wrnog"),
        Scrobble(at + 1, "A", "", "Taken away"),
    ]
    last.run()
    last.sandbox.lastfm.more["nico"] = [Scrobble(at, "A", "", "Right")]
    last.run(NOW + timedelta(hours=1))
    titles = {title for _, _, title in last.heard()}
    assert {"Right", "Taken away"} <= titles
    assert "Wrnog" not in titles


def test_a_year_that_is_over_becomes_one_import(last: Last) -> None:
    last.run()
    before = last.heard()
    last.sandbox.lastfm.more["nico"] = []
    later = datetime(2027, 1, 16, 5, tzinfo=UTC)
    last.run(later)
    assert [one.rpartition("-")[0] for one in sorted(last.imports())] == [
        "lastfm-nico-2026",
        "lastfm-nico-2027-01",
    ]
    assert last.heard() == last.truth(later)
    assert set(before) <= set(last.heard())


def test_the_same_pages_give_the_same_imports(last: Last) -> None:
    last.run()
    before = {e.key: e.etag for e in last.lake.store.list("streaming_history/")}
    last.lake.store.delete("streaming_history/")
    Scrobbles(last.lake, "nico").update()
    assert {e.key: e.etag for e in last.lake.store.list("streaming_history/")} == before
    assert Scrobbles(last.lake, "nico").update().written == 0


@pytest.mark.parametrize("after", [3, 9, 14])
def test_a_run_that_is_broken_off_is_gone_on_with(last: Last, after: int) -> None:
    last.sandbox.faults.add("lastfm_error", "lastfm", number=11, after=after, times=None)
    broken = last.run()
    assert broken.problem is not None
    assert "error 11" in str(broken.problem)
    stored = broken.pages
    last.sandbox.faults.clear()
    again = last.run(NOW + timedelta(minutes=30))
    assert again.problem is None
    later = NOW + timedelta(minutes=30)
    assert len(last.heard()) in {len(last.truth()), len(last.truth(later))}
    final = last.run(later + timedelta(minutes=1))
    assert final.problem is None
    assert last.heard() == last.truth(later + timedelta(minutes=1))
    whole = sum(
        len(one.pages) for some in Pages(last.lake, "nico").readings().values() for one in some
    )
    assert stored + again.pages + final.pages == whole


def test_a_run_that_was_killed_left_pages_that_the_next_one_makes_rows_of(last: Last) -> None:
    last.sandbox.clock.fix(NOW)
    client = Lastfm(Settings()).client("nico", "nico", lambda: 100.0)
    Collector(last.lake, client, NOW).collect()
    assert last.imports() == []
    assert last.run().requests <= 3
    assert last.heard() == last.truth()


def test_a_run_without_time_left_says_so_and_the_next_goes_on(last: Last) -> None:
    times = iter([100.0] * 16 + [0.0] * 1000)
    last.time_left = lambda: next(times)
    broken = last.run()
    assert broken.out_of_time
    assert broken.problem is None
    last.time_left = lambda: 100.0
    last.run(NOW + timedelta(minutes=1))
    last.run(NOW + timedelta(minutes=2))
    assert last.heard() == last.truth(NOW + timedelta(minutes=2))


def test_pages_that_shift_while_they_are_read_lose_nothing(last: Last) -> None:
    # What was heard on these days comes in only after the month's first pages were read.
    span = {"start": "2026-11-10T00:00:00Z", "end": "2026-11-12T00:00:00Z"}
    last.sandbox.faults.add("late", "lastfm", times=18, visible_from="2027-01-01T00:00:00Z", **span)
    collected = last.run()
    assert collected.problem is None
    assert last.heard() == last.truth()
    assert len(Pages(last.lake, "nico").readings()["2026-11"]) > 1


def test_pages_that_never_stop_shifting_end_the_run_until_tomorrow(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = last.sandbox.lastfm.answer
    more: list[Scrobble] = []

    def growing(request: Any, view: Any) -> Any:
        more.append(Scrobble(1_793_600_000 + len(more) * 40, "A", "", f"{len(more)}"))
        last.sandbox.lastfm.more["nico"] = list(more)
        return answer(request, view)

    with monkeypatch.context() as patch:
        patch.setattr(last.sandbox.lastfm, "answer", growing)
        collected = last.run()
    assert "changed while they were read" in str(collected.problem)
    last.run(NOW + timedelta(days=1))
    assert last.heard() == last.truth(NOW + timedelta(days=1))


def test_a_scrobble_at_the_edge_of_a_month_is_once(last: Last) -> None:
    edge = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    last.sandbox.lastfm.more["nico"] = [
        Scrobble(edge + by, "Edge", "", f"{by}") for by in (-2, -1, 0, 1)
    ]
    last.run()
    assert last.heard() == last.truth()


def test_equal_scrobbles_of_one_second_are_as_many_as_last_fm_has(last: Last) -> None:
    at = int(NOW.timestamp()) - 7200
    last.sandbox.lastfm.more["nico"] = [Scrobble(at, "Twice", "", "T")] * 2
    last.run()
    last.run(NOW + timedelta(hours=1))
    assert last.heard() == last.truth(NOW + timedelta(hours=1))


def test_rows_of_1970_are_refused_and_told(last: Last) -> None:
    last.sandbox.lastfm.more["nico"] = [Scrobble(5, "Broken", "", "Clock")]
    collected = last.run()
    assert collected.windows[0] == "before"
    assert last.heard() == last.truth()
    [before] = [one for one in last.imports() if "before" in one]
    [row] = last.lake.read(REFUSED_HISTORY, **{"import": before}).to_pylist()
    assert row["reason"] == "its time is before 2002"
    assert last.run(NOW + timedelta(days=1)).windows == ["2026-11"]


def test_of_a_listener_who_scrobbled_nothing_little_is_asked(last: Last) -> None:
    last.sandbox.lastfm.begin("2026-11-20T21:29:59Z")
    collected = last.run()
    assert (collected.total, collected.requests, collected.windows) == (0, 1, [])
    assert last.imports() == []


@pytest.mark.parametrize("playing", [True, False])
def test_a_single_scrobble_is_no_list_and_is_read(last: Last, *, playing: bool) -> None:
    last.sandbox.lastfm.begin("2026-11-20T21:29:59Z")
    last.sandbox.lastfm.playing = playing
    last.sandbox.lastfm.more["nico"] = [Scrobble(int(NOW.timestamp()) - 60, "A", "", "T")]
    last.run()
    assert last.heard() == last.truth()
    assert len(last.heard()) == 1


def test_what_is_kept_is_small_and_has_neither_key_nor_pictures(last: Last) -> None:
    last.run()
    entries = [e.key for e in last.lake.store.list("raw/lastfm_recent_tracks/")]
    size = 0
    for key in entries:
        stored = last.lake.store.get(key)
        assert stored is not None
        size += len(stored.body)
        body = bytes(unpack(stored.body, key).body)
        assert last.sandbox.lastfm.api_key.encode() not in body + key.encode()
        assert b"image" not in body
        assert b"https://" not in body
    assert size / len(last.heard()) < 60  # half a million then take less than 30 MB


def test_when_it_was_last_read_is_known(last: Last) -> None:
    assert Pages(last.lake, "nico").last_read_at() is None
    last.run()
    at = Pages(last.lake, "nico").last_read_at()
    assert at is not None
    assert NOW <= at < NOW + timedelta(minutes=1)
    last.lake.store.delete("streaming_history/")
    assert Pages(last.lake, "nico").last_read_at() == at


def test_a_file_of_the_same_scrobbles_adds_nothing_in_either_order(
    last: Last, sandbox: Sandbox
) -> None:
    listener = Listener("nico", (Zone("Europe/Berlin"),))
    tracks = [_track(one) for one in sandbox.lastfm.scrobbles(sandbox.app.listeners["nico"], NOW)]
    exported = json.dumps([{"track": tracks, "@attr": {"total": f"{len(tracks)}"}}]).encode()

    def import_file() -> dict[str, Any]:
        with open_files(in_lake({"recenttracks-nico.json": exported})) as export:
            return import_export(last.lake, export, now=NOW)

    def plays() -> list[tuple[datetime, str]]:
        update_plays(last.lake, listener)
        found = last.lake.read_months(PLAYS, ["started_at", "track_name", "source"]).to_pylist()
        assert {row["source"] for row in found} == {"lastfm"}
        return sorted((row["started_at"], row["track_name"]) for row in found)

    last.run()
    of_last_fm = plays()
    assert len(of_last_fm) == len(last.truth())
    outcome = import_file()
    assert (outcome["new"], outcome["seen_before"]) == (0, len(tracks))
    assert plays() == of_last_fm
    last.lake.store.delete("streaming_history/lastfm-")
    assert plays() == of_last_fm
    Scrobbles(last.lake, "nico").update()
    assert plays() == of_last_fm


def test_another_name_at_last_fm_has_scrobbles_of_its_own(last: Last) -> None:
    last.run()
    before = last.heard()
    client = Lastfm(Settings()).client("nico", "mira", lambda: 100.0)
    assert Collector(last.lake, client, NOW).collect().windows == ["2026-10", "2026-11"]
    Scrobbles(last.lake, "mira").update()
    assert len(last.imports()) == 4
    assert set(before) < set(last.heard())
    assert len(Pages(last.lake, "NICO").readings()) == 2


RAW = "raw/lastfm_recent_tracks/nico/"
LATER = datetime(2027, 2, 20, tzinfo=UTC)
"""Long after the year that is an import."""


@pytest.mark.parametrize(("now", "month"), [(NOW, "2026-10"), (LATER, "2026-10")])
@pytest.mark.parametrize("is_down", [False, True])
def test_a_month_whose_pages_were_deleted_is_read_again_and_meanwhile_stays(
    last: Last, now: datetime, month: str, *, is_down: bool
) -> None:
    last.run(now)
    before, imports = last.heard(), last.imports()
    last.lake.store.delete(f"{RAW}{month}/")
    Scrobbles(last.lake, "nico").update()
    assert (last.heard(), last.imports()) == (before, imports)
    if is_down:
        last.sandbox.faults.add("lastfm_error", "lastfm", number=11, times=None)
        last.run(now + timedelta(hours=1))
        assert set(last.heard()) >= set(before)
        last.sandbox.faults.clear()
    collected = last.run(now + timedelta(hours=2))
    assert month in collected.windows
    assert last.heard() == last.truth(now + timedelta(hours=2))
    assert month in Pages(last.lake, "nico").readings()


def test_the_latest_pages_of_a_month_alone_do_not_replace_all_of_it(last: Last) -> None:
    last.run()
    last.run(NOW + timedelta(hours=1))
    before = last.heard()
    first, _ = Pages(last.lake, "nico").readings()["2026-11"]
    last.lake.store.delete(f"{RAW}2026-11/{first.started_at:%Y%m%dT%H%M%SZ}/")
    Scrobbles(last.lake, "nico").update()
    assert last.heard() == before
    last.run(NOW + timedelta(hours=2))
    assert last.heard() == last.truth(NOW + timedelta(hours=2))
    assert Pages(last.lake, "nico").readings()["2026-11"][-1].whole


def test_the_last_month_of_a_year_that_was_deleted_leaves_one_import_of_the_year(
    last: Last,
) -> None:
    last.run(LATER)
    before, imports = last.heard(), last.imports()
    last.lake.store.delete(f"{RAW}2026-12/")
    Scrobbles(last.lake, "nico").update()
    assert last.heard() == before
    last.run(LATER + timedelta(hours=1))
    assert last.heard() == last.truth(LATER + timedelta(hours=1))
    assert len(last.imports()) == len(imports)


def test_a_row_has_the_time_of_the_reading_that_first_told_of_it_for_ever(last: Last) -> None:
    def told() -> dict[tuple[datetime, str], tuple[Any, ...]]:
        return {
            (row["started_at"], row["track_name"]): (row["imported_at"], row["file"], row["row"])
            for row in last.rows().to_pylist()
        }

    last.run()
    first = told()
    assert min(at for at, _, _ in first.values()) >= NOW
    assert max(at for at, _, _ in first.values()) < NOW + timedelta(minutes=1)
    tomorrow = NOW + timedelta(days=1)
    last.run(tomorrow)
    second = told()
    assert {key: second[key] for key in first} == first
    assert {at for key, (at, _, _) in second.items() if key not in first} == {tomorrow}
    last.run(LATER)
    third = told()
    assert {key: third[key] for key in second} == second


def test_a_play_that_a_file_of_another_service_has_too_keeps_its_id(last: Last) -> None:
    listener = Listener("nico", (Zone("Europe/Berlin"),))

    def ids() -> dict[datetime, str]:
        update_plays(last.lake, listener)
        found = last.lake.read_months(PLAYS, ["started_at", "play_id", "source"]).to_pylist()
        return {row["started_at"]: row["play_id"] for row in found if "+" in row["source"]}

    last.run()
    rows = [
        {
            "ts": f"{datetime.fromtimestamp(at + 200, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "ms_played": 200_000,
            "master_metadata_track_name": title,
            "master_metadata_album_artist_name": artist,
            "master_metadata_album_album_name": "An album",
            "spotify_track_uri": f"spotify:track:{number:022}",
            "reason_start": "trackdone",
            "reason_end": "trackdone",
        }
        for number, (at, artist, title) in enumerate(last.truth()[-10:])
    ]
    name = "Streaming_History_Audio_2026_0.json"
    with open_files(in_lake({name: json.dumps(rows).encode()})) as export:
        import_export(last.lake, export, now=NOW + timedelta(hours=2))
    before = ids()
    assert before
    for later in (NOW + timedelta(days=1), LATER):
        last.run(later)
        assert ids() == before


def test_one_scrobble_of_a_second_more_is_one_row_more(last: Last) -> None:
    at = int(NOW.timestamp()) - 7200
    last.sandbox.lastfm.more["nico"] = [Scrobble(at, "Twice", "", "T")]
    last.run()
    last.sandbox.lastfm.more["nico"] *= 2
    last.run(NOW + timedelta(hours=1))
    assert last.heard() == last.truth(NOW + timedelta(hours=1))


@pytest.mark.parametrize("days", [0.05, 1])
def test_a_damaged_page_leaves_what_was_stored_and_is_read_again(last: Last, days: float) -> None:
    last.run()
    before = last.heard()
    [page, *_] = [entry.key for entry in last.lake.store.list(f"{RAW}2026-11/")]
    last.lake.store.put(page, b"damaged")
    later = NOW + timedelta(days=days)
    collected = last.run(later)
    assert collected.problem is None
    assert last.heard() == before
    [(window, problem)] = Scrobbles(last.lake, "nico").update().damaged.items()
    assert window == "2026-11"
    assert page in str(problem)
    last.run(later + timedelta(days=1))
    assert last.heard() == last.truth(later + timedelta(days=1))
    assert not Scrobbles(last.lake, "nico").update().damaged
    last.run(later + timedelta(days=2))
    assert last.heard() == last.truth(later + timedelta(days=2))
    assert not Pages(last.lake, "nico").readings()["2026-11"][-1].complete


def test_what_came_late_while_something_else_was_deleted_is_found_in_the_end(
    last: Last,
) -> None:
    then = int(datetime(2026, 11, 5, 3, tzinfo=UTC).timestamp())
    last.sandbox.lastfm.more["nico"] = [Scrobble(then, "Taken away", "", "T")]
    last.run(datetime(2026, 12, 14, 12, tzinfo=UTC))
    last.sandbox.lastfm.more["nico"] = [Scrobble(then + 60, "Late", "", "L")]
    for days in (1, 2):
        last.run(datetime(2026, 12, 14, 12, tzinfo=UTC) + timedelta(days=days))
    assert {"Taken away", "Late"} <= {artist for _, artist, _ in last.heard()}


def test_nothing_new_is_no_other_import(last: Last, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = last.sandbox.lastfm.scrobbles
    monkeypatch.setattr(
        last.sandbox.lastfm, "scrobbles", lambda who, now, *a: heard(who, min(now, NOW), *a)
    )
    last.run()
    before = last.imports()
    for hours in (1, 24):
        last.run(NOW + timedelta(hours=hours))
        assert last.imports() == before
    assert len(Pages(last.lake, "nico").readings()["2026-11"]) == 3
    assert Scrobbles(last.lake, "nico").update().written == 0


def test_what_is_left_of_a_run_that_was_killed_is_deleted(last: Last) -> None:
    last.run()
    others = ["lastfm-nico-b-2026-11-0123456789abcdef", "0123456789abcdef"]
    for folder in ("lastfm-nico-2026-11-0123456789abcdef", *others):
        last.lake.store.put(f"streaming_history/{folder}/year=2026.parquet", b"rows")
    Scrobbles(last.lake, "nico").update()
    folders = set(last.lake.store.folders("streaming_history/"))
    assert folders == {*last.imports(), *others}


def test_an_import_that_is_replaced_is_none_from_the_first_moment_on(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.run()
    [old] = [one for one in last.imports() if "2026-11" in one]
    deleted: list[str] = []
    delete = type(last.lake.store).delete

    def noting(store: Any, prefix: str) -> int:
        deleted.append(prefix)
        return delete(store, prefix)

    monkeypatch.setattr(type(last.lake.store), "delete", noting)
    last.run(NOW + timedelta(days=1))
    assert deleted == [f"streaming_history/{old}/outcome.json", f"streaming_history/{old}/"]


def test_whoever_reads_an_import_while_it_is_replaced_starts_over(
    last: Last, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_between = ImportedExports.rows_between

    def replaced(imports: ImportedExports, one: Any, begin: datetime, end: datetime) -> Any:
        if len(waiting) and "2026-11" in one.id:
            last.run(waiting.pop())
        return rows_between(imports, one, begin, end)

    last.run()
    monkeypatch.setattr(ImportedExports, "rows_between", replaced)
    later = NOW + timedelta(days=1)
    waiting = [later]
    remembering = last.lake.lake.remembered("nico")
    update_plays(remembering, Listener("nico", (Zone("Europe/Berlin"),)))
    assert not waiting
    assert len(last.lake.read_months(PLAYS)) == len(last.truth(later))
    tracks = [{"track": [_track(Scrobble(at, who, "", what)) for at, who, what in last.truth()]}]
    waiting = [NOW + timedelta(days=2)]
    with open_files(in_lake({"recenttracks-nico.json": json.dumps(tracks).encode()})) as export:
        outcome = import_export(last.lake, export, now=later)
    assert not waiting
    assert (outcome["new"], outcome["refused"]) == (0, 0)


def test_an_import_of_which_a_file_is_missing_is_damaged(last: Last) -> None:
    last.run()
    imports = ImportedExports(last.lake)
    [one] = [one for one in imports.all if "2026-11" in one.id]
    last.lake.store.delete(HISTORY.path.format(**{"import": one.id, "year": "2026"}))
    with pytest.raises(CorruptFile, match="is missing"):
        imports.rows_between(one, NOW, NOW)
    last.lake.store.delete(f"streaming_history/{one.id}/")
    with pytest.raises(Conflict):
        imports.rows_between(one, NOW, NOW)
