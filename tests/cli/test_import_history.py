"""`playledger import` as a person meets it: its table, its exit code, its one line when it fails.

The machine of these tests has a lake and a listener, and no way to ask Spotify.
"""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.import_history import run_import
from pipelines.cli.main import main
from pipelines.settings import Settings
from testing.pipeline import dagster_home, everything_in
from tests.support.environment import Environment
from tests.support.export_files import ACCOUNT, AUDIO, EXTENDED, MUSIC, SECRETS, heard, play, zipped

COUNTED = ("read", "new", "seen before", "merged with polled", "refused")

Cli = Callable[..., Result]


@pytest.fixture
def lake(environment: Environment) -> Path:
    """The folder of a lake that does not exist yet, named by the environment."""
    environment.unset("SPOTIFY_CLIENT_ID")
    return environment.lake


@pytest.fixture
def cli(lake: Path) -> Cli:
    """Runs `playledger import nico PATH`."""

    def run(path: Path, listener: str = "nico") -> Result:
        return CliRunner().invoke(main, ["import", listener, str(path)])

    return run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The extended history as Spotify sends it: in a zip, in a folder."""
    path = tmp_path / "my_spotify_data.zip"
    folder = "Spotify Extended Streaming History"
    files = {f"{folder}/{EXTENDED.name}": EXTENDED.read_bytes(), f"{folder}/ReadMe.pdf": b"%PDF-1"}
    path.write_bytes(zipped(files))
    return path


def figures(shown: str) -> dict[str, int]:
    """The numbers of the outcome table, by what they count."""
    found = {}
    for line in shown.splitlines():
        name, number, *_ = [cell.strip() for cell in re.split("[│┃|]", line)[1:]] + ["", ""]
        if number.replace(",", "").isdigit():
            found[name] = int(number.replace(",", ""))
    return found


def counts(read: int, **others: int) -> dict[str, int]:
    told = {name.replace("_", " "): number for name, number in others.items()}
    return dict.fromkeys(COUNTED, 0) | {"read": read} | told


def outcome_in(lake: Path, folder: str = "streaming_history") -> dict[str, Any]:
    [path] = (lake / "users/nico" / folder).glob("*/outcome.json")
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of change of every file but for locks."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and ".locks" not in path.parts
    }


def plays_in(lake: Path) -> list[dict[str, Any]]:
    paths = sorted((lake / "users/nico/plays").rglob("*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def assert_refused(result: Result, *said: str) -> None:
    """One line, and no more of what went wrong inside."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    for what in said:
        assert what in line
    assert "Traceback" not in result.output
    assert not any(secret in result.output for secret in SECRETS)


def assert_nothing_landed(lake: Path) -> None:
    assert [path for path in lake.rglob("*") if path.is_file()] == []


def test_the_table_accounts_for_every_row_of_an_extended_history(
    cli: Cli, export: Path, lake: Path
) -> None:
    result = cli(export)
    assert result.exit_code == 0, result.output
    assert figures(result.stdout) == counts(39, new=39)
    assert result.stderr == ""
    outcome = outcome_in(lake)
    assert outcome["import_id"] in result.stdout
    assert outcome["first_played_at"][:10] in result.stdout
    assert [file["name"].rsplit("/")[-1] for file in outcome["files"]] == [EXTENDED.name]
    assert outcome_in(lake, "imports") == outcome, "also beside the drop box"
    assert [row["source"] for row in plays_in(lake)] == ["export"] * 39


def test_progress_goes_from_nothing_to_every_byte(lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.zip"
    rows = json.dumps([play()] * 4_000).encode()
    path.write_bytes(zipped({AUDIO: rows}))
    told: list[tuple[int, int]] = []
    outcome = run_import(
        Settings().listener("nico"), path, lambda done, total: told.append((done, total))
    )
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == (len(rows), len(rows))
    assert outcome["new"] == 4_000, "equal rows of one file are so many plays"


def test_account_data_as_a_single_file_is_an_export_too(cli: Cli, lake: Path) -> None:
    result = cli(ACCOUNT)
    assert figures(result.stdout) == counts(300, new=300)
    assert outcome_in(lake)["kinds"] == {"unknown": 300}


def test_the_second_import_finds_nothing_new_and_writes_no_play(
    cli: Cli, export: Path, lake: Path
) -> None:
    first = cli(export)
    home = lake / "users/nico"
    before = files_of(home / "plays")
    assert {"_manifest.json", "year=2025/month=04/data.parquet"} <= before.keys()
    rows = {name: file for name, file in files_of(home).items() if "streaming_history/" in name}
    again = cli(export)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert figures(again.stdout) == counts(39, seen_before=39)
    assert files_of(home / "plays") == before
    after = files_of(home)
    assert {name for name in rows if after[name] != rows[name]} == set()


def test_the_same_rows_out_of_a_folder_are_seen_before(
    cli: Cli, export: Path, lake: Path, tmp_path: Path
) -> None:
    cli(export)
    before = plays_in(lake)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(export) as archive:
        archive.extractall(folder)
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / f"._{EXTENDED.name}").write_bytes(b"\x00\x05\x16\x07")
    assert figures(cli(folder).stdout) == counts(39, seen_before=39)
    assert plays_in(lake) == before
    assert len(before) == 39


def test_a_partly_bad_export_keeps_its_good_rows(cli: Cli, lake: Path, tmp_path: Path) -> None:
    rows = [play(ts=f"2025-04-28T21:04:{second}Z") for second in (10, 20, 30)]
    rows[1] |= {"ms_played": "long"}
    path = tmp_path / "partly.zip"
    account = json.dumps([heard()]).encode()
    files = {AUDIO: json.dumps(rows).encode(), MUSIC: account[:-1], "StreamingHistory9.json": b"{["}
    path.write_bytes(zipped(files))
    result = cli(path)
    assert result.exit_code == 0, result.output
    shown = figures(result.stdout)
    assert shown["new"] == 3, "two extended rows and one of the account data, which lacks a ]"
    assert shown["read"] == shown["new"] + shown["refused"]
    assert "not read: StreamingHistory9.json is no JSON" in result.stdout
    stored = outcome_in(lake)
    [refused] = (lake / "users/nico/streaming_history").glob("*/refused.parquet")
    told = everything_in(refused.parent)["refused.parquet decoded"].decode()
    assert "ms_played" in told
    assert "long" in told
    assert stored["refused"] == shown["refused"] >= 1
    assert not any(secret in told + result.output for secret in SECRETS)


def test_what_was_not_read_and_what_was_left_aside_is_named(
    cli: Cli, lake: Path, tmp_path: Path
) -> None:
    files = {
        AUDIO: json.dumps([play(platform=5), play(ts="99999-01-01T00:00:00Z")]).encode(),
        "2020.json": json.dumps([play(platform="Gerät")], ensure_ascii=False).encode("cp1252"),
        "2021.csv": b"ts,ms_played\n2025-04-29T10:00:00Z,5\n",
        "Userdata.json": json.dumps({"username": SECRETS[1]}).encode(),
        "Playlist1.json": b"{}",
        "__MACOSX/._Playlist1.json": b"x",
    }
    path = tmp_path / "my.zip"
    path.write_bytes(zipped(files))
    result = cli(path)
    assert result.exit_code == 0, result.output
    told = " ".join(result.stdout.split())
    assert f"read in part: {AUDIO}: 1 row is refused, such as: ts is no time" in told
    assert "note: 2020.json was read as Windows-1252" in told
    assert "not read: 2021.csv is no JSON" in told
    assert "left aside, since no plays are in them: Userdata.json, Playlist1.json" in told
    assert "MACOSX" not in told
    assert not any(secret in result.output for secret in SECRETS)


def test_a_history_of_2018_is_refused_as_what_it_is(cli: Cli, lake: Path, tmp_path: Path) -> None:
    row = {"artistName": "A, Writer", "trackName": "B", "time": "2018-05-12 23:40:21"}
    (tmp_path / "StreamingHistory.json").write_text(json.dumps([row]))
    refused = cli(tmp_path / "StreamingHistory.json")
    assert_refused(refused, "format of 2018", "request the extended streaming history")
    assert_nothing_landed(lake)


def bomb() -> bytes:
    return zipped({AUDIO: b" " * (12 * 2**20)})


def marked(change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """A zip with one file in it, with something odd about that file."""
    member = zipfile.ZipInfo(AUDIO)
    change(member)
    return zipped({member: json.dumps([play()]).encode()})  # type: ignore[dict-item]


def linked(member: zipfile.ZipInfo) -> None:
    member.external_attr = 0o120777 << 16


def locked(body: bytes) -> bytes:
    """A zip that says of its file that it is encrypted."""
    at = body.rindex(b"PK\x01\x02") + 8
    return body[:at] + b"\x01" + body[at + 1 :]


GOOD = zipped({AUDIO: json.dumps([play()]).encode()})

BAD = {
    "empty.json": (b"", "is empty"),
    "empty.zip": (b"", "is empty"),
    "cut.zip": (GOOD[: len(GOOD) // 2], "cut off"),
    "letter.pdf": (b"%PDF-1.7 secret-listener", "no listening history"),
    "notes.txt": (b"203.0.113.77", "no listening history"),
    "no_json.json": (b"{[ secret-listener", "no_json.json is no JSON"),
    "account.json": (json.dumps({"username": SECRETS[1]}).encode(), "no list of plays"),
    "playlists.json": (json.dumps([{"username": SECRETS[1]}]).encode(), "no row in it"),
    "cut.json": (json.dumps([play()]).encode()[:200], "cut off before its first row"),
    "other.zip": (zipped({"a/Userdata.txt": b"secret-listener"}), "no listening history"),
    "user.zip": (zipped({"Userdata.json": b'{"username": "secret-listener"}'}), "no list of plays"),
    "bomb.zip": (bomb(), "200 times its size"),
    "up.zip": (zipped({f"../{AUDIO}": b"[]"}), "leads out of the export"),
    "root.zip": (zipped({f"/etc/{AUDIO}": b"[]"}), "leads out of the export"),
    "windows.zip": (zipped({f"C:\\{AUDIO}": b"[]"}), "leads out of the export"),
    "link.zip": (marked(linked), "symbolic link"),
    "locked.zip": (locked(GOOD), "encrypted"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_export_is_one_line_and_nothing_lands(
    cli: Cli, lake: Path, tmp_path: Path, name: str
) -> None:
    body, said = BAD[name]
    (tmp_path / name).write_bytes(body)
    assert_refused(cli(tmp_path / name), said)
    assert_nothing_landed(lake)


def test_a_folder_without_history_is_one_line(cli: Cli, lake: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert_refused(cli(tmp_path / "nothing"), "nothing holds no listening history")
    assert_nothing_landed(lake)


def test_a_link_in_a_folder_is_not_followed(cli: Cli, lake: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / AUDIO).symlink_to(EXTENDED)
    assert_refused(cli(tmp_path / "folder"), AUDIO, "symbolic link")
    assert_nothing_landed(lake)


def test_a_refused_export_leaves_what_is_there_as_it_is(
    cli: Cli, export: Path, lake: Path, tmp_path: Path
) -> None:
    cli(export)
    before = files_of(lake)
    (tmp_path / "cut.zip").write_bytes(GOOD[:100])
    assert_refused(cli(tmp_path / "cut.zip"), "cut off")
    assert files_of(lake) == before


def test_an_unknown_listener_is_told_who_there_is(cli: Cli, export: Path, lake: Path) -> None:
    assert_refused(cli(export, "nobody"), "nobody is not in", "there is: nico")
    assert_nothing_landed(lake)


def test_a_path_that_does_not_exist_is_named(cli: Cli, lake: Path, tmp_path: Path) -> None:
    result = cli(tmp_path / "missing.zip")
    assert result.exit_code == 2
    assert "missing.zip' does not exist" in result.stderr
    assert_nothing_landed(lake)


@pytest.mark.rare
def test_with_a_dagster_home_the_run_is_kept_and_tells_the_outcome(
    cli: Cli, export: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = dagster_home(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    assert figures(cli(export).stdout) == counts(39, new=39)
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs()
        assert (run.job_name, run.status) == ("import_nico", dg.DagsterRunStatus.SUCCESS)
        made = instance.get_latest_materialization_event(dg.AssetKey(["nico", "streaming_history"]))
        metadata = made.asset_materialization.metadata
        assert instance.get_latest_materialization_event(dg.AssetKey(["nico", "last_updated"]))
    told = {name: value.value for name, value in metadata.items()}
    assert told["rows_read"] == told["new"] == 39
    given = {"given_as": "my_spotify_data.zip"}
    assert told["outcome"]["exports"] == [outcome_in(lake) | given]


def playledger(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipelines.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=240)


@pytest.mark.rare
def test_the_installed_command_takes_a_path_from_where_one_is(
    lake: Path, export: Path, tmp_path: Path
) -> None:
    done = playledger("import", "nico", export.name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert figures(done.stdout) == counts(39, new=39)
    assert not list(tmp_path.glob("**/history/runs*")), "no DAGSTER_HOME: no run is kept"
    (tmp_path / "cut.zip").write_bytes(GOOD[:100])
    failed = playledger("import", "nico", "cut.zip", cwd=tmp_path)
    assert failed.returncode == 1
    assert failed.stdout.strip() == ""
    assert failed.stderr == "Error: cut.zip is a zip that is cut off: download it again\n"


def test_a_home_of_dagsters_that_is_not_there_is_said_in_a_line(
    cli: Cli, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "nowhere"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    told = cli(export)
    assert told.exit_code == 1
    line = f"DAGSTER_HOME: there is no folder {home}: make it, or unset DAGSTER_HOME"
    assert line in told.output.replace("\n", " ")


@pytest.mark.rare
def test_nothing_private_is_kept_of_a_run_from_the_command_line(
    cli: Cli, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = dagster_home(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    source = tmp_path / "source.zip"
    rows = json.dumps([play(), play(ms_played={}), play(ts=None)]).encode()
    source.write_bytes(zipped({AUDIO: rows, "Userdata.json": b'{"username": "secret-listener"}'}))
    shown = [cli(source)]
    source.write_bytes(source.read_bytes()[:150])
    shown.append(cli(source))
    source.unlink()
    assert [result.exit_code for result in shown] == [0, 1]
    written = everything_in(tmp_path)
    assert any("history/runs" in name for name in written), "Dagster's storage is among it"
    bodies = [*written.values(), *(result.output.encode() for result in shown)]
    assert any(b"only my railgun" in body for body in bodies), "what is there is found"
    for secret in SECRETS:
        assert not any(secret.encode() in body for body in bodies)


def test_several_files_are_imported_at_once_with_a_table_each(lake: Path, tmp_path: Path) -> None:
    scrobbles = Path(__file__).parents[1] / "data/scrobbles"
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    paths = [
        scrobbles / "maloja_import_test.json",
        scrobbles / "koito_export_test.json",
        scrobbles / "listenbrainz_shoko1_123456789.zip",
        tmp_path / "bad.zip",
    ]
    result = CliRunner().invoke(main, ["import", "nico", *map(str, paths)])
    assert result.exit_code == 1, "one of them could not be imported"
    assert "bad.zip" in result.stderr
    assert result.stdout.count("Import ") == 3
    assert len(plays_in(lake)) == 38 + 13 + 19
    again = CliRunner().invoke(main, ["import", "nico", *map(str, paths[:3])])
    assert again.exit_code == 0, again.output
    assert len(plays_in(lake)) == 38 + 13 + 19


def test_each_table_is_titled_with_what_was_given(lake: Path, tmp_path: Path) -> None:
    scrobble = {"artist": {"#text": "Band"}, "name": "Song", "date": {"uts": "1700000000"}}
    (tmp_path / "last [bold].json").write_text(json.dumps([scrobble]))
    track = {"track_name": "Song", "artist_name": "Band"}
    listen = {"listened_at": 1600000000, "track_metadata": track}
    (tmp_path / "brainz.jsonl").write_text(json.dumps(listen))
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / AUDIO).write_text(json.dumps([play()]))
    paths = [str(tmp_path / name) for name in ("last [bold].json", "brainz.jsonl", "a folder")]
    shown = CliRunner().invoke(main, ["import", "nico", *paths])
    assert shown.exit_code == 0, shown.output
    lines = [line.strip() for line in shown.stdout.splitlines()]
    titles = {lines[at - 1] for at, line in enumerate(lines) if line.startswith("Import ")}
    assert titles == {"last [bold].json", "brainz.jsonl", "a folder"}
    again = CliRunner().invoke(main, ["import", "nico", paths[1]])
    assert "brainz.jsonl" in again.stdout
