"""A life as the pipeline's tables hold it, and reference data about its music."""

from datetime import UTC, datetime, timedelta
from statistics import mean

import pyarrow.compute as pc
import pytest

from pipelines.listening.schema.tables import PLAYS
from sandbox import truth
from sandbox.catalogue import catalogue
from sandbox.ledger import audio_features, plays_of
from sandbox.people import people, person_of

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=90)
SINCE = START + timedelta(days=60)


@pytest.fixture(scope="module")
def told():
    return plays_of("office/4", START, END)


@pytest.fixture(scope="module")
def rows(told):
    return told[0].to_pylist()


@pytest.fixture(scope="module")
def lived():
    return truth("office/4", START, END)


def test_the_table_has_the_columns_of_plays_in_their_order(told):
    table, labels = told

    assert table.schema == PLAYS.schema
    assert PLAYS.conform(table).equals(table)
    assert len(labels) == len(table)


def test_every_play_stands_there_once_but_for_skips_that_no_poll_shows(told, rows, lived):
    expected = [p for p in lived if p.played_at < SINCE or not p.skipped]

    assert [row["track_id"] for row in rows] == [play.track.id for play in expected]
    assert told[1] == [play.label for play in expected]
    late = max(abs(r["played_at"] - p.played_at) for r, p in zip(rows, expected, strict=True))
    assert late < timedelta(seconds=1)


def test_two_thirds_are_told_by_an_export_unless_said_otherwise(rows):
    assert all((row["source"] == "export") == (row["played_at"] < SINCE) for row in rows)
    table, _ = plays_of("office/4", START, END, polled_from=START)
    assert set(table["source"].to_pylist()) == {"api"}


def test_an_export_measures_and_knows_no_ids_but_the_tracks(rows):
    exported = [row for row in rows if row["source"] == "export"]

    assert any(row["skipped"] for row in exported)
    assert {row["ms_played_source"] for row in exported} == {"measured"}
    for name in ("artists", "artist_id", "isrc", "duration_ms", "played_from_uri", "explicit"):
        assert {row[name] for row in exported} == {None}
    assert {row["reason_end"] for row in exported} == {"trackdone", "fwdbtn"}
    assert len({row["platform"] for row in exported}) >= 4
    assert {row["country"] for row in exported} == {"JP"}


def test_a_poll_knows_ids_and_where_a_play_was_started(rows):
    polled = [row for row in rows if row["source"] == "api"]

    assert {row["ms_played"] - row["duration_ms"] for row in polled} == {0}
    for name in ("skipped", "shuffle", "platform", "reason_start", "country", "popularity"):
        assert {row[name] for row in polled} == {None}
    assert all(row["artists"] and row["isrc"] and row["album_id"] for row in polled)
    assert {row["played_from_type"] for row in polled} == {"playlist", "album", None}
    assert all(bool(row["played_from_name"]) == bool(row["played_from_uri"]) for row in polled)


def test_a_session_is_played_on_one_device(lived):
    table, _ = plays_of("office/4", START, END, polled_from=END)
    devices = {}
    for play, platform in zip(lived, table["platform"].to_pylist(), strict=True):
        devices.setdefault(play.session, set()).add(platform)

    assert all(len(found) == 1 for found in devices.values())


def test_local_time_is_the_persons_own(rows):
    for row in rows[::97]:
        local = row["played_at"].replace(tzinfo=None) + timedelta(hours=9)
        assert row["local_time"] == local
        assert (row["local_hour"], row["local_weekday"]) == (local.hour, local.weekday())
        assert row["local_date"] == local.date()
        assert row["started_at"] == row["played_at"] - timedelta(milliseconds=row["ms_played"])


def test_a_span_without_plays_is_an_empty_table():
    table, labels = plays_of("office/4", START, START)

    assert (len(table), labels) == (0, [])
    assert table.schema == PLAYS.schema


def test_a_quarter_of_the_tracks_has_audio_features():
    everything = audio_features()
    mine = audio_features("student/9")

    assert 0.2 < len(everything) / len(catalogue().tracks) < 0.3
    assert set(mine["track_id"].to_pylist()) <= set(everything["track_id"].to_pylist())
    shelves = {s.name for s in person_of("student/9").shelves.values()}
    assert {catalogue().tracks[key].shelf for key in mine["track_id"].to_pylist()} <= shelves


def test_features_lie_where_they_can_and_overlap_between_contexts():
    table = audio_features()
    for name in ("danceability", "energy", "speechiness", "acousticness", "valence"):
        low, high = pc.min_max(table[name]).as_py().values()
        assert 0 <= low < 0.2
        assert 0.8 < high <= 1
    sounds = {s.name: s.sound for p in people().values() for s in p.shelves.values()}
    found = {}
    for row in table.to_pylist():
        sound = sounds[catalogue().tracks[row["track_id"]].shelf]
        found.setdefault(sound, []).append(row["energy"])
    energy = {sound: mean(values) for sound, values in found.items()}
    assert energy["sleep"] < energy["study"] < energy["general"] < energy["workout"]
    assert max(found["study"]) > min(found["workout"])
