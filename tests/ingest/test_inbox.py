"""The drop box: `imports/` in the lake, the sensor that sees it, the run that empties it."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.ingest.inbox import Inbox
from pipelines.resources.dagster_resources import resources_from
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures, outcomes, refused_files
from tests.support.export_files import ACCOUNT, AUDIO, EXTENDED, SECRETS, play, zipped

GOOD = zipped({f"my_data/{EXTENDED.name}": EXTENDED.read_bytes()})
OTHER = zipped({"StreamingHistory0.json": ACCOUNT.read_bytes()})
BAD = GOOD[:200]


class Sensor:
    """The listener's sensor, tick by tick, with the cursor that the daemon keeps for it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._repository = defs().get_repository_def()
        self._cursor: str | None = None
        self._launched: list[dg.DagsterRun] = []

    def tick(self) -> bool:
        """Whether a run is launched; it is under way until `run` has done its work."""
        repository, instance = self._repository, self._pipeline.instance
        with dg.build_sensor_context(
            instance=instance,
            cursor=self._cursor,
            repository_def=repository,
            resources=dict(resources_from(os.environ)),
        ) as context:
            found = repository.get_sensor_def("import_nico_sensor").evaluate_tick(context)
        self._cursor = found.cursor
        assert bool(found.run_requests) != bool(found.skip_message)
        for _ in found.run_requests or ():
            job = repository.get_job("import_nico")
            under_way = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
            self._launched.append(under_way)
        return bool(found.run_requests)

    def run(self) -> dg.ExecuteInProcessResult:
        """What the run that was launched does."""
        [under_way] = self._launched
        self._launched.clear()
        result = self._pipeline.run_import()
        self._pipeline.instance.delete_run(under_way.run_id)
        return result


@pytest.fixture
def sensor(pipeline: Pipeline) -> Sensor:
    return Sensor(pipeline)


def lying(pipeline: Pipeline) -> set[str]:
    """Names of what lies in the box; nothing of it was written by the pipeline."""
    names = {path.removeprefix("imports/") for path in pipeline.bodies("imports/")}
    return {name for name in names if not name.endswith(("outcome.json", "refused.json"))}


def check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    """What became of the check on files that could not be taken in."""
    [found] = [
        one
        for one in result.get_asset_check_evaluations()
        if one.check_name == "every_dropped_file_was_taken_in"
    ]
    return found


def test_an_empty_box_launches_nothing(sensor: Sensor) -> None:
    assert [sensor.tick() for _ in range(3)] == [False, False, False]


def test_a_file_launches_one_run_once_it_no_longer_grows(
    sensor: Sensor, pipeline: Pipeline
) -> None:
    for size in (100, 200, len(GOOD)):
        pipeline.drop("my.zip", GOOD[:size])
        assert not sensor.tick(), "it may still be growing"
    assert sensor.tick()
    assert [sensor.tick() for _ in range(3)] == [False] * 3, "it is being taken in"
    [outcome] = outcomes(sensor.run())
    assert outcome["new"] == 39
    assert lying(pipeline) == set()
    assert not sensor.tick()


def test_the_same_file_dropped_again_launches_again(sensor: Sensor, pipeline: Pipeline) -> None:
    for seen in (0, 39):
        pipeline.drop("my.zip", GOOD)
        assert [sensor.tick(), sensor.tick()] == [False, True]
        [outcome] = outcomes(sensor.run())
        assert outcome["seen_before"] == seen
        assert not sensor.tick()


def test_the_same_file_dropped_again_before_the_next_tick_launches_again(
    sensor: Sensor, pipeline: Pipeline
) -> None:
    pipeline.drop("my.zip", GOOD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    assert failures(sensor.run()) == []
    pipeline.drop("my.zip", GOOD)
    assert sum(sensor.tick() for _ in range(3)) == 1


def test_what_a_failed_run_has_left_is_tried_again(sensor: Sensor, pipeline: Pipeline) -> None:
    pipeline.drop("my.zip", GOOD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    home = Path(pipeline.lake.store.url("users/nico/streaming_history"))
    home.write_text("a file where a folder should be")
    assert failures(sensor.run())
    home.unlink()
    assert [sensor.tick() for _ in range(3)].count(True) == 1
    assert outcomes(sensor.run())[0]["new"] == 39


def test_a_bad_file_alone_fails_one_run_and_no_more(sensor: Sensor, pipeline: Pipeline) -> None:
    pipeline.drop("bad.zip", BAD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    assert len(failures(sensor.run())) == 1
    assert [sensor.tick() for _ in range(4)] == [False] * 4


def test_a_better_file_under_a_refused_ones_name_launches_again(
    sensor: Sensor, pipeline: Pipeline
) -> None:
    pipeline.drop("my.zip", BAD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    assert len(failures(sensor.run())) == 1
    pipeline.drop("my.zip", GOOD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    assert outcomes(sensor.run())[0]["new"] == 39


def test_a_file_that_comes_while_a_run_is_under_way_waits_for_its_end(
    sensor: Sensor, pipeline: Pipeline
) -> None:
    pipeline.drop("my.zip", GOOD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    pipeline.drop("other.zip", OTHER)
    assert [sensor.tick() for _ in range(3)] == [False] * 3
    assert len(outcomes(sensor.run())) == 2
    pipeline.drop("other.zip", OTHER)
    assert [sensor.tick(), sensor.tick()] == [False, True]


def test_after_three_failed_runs_a_person_has_to_look(sensor: Sensor, pipeline: Pipeline) -> None:
    pipeline.drop("my.zip", GOOD)
    Path(pipeline.lake.store.url("users/nico/streaming_history")).write_text("no folder")
    assert not sensor.tick()
    for _ in range(3):
        assert sensor.tick()
        assert failures(sensor.run())
    assert [sensor.tick() for _ in range(3)] == [False] * 3
    assert lying(pipeline) == {"my.zip"}


def test_a_file_that_the_desktop_hides_is_no_export(sensor: Sensor, pipeline: Pipeline) -> None:
    pipeline.drop(".DS_Store", b"\x00\x00\x00\x01Bud1")
    assert [sensor.tick() for _ in range(3)] == [False] * 3
    pipeline.drop("my.zip", GOOD)
    result = pipeline.run_import()
    assert outcomes(result)[0]["new"] == 39
    assert refused_files(result) == {}


def test_what_was_refused_beside_a_good_export_launches_no_run_of_its_own(
    sensor: Sensor, pipeline: Pipeline
) -> None:
    pipeline.drop("good.zip", GOOD)
    pipeline.drop("bad.zip", BAD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    assert failures(sensor.run()) == []
    assert [sensor.tick() for _ in range(4)] == [False] * 4, "it would only fail"


def test_a_file_is_deleted_only_when_its_rows_are_stored(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.drop("my.zip", GOOD)
    home = Path(pipeline.lake.store.url("users/nico/streaming_history"))
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("a file where a folder should be")
    assert failures(pipeline.run_import())
    assert lying(pipeline) == {"my.zip"}
    home.unlink()
    [outcome] = outcomes(pipeline.run_import())
    assert outcome["new"] == 39
    assert lying(pipeline) == set()


def test_two_exports_at_once_are_two_imports_with_outcomes_beside_the_box(
    pipeline: Pipeline, sandbox: Sandbox
) -> None:
    pipeline.drop("my.zip", GOOD)
    pipeline.drop("spotify/StreamingHistory0.json", ACCOUNT.read_bytes())
    result = pipeline.run_import()
    assert failures(result) == []
    told = outcomes(result)
    assert sorted(one["new"] for one in told) == [39, 300]
    for one in told:
        assert pipeline.document(f"imports/{one['import_id']}/outcome.json") == one
        assert pipeline.document(f"streaming_history/{one['import_id']}/outcome.json") == one
    assert lying(pipeline) == set()
    assert sandbox.requests == []
    assert len(pipeline.plays()) == 339
    [made] = result.asset_materializations_for_node("streaming_history")
    assert made.metadata["rows_read"].value == made.metadata["new"].value == 339


def test_json_files_of_one_export_are_taken_together(pipeline: Pipeline) -> None:
    for number in range(3):
        rows = [play(ts=f"2025-04-2{number}T10:00:00Z")]
        pipeline.drop(f"Streaming_History_Audio_2025_{number}.json", json.dumps(rows).encode())
    [outcome] = outcomes(pipeline.run_import())
    assert outcome["new"] == 3
    assert len(outcome["vouches_for"]) == 1, "files that follow each other"


def test_of_an_unpacked_export_the_history_is_taken_and_the_rest_left_alone(
    pipeline: Pipeline,
) -> None:
    folder = "Spotify Extended Streaming History"
    pipeline.drop(f"{folder}/{AUDIO}", json.dumps([play()]).encode())
    pipeline.drop(f"{folder}/ReadMeFirst_ExtendedStreamingHistory.pdf", b"%PDF-1.7")
    pipeline.drop(f"{folder}/Userdata.json", json.dumps({"username": SECRETS[1]}).encode())
    pipeline.drop(f"{folder}/.DS_Store", b"\x00\x00\x00\x01Bud1")
    result = pipeline.run_import()
    assert failures(result) == []
    [outcome] = outcomes(result)
    assert outcome["new"] == 1
    assert refused_files(result) == {}
    assert AUDIO not in {name.rpartition("/")[2] for name in lying(pipeline)}
    box = Inbox(pipeline.lake.of("nico"))
    assert (box.state(), box.refused()) == ("", {})


def test_a_good_export_is_taken_and_a_bad_one_stays_with_its_reason(pipeline: Pipeline) -> None:
    pipeline.drop("good.zip", GOOD)
    pipeline.drop("bad.zip", BAD)
    result = pipeline.run_import()
    assert failures(result) == []
    [outcome] = outcomes(result)
    assert outcome["new"] == 39
    reason = "bad.zip is a zip that is cut off: download it again"
    assert refused_files(result) == {"bad.zip": reason}
    told = {"reason": reason, "size": len(BAD)}
    assert pipeline.document("imports/refused.json") == {"bad.zip": told}
    assert lying(pipeline) == {"bad.zip"}


def test_a_good_json_file_is_taken_beside_a_bad_one(pipeline: Pipeline) -> None:
    pipeline.drop(AUDIO, json.dumps([play()]).encode())
    pipeline.drop("Streaming_History_Audio_2025_1.json", b"{[")
    result = pipeline.run_import()
    [outcome] = outcomes(result)
    assert outcome["new"] == 1
    assert [file.get("problem") for file in outcome["files"]] == [
        None,
        "Streaming_History_Audio_2025_1.json is no JSON",
    ]


SECOND = json.dumps([play(ts="2025-04-29T10:00:00Z")]).encode()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("2021.json", SECOND, None),
        ("2021.json.gz", gzip.compress(SECOND), None),
        ("inner.zip", zipped({AUDIO: SECOND}), None),
        ("Playlist1.json", b'{"playlists": []}', None),
        ("2021.json", SECOND.decode().encode("utf-16"), None),
        ("2021.json", SECOND[:-20] + b"]", "2021.json"),
        ("2021.csv", b"ts,ms_played\n2025-04-29T10:00:00Z,5\n", "2021.csv is no JSON"),
        ("2021.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), "2021.7z is packed"),
        (
            "2021.json",
            json.dumps([play(ts="99999-01-01T00:00:00Z")]).encode(),
            "1 row is refused",
        ),
        (
            "2021.json",
            SECOND.replace(b"only", b"\x83\x8f\xe9\xf0\xf1"),
            "encoding that is not known",
        ),
    ],
)
def test_a_dropped_zip_stays_unless_all_of_its_history_was_read(
    pipeline: Pipeline, name: str, content: bytes, reason: str | None
) -> None:
    pipeline.drop("my.zip", zipped({AUDIO: json.dumps([play()]).encode(), name: content}))
    result = pipeline.run_import()
    assert failures(result) == []
    assert AUDIO in {file["name"] for file in outcomes(result)[0]["files"]}
    assert lying(pipeline) == (set() if reason is None else {"my.zip"})
    if reason is not None:
        assert reason in refused_files(result)["my.zip"]


def test_loose_files_under_other_names_are_taken_together(pipeline: Pipeline) -> None:
    copy = AUDIO.replace(".json", " - Copy.json")
    for name, content in {
        AUDIO: json.dumps([play()]).encode(),
        copy: json.dumps([play()]).encode(),
        "2021.json.txt": SECOND,
        "2022.json.gz": gzip.compress(SECOND),
    }.items():
        pipeline.drop(name, content)
    [outcome] = outcomes(pipeline.run_import())
    assert (outcome["new"], outcome["seen_before"]) == (2, 2)
    assert lying(pipeline) == set()


def test_an_import_of_a_bad_file_alone_fails_with_its_line(pipeline: Pipeline) -> None:
    pipeline.drop("secrets.json", json.dumps([{"username": SECRETS[1]}]).encode())
    [told] = failures(pipeline.run_import())
    assert told.startswith("secrets.json: no row in it is one of a listening history")
    assert SECRETS[1] not in told
    assert set(pipeline.bodies()) == {"imports/secrets.json", "imports/refused.json"}


def test_a_daily_run_warns_as_long_as_a_bad_file_lies_there(pipeline: Pipeline) -> None:
    history = [dg.AssetKey(["nico", "streaming_history"])]
    pipeline.drop("bad.zip", BAD)
    result = pipeline.run("daily_nico", asset_selection=history)
    assert failures(result) == []
    red = check(result)
    assert (red.passed, red.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "cut off" in red.metadata["refused_files"].value["bad.zip"]
    pipeline.lake.store.delete("users/nico/imports/bad.zip")
    pipeline.drop("good.zip", GOOD)
    again = pipeline.run("daily_nico", asset_selection=history)
    assert outcomes(again)[0]["new"] == 39
    assert check(again).passed
    assert pipeline.document("imports/refused.json") == {}


@pytest.mark.parametrize("name", ["../escape.zip", "a/../../mira/x.zip", "/x.zip", "a\\b.zip"])
def test_no_file_can_be_dropped_under_a_path_that_leads_out(pipeline: Pipeline, name: str) -> None:
    with pytest.raises(ValueError, match="not a key of this lake"):
        pipeline.drop(name, GOOD)


def test_a_file_with_an_odd_name_in_the_folder_is_refused_and_not_followed(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    box = tmp_path / "lake/users/nico/imports"
    box.mkdir(parents=True)
    (box / "..\\escape.zip").write_bytes(GOOD)
    pipeline.drop("good.zip", GOOD)
    assert failures(pipeline.run_import()) == []
    assert not (tmp_path / "lake/users/nico/escape.zip").exists()
    assert len(pipeline.plays()) == 39


@pytest.mark.rare
@pytest.mark.usefixtures("bucket")
def test_a_zip_in_a_bucket_is_taken_in(
    sandbox: Sandbox, new_pipeline: Callable[[], Pipeline]
) -> None:
    pipeline = new_pipeline()
    sensor = Sensor(pipeline)
    pipeline.drop("my_spotify_data.zip", GOOD)
    assert [sensor.tick(), sensor.tick()] == [False, True]
    result = sensor.run()
    assert failures(result) == []
    assert outcomes(result)[0]["new"] == len(pipeline.plays()) == 39
    assert lying(pipeline) == set()
    assert sandbox.requests == []


def test_files_of_several_sources_become_an_import_each(pipeline: Pipeline) -> None:
    scrobbles = Path(__file__).parents[1] / "data/scrobbles"
    pipeline.drop("Streaming_History_Audio_2025_0.json", EXTENDED.read_bytes())
    pipeline.drop("maloja.json", (scrobbles / "maloja_import_test.json").read_bytes())
    pipeline.drop("koito.json", (scrobbles / "koito_export_test.json").read_bytes())
    pipeline.drop("Userdata.json", b"{}")
    pipeline.drop("lb/2025.jsonl", b'{"listened_at": 5, "track_metadata": {"track_name": "x"}}')
    result = pipeline.run_import()
    assert failures(result) == []
    told = {tuple(outcome["sources"]): outcome["new"] for outcome in outcomes(result)}
    assert told == {("export",): 39, ("maloja",): 38, ("koito",): 13, (): 0}
    assert lying(pipeline) == {"Userdata.json", "lb/2025.jsonl"}
    assert set(refused_files(result)) == {"lb/2025.jsonl"}
    assert "its time is before 2002" in refused_files(result)["lb/2025.jsonl"]
