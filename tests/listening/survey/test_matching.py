"""Which track a named song is taken for, and which are left to a person."""

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.audio_features import artist_genres
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.schema.survey_tables import FOUND
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.survey.matching import Choice, Matched, match
from pipelines.listening.survey.pool import FEATURE_COLUMNS, TRACK_COLUMNS
from tests.support.survey_songs import named_songs

Row = dict[str, object]


def reference(*rows: tuple[str, str, float]) -> pa.Table:
    """Reference data: artists (with ; between them), title and energy; the id is made of them."""
    tracks = [
        {
            "track_key": id_of(artists, title),
            "track_id": id_of(artists, title),
            "artists": artists.split(";"),
            "track_name": title,
            "popularity": 50,
            "genres": ["rock"],
            "energy": energy,
            "danceability": 0.5,
        }
        for artists, title, energy in rows
    ]
    return AUDIO_FEATURES.from_rows(tracks)


def id_of(artists: str, title: str) -> str:
    return "".join(letter for letter in f"{artists}{title}" if letter.isalnum())[:22].ljust(22, "0")


def lake(*rows: Row) -> pa.Table:
    defaults: Row = {"kind": "track", "plays": 1}
    return pa.Table.from_pylist(
        [{**defaults, **row} for row in rows],
        schema=pa.schema([UNIQUE_TRACKS.schema.field(name) for name in TRACK_COLUMNS]),
    )


KNOWN = reference(
    ("Foo Fighters", "Everlong", 0.88),
    ("Foo Fighters", "Everlong - Acoustic Version", 0.25),
    ("Linkin Park;Kiiara", "Heavy (feat. Kiiara)", 0.67),
    ("Queen", "Bohemian Rhapsody - Remastered 2011", 0.4),
    ("The Beatles", "Stand by Me", 0.5),
    ("Blur", "Song 2", 0.9),
    ("Beyoncé", "Halo", 0.7),
    ("Metallica", "The Unforgiven", 0.6),
    ("Metallica", "The Unforgiven II", 0.65),
    ("R.E.M.", "It's The End Of The World As We Know It (And I Feel Fine)", 0.89),
    ("Taylor Swift", "Love Story (Taylor's Version)", 0.79),
    ("Simon & Garfunkel", "Cecilia", 0.8),
    ("Simon", "Cecilia Lied", 0.1),
    ("Ray Charles", "Stay", 0.3),
    ("Noizu", "Summer 91 (Looking Back)", 0.8),
    ("James Hype;Pia Mia", "Good Luck (feat. Pia Mia)", 0.8),
    ("Route 94", "Sad Songs feat. L Devine - Sleepwalkrs Remix", 0.8),
    ("Anirudh Ravichander", "Po Nee Po - The Pain of Love", 0.2),
    ("The Rolling Stones", "(I Can't Get No) Satisfaction", 0.86),
)


def found(
    *cells: tuple[str, str] | str,
    tracks: Sequence[Row] = (),
    features: pa.Table = KNOWN,
    hits: Sequence[Row] = (),
    choices: Mapping[str, Choice] | None = None,
    searches: bool = False,
) -> Matched:
    """The songs of one person each, as they stand in the cells of song and artist."""
    return match(
        named_songs([one if isinstance(one, tuple) else (one, "") for one in cells]),
        lake(*tracks),
        features.select(FEATURE_COLUMNS),
        artist_genres(features),
        found=FOUND.from_rows([*map(dict, hits)]),
        choices=choices or {},
        searches=searches,
    )


def one(*args: tuple[str, str] | str, **options: object) -> Row:
    matched = found(*args, **options)  # type: ignore[arg-type]
    [row] = matched.songs.to_pylist()
    return row


@pytest.mark.parametrize(
    "cells",
    [
        ("Everlong", "Foo Fighters"),
        ("everlong", "foo fighters"),
        ("Foo Fighters", "Everlong"),
        ("Everlong 🔥", '"Foo Fighters"'),
        ("Everlong", "The Foo Fighters"),
        ("Everlong", "FooFighters"),
        ("Everlong", "Foo Figthers"),
        ("Everlnog", "Foo Fighters"),
        ("Foo Fighters - Everlong", ""),
        ("Everlong by Foo Fighters", ""),
        ("Everlong von Foo Fighters", ""),
        ("Everlong (Foo Fighters)", ""),
        ("Everlong, Foo Fighters", ""),
        ("foo fighters everlong", ""),
        ("Foo Fighters: Everlong", ""),
        (f"https://open.spotify.com/track/{id_of('Foo Fighters', 'Everlong')}?si=1", ""),
        ("what a song", f"spotify:track:{id_of('Foo Fighters', 'Everlong')}"),
    ],
)
def test_a_song_is_the_same_track_however_it_is_written(cells: tuple[str, str]) -> None:
    row = one(cells)
    assert (row["state"], row["track_name"], row["energy"]) == ("matched", "Everlong", 0.88)
    assert row["song_key"] == one(("Everlong", "Foo Fighters"))["song_key"]
    assert row["genres"] == ["rock"]


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        (("Heavy", "Linkin Park"), "Heavy (feat. Kiiara)"),
        (("Heavy", "Linkin Park feat. Kiiara"), "Heavy (feat. Kiiara)"),
        (("Heavy ft. Kiiara", "Linkin Park"), "Heavy (feat. Kiiara)"),
        (("Heavy", "Kiiara"), "Heavy (feat. Kiiara)"),
        (("Heavy", "Linkin Park & Kiiara"), "Heavy (feat. Kiiara)"),
        (("Bohemian Rhapsody", "Queen"), "Bohemian Rhapsody - Remastered 2011"),
        (("Halo", "Beyonce"), "Halo"),
        (("Satisfaction", "Rolling Stones"), "(I Can't Get No) Satisfaction"),
        (("Cecilia", "Simon and Garfunkel"), "Cecilia"),
        (("Stand by Me", "Beatles"), "Stand by Me"),
        ("Stand by Me - The Beatles", "Stand by Me"),
        ("Stand by Me by The Beatles", "Stand by Me"),
        (
            ("Its the end of the world as we know it", "REM"),
            "It's The End Of The World As We Know It (And I Feel Fine)",
        ),
    ],
)
def test_what_people_leave_out_makes_no_other_song(
    cells: tuple[str, str] | str, title: str
) -> None:
    row = one(cells)
    assert (row["state"], row["track_name"]) == ("matched", title)


@pytest.mark.parametrize(
    "cells",
    [
        ("Everlong (Live)", "Foo Fighters"),
        ("Love Story", "Taylor Swift"),
        ("Song 3", "Blur"),
        ("The Unforgiven III", "Metallica"),
        ("Say", "Ray Charles"),
        ("Cecilia", "Simon"),
        ("Cecilia", "Simon & Someone"),
        ("Hello", "Foo Fighters"),
        ("Everlong", "Queen"),
        ("Summer 91", "Noizu"),
        ("Good Luck feat Pia Mia PS1 Remix", "James Hype"),
        ("Good Luck feat. Pia Mia - PS1 Remix", "James Hype"),
        ("Sad Songs", "Route 94"),
        ("Po Ve Po - The Pain of Love", "Anirudh Ravichander"),
        "Everlong",
        "Stand by Me",
    ],
)
def test_another_version_or_artist_is_never_taken_for_the_song(
    cells: tuple[str, str] | str,
) -> None:
    row = one(cells)
    assert row["state"] in {"doubtful", "unmatched"}
    known = ("track_id", "isrc", "energy", "danceability", "genres", "similarity", "source")
    assert {row[name] for name in known} == {None}


def test_candidates_of_a_doubtful_song_are_shown_the_likeliest_first() -> None:
    matched = found("Everlong")
    [song] = matched.songs.to_pylist()
    rows = matched.candidates.to_pylist()
    assert [row["track_name"] for row in rows][:1] == ["Everlong"]
    assert {row["song_key"] for row in rows} == {song["song_key"]}
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) <= 3


def test_a_version_is_a_candidate_for_the_song_and_the_other_way_round() -> None:
    assert found(("Love Story", "Taylor Swift")).candidates["track_name"].to_pylist() == [
        "Love Story (Taylor's Version)"
    ]
    titles = found(("Everlong (Live)", "Foo Fighters")).candidates["track_name"].to_pylist()
    assert "Everlong" in titles


def test_a_track_of_the_lake_comes_before_one_of_reference_data_which_tells_of_it() -> None:
    track = {
        "track_key": "own",
        "track_id": "own",
        "isrc": "USRW29600011",
        "artist_name": "Foo Fighters",
        "track_name": "Everlong",
        "release_year": 1997,
    }
    row = one(("everlong", "foo fighters"), tracks=[track])
    assert (row["track_id"], row["source"], row["isrc"]) == ("own", "lake", "USRW29600011")
    assert (row["release_year"], row["energy"]) == (1997, 0.88)


def test_reference_data_of_another_version_tells_nothing_of_a_track_of_the_lake() -> None:
    track = {"track_key": "l", "track_id": "l", "artist_name": "Foo Fighters"}
    row = one(
        ("Everlong - Live", "Foo Fighters"), tracks=[{**track, "track_name": "Everlong (Live)"}]
    )
    assert (row["track_id"], row["energy"], row["state"]) == ("l", None, "matched")


def test_reference_data_is_found_by_the_isrc_of_a_track_whatever_its_names() -> None:
    isrc = pa.array(["USRW29600011", *[None] * (len(KNOWN) - 1)], pa.string())
    at = KNOWN.schema.get_field_index("isrc")
    features = KNOWN.set_column(at, KNOWN.schema.field(at), isrc)
    track = {"track_key": "own", "track_id": "own", "isrc": "USRW29600011"}
    names = {"artist_name": "Foo Fighters", "track_name": "Everlong (2nd Master)"}
    row = one(
        ("Everlong (2nd Master)", "Foo Fighters"), tracks=[{**track, **names}], features=features
    )
    assert (row["track_id"], row["energy"]) == ("own", features["energy"][0].as_py())


def test_a_pasted_id_that_nothing_knows_is_a_track_without_any_value() -> None:
    link = "https://open.spotify.com/track/4iJyoBOLtHqaGxP12qzhQI"
    matched = found(link, searches=True)
    [row] = matched.songs.to_pylist()
    assert (row["state"], row["source"], row["track_id"]) == (
        "matched",
        "link",
        "4iJyoBOLtHqaGxP12qzhQI",
    )
    assert (row["track_name"], row["energy"], row["genres"]) == (None, None, None)
    assert matched.wanted["track_id"].to_pylist() == ["4iJyoBOLtHqaGxP12qzhQI"]


def test_a_pasted_id_with_names_beside_it_has_what_is_told_of_these() -> None:
    row = one(("Everlong", "Foo Fighters https://open.spotify.com/track/4iJyoBOLtHqaGxP12qzhQI"))
    assert (row["track_id"], row["source"], row["energy"]) == (
        "4iJyoBOLtHqaGxP12qzhQI",
        "link",
        0.88,
    )


def test_what_is_unknown_is_wanted_that_of_most_people_first() -> None:
    matched = found(
        ("Nowhere", "Nobody"), ("Elsewhere", "Somebody"), ("elsewhere", "somebody"), searches=True
    )
    assert matched.songs["state"].to_pylist() == ["waiting"] * 3
    assert matched.wanted["people"].to_pylist() == [2, 1]
    assert len(set(matched.songs["song_key"].to_pylist())) == 2


DAY = date(2026, 11, 1)
HIT: Row = {
    "place": 1,
    "asked_on": DAY,
    "track_id": "a-hit",
    "isrc": "GBAAA0000001",
    "release_year": 2024,
}


def test_what_a_search_found_counts_where_its_names_are_those_of_the_song() -> None:
    cells = ("Nowhere", "Nobody Special")
    key = one(cells)["song_key"]
    hit = {**HIT, "song_key": key, "artists": ["Nobody Special"]}
    right = one(cells, hits=[{**hit, "track_name": "Nowhere"}])
    assert (right["state"], right["track_id"], right["source"]) == ("matched", "a-hit", "search")
    assert (right["energy"], right["release_year"]) == (None, 2024)
    wrong = found(cells, hits=[{**hit, "track_name": "Nowhere (Live)"}], searches=True)
    assert wrong.songs["state"].to_pylist() == ["doubtful"]
    assert wrong.candidates["source"].to_pylist() == ["search"]
    assert len(wrong.wanted) == 0


def test_a_song_that_was_searched_for_in_vain_is_not_searched_for_again() -> None:
    cells = ("Nowhere", "Nobody Special")
    key = one(cells)["song_key"]
    none = {"song_key": key, "place": 0, "asked_on": DAY}
    matched = found(cells, hits=[none], searches=True)
    assert (matched.songs["state"].to_pylist(), len(matched.wanted)) == (["unmatched"], 0)


def test_what_a_person_chose_counts_and_none_ends_all_questions() -> None:
    cells = "Everlong"
    key = str(one(cells)["song_key"])
    chosen = found(cells, choices={key: {"track_id": id_of("Foo Fighters", "Everlong")}})
    [row] = chosen.songs.to_pylist()
    assert (row["state"], row["energy"], row["similarity"]) == ("chosen", 0.88, None)
    assert row["song_key"] == one(("Everlong", "Foo Fighters"))["song_key"]
    assert len(chosen.candidates) == 0
    none = found(cells, choices={key: None}, searches=True)
    assert none.songs["state"].to_pylist() == ["unmatched"]
    assert (len(none.candidates), len(none.wanted)) == (0, 0)


def test_a_match_that_is_wrong_can_be_corrected_under_its_own_key() -> None:
    cells = ("Everlong", "Foo Figthers")
    key = str(one(cells)["song_key"])
    assert one(cells, choices={key: None})["track_id"] is None
    other = {"track_id": "4iJyoBOLtHqaGxP12qzhQI", "artist_name": "A", "track_name": "B"}
    row = one(cells, choices={key: other})
    assert (row["state"], row["track_id"], row["track_name"]) == ("chosen", other["track_id"], "B")
    assert row["energy"] is None


def test_a_song_in_both_orders_and_cells_is_one_song_also_where_nothing_knows_it() -> None:
    matched = found(("Nowhere", "Nina"), "Nina - Nowhere", "Nowhere by Nina", "nowhere - nina")
    assert len(set(matched.songs["song_key"].to_pylist())) == 1


def test_a_slip_makes_no_other_song_of_one_that_nothing_knows() -> None:
    right, wrong = ("Solitary Lighthouse", "Nina Nowhere"), ("Solitary Lihgthouse", "Nina Nowere")
    other, part = ("Solitary Lighthouses 2", "Nina Nowhere"), ("Solitary", "Nina Nowhere")
    matched = found(right, wrong, right, "nina nowhere - solitary lighthose", other, part)
    keys = matched.songs["song_key"].to_pylist()
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert len(set(keys)) == 3
    assert keys[0] == one(right)["song_key"]
    assert matched.wanted["people"].to_pylist()[0] == 4
    assert matched.wanted["track_name"].to_pylist()[0] == "Solitary Lighthouse"


def test_what_was_found_or_chosen_for_a_song_counts_for_its_misspellings_too() -> None:
    right, wrong = ("Solitary Lighthouse", "Nina Nowhere"), ("Solitary Lihgthouse", "Nina Nowere")
    key = str(one(right)["song_key"])
    names = {"artists": ["Nina Nowhere"], "track_name": "Solitary Lighthouse"}
    hits = [{**HIT, **names, "song_key": key}]
    assert found(right, right, wrong, hits=hits).songs["track_id"].to_pylist() == ["a-hit"] * 3
    chosen = found(right, right, wrong, choices={key: {"track_id": "chosen"}})
    assert chosen.songs["track_id"].to_pylist() == ["chosen"] * 3


def test_words_beside_a_pasted_id_do_not_hide_what_is_told_of_it() -> None:
    cells = "this one: https://open.spotify.com/track/4iJyoBOLtHqaGxP12qzhQI"
    [wanted] = found(cells, searches=True).wanted.to_pylist()
    hit = {**HIT, "artists": ["Nina Nowhere"], "track_name": "Lighthouse"}
    row = one(cells, hits=[{**hit, "song_key": wanted["song_key"]}])
    assert (row["track_name"], row["track_id"]) == ("Lighthouse", "4iJyoBOLtHqaGxP12qzhQI")


def test_nothing_is_matched_where_nothing_is_known() -> None:
    matched = found(("Everlong", "Foo Fighters"), features=AUDIO_FEATURES.empty())
    assert matched.songs["state"].to_pylist() == ["unmatched"]
    empty = match(named_songs([]), lake(), KNOWN.select(FEATURE_COLUMNS), artist_genres(KNOWN))
    assert (len(empty.songs), len(empty.candidates), len(empty.wanted)) == (0, 0, 0)


def test_the_same_songs_in_another_order_give_the_same_tables() -> None:
    cells = [("Everlong", "Foo Figthers"), "Everlong", "Halo - Beyonce", ("Nowhere", "Nobody")]
    named = named_songs([one if isinstance(one, tuple) else (one, "") for one in cells])
    reversed_ = named.take(list(reversed(range(len(named)))))
    shuffled = KNOWN.take(list(reversed(range(len(KNOWN)))))
    first, second = (
        match(rows, lake(), features.select(FEATURE_COLUMNS), artist_genres(KNOWN))
        for rows, features in ((named, KNOWN), (reversed_, shuffled))
    )
    assert first.songs.equals(second.songs)
    assert first.candidates.equals(second.candidates)
