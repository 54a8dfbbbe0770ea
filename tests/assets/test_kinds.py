"""What a lake of account data says is music: in its tables, the cookbook's answers, over time."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.assets.insights import update_insights
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from tests.support import labelled
from tests.support.export_files import heard, nameless, play
from tests.support.lives import written
from tests.support.places import ROOT
from tests.support.world import World

NOW = datetime(2022, 5, 1, tzinfo=UTC)
BEGIN = datetime(2021, 9, 1, 17, tzinfo=UTC)
SHOW, UNMARKED, BAND = "Lautes Brett", "Half Past", "Some Band"

Row = dict[str, Any]


def account(name: str, title: str, day: float, minutes: float) -> Row:
    end = BEGIN + timedelta(days=day)
    names = {"artistName": name, "trackName": title, "msPlayed": round(minutes * 60_000)}
    return heard(endTime=f"{end:%Y-%m-%d %H:%M}", **names)


def mixed() -> list[Row]:
    """Account data of half a year: songs, a podcast, and what may be one."""
    rows = [account(SHOW, f"#{n} ENDE", 7 * n, 44 + n % 7) for n in range(1, 25)]
    rows += [account(BAND, f"Song {n % 9}", n, 3 + n % 9 / 10) for n in range(180)]
    rows += [account(UNMARKED, f"Thing {'ABCD'[n]}", 9 + 2 * n, 31.5 + n) for n in range(4)]
    return sorted(rows, key=lambda row: row["endTime"])


def extended() -> list[Row]:
    """An extended export of a later time, which tells of an episode, and has a song of the band."""
    day = BEGIN + timedelta(days=200)
    episode = {"episode_name": "Thing Z", "episode_show_name": UNMARKED}
    song = {
        "master_metadata_track_name": "Song 3",
        "master_metadata_album_artist_name": BAND,
        "spotify_track_uri": "spotify:track:song3",
    }
    return [
        play(ts=f"{day:%Y-%m-%dT%H:%M:%SZ}", ms_played=180_000, **song),
        nameless(
            ts=f"{day + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
            ms_played=1_900_000,
            spotify_episode_uri="spotify:episode:thingz",
            **episode,
        ),
    ]


ACCOUNT = written({"StreamingHistory0.json": mixed()})
EXTENDED = written({"Streaming_History_Audio_2022_0.json": extended()})


def kinds(world: World) -> dict[str, set[tuple[str, str | None]]]:
    """The kinds of account plays and where they come from, by what account data calls an artist."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for row in labelled.rows(world):
        if row["source"] == "account":
            found.setdefault(row["artist_name"], set()).add((row["kind"], row["kind_source"]))
    return found


def world_of(root: Path, *exports: dict[str, bytes]) -> World:
    world = World(root)
    for hours, files in enumerate(exports):
        world.run_import(files, NOW + timedelta(hours=hours))
        world.follow()
    return world


def test_account_data_has_songs_and_episodes_in_labelled_plays_and_neither_in_the_ledger(
    tmp_path: Path,
) -> None:
    world = world_of(tmp_path, ACCOUNT)

    assert {row["kind"] for row in world.plays()} == {"unknown"}
    assert kinds(world) == {
        SHOW: {("episode", "inferred")},
        BAND: {("track", "inferred")},
        UNMARKED: {("track", "inferred")},
    }


def test_what_a_later_export_tells_of_a_show_holds_for_all_its_plays(tmp_path: Path) -> None:
    world = world_of(tmp_path / "there", ACCOUNT, EXTENDED)
    other = world_of(tmp_path / "back", EXTENDED, ACCOUNT)

    expected = {
        SHOW: {("episode", "inferred")},
        BAND: {("track", "inferred"), ("track", "told")},  # one of its songs has an id now
        UNMARKED: {("episode", "inferred")},
    }
    assert kinds(world) == kinds(other) == expected
    before = world.files()
    labelled.made_again(world)
    assert world.files() == before


def test_reference_data_tells_who_is_an_artist(tmp_path: Path) -> None:
    rows = [account(SHOW, f"#{n} ENDE", 7 * n, 44 + n) for n in (1, 2)]
    world = world_of(tmp_path, written({"StreamingHistory0.json": rows}))
    assert kinds(world)[SHOW] == {("episode", "inferred")}

    known = {"track_key": "x", "artists": ["Somebody", SHOW.upper()], "track_name": "Song"}
    world.lake.replace(AUDIO_FEATURES, AUDIO_FEATURES.from_rows([known]))
    world.follow()

    assert kinds(world)[SHOW] == {("track", "inferred")}


def test_reference_data_is_read_only_where_a_kind_is_unknown(tmp_path: Path) -> None:
    world = world_of(tmp_path, EXTENDED)
    labelled.forget_counts(world)
    world.find_tracks()

    assert AUDIO_FEATURES.path not in world.store.reads
    assert {row["kind_source"] for row in labelled.table(world, UNIQUE_TRACKS)} == {"told"}


def test_no_podcast_is_among_the_artists_the_songs_or_the_minutes_of_music(tmp_path: Path) -> None:
    world = world_of(tmp_path, ACCOUNT)
    tables = {
        name: world.own.read(insights()[name].table).to_pylist()
        for name, _ in update_insights(world.own, world.listener, insights())
    }

    for name, rows in tables.items():
        assert all(row.get("artist_name") != SHOW for row in rows), name
        assert not any(SHOW in str(row.get("sentence")) for row in rows), name
    assert tables["obsessions"] == []
    spoken = sum(r["spoken_minutes"] for r in tables["listening_by_month"] if r["scope"] == "all")
    assert spoken == sum(row["msPlayed"] for row in mixed() if row["artistName"] == SHOW) / 60_000


def test_the_cookbook_answers_for_account_data(tmp_path: Path) -> None:
    world_of(tmp_path, ACCOUNT)
    text = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    queries = [
        query.replace("current_date", "DATE '2022-05-01'")
        for query in re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
        if "FROM labelled_plays" in query and "kind = 'track'" in query
    ]
    assert len(queries) == 3
    files = tmp_path / "users" / "nico" / "labelled_plays" / "*" / "*" / "*.parquet"
    with duckdb.connect() as db:
        db.execute(f"CREATE VIEW labelled_plays AS FROM read_parquet('{files}')")
        answers = [str(db.sql(query).fetchall()) for query in queries]

    assert [BAND.lower() in answer.lower() for answer in answers] == [True, False, True]
    assert answers[1] == "[]", "account data does not tell of skips"
    assert SHOW.lower() not in "".join(answers).lower()
