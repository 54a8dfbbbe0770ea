"""Scrobbles in JSON: pages, tracks and statistics, in every shape and with every damage."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport
from pipelines.listening.sources import lastfm_pages
from pipelines.listening.sources.lastfm import LASTFM
from pipelines.listening.sources.source import Reading, SourceFile
from tests.support.scrobbles import LATEST, heard, lost, read, refused, rows_of, stated

REAL = Path(__file__).parents[2] / "data/lastfm/recenttracks-shoko2-1749776100.json"
AT = 1749776100


def track(title: Any, uts: Any = AT, **more: Any) -> dict[str, Any]:
    return {
        "artist": {"mbid": "", "#text": "A"},
        "streamable": "0",
        "image": [{"size": "small", "#text": ""}, {"size": "large", "#text": ""}],
        "mbid": "",
        "album": {"mbid": "", "#text": ""},
        "name": title,
        "url": "https://www.last.fm/music/A/_/T",
        "date": {"uts": str(uts), "#text": "13 Jun 2025, 00:55"},
        **more,
    }


PLAYING = {"artist": {"#text": "A"}, "name": "now", "@attr": {"nowplaying": "true"}}


def page(*tracks: Any, total: Any = "3", one: bool = False) -> dict[str, Any]:
    return {
        "track": tracks[0] if one else list(tracks),
        "@attr": {"total": total, "totalPages": "1"},
    }


def titles(parts: list[Any]) -> list[str]:
    return [title for _, _, title in heard(parts)]


def test_real_pages_of_a_real_listener() -> None:
    body = REAL.read_bytes()
    assert LASTFM.recognise("whatever", body)
    parts = read(LASTFM, body)
    rows = rows_of(parts)
    assert len(rows) == stated(parts) == 10
    assert (rows[0]["artist_name"], rows[0]["track_name"]) == ("CHUU", "because I'm stupid?")
    assert rows[0]["album_name"] is None
    assert f"{rows[0]['started_at']:%Y-%m-%d %H:%M}" == "2025-06-13 00:55"
    assert rows[9]["recording_mbid"] == "f3a4bd1d-8b3c-4da8-8ee4-e984fe79d14f"


@pytest.mark.parametrize(
    "document",
    [
        [page(PLAYING, track("T"), track("U"))],
        [{"recenttracks": page(PLAYING, track("T"), track("U"))}],
        {"recenttracks": page(PLAYING, track("T"), track("U"))},
        page(PLAYING, track("T"), track("U")),
        [PLAYING, track("T"), track("U")],
        [[PLAYING, track("T")], [track("U")]],
        [PLAYING, {"artist": "A", "name": "T", "uts": AT}, {"artist": "A", "name": "U", "uts": AT}],
        [page(PLAYING, track("T")), page(track("U"), one=True)],
    ],
    ids=["pages", "answers", "answer", "page", "tracks", "lists", "flat", "object"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_shape_gives_the_same_rows(document: Any, indent: int | None) -> None:
    body = json.dumps(document, indent=indent)
    assert LASTFM.recognise("x", body.encode())
    parts = read(LASTFM, body, chunk=64)
    assert titles(parts) == ["T", "U"]
    assert list(refused(parts)) == [1]
    assert "was playing" in refused(parts)[1]
    assert lost(parts) == 0


def pages(*of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [page(*tracks, total="9") for tracks in of]


@pytest.mark.parametrize("chunk", [64, 1 << 20])
@pytest.mark.parametrize("now", [[], [PLAYING]], ids=["silence", "playing"])
def test_a_play_that_moved_to_the_next_page_while_pages_were_fetched_is_one(
    now: list[dict[str, Any]], chunk: int
) -> None:
    a, b, c, d = (track(title, AT - 300 * at) for at, title in enumerate("ABCD"))
    one = read(LASTFM, json.dumps(pages([*now, a, b], [*now, b, c], [*now, c, d])), chunk=chunk)
    assert titles(one) == ["A", "B", "C", "D"]
    assert lost(one) == 0
    assert sum("the page before" in why for why in refused(one).values()) == 2
    two = read(LASTFM, json.dumps(pages([*now, a, b, c], [*now, b, c, d])), chunk=chunk)
    assert titles(two) == ["A", "B", "C", "D"]
    lists = read(LASTFM, json.dumps([[*now, a, b], [*now, b, c]]), chunk=chunk)
    assert titles(lists) == ["A", "B", "C"]
    lines = "\n".join(json.dumps(one) for one in pages([*now, a, b], [*now, b, c]))
    assert titles(read(LASTFM, lines, chunk=chunk)) == ["A", "B", "C"]


def test_pages_that_are_parsed_apart_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastfm_pages, "PIECE", 200)
    monkeypatch.setattr(lastfm_pages.Pieces.fill, "__defaults__", (200,))
    many = [track(str(at), AT - 300 * at) for at in range(1_001)]
    of = [many[at : at + 5] for at in range(0, 1_000, 4)]
    parts = read(LASTFM, json.dumps(pages(*of)), chunk=4096)
    assert len(parts) > 3
    assert titles(parts) == [str(at) for at in range(1_001)]


def test_equal_plays_within_a_page_or_without_pages_stay_as_many() -> None:
    a, b = track("A"), track("B", AT - 300)
    assert titles(read(LASTFM, json.dumps(pages([a, a, b], [b, b])))) == ["A", "A", "B", "B"]
    assert titles(read(LASTFM, json.dumps([a, a, b]))) == ["A", "A", "B"]


@pytest.mark.parametrize("text", [False, True], ids=["numbers", "texts"])
@pytest.mark.parametrize("title", ["T", "T {live} [x]", 'T "date": 0'])
def test_statistics_are_known_whatever_the_order_of_their_keys(title: str, text: bool) -> None:
    at = AT * 1000
    row = {"artist": "A", "album": "B", "albumId": "", "track": title, "date": at}
    row |= {"date": str(at)} if text else {}
    for fields in (row, dict(reversed(row.items()))):
        for document in (
            {"username": "a", "scrobbles": [fields, fields | {"track": "U"}]},
            {"scrobbles": [fields, fields | {"track": "U"}], "username": "a"},
        ):
            body = json.dumps(document)
            assert LASTFM.recognise("endsong_0.json", body.encode())
            parts = read(LASTFM, body, chunk=64)
            assert titles(parts) == [title, "U"]
            assert rows_of(parts)[0]["started_at"].timestamp() == AT


def test_artists_have_their_name_in_either_field() -> None:
    parts = read(LASTFM, json.dumps([track("T", artist={"name": "B"}), track("U", artist="C")]))
    assert [artist for _, artist, _ in heard(parts)] == ["B", "C"]


def test_one_object_per_line_is_read_too() -> None:
    body = "\n".join(json.dumps(track(title)) for title in "TUV")
    assert titles(read(LASTFM, body)) == ["T", "U", "V"]


def test_statistics_tell_milliseconds() -> None:
    one = {"track": "T", "artist": "A", "album": "", "albumId": "", "date": AT * 1000 + 7}
    body = json.dumps({"username": "me", "scrobbles": [one, one | {"date": 5}]})
    assert LASTFM.recognise("x", body.encode())
    parts = read(LASTFM, body)
    assert heard(parts) == [("2025-06-13 00:55:00", "A", "T")]
    assert refused(parts) == {2: "its time is before 2002"}


def test_rows_of_1970_and_of_the_future_are_refused() -> None:
    parts = read(LASTFM, json.dumps([page(track("T", 0), track("U", 1990000000), track("V"))]))
    assert titles(parts) == ["V"]
    assert refused(parts) == {1: "its time is before 2002", 2: "its time lies in the future"}
    assert stated(parts) == len(rows_of(parts)) + lost(parts) == 3


def test_an_empty_list_is_scrobbles_that_are_none() -> None:
    body = json.dumps([{"track": [], "@attr": {"total": "0", "totalPages": "0", "page": "1"}}])
    assert LASTFM.recognise("x", body.encode())
    parts = read(LASTFM, body)
    assert rows_of(parts) == []
    assert stated(parts) == 0


def test_a_number_may_be_a_title_and_half_a_character_costs_itself() -> None:
    body = json.dumps([page(track(1979), track("T\ud83d"), track("U"))])
    assert titles(read(LASTFM, body)) == ["1979", "T\ufffd", "U"]


def test_a_track_that_is_damaged_costs_itself() -> None:
    body = json.dumps([page(*(track(f"T{n}") for n in range(9))), page(track("U"))])
    damaged = body.replace('"name": "T4"', '"name": "T4')
    parts = read(LASTFM, damaged)
    assert titles(parts) == [f"T{n}" for n in range(9) if n != 4] + ["U"]
    assert lost(parts) == 1
    assert any(part.damaged for part in parts)
    assert stated(parts) == 3


@pytest.mark.parametrize("missing", [30, 400, 700])
def test_a_file_that_is_cut_off_gives_what_is_before(missing: int) -> None:
    whole = json.dumps([page(*(track(f"T{n}") for n in range(5)))])
    parts = read(LASTFM, whole[:-missing])
    found = titles(parts)
    assert found == [f"T{n}" for n in range(len(found))]
    assert len(found) >= 5 - 1 - missing // 200
    assert lost(parts) == 1


def test_bytes_that_cannot_be_had_are_told() -> None:
    def chunks() -> Any:
        yield json.dumps([page(track("T"), track("U"))]).encode()[:-60]
        raise DamagedFile("the zip is damaged")

    assert LASTFM.read is not None
    parts = list(LASTFM.read(SourceFile("x", chunks), Reading(LATEST, ())))
    assert titles(parts)[:1] == ["T"]
    assert "the zip is damaged" in refused(parts).values()


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps(
        [page(*(track(f"T{n}-{m}") for n in range(7)), total="84") for m in range(12)]
    )
    flat = json.dumps([track(f"T{n}") for n in range(50)])
    whole = [rows_of(read(LASTFM, one)) for one in (body, flat)]
    monkeypatch.setattr("pipelines.listening.sources.pieces.Pieces.fill.__defaults__", (900,))
    monkeypatch.setattr(lastfm_pages, "PIECE", 300)
    assert [rows_of(read(LASTFM, one, chunk=100)) for one in (body, flat)] == whole
    assert [row["row"] for row in whole[0]] == list(range(1, 85))


def test_what_looks_like_the_end_of_a_track_in_a_title_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = 'T},{"artist": {"a'
    monkeypatch.setattr("pipelines.listening.sources.pieces.Pieces.fill.__defaults__", (500,))
    parts = read(LASTFM, json.dumps([track(odd) for _ in range(9)]), chunk=10)
    assert titles(parts) == [odd] * 9


@pytest.mark.parametrize(
    "document",
    [
        [{"ts": "2025-01-01T00:00:00Z", "ms_played": 5, "master_metadata_track_name": "T"}],
        [{"listened_at": AT, "track_metadata": {"track_name": "T", "artist_name": "A"}}],
        {"maloja": {}, "scrobbles": [{"time": AT, "track": {"title": "T", "artists": ["A"]}}]},
        {"version": "1", "listens": [{"listened_at": "2025-01-01T00:00:00Z"}]},
        {"error": 17, "message": "Login required"},
    ],
)
def test_other_json_is_not_taken_for_scrobbles(document: Any) -> None:
    assert not LASTFM.recognise("recenttracks-me-1.json", json.dumps(document).encode())


def test_what_is_no_json_at_all_is_refused() -> None:
    with pytest.raises(NotAnExport):
        read(LASTFM, "[this is none")
