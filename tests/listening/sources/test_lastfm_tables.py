"""Tables of scrobbles: whatever their header, separator, line ends, encoding and damage."""

import pytest

from pipelines.listening.sources import lastfm_tables
from pipelines.listening.sources.lastfm import LASTFM
from tests.support.scrobbles import heard, lost, read, refused, rows_of

GHAN = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"
MBID = "f3a4bd1d-8b3c-4da8-8ee4-e984fe79d14f"


def ghan(*rows: str) -> str:
    return "\n".join([GHAN, *rows]) + "\n"


def recognised(body: bytes | str) -> bool:
    return LASTFM.recognise("x", body.encode() if isinstance(body, str) else body)


def test_a_row_is_when_it_began_who_and_what() -> None:
    body = ghan(f'"1779022496","17 May 2026, 12:54","A","","Al","","T","{MBID}"')
    assert recognised(body)
    [row] = rows_of(read(LASTFM, body))
    assert row["source"] == "lastfm"
    assert f"{row['started_at']:%Y-%m-%d %H:%M:%S}" == "2026-05-17 12:54:56"
    assert row["played_at"] == row["started_at"]
    assert (row["artist_name"], row["album_name"], row["track_name"]) == ("A", "Al", "T")
    assert row["recording_mbid"] == MBID
    assert row["ms_played"] is None
    assert row["precision_ms"] is None


def test_the_columns_may_stand_in_any_order_and_some_be_missing() -> None:
    body = "track,artist,uts\r\nT,A,1779022496\r\n"
    assert recognised(body)
    assert heard(read(LASTFM, body)) == [("2026-05-17 12:54:56", "A", "T")]


def test_empty_texts_are_null_and_wrong_ids_too() -> None:
    [row] = rows_of(read(LASTFM, ghan("1779022496,,A,,,,T,not-an-id")))
    assert row["album_name"] is None
    assert row["recording_mbid"] is None


def test_quotes_hold_commas_quotes_and_line_breaks() -> None:
    body = ghan('1779022496,,"A, ""the"" B",,"Al\nbum",,"T, 2",', "1779022497,,A,,,,T,")
    assert heard(read(LASTFM, body)) == [
        ("2026-05-17 12:54:56", 'A, "the" B', "T, 2"),
        ("2026-05-17 12:54:57", "A", "T"),
    ]


def test_a_quote_amid_a_value_is_one() -> None:
    body = ghan('1779022496,,A,,,,T (12" mix),', "1779022497,,A,,,,T,")
    assert heard(read(LASTFM, body))[0] == ("2026-05-17 12:54:56", "A", 'T (12" mix)')


def test_a_quote_that_does_not_end_costs_its_own_row() -> None:
    rows = [f"{1779022496 + n},,A,,,,T{n}," for n in range(40)]
    rows[3] = '1779022499,,"A,,,,T3,'
    rows[20] = '1779022516,,"A,,,,T20,'
    parts = read(LASTFM, ghan(*rows))
    assert [title for _, _, title in heard(parts)] == [
        f"T{n}" for n in range(40) if n not in {3, 20}
    ]
    assert refused(parts) == dict.fromkeys((4, 21), "is damaged: a quote in it does not end")
    assert lost(parts) == 2


def test_each_refused_row_says_why() -> None:
    parts = read(
        LASTFM,
        ghan(
            "0,01 Jan 1970 00:00,A,,,,T,",
            "1990000000,,A,,,,T,",
            "soon,,A,,,,T,",
            "1779022496,,,,,,T,",
            "1779022496,,A,,,,,",
            "1779022496,,A,,,",
            "1779022496,,A,,,,T,",
        ),
    )
    assert refused(parts) == {
        1: "its time is before 2002",
        2: "its time lies in the future",
        3: "its time is not understood",
        4: "has no artist",
        5: "has no title",
        6: "has 6 values instead of 8",
    }
    assert lost(parts) == 6
    assert [row["row"] for row in rows_of(parts)] == [7]


def test_what_is_playing_is_left_out_and_told_but_not_lost() -> None:
    parts = read(LASTFM, "A,Al,now,\nA,Al,T,13 Jun 2025 00:55\n")
    assert heard(parts) == [("2025-06-13 00:55:00", "A", "T")]
    assert "was playing" in refused(parts)[1]
    assert lost(parts) == 0


@pytest.mark.parametrize(
    "time", ["13 Jun 2025 00:55", "13 Jun 2025, 00:55", '"13 Jun 2025, 00:55"']
)
def test_a_table_without_a_header_tells_the_minute(time: str) -> None:
    body = f"A,Al,T,{time}\nA,,U,{time}\n"
    assert recognised(body)
    rows = rows_of(read(LASTFM, body))
    assert [row["track_name"] for row in rows] == ["T", "U"]
    assert [row["album_name"] for row in rows] == ["Al", None]
    assert {f"{row['started_at']:%Y-%m-%d %H:%M}" for row in rows} == {"2025-06-13 00:55"}
    assert {row["precision_ms"] for row in rows} == {60_000}


def test_a_header_that_somebody_wrote_above_such_a_table_is_one() -> None:
    body = "artist,album,track,date\nA,Al,T,22 Mar 2021 16:55\n"
    assert heard(read(LASTFM, body)) == [("2021-03-22 16:55:00", "A", "T")]


@pytest.mark.parametrize("separator", [";", ","])
def test_a_table_of_lastfmstats_tells_milliseconds(separator: str) -> None:
    lines = ["Artist;Album;AlbumId;Track;Date#me", '"A";"Al";"";"T";"1779022496123"']
    body = "\ufeff" + "\r\n".join(lines).replace(";", separator)
    assert recognised(body)
    [row] = rows_of(read(LASTFM, body))
    assert row["track_name"] == "T"
    assert f"{row['started_at']:%H:%M:%S.%f}" == "12:54:56.123000"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_programs_may_have_saved_it_in_other_encodings(encoding: str) -> None:
    body = ghan("1779022496,,Björk,,,,Jóga,", "1779022497,,Sigur Rós,,,,Svefn-g-englar,")
    assert heard(read(LASTFM, body.encode(encoding), chunk=7)) == [
        ("2026-05-17 12:54:56", "Björk", "Jóga"),
        ("2026-05-17 12:54:57", "Sigur Rós", "Svefn-g-englar"),
    ]


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f'{1779022496 + n},,"A\n{n}",,"Al, {n}",,T{n},' for n in range(300)]
    whole = rows_of(read(LASTFM, ghan(*rows)))
    monkeypatch.setattr("pipelines.listening.sources.pieces.Pieces.fill.__defaults__", (700,))
    assert rows_of(read(LASTFM, ghan(*rows), chunk=50)) == whole
    assert [row["row"] for row in whole] == list(range(1, 301))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Artist;Name;Scrobbles;Rank\nA;B;5;1\n",
        "Artist,Track,Album,Time\nA,T,Al,1779022496\n",
        "a,b,c,d\n1,2,3,4\n",
        "just words\n",
        "uts,uts,artist,track\n1,2,A,T\n",
    ],
)
def test_other_tables_are_not_taken_for_scrobbles(body: str) -> None:
    assert not recognised(body)
    assert lastfm_tables.layout_of(body.encode()) is None
