"""ListenBrainz, Koito, Maloja and Pano Scrobbler: what their JSON means, whole and damaged."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport
from pipelines.listening.sources.registry import source_named
from pipelines.listening.sources.source import Reading, SourceFile
from tests.support.source_files import BERLIN, LATEST, Parsed, recognised

DATA = Path(__file__).parents[2] / "data/scrobbles"
MBID = "cb9c8de2-bc23-49a9-a476-9bcf9aae086e"
URL = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"
URI = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
NOON = datetime(2025, 6, 13, 12, tzinfo=UTC)
UTS = int(NOON.timestamp())

Json = dict[str, Any]


def listen(at: Any = UTS, info: Json | None = None, **metadata: Any) -> Json:
    """A listen of ListenBrainz's."""
    told = {"track_name": "Song", "artist_name": "Band", "mbid_mapping": None}
    extra = {"submission_client": "Web Scrobbler"} if info is None else info
    return {
        "inserted_at": 1.5,
        "listened_at": at,
        "track_metadata": told | {"additional_info": extra} | metadata,
    }


def koito(at: str = "2025-06-13T12:00:00Z", **more: Any) -> Json:
    """A listen of Koito's."""

    def named(*names: str) -> Json:
        return {"aliases": [{"alias": one, "is_primary": at > 0} for at, one in enumerate(names)]}

    return {
        "listened_at": at,
        "track": {"mbid": MBID, "duration": 200, **named("other title", "Song")},
        "album": named("other album", "Album"),
        "artists": [
            {"is_primary": False, **named("x", "Guest")},
            {"is_primary": True, **named("y", "Band")},
        ],
    } | more


def maloja(at: Any = UTS, duration: Any = None, **track: Any) -> Json:
    """A scrobble of Maloja's."""
    album = {"artists": ["Band"], "albumtitle": "Album"}
    told = {"artists": ["Band", "Guest"], "title": "Song", "album": album, "length": None}
    return {"time": at, "track": told | track, "duration": duration, "origin": "client:default"}


def pano(at: Any = UTS * 1000 + 123, **more: Any) -> Json:
    """An event of Pano Scrobbler's."""
    told = {"timeMs": at, "artist": "Band", "track": "Song", "album": "", "event": "scrobble"}
    return told | {"albumArtist": "Others", "mediaPlayerPackage": "com.example"} | more


def lines(rows: list[Json]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


FORMS = {
    "listenbrainz": lambda rows: lines([listen(**one) for one in rows]),
    "listenbrainz, one list": lambda rows: json.dumps([listen(**one) for one in rows]).encode(),
    "listenbrainz, indented": lambda rows: json.dumps(
        [listen(**one) for one in rows], indent=1
    ).encode(),
    "listenbrainz, an answer": lambda rows: json.dumps(
        {"payload": {"count": 9, "listens": [listen(**one) for one in rows]}}
    ).encode(),
    "koito": lambda rows: json.dumps(
        {"version": "1", "exported_at": "x", "listens": [koito(**one) for one in rows], "user": "u"}
    ).encode(),
    "maloja": lambda rows: json.dumps(
        {"maloja": {"export_time": 1}, "scrobbles": [maloja(**one) for one in rows]}, indent=1
    ).encode(),
    "maloja, without itself": lambda rows: json.dumps(
        {"scrobbles": [maloja(**one) for one in rows]}
    ).encode(),
    "maloja, one list": lambda rows: json.dumps([maloja(**one) for one in rows]).encode(),
    "pano": lambda rows: lines([pano(**one) for one in rows]),
}
"""Files of each form, from what is changed in each row."""


def source_of(form: str) -> str:
    return form.partition(",")[0]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_recognised_by_its_content_and_read(form: str) -> None:
    body = FORMS[form]([{}, {}])
    for name in ("", "Streaming_History_Audio_2020.json", "x.pdf"):
        assert source_of(form) in recognised(body, name)
    assert recognised(body) == [source_of(form)]
    found = Parsed(source_of(form), body)
    assert (len(found.rows), found.lost, found.damaged) == (2, 0, False)
    assert found.column("track_name") == ["Song"] * 2
    assert found.column("artist_name") == ["Band"] * 2
    exact = timedelta(milliseconds=123) if form == "pano" else timedelta()
    assert found.column("started_at") == [NOON + exact] * 2
    assert found.column("row") == [1, 2]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "saved",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.decode().encode("utf-16-be"),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\n\n  " + text + b"\n\n",
        lambda text: text.replace(b"Album", b"\xc4\xd6\xdcl"),
    ],
    ids=["mark", "UTF-16", "UTF-16 without mark", "CRLF", "blank lines", "Windows-1252"],
)
@pytest.mark.parametrize("split", [1, 7, 10_000])
def test_each_form_may_have_been_saved_by_any_program(form: str, saved: Any, split: int) -> None:
    body = saved(FORMS[form]([{}, {}, {}]))
    assert recognised(body) == [source_of(form)]
    found = Parsed(source_of(form), body, split=split)
    assert (found.column("track_name"), found.lost) == (["Song"] * 3, 0)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_cut_off_has_the_rows_before(form: str) -> None:
    body = FORMS[form]([{}] * 5)
    found = Parsed(source_of(form), body[: int(len(body) * 0.7)])
    assert len(found.rows) == 3
    assert (found.lost, found.damaged) == (1, True)
    assert "damaged" in found.reasons[0]


@pytest.mark.parametrize("form", FORMS)
def test_a_row_that_cannot_be_read_costs_itself(form: str) -> None:
    body = FORMS[form]([{}] * 4)
    at = body.rindex(b'"Song"', 0, body.rindex(b'"Song"', 0, body.rindex(b'"Song"')))
    for harm in (b'"So"ng"', b'"Song', b"Song}", b"\x00"):
        damaged = body[:at] + harm + body[at + 6 :]
        found = Parsed(source_of(form), damaged)
        assert len(found.rows) in {3, 4}, harm
        assert len(found.rows) + found.lost == 4, harm
        assert found.column("track_name")[-2:] == ["Song"] * 2, harm


@pytest.mark.parametrize("form", FORMS)
def test_each_of_many_damaged_rows_costs_itself_alone(form: str) -> None:
    body = FORMS[form]([{}] * 200)
    parts = body.split(b'"Song"')
    harmed = b"".join(
        part + (b'"So"ng"' if at % 40 == 7 else b'"Song"') for at, part in enumerate(parts[:-1])
    )
    found = Parsed(source_of(form), harmed + parts[-1])
    assert (len(found.rows), found.lost) == (195, 5)


@pytest.mark.parametrize("form", FORMS)
def test_no_row_is_lost_between_two_pieces(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.listening.sources.pieces.PIECE", 300)
    monkeypatch.setattr("pipelines.listening.sources.json_rows.PIECE", 300)
    monkeypatch.setattr("pipelines.listening.sources.pieces.Pieces.fill.__defaults__", (300,))
    found = Parsed(source_of(form), FORMS[form]([{}] * 40), split=100)
    assert (found.column("row"), found.lost) == (list(range(1, 41)), 0)


@pytest.mark.parametrize(
    ("source", "rows", "reason"),
    [
        ("listenbrainz", [listen(at=None)], "has no time"),
        ("listenbrainz", [listen(at=12)], "its time is before 2002"),
        ("listenbrainz", [listen(at=UTS + 10**9)], "its time lies in the future"),
        ("listenbrainz", [listen(track_name="")], "has no title"),
        ("listenbrainz", [listen(artist_name=None)], "has no artist"),
        ("listenbrainz", [listen(track_metadata=5) | {"track_metadata": 5}], "has no title"),
        ("pano", [pano(track="x" * 10_000)], "track_name is longer than any name"),
    ],
)
def test_what_is_no_play_is_refused_with_the_reason(
    source: str, rows: list[Json], reason: str
) -> None:
    found = Parsed(source, lines(rows))
    assert (found.rows, found.lost, found.reasons) == ([], 1, [reason])


def test_numbers_may_be_texts_and_texts_numbers() -> None:
    info = {"duration_ms": "201000", "isrc": "us-rc1-76-07839"}
    [row] = Parsed("listenbrainz", lines([listen(str(UTS), info, track_name=1999)])).rows
    assert (row["started_at"], row["duration_ms"]) == (NOON, 201_000)
    assert (row["track_name"], row["isrc"]) == ("1999", "USRC17607839")


def test_a_listen_keeps_the_ids_by_which_others_know_the_recording() -> None:
    mapping = {
        "recording_mbid": MBID.upper(),
        "artists": [{"artist_credit_name": "Band"}, {"artist_credit_name": "Guest"}],
    }
    info = {"isrc": "USRC17607839", "spotify_id": URL + "?si=x", "duration": 200.4}
    [row] = Parsed("listenbrainz", lines([listen(info=info, mbid_mapping=mapping)])).rows
    assert (row["track_uri"], row["isrc"], row["recording_mbid"]) == (URI, "USRC17607839", MBID)
    assert (row["duration_ms"], row["artist_names"]) == (200_400, ["Band", "Guest"])
    assert "ms_played" not in row
    [row] = Parsed("listenbrainz", lines([listen(info={"recording_mbid": MBID})])).rows
    assert row["recording_mbid"] == MBID
    [row] = Parsed("listenbrainz", lines([listen(info={"isrc": "n/a", "spotify_id": "x"})])).rows
    assert not {"isrc", "track_uri", "recording_mbid"} & row.keys()


@pytest.mark.parametrize(
    "info",
    [
        {"music_service": "spotify.com", "submission_client": "listenbrainz"},
        {"music_service": "spotify.com", "submission_client": "ListenBrainz Archive Importer"},
        {"listening_from": "spotify"},
        {"music_service_name": "Spotify"},
    ],
)
def test_what_listenbrainz_took_from_spotify_has_the_time_of_the_end(info: Json) -> None:
    [row] = Parsed("listenbrainz", lines([listen(info=info | {"ms_played": 61_000})])).rows
    assert row["played_at"] == NOON
    assert "started_at" not in row
    assert row["ms_played"] == 61_000


@pytest.mark.parametrize(
    "info",
    [
        {"music_service": "spotify.com", "submission_client": "Web Scrobbler"},
        {"music_service": "youtube.com"},
        {"submission_client": "ListenBrainz lastfm importer v2"},
        {},
    ],
)
def test_any_other_listen_has_the_time_of_its_beginning(info: Json) -> None:
    [row] = Parsed("listenbrainz", lines([listen(info=info | {"duration_played": 60})])).rows
    assert row["started_at"] == NOON
    assert row["played_at"] == NOON + timedelta(seconds=60)
    assert row["ms_played"] == 60_000


def test_koito_tells_the_primary_one_of_several_names() -> None:
    body = json.dumps({"exported_at": "x", "listens": [koito(), koito(album=None)]}).encode()
    first, second = Parsed("koito", body).rows
    assert (first["track_name"], first["album_name"], first["artist_name"]) == (
        "Song",
        "Album",
        "Band",
    )
    assert first["artist_names"] == ["Band", "Guest"]
    assert (first["recording_mbid"], first["duration_ms"]) == (MBID, 200_000)
    assert "album_name" not in second


def test_maloja_tells_what_was_heard_beside_how_long_the_track_is() -> None:
    body = json.dumps({"scrobbles": [maloja(duration=100, length="200")]}).encode()
    [row] = Parsed("maloja", body).rows
    assert (row["ms_played"], row["duration_ms"]) == (100_000, 200_000)
    assert row["played_at"] == NOON + timedelta(seconds=100)
    assert row["artist_names"] == ["Band", "Guest"]


def test_an_event_that_is_no_play_is_left_out_and_told() -> None:
    found = Parsed("pano", lines([pano(), pano(event="love"), pano(event=None), pano(track="")]))
    assert (found.column("row"), found.lost, found.reasons) == ([1, 3], 1, ["has no title"])
    assert found.notes == {"1 rows of other events than plays were left out"}


def test_the_real_samples_are_read_in_full() -> None:
    with zipfile.ZipFile(DATA / "listenbrainz_shoko1_123456789.zip") as archive:
        listens = archive.read("listens/2025/1.jsonl")
    koito_export = (DATA / "koito_export_test.json").read_bytes()
    maloja_export = (DATA / "maloja_import_test.json").read_bytes()
    for source, body, count in (
        ("listenbrainz", listens, 19),
        ("koito", koito_export, 13),
        ("maloja", maloja_export, 38),
    ):
        assert recognised(body) == [source]
        found = Parsed(source, body)
        assert (len(found.rows), found.refused) == (count, [])
        assert all(row["started_at"] == row["played_at"] for row in found.rows)


@pytest.mark.parametrize(
    "rest", [b'{"a":' * 100_000, b"[" * 300_000, b'{"listened_at":"' * 50_000, b"\\" * 300_000]
)
def test_what_no_program_writes_ends_soon(rest: bytes) -> None:
    for body in (b"[" + lines([listen()]) + b"," + rest, lines([listen()]) + b"\n" + rest):
        found = Parsed("listenbrainz", body, split=2**16)
        assert len(found.rows) == 1
        assert found.damaged


def test_other_json_of_the_same_services_is_of_nobody() -> None:
    user = {"user_id": 1, "username": "x"}
    feedback = {"recording_mbid": MBID, "score": 1, "created": UTS}
    pinned = {"row_id": 1, "created": UTS, "pinned_until": UTS, "track_metadata": {}}
    for other in (user, feedback, pinned, {"listens": []}, {"maloja_like": []}):
        assert recognised(json.dumps(other).encode()) == []


def test_a_damaged_zip_costs_what_comes_after_the_damage() -> None:
    def chunks() -> Any:
        yield lines([listen(), listen()]) + b"\n"
        raise DamagedFile("a file is damaged")

    read = source_named("listenbrainz").read
    assert read
    parts = list(read(SourceFile("a file", chunks), Reading(LATEST, BERLIN)))
    assert sum(len(part.rows) for part in parts) == 2
    assert [part.lost for part in parts][-1] == 1
    assert parts[-1].damaged


@pytest.mark.parametrize("source", ["listenbrainz", "koito", "maloja", "pano"])
@pytest.mark.parametrize("body", [b"", b"  ", b"hello", io.BytesIO().getvalue()])
def test_what_is_no_json_says_so(source: str, body: bytes) -> None:
    with pytest.raises(NotAnExport):
        Parsed(source, body)
