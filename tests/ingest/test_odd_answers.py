"""Answers with something odd in them: kept as they came, and everything else in them is taken.

What the rows of such an answer look like is `listening/api/`; here they come over the network, and
go through collecting, deriving, the ledger and `playledger status`.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.errors import SpotifyError
from pipelines.listening.api.responses import unpack
from pipelines.listening.api.top_lists import playlist_names
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import SpotifyClient
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures, today
from tests.support.asking import Collector
from tests.support.spotify_answers import Heard, artist, item, page, track

ODD: dict[str, bytes] = {
    "half a pair": rb'"Heart \ud83d"',
    "the other half": rb'"\udc00 Heart"',
    "two wrong halves": rb'"\ude00\ud83d"',
    "NUL": rb'"He\u0000art"',
    "a raw NUL": b'"He\x00art"',
    "a raw line break": b'"He\nart"',
    "an unknown escape": rb'"He\x41rt"',
    "no UTF-8": b'"Heart \xff\xfe"',
    "a surrogate in UTF-8": b'"Heart \xed\xa0\xbd"',
    "a number": b"5",
    "a float": b"1.5e3",
    "NaN": b"NaN",
    "-Infinity": b"-Infinity",
    "a huge number": b"1" + b"0" * 400,
    "no number": b"1e999",
    "a list": b'["Heart"]',
    "an object": rb'{"name": "\ud83d"}',
    "true": b"true",
    "deep": b"[" * 50_000 + b"]" * 50_000,
}
HERE = "@@ here @@"
"""Is replaced by something odd."""

EACH = {name: f"@@ {name} @@" for name in ODD}
"""Are replaced by what they name."""

HALF = ODD["half a pair"]


def spoilt(body: Any, odd: bytes = HALF) -> bytes:
    """An answer in which something odd is wherever it says so."""
    text = json.dumps(body).encode()
    for name, place in EACH.items():
        text = text.replace(json.dumps(place).encode(), ODD[name])
    return text.replace(json.dumps(HERE).encode(), odd)


def plays(count: int, **changed: Any) -> dict[str, Any]:
    """The last plays, of which the second has something odd in it."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    items = [item(Heard(began - timedelta(minutes=4 * n), f"t{n}")) for n in range(count)]
    items[1]["track"].update(changed)
    return page(items, href="https://api.spotify.com/v1/me/player/recently-played")


def answers(sandbox: Sandbox, where: str, body: bytes) -> None:
    sandbox.faults.add("status", where, code=200, body=body, times=None)


def kept_bodies(lake: Lake, endpoint: str) -> list[bytes]:
    keys = [entry.key for entry in lake.store.list(f"users/nico/raw/{endpoint}/")]
    stored = [lake.store.get(key) for key in keys]
    return [bytes(unpack(one.body, "kept").body) for one in stored if one]


def status(*options: str) -> Result:
    return CliRunner().invoke(main, ["status", *options], env={"COLUMNS": "200"})


def stored_texts(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield from (value for value in row.values() if isinstance(value, str))


def test_odd_names_in_a_poll_cost_no_play_and_are_named(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    played = plays(50)
    for at, place in enumerate(EACH.values(), start=1):
        played["items"][at]["track"]["name"] = place
    body = spoilt(played)
    answers(sandbox, "recently-played", body)
    run = pipeline.run("poll_nico")
    assert failures(run) == []

    assert kept_bodies(pipeline.lake, "recently_played") == [body]
    ledger = {row["track_id"]: row for row in pipeline.plays()}
    assert set(ledger) == {f"t{n}" for n in range(50)}
    refused = pipeline.table(f"snapshots/date={today()}/refused.parquet")
    assert [row["item"] for row in refused] == [at + 1 for at in range(1, len(ODD) + 1)]
    for at, (kind, named) in enumerate(zip(ODD, refused, strict=True), start=1):
        row = ledger[f"t{at}"]
        name = row["track_name"]
        assert name is None or "\ufffd" in name or name == "He\nart", kind
        assert row["artist_name"] == f"Artist t{at}"
        assert "track.name" in named["reason"], kind
        assert all("\0" not in text and text.encode() for text in stored_texts([named, row]))
    [made] = run.asset_materializations_for_node("recently_played")
    assert made.metadata["odd"].value.startswith("recently_played: items[1].track.name; ")
    assert made.metadata["odd_fields"].value >= len(ODD)


def test_odd_codes_and_odd_values_that_nobody_reads_cost_no_play(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    fields = ["id", "uri", "type", "preview_url", "available_markets"]
    places = [(field, place) for field in fields for place in EACH.values()]
    played = plays(len(places))
    for one, (field, place) in zip(played["items"], places, strict=True):
        one["track"][field] = place
    body = spoilt(played)
    answers(sandbox, "recently-played", body)

    assert failures(pipeline.run("poll_nico")) == []
    assert kept_bodies(pipeline.lake, "recently_played") == [body]
    ledger = pipeline.plays()
    assert {row["track_name"] for row in ledger} == {f"Song t{n}" for n in range(len(places))}
    codes = [row[name] or "" for row in ledger for name in ("track_id", "track_uri", "kind")]
    assert not any("\ufffd" in code for code in codes), "a code is null rather than another one"


def test_an_odd_value_in_the_account_or_in_a_playlist_costs_that_value_alone(
    sandbox: Sandbox, collect_for: Collector, lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    lists = page([{"id": "a", "name": "Run", "description": HERE}], offset=0)
    lists["items"] += [{"id": name, "name": place} for name, place in EACH.items()]
    answers(sandbox, "playlists", spoilt(lists))
    with caplog.at_level(logging.WARNING):
        outcome = collect_for("playlists")
        assert outcome.success, outcome
        for odd in ODD.values():
            sandbox.faults.clear()
            me = {"id": "nico", "account_id": "mine", "display_name": HERE, "bio": HERE}
            answers(sandbox, "me", spoilt(me, odd))
            told = collect_for("profile", force=True)
            assert told.success, told
            assert "profile: display_name" in told.metadata["profile"]["odd"]
            assert kept_bodies(lake, "profile")[-1] == spoilt(me, odd)

    assert kept_bodies(lake, "playlists") == [spoilt(lists)]
    names = playlist_names(RawResponses(lake.of("nico")).complete_list("playlists", today()))
    assert names["spotify:playlist:a"] == "Run"
    assert names["spotify:playlist:half a pair"] == "Heart \ufffd"
    account = lake.of("nico").document("profile.json")
    assert (account["user_id"], account["account_id"]) == ("nico", "mine")
    assert "items[0].description" in outcome.metadata["playlists"]["odd"]
    assert "profile: not readable in what Spotify sent: display_name, bio" in caplog.text
    assert "Heart" not in caplog.text


@pytest.mark.rare
def test_a_whole_day_of_odd_answers_is_collected_derived_and_shown(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    playlist = {"id": "p", "uri": "spotify:playlist:p", "name": HERE, "description": HERE}
    played = plays(50, name=HERE)
    played["items"][0]["context"] = {"type": "playlist", "uri": playlist["uri"]}
    songs = [track("a", name=HERE), track("b", id=HERE, uri=HERE), track("c")]
    people = [artist("a", genres=["pop", HERE]), artist("b", id=HERE), artist("c", name=HERE)]
    answers(sandbox, "me", spoilt({"id": "nico", "display_name": HERE, "country": HERE}))
    answers(sandbox, "recently-played", spoilt(played))
    answers(sandbox, "playlists", spoilt(page([playlist], offset=0)))
    answers(sandbox, "/v1/me/top/tracks", spoilt(page(songs, offset=0)))
    answers(sandbox, "/v1/me/top/artists", spoilt(page(people, offset=0)))
    assert failures(pipeline.run("daily_nico")) == []

    assert len(pipeline.plays()) == 50
    assert {row["played_from_name"] for row in pipeline.plays()} == {None, "Heart \ufffd"}
    day = f"snapshots/date={today()}"
    assert pipeline.document(f"{day}/metadata.json")["display_name"] == "Heart \ufffd"
    assert pipeline.document(f"{day}/metadata.json")["country"] is None
    tracks = pipeline.table(f"{day}/top_tracks_short.parquet")
    assert [row["track_name"] for row in tracks] == ["Heart \ufffd", "Song b", "Song c"]
    assert [row["track_id"] for row in tracks] == ["a", None, "c"]
    artists = pipeline.table(f"{day}/top_artists_short.parquet")
    assert [row["artist_name"] for row in artists] == ["Artist a", "Artist b", "Heart \ufffd"]
    assert artists[0]["genres"] == ["pop", "Heart \ufffd"]
    assert "Heart \ufffd" in pipeline.bodies("report")["report/index.html"].decode()
    shown = status()
    assert shown.exit_code == 0, shown.output
    assert "nico: polls since yesterday that were not readable in full: 1; all else" in shown.output

    before = pipeline.bodies("plays")
    assert failures(pipeline.rebuild()) == []
    assert pipeline.bodies("plays") == before


BROKEN: dict[str, bytes] = {
    "a web page": b"<!doctype html><title>Back soon</title>",
    "items that are an object": b'{"items": {"0": {}}, "next": null}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_answer_in_which_nothing_can_be_read_is_kept_aside_and_status_tells_of_it(
    body: bytes, sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    assert collect_for("profile").success
    for where in ("recently-played", "playlists", "/v1/me/top/tracks"):
        answers(sandbox, where, body)
    outcome = collect_for("recently_played", "playlists", "top_items")

    assert set(outcome.failed) == {"recently_played", "playlists", "top_items"}
    assert "what it sent is in raw/unreadable/" in outcome.failed["recently_played"]
    assert kept_bodies(lake, "unreadable") == [body] * 5
    assert kept_bodies(lake, "recently_played") == []
    assert len(kept_bodies(lake, "top_artists_long")) > 0, "the lists beside it are asked for"
    shown = status()
    assert "5 of Spotify's answers about nico could not be read since" in shown.output
    assert json.loads(status("--json").output)["listeners"][0]["unreadable_answers"] == 5

    sandbox.faults.clear()
    assert collect_for().success, "what is kept aside is in nobody's way"
    assert len(kept_bodies(lake, "recently_played")) == 1


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", "utf-16"], ids=["UTF-8", "UTF-16"])
def test_a_byte_order_mark_and_another_encoding_change_nothing(
    mark: Any, sandbox: Sandbox, pipeline: Pipeline
) -> None:
    text = json.dumps(plays(5), ensure_ascii=False)
    body = text.encode(mark) if isinstance(mark, str) else mark + text.encode()
    answers(sandbox, "recently-played", body)
    assert failures(pipeline.run("poll_nico")) == []
    assert len(pipeline.plays()) == 5
    assert kept_bodies(pipeline.lake, "recently_played") == [body]


TIMES = ["0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"]
TIMES += ["0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-11-28", "", "now"]


def test_rows_with_an_impossible_time_or_that_are_none_cost_themselves_alone(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    body = plays(10)
    odd: list[Any] = [{**body["items"][0], "played_at": time} for time in TIMES]
    odd += [{**body["items"][0], "played_at": time} for time in (None, 5, 10**400, [], {})]
    body["items"][3:3] = [*odd, None, 7, "x", [], {}]
    answers(sandbox, "recently-played", json.dumps(body).encode())
    assert failures(pipeline.run("poll_nico")) == []
    assert len(pipeline.plays()) == 10
    refused = pipeline.table(f"snapshots/date={today()}/refused.parquet")
    assert len(refused) == len(odd) + 5


def test_what_spotify_says_about_an_error_can_be_stored_whatever_it_is(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    for odd in ODD.values():
        sandbox.faults.clear()
        sandbox.faults.add("status", "me", code=403, body=b'{"error":{"message":%s}}' % odd)
        with pytest.raises(SpotifyError, match=r"^profile: Spotify answered 403") as error:
            client.get("profile", lambda api: api.current_user())
        assert "\0" not in str(error.value)
        str(error.value).encode()
