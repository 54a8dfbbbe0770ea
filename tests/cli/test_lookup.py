"""`playledger lookup`: one track, found by whatever names it, and all that the lake knows of it.

Add here what was found that was not meant, or known and not shown.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import terminal
from pipelines.cli.main import main
from pipelines.ingest import reference_files
from pipelines.listening.insights.runner import compute, insights
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.listening.schema.tables import DESCRIBED_TRACKS, UNIQUE_ARTISTS, UNIQUE_TRACKS
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.settings import Settings
from tests.insights.test_play_counts import everyones, scrobbled
from tests.support.environment import Environment
from tests.support.insights.lives import BERLIN, Life, daily, heard, inputs, song
from tests.support.insights.playlists import playlist, reading, track

ID, OTHER_ID, LISTED = "4uLU6hMCjMI75M1A2tKUQC", "0LyfQWJT6nXafLPZqxke9y", "1LyfQWJT6nXafLPZqxke9z"
ISRC = "GBAAA0000001"
SONG = song(
    "Song - Live",
    track_id=ID,
    track_uri=f"spotify:track:{ID}",
    isrc=ISRC,
    album_name="Album",
    release_date="1999-05",
    release_year=1999,
)
TWICE = [song("Same", "Two", track_id=isrc, isrc=isrc) for isrc in ("GBAAA0000002", "GBAAA0000003")]


def write(lake: ListenerLake, life: Life) -> None:
    ready = inputs(life)
    lake.replace(UNIQUE_TRACKS, ready["known_tracks"].select(UNIQUE_TRACKS.schema.names))
    lake.replace(PLAYLIST_READINGS, ready["playlist_readings"])
    for name, rows in compute(["play_counts", "playlist_items"], ready, BERLIN):
        lake.replace(insights()[name].table, rows)


@pytest.fixture
def own(environment: Environment, lake: Lake) -> ListenerLake:
    (environment.folder / "listeners.toml").write_text("[nico]\n[mira]\n")
    own = lake.of("nico")
    plays = [
        *daily("2026-03-01", 3, SONG, context="focus"),
        *daily("2026-03-10", 2, SONG),
        heard("2026-03-20", SONG, ms_played=1000),
        *(play for one in TWICE for play in daily("2026-03-01", 2, one)),
        heard("2026-03-02", song("Else", "Somebody", track_id=OTHER_ID)),
    ]
    entries = playlist(
        [
            track(ID, "Song - Live", isrc=ISRC),
            track("x", "Never"),
            track(ID, "Song - Live", isrc=ISRC),
            track(LISTED, "Only Listed"),
        ]
    )
    life = Life(
        plays,
        entries=entries,
        readings=[reading("A", 4)],
        scrobbled=[scrobbled(10, "Song - Live")],
        everyones=[everyones(1000, "Song - Live")],
    )
    write(own, life)
    return own


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["lookup", *words])


def told(text: str) -> dict[str, Any]:
    result = run("nico", text, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    "text",
    [
        ID,
        f" {ID} ",
        f"spotify:track:{ID}",
        f"https://open.spotify.com/intl-de/track/{ID}?si=1",
        ISRC,
        "gb-aaa-00-00001",
        f"isrc:{ISRC}",
        "Band - Song - Live",
        "BAND \u2013 song \u2013 LIVE",
        "song live - band",
        "Song",
    ],
)
def test_a_track_is_found_by_whatever_names_it(text: str) -> None:
    assert told(text)["recording_id"] == f"isrc:{ISRC}"


@pytest.mark.usefixtures("own")
def test_everything_is_in_one_answer() -> None:
    answer = told(ID)
    assert (answer["artist_name"], answer["track_name"]) == ("Band", "Song - Live")
    released = answer["metadata"]["release_date"]
    assert released == {
        "value": "1999-05",
        "source": "plays",
        "as_of": answer["last_played_at"],
    }
    counts = answer["counts"]
    assert (counts["local_plays"], counts["local_plays_all"]) == (5, 6)
    assert (counts["lastfm_user_plays"], counts["agreement"]) == (10, 0.5)
    assert counts["lastfm_global_plays"] == 1000
    assert counts["spotify_reason"] == "Spotify's Web API does not tell it"
    assert answer["contexts"] == [
        {"context": "focus", "plays": 3},
        {"context": "everyday", "plays": 2},
    ]
    assert answer["first_played_at"].startswith("2026-03-01")
    assert answer["last_played_at"].startswith("2026-03-20")
    [listed] = answer["playlists"]
    assert listed["playlist_id"] == "A"
    assert listed["positions"] == [1, 3]
    assert answer["links"] == {
        "spotify": f"https://open.spotify.com/track/{ID}",
        "lastfm": "https://www.last.fm/music/Band/_/Song - Live",
    }


NAMED = song("Named", "Three", track_id=None, release_date="1970", duration_ms=180_000)
OLD = datetime(2026, 4, 1, tzinfo=UTC)


def described(asked_by: str, asked_for: str, **told: Any) -> dict[str, Any]:
    known = {"place": 1, "status": 200, "asked_at": OLD, "told_at": OLD} | told
    return {"asked_by": asked_by, "asked_for": asked_for, **known}


@pytest.fixture
def described_too(own: ListenerLake, tmp_path: Path) -> ListenerLake:
    """What else than plays describes tracks: the catalogue, top lists and reference data."""
    write(own, Life([*daily("2026-03-01", 3, SONG), *daily("2026-03-01", 2, NAMED)]))
    rows = [
        described("id", ID, track_id=ID, release_date="1999-05", album_name="Album, Deluxe"),
        described("search", "three|named", track_id=OTHER_ID, release_date="1970", isrc=ISRC),
        described("id", OTHER_ID, place=0, status=404, told_at=None),
    ]
    own.replace(DESCRIBED_TRACKS, DESCRIBED_TRACKS.from_rows(rows))
    file = tmp_path / "features.csv"
    file.write_text(
        "isrc,artists,track_name,energy,valence,tempo,genre,album_name\n"
        f"{ISRC},Band,Song - Live,0.5,0.25,120,indie rock,Elsewhere\n"
        ",Three,Other,0.1,0.1,60,polka,Elsewhere\n"
    )
    reference_files.add(file, own.lake)
    return own


@pytest.mark.usefixtures("described_too")
def test_what_the_catalogue_and_reference_data_say_is_in_it_with_source_and_age() -> None:
    answer = told(ID)
    metadata = answer["metadata"]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert metadata["release_date"] == {
        "value": "1999-05",
        "source": "catalogue",
        "as_of": "2026-04-01T00:00:00+00:00",
    }
    assert (metadata["album_name"]["value"], metadata["album_name"]["source"]) == ("Album", "plays")
    for name, value in {
        "energy": 0.5,
        "valence": 0.25,
        "tempo": 120,
        "genres": ["indie rock"],
    }.items():
        assert metadata[name]["value"] == value
        assert metadata[name]["source"] == "audio_features"
        assert metadata[name]["as_of"][:10] == today
    [asked] = answer["catalogue"]
    assert (asked["asked_by"], asked["status"], asked["album_name"]) == ("id", 200, "Album, Deluxe")


@pytest.mark.usefixtures("described_too")
def test_what_was_guessed_by_names_is_told_as_a_guess_and_genres_may_be_the_artists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal.console, "_width", 200)
    answer = told("Three - Named")
    assert answer["metadata"]["release_date"]["source"] == "search"
    assert answer["metadata"]["duration_ms"]["source"] == "plays"
    assert answer["metadata"]["genres"] | {"as_of": ""} == {
        "value": ["polka"],
        "source": "artist_genres",
        "as_of": "",
    }
    [guess] = answer["catalogue"]
    assert (guess["asked_by"], guess["track_id"], guess["isrc"]) == ("search", OTHER_ID, ISRC)
    shown = " ".join(run("nico", "Three - Named").output.split())
    assert "1970 │ from a search in Spotify's catalogue: a guess, as of 2026-04-01" in shown
    assert f"hit 1: {OTHER_ID} │ by its names, as of 2026-04-01" in shown
    assert "polka │ from reference data, of the artist, as of 20" in shown


def test_that_the_catalogue_has_no_such_track_is_told(described_too: ListenerLake) -> None:
    write(described_too, Life(daily("2026-03-01", 2, song("Gone", track_id=OTHER_ID))))
    assert told(OTHER_ID)["catalogue"][0]["status"] == 404
    assert "nothing (404)" in run("nico", OTHER_ID).output


def test_genres_that_top_lists_told_of_the_artist_come_first(described_too: ListenerLake) -> None:
    artist = {
        "artist_key": "band",
        "artist_name": "Band",
        "plays": 1,
        "ms_played": 1,
        "tracks": 1,
        "unknown_lengths": 0,
        "first_played_at": OLD,
        "last_played_at": OLD,
        "genres": ["krautrock"],
        "told_on": date(2025, 2, 3),
    }
    described_too.replace(UNIQUE_ARTISTS, UNIQUE_ARTISTS.from_rows([artist]))
    assert told(ID)["metadata"]["genres"] == {
        "value": ["krautrock"],
        "source": "top_lists",
        "as_of": "2025-02-03",
    }


def test_a_new_file_of_reference_data_is_seen_at_once(
    described_too: ListenerLake, tmp_path: Path
) -> None:
    assert told(ID)["metadata"]["energy"]["value"] == 0.5
    file = tmp_path / "newer.csv"
    file.write_text(f"isrc,artists,track_name,energy\n{ISRC},Band,Song - Live,0.75\n")
    reference_files.add(file, described_too.lake)
    assert told(ID)["metadata"]["energy"]["value"] == 0.75


@pytest.mark.usefixtures("own")
def test_it_is_shown_in_words_with_what_is_unknown_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal.console, "_width", 160)  # whatever it was when it was made
    shown = " ".join(run("nico", ID).output.split())
    for words in ("Band - Song - Live", "unknown", "does not tell it", "plays: focus", "0.50"):
        assert words in shown
    assert "2026-03-01 12:00 UTC" in shown


@pytest.mark.usefixtures("own")
def test_what_only_stands_in_a_playlist_is_found_too() -> None:
    answer = told("Only Listed")
    assert answer["counts"] == {}
    told_by = {(one["source"], one["as_of"][:10]) for one in answer["metadata"].values()}
    assert told_by == {("playlists", "2026-06-01")}
    assert answer["first_played_at"] is None
    assert "never played" in run("nico", "Only Listed").output


@pytest.mark.usefixtures("own")
def test_nothing_and_several_are_told_and_several_are_listed() -> None:
    none = run("nico", "Nobody - Nothing")
    assert none.exit_code == 1
    assert "no track of nico's is called 'Nobody - Nothing'" in none.output
    several = run("nico", "Two - Same")
    assert several.exit_code == 1
    for isrc in ("GBAAA0000002", "GBAAA0000003"):
        assert f"isrc:{isrc}" in several.output
    assert "may be any of 2 recordings" in several.output
    in_json = run("nico", "Two - Same", "--json")
    assert in_json.exit_code == 1
    assert json.loads(in_json.stdout)["matches"].keys() == {
        "isrc:GBAAA0000002",
        "isrc:GBAAA0000003",
    }
    assert told("isrc:GBAAA0000002")["counts"]["local_plays"] == 2


@pytest.mark.usefixtures("own")
def test_a_year_is_no_amount() -> None:
    output = run("nico", ID).output
    assert " 1999 " in output
    assert "1,999" not in output


def test_an_episode_that_was_heard_is_not_said_to_be_never_played(own: ListenerLake) -> None:
    episode = song("Talk", "Show", kind="episode", track_id=OTHER_ID)
    write(own, Life(daily("2026-03-01", 3, episode)))
    assert told(OTHER_ID)["counts"] == {}
    output = run("nico", OTHER_ID).output
    assert "never played" not in output
    assert " 3 " in output


def test_a_link_is_never_cut(own: ListenerLake) -> None:
    title = "A title that is longer than any column of a narrow terminal has room for"
    write(own, Life(daily("2026-03-01", 1, song(title, "Band", track_id=OTHER_ID))))
    link = told(OTHER_ID)["links"]["lastfm"]
    assert link in run("nico", OTHER_ID).output


@pytest.mark.usefixtures("own")
def test_the_listener_may_be_left_out_where_there_is_one(environment: Environment) -> None:
    refused = run(ID)
    assert refused.exit_code == 2
    assert "say whose track it is (there is: nico, mira)" in refused.output
    (environment.folder / "listeners.toml").write_text("[nico]\n")
    assert run(ID).exit_code == 0
    assert run("nico", "Band", "Song").exit_code == 2


def test_a_second_look_reads_no_table_until_one_of_them_has_changed(
    own: ListenerLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(ID)
    read: list[str] = []
    get: Callable[[Folder, str], Any] = Folder.get

    def noting(folder: Folder, key: str) -> Any:
        read.append(key)
        return get(folder, key)

    monkeypatch.setattr(Folder, "get", noting)
    assert told(ID) == first
    assert read == []
    write(own, Life(daily("2026-03-01", 7, SONG)))
    assert told(ID)["counts"]["local_plays"] == 7


def test_a_kept_answer_that_is_not_ours_is_made_again(own: ListenerLake) -> None:
    first = told(ID)
    with closing(sqlite3.connect(Settings().cache.file)) as db, db:
        assert db.execute("UPDATE answers SET value = CAST('[1]' AS BLOB)").rowcount
    assert told(ID) == first


def test_nobody_gets_the_answer_of_another(own: ListenerLake) -> None:
    told(ID)
    write(own.lake.of("mira"), Life(daily("2026-03-01", 1, SONG)))
    answer = json.loads(run("mira", ID, "--json").output)
    assert answer["counts"]["local_plays"] == 1
    assert told(ID)["counts"]["local_plays"] == 5


@pytest.mark.usefixtures("own")
def test_without_a_cache_it_answers_all_the_same(environment: Environment, tmp_path: Path) -> None:
    environment.set(CACHE_FILE=str(tmp_path))  # a folder
    assert told(ID) == told(ID)
    environment.set(CACHE_TTL_HOURS="0")
    assert told(ID)["counts"]["local_plays"] == 5
