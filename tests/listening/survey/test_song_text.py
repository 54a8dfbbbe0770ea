"""What people write where a form asks for a song."""

import pytest

from pipelines.listening.survey import song_text
from pipelines.listening.survey.song_text import NamedSong, likeliest, readings, songs_in

ID = "4iJyoBOLtHqaGxP12qzhQI"
OTHER = "5HCyWlXZPP0y6Gqq8TgA20"


@pytest.mark.parametrize(
    ("song", "artist", "title", "by"),
    [
        ("Hello", "Adele", "Hello", "Adele"),
        ('  "Hello"  ', "'Adele'", "Hello", "Adele"),
        ("„Hello“ ❤️🔥", "Adele 😍", "Hello", "Adele"),
        ("Adele - Hello", "adele", "Hello", "adele"),
        ("Hello by Adele", "Adele", "Hello", "Adele"),
        ("Adele - Hello (Live at Home)", "Adele", "Hello (Live at Home)", "Adele"),
        ("Hello (by Adele)", "Adele", "Hello", "Adele"),
        ("Hello (official video)", "Adele", "Hello", "Adele"),
        ("Hello (my fav!!)", "Adele", "Hello", "Adele"),
        ("My favourite song is Hello", "Adele", "Hello", "Adele"),
        ("Don't Stop Me Now", "Queen", "Don't Stop Me Now", "Queen"),
        ("Stand by Me", "Ben E. King", "Stand by Me", "Ben E. King"),
        ("Hello, Goodbye", "The Beatles", "Hello, Goodbye", "The Beatles"),
        ("1. Hello", "Adele", "Hello", "Adele"),
        ("1999", "Prince", "1999", "Prince"),
        ("Nothing", "Bruno Major", "Nothing", "Bruno Major"),
        ("Hello", "idk", "Hello", None),
        ("Hello", "", "Hello", None),
    ],
)
def test_names_are_taken_without_what_people_add_to_them(
    song: str, artist: str, title: str, by: str | None
) -> None:
    assert songs_in(song, artist).songs == (NamedSong(by, title),)


@pytest.mark.parametrize(
    "link",
    [
        f"https://open.spotify.com/track/{ID}",
        f"https://open.spotify.com/track/{ID}?si=0123456789abcdef",
        f"https://open.spotify.com/intl-de/track/{ID}?si=1&context=spotify%3Aplaylist%3A1",
        f"http://open.spotify.com/track/{ID}/",
        f"open.spotify.com/track/{ID}",
        f"spotify:track:{ID}",
        f'=HYPERLINK("https://open.spotify.com/track/{ID}")',
        f"this one: https://open.spotify.com/track/{ID}",
        ID,
    ],
)
def test_a_link_in_either_cell_names_its_track(link: str) -> None:
    [by_song] = songs_in(link).songs
    [by_artist] = songs_in("Hello", link).songs
    assert (by_song.track_id, by_artist.track_id) == (ID, ID)
    assert by_artist.track_name == "Hello"


@pytest.mark.parametrize(
    ("song", "artist", "named"),
    [
        (
            "Hello\nYesterday",
            "Adele\nThe Beatles",
            [("Adele", "Hello"), ("The Beatles", "Yesterday")],
        ),
        (
            "24K Magic; Finesse",
            "Bruno Mars",
            [("Bruno Mars", "24K Magic"), ("Bruno Mars", "Finesse")],
        ),
        ("1. Hello 2. Yesterday", "", [(None, "Hello"), (None, "Yesterday")]),
        (
            "Queen - Bohemian Rhapsody, Adele - Hello",
            "",
            [(None, "Queen - Bohemian Rhapsody"), (None, "Adele - Hello")],
        ),
        (
            "Hello by Adele and Yesterday by The Beatles",
            "",
            [(None, "Hello by Adele"), (None, "Yesterday by The Beatles")],
        ),
        ("Jumpman", "Drake; Future", [("Drake; Future", "Jumpman")]),
        ("Hello / Yesterday", "Adele / Muse", [("Adele", "Hello"), ("Muse", "Yesterday")]),
        ("Hello / Yesterday", "AC/DC", [("AC/DC", "Hello / Yesterday")]),
        ("Hello (Adele), Halo (Muse)", "", [(None, "Hello (Adele)"), (None, "Halo (Muse)")]),
        ("Song: Hello\nArtist: Adele", "", [("Adele", "Hello")]),
        ("title = Hello, artist = Adele", "", [("Adele", "Hello")]),
        ("Hello\nHello", "Adele", [("Adele", "Hello")]),
    ],
)
def test_several_songs_in_a_cell_are_several_songs(
    song: str, artist: str, named: list[tuple[str | None, str]]
) -> None:
    assert songs_in(song, artist).songs == tuple(NamedSong(*one) for one in named)


def test_several_links_in_a_cell_are_several_songs() -> None:
    cell = f"https://open.spotify.com/track/{ID} https://open.spotify.com/track/{OTHER}?si=2"
    assert [one.track_id for one in songs_in(cell).songs] == [ID, OTHER]


@pytest.mark.parametrize(
    "text",
    ["idk", "IDK!!", "idk honestly", "I don't know 🤷", "n/a", "-", "?", "none", "Keine Ahnung"],
)
def test_no_answer_is_no_song(text: str) -> None:
    named = songs_in(text)
    assert (named.songs, named.refused) in (((), (song_text.NO_ANSWER,)), ((), ()))


def test_why_a_cell_names_no_song_is_said_by_name() -> None:
    playlist = "https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M"
    assert songs_in("https://youtu.be/dQw4w9WgXcQ").refused == (song_text.FOREIGN_LINK,)
    assert songs_in(playlist).refused == (song_text.NO_SONGS_LINK,)
    assert songs_in("https://spotify.link/aBcDeF").refused == (song_text.SHORT_LINK,)
    assert songs_in("anything by Adele").refused == (song_text.ONLY_AN_ARTIST,)
    assert songs_in("All the songs by Adele", "Adele").refused == (song_text.ONLY_AN_ARTIST,)
    assert songs_in("idk", "Adele").refused == (song_text.ONLY_AN_ARTIST,)
    assert songs_in("la " * 200).refused == (song_text.TOO_LONG,)
    assert songs_in("\n".join(f"song {one}" for one in range(40))).refused == (song_text.TOO_MANY,)
    assert songs_in("", "").refused == ()


@pytest.mark.parametrize(
    "text",
    [
        "Adele - Hello",
        "Adele \u2013 Hello",
        "Adele: Hello",
        "Adele -Hello",
        "Adele-Hello",
        "Hello by Adele",
        "Hello, by Adele",
        "Hello von Adele",
        "Hello / Adele",
        "Hello, Adele",
        "Hello (Adele)",
        'Adele "Hello"',
        '"Hello" by Adele',
        '"Hello" - Adele',
    ],
)
def test_a_text_may_mean_every_artist_and_title_that_it_can_be_cut_into(text: str) -> None:
    assert ("Adele", "Hello") in readings(text)


def test_what_a_text_most_likely_means_is_said_only_where_a_sign_is_clear() -> None:
    assert likeliest("Adele - Hello") == ("Adele", "Hello")
    assert likeliest("Hello by Adele") == ("Adele", "Hello")
    assert likeliest("Stand by Me") is None
    assert likeliest("Hello, Goodbye") is None
    assert likeliest("Jay-Z - 99 Problems") == ("Jay-Z", "99 Problems")


def test_a_bracket_is_closed_where_it_was_opened() -> None:
    assert likeliest("Luis Fonsi - Despacito (feat. X)") == ("Luis Fonsi", "Despacito (feat. X)")
    assert ("X (Y)", "Hello") in readings("Hello by X (Y)")
    assert likeliest("Hello (by Adele)") == ("Adele", "Hello")
