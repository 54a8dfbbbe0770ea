"""Files of other sources on their way into the lake: recognised, counted, kept once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.errors import RefusedExport
from pipelines.ingest.archive import apart, open_files, open_paths, opened_together
from pipelines.ingest.privacy_export import BECAME
from tests.support.export_files import AUDIO, EXTENDED, heard, in_lake, play, zipped
from tests.support.world import HOME, World

DATA = Path(__file__).parents[1] / "data/scrobbles"
LISTENBRAINZ = (DATA / "listenbrainz_shoko1_123456789.zip").read_bytes()
KOITO = (DATA / "koito_export_test.json").read_bytes()
MALOJA = (DATA / "maloja_import_test.json").read_bytes()

NOON = datetime(2003, 4, 30, 12, tzinfo=UTC)
AT = datetime(2026, 5, 1, tzinfo=UTC)


def pages(*titles: str, total: int | None = None, begin: datetime = NOON) -> bytes:
    """A page of Last.fm's, one scrobble every ten minutes."""
    tracks = [
        {
            "artist": {"#text": "Band"},
            "name": title,
            "album": {"#text": ""},
            "mbid": "",
            "date": {"uts": str(int((begin + timedelta(minutes=10 * at)).timestamp()))},
        }
        for at, title in enumerate(titles)
    ]
    count = len(titles) if total is None else total
    return json.dumps([{"track": tracks, "@attr": {"total": str(count)}}]).encode()


def scrobbles(*titles: str, begin: datetime = NOON) -> bytes:
    """A list of Maloja's, one every ten minutes."""
    return json.dumps(
        [
            {
                "time": int((begin + timedelta(minutes=10 * at)).timestamp()),
                "track": {"artists": ["Band"], "title": title},
            }
            for at, title in enumerate(titles)
        ]
    ).encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def counts(outcome: Mapping[str, Any]) -> dict[str, int]:
    """What became of rows, without zeros."""
    assert outcome["rows_read"] == sum(outcome[kind] for kind in BECAME)
    for kind in BECAME:
        assert outcome[kind] == sum(file[kind] for file in outcome["files"])
    for file in outcome["files"]:
        assert file["rows"] == sum(file[kind] for kind in BECAME)
    return {kind: outcome[kind] for kind in BECAME if outcome[kind]}


def plays(world: World) -> list[dict[str, Any]]:
    paths = sorted((world.root / HOME / "plays").rglob("*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


@pytest.mark.parametrize(
    ("name", "body", "source", "count"),
    [
        ("listenbrainz_x.zip", LISTENBRAINZ, "listenbrainz", 19),
        ("koito.json", KOITO, "koito", 13),
        ("Streaming_History_Audio_2020_0.json", MALOJA, "maloja", 38),
        ("notes.txt", MALOJA, "maloja", 38),
        ("zips.zip", zipped({"inner.zip": zipped({"a/b": MALOJA})}), "maloja", 38),
    ],
)
def test_a_file_of_any_source_becomes_plays_once(
    world: World, name: str, body: bytes, source: str, count: int
) -> None:
    outcome = world.run_import({name: body}, AT)
    assert counts(outcome) == {"new": count}
    assert outcome["sources"] == {source: count}
    assert outcome["vouches_for"] == []
    rows = plays(world)
    assert len(rows) == count
    assert {row["source"] for row in rows} == {source}
    assert {row["ms_played_source"] for row in rows} <= {"unknown", "assumed"}
    again = world.run_import({name: body}, AT + timedelta(days=1))
    assert counts(again) == {"seen_before": count}
    assert plays(world) == rows


def test_a_players_log_is_found_though_its_name_begins_with_a_dot(world: World) -> None:
    log = (
        b"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n#CLIENT/x\nBand\tAlbum\tSong\t1\t200\tL\t1700000000\t\n"
    )
    files = {".scrobbler.log": log, ".DS_Store": b"Bud1", "._.scrobbler.log": log}
    packed = {"player.zip": zipped({f"player/{name}": body for name, body in files.items()})}
    for given in (files, packed):
        outcome = world.run_import(given, AT)
        assert [file["name"].rpartition("/")[2] for file in outcome["files"]] == [".scrobbler.log"]
    # The player shows the time of Berlin, where the listener is.
    assert [row["started_at"].hour for row in plays(world)] == [21]


def test_plays_of_2003_have_their_months(world: World) -> None:
    outcome = world.run_import({"a.json": pages("a", "b")}, AT)
    assert outcome["months"] == ["2003-04"]
    assert [row["local_date"].year for row in plays(world)] == [2003, 2003]


def test_two_files_of_a_source_that_overlap_give_each_play_once(world: World) -> None:
    assert counts(world.run_import({"a.json": scrobbles("a", "b", "a")}, AT)) == {"new": 3}
    longer = scrobbles("a", "b", "a", "d")
    assert counts(world.run_import({"b.json": longer}, AT)) == {"new": 1, "seen_before": 3}
    assert sorted(row["track_name"] for row in plays(world)) == ["a", "a", "b", "d"]


def test_files_of_one_import_are_counted_one_by_one(world: World) -> None:
    files = {"a/x.json": scrobbles("a", "b"), "a/y.json": scrobbles("a", "b", "c")}
    outcome = world.run_import({"all.zip": zipped(files)}, AT)
    assert counts(outcome) == {"new": 3, "seen_before": 2}
    assert [(file["new"], file["seen_before"]) for file in outcome["files"]] == [(2, 0), (1, 2)]
    assert len(plays(world)) == 3


def test_one_import_may_hold_several_sources(world: World) -> None:
    begin = datetime(2025, 4, 28, 21, tzinfo=UTC)
    files = {
        f"spotify/{AUDIO}": json.dumps([play()]).encode(),
        "maloja.json": scrobbles("a", "b", begin=begin),
        "lastfm.json": pages("a", "c", begin=begin),
        "spotify/Userdata.json": b"{}",
    }
    outcome = world.run_import({"all.zip": zipped(files)}, AT)
    assert outcome["sources"] == {"export": 1, "lastfm": 2, "maloja": 2}
    assert len(outcome["vouches_for"]) == 1
    assert outcome["left_aside"] == ["spotify/Userdata.json"]
    assert {row["source"] for row in plays(world)} == {
        "export",
        "lastfm+maloja",
        "lastfm",
        "maloja",
    }


def test_a_file_that_is_cut_off_says_so_once(world: World) -> None:
    whole = scrobbles("a", "b", "c")
    outcome = world.run_import({"a.json": whole[: whole.rindex(b"{") + 4]}, AT)
    [file] = outcome["files"]
    assert file["problem"] == (
        "a.json is damaged: 1 row is refused, such as: the file is cut off here"
    )


def test_what_another_source_told_before_is_merged(world: World) -> None:
    world.run_import({"a.json": pages("a", "b")}, AT)
    outcome = world.run_import({"b.json": scrobbles("a", "b", "c")}, AT)
    assert counts(outcome) == {"new": 1, "merged": 2}
    assert len(plays(world)) == 3


def test_refused_rows_are_told_with_their_reasons(world: World) -> None:
    rows = [*json.loads(scrobbles("a", "b", "", "")), {"time": 5, "track": {"title": "x"}}]
    outcome = world.run_import({"a.json": json.dumps(rows).encode()}, AT)
    assert counts(outcome) == {"new": 2, "refused": 3}
    [file] = outcome["files"]
    assert file["reasons"] == {"has no title": 2, "its time is before 2002": 1}
    assert "3 rows are refused" in file["problem"]


def test_what_is_left_out_is_no_reason_for_refusals(world: World) -> None:
    [page] = json.loads(pages("a", "", total=2))
    playing = {"artist": {"#text": "Band"}, "name": "n", "@attr": {"nowplaying": "true"}}
    first = {**page, "track": [playing, *page["track"][:1]]}
    last = {**page, "track": [playing, *page["track"]]}
    outcome = world.run_import({"a.json": json.dumps([first, last]).encode()}, AT)
    assert counts(outcome) == {"new": 1, "refused": 1}
    [file] = outcome["files"]
    assert file["reasons"] == {"has no title": 1}
    assert file["problem"] == "a.json: 1 row is refused, such as: has no title"
    assert "note" not in file


ONE_ROW = {
    "lastfm": pages("a"),
    "listenbrainz": b'[{"track_metadata": {"track_name": "a", "artist_name": "b"}, '
    b'"listened_at": 1700000000}]',
    "maloja": scrobbles("a"),
    "rockbox": b"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/x\nB\tA\tS\t1\t200\tL\t1700000000\t\n",
    "export": json.dumps([play()]).encode(),
}


@pytest.mark.parametrize("source", ONE_ROW)
@pytest.mark.parametrize(
    "name",
    [
        "StreamingHistory0.json",
        "endsong_0.json",
        "Streaming_History_Audio_2020_0.json",
        "table.csv",
        ".scrobbler.log",
        "recenttracks-nico-1.json",
        "without an ending",
    ],
)
def test_the_content_decides_and_not_the_name(world: World, name: str, source: str) -> None:
    outcome = world.run_import({name: ONE_ROW[source]}, AT)
    assert counts(outcome) == {"new": 1}
    assert outcome["sources"] == {source: 1}


def test_a_total_that_a_file_states_is_compared(world: World) -> None:
    [file] = world.run_import({"a.json": pages("a", "b")}, AT)["files"]
    assert file["stated"] == 2
    assert "note" not in file
    [file] = world.run_import({"b.json": pages("a", "b", "c", total=1234)}, AT)["files"]
    assert file["note"] == "b.json says that it has 1,234 plays, and 3 are in it"


def test_doubles_that_two_programs_made_are_told_and_kept(world: World) -> None:
    rows = json.loads(scrobbles("a", "b"))
    rows.append({**rows[0], "time": rows[0]["time"] + 9})
    outcome = world.run_import({"a.json": json.dumps(rows).encode()}, AT)
    assert counts(outcome) == {"new": 3}
    assert outcome["probable_doubles"] == sum(file["probable_doubles"] for file in outcome["files"])
    assert outcome["probable_doubles"] == sum(row["probable_double"] for row in plays(world)) == 1


def test_what_nobody_recognises_names_every_source(world: World) -> None:
    with pytest.raises(RefusedExport) as refusal:
        world.run_import({"a.txt": b"hello"}, AT)
    for what in ("Streaming_History_Audio_", "Last.fm", "ListenBrainz", "Maloja", "Koito"):
        assert what in str(refusal.value)


def test_single_files_are_one_import_only_where_they_belong_together() -> None:
    parts = {
        "Streaming_History_Audio_2020_0.json": json.dumps([play()]).encode(),
        "other name.json": json.dumps([heard()]).encode(),
        "koito.json": KOITO,
        "maloja.json": MALOJA,
        "maloja (1).json": MALOJA,
        "lb/2025/1.json": b'{"listened_at": 1, "track_metadata": {}}',
        "lb/2025/2.json": b'{"listened_at": 1, "track_metadata": {}}',
        "lb/user.json": b"{}",
    }
    with open_files(in_lake(parts)) as opened:
        found = apart(opened)
    names = sorted(sorted(file.name for file in export.files) for export in found)
    assert names == [
        ["Streaming_History_Audio_2020_0.json", "other name.json"],
        ["koito.json"],
        ["lb/2025/1.json", "lb/2025/2.json"],
        ["maloja (1).json"],
        ["maloja.json"],
    ]
    assert [name for export in found for name in export.left_aside] == ["lb/user.json"]
    assert len({export.id for export in found}) == 5


def test_paths_given_at_once_are_grouped_by_folder(tmp_path: Path) -> None:
    for name, body in {"a.json": MALOJA, "b.json": KOITO, "c.zip": LISTENBRAINZ}.items():
        (tmp_path / name).write_bytes(body)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d.json").write_bytes(EXTENDED.read_bytes())
    paths = [tmp_path / name for name in ("a.json", "c.zip", "b.json", "folder", "a.json")]
    groups = opened_together(paths)
    assert [[path.name for path in group] for group in groups] == [
        ["a.json", "b.json"],
        ["c.zip"],
        ["folder"],
    ]
    with open_paths(groups[0]) as exports:
        assert [export.files[0].source for export in exports] == ["maloja", "koito"]
