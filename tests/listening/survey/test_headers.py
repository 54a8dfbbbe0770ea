"""Columns are known by the words of their questions, wherever they are and whatever they are in."""

import pytest

from pipelines.listening.survey.cells import Row
from pipelines.listening.survey.headers import Header, find_header
from pipelines.listening.survey.questions import FIELDS, PART, WHOLE

OTHERS = {"name": "Name", "song": "Song"}


def header_of(
    *headers: str, rows: int = 3, own: dict[str, tuple[str, ...]] | None = None
) -> Header:
    return find_header([headers, *([f"{n} {h}" for h in headers] for n in range(rows))], own or {})


def field_of(header: str) -> str | None:
    """The field that a header means, beside the two that are always there."""
    found = find_header([("Name", "Song", "Artist", header)], {})
    songs = {f: c for song in found.songs for f, c in song.items()}
    fields = {**found.columns, **songs}
    return next((field for field, columns in fields.items() if 3 in columns), None)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Timestamp", "time"),
        ("Zeitstempel", "time"),
        ("Horodateur", "time"),
        ("Marca temporal", "time"),
        ("Email Address", "mail"),
        ("E-Mail-Adresse", "mail"),
        ("Adresse e-mail", "mail"),
        ("Dirección de correo electrónico", "mail"),
        ("How old are you?", "age"),
        ("AGE", "age"),
        ("Wie alt bist du?", "age"),
        ("Quel âge as-tu ?", "age"),
        ("¿Cuántos años tienes?", "age"),
        ("Which year were you born in?", "age"),
        ("What year were you born?", "age"),
        ("When were you born?", "age"),
        ("In welchem Jahr bist du geboren?", "age"),
        ("Wann sind Sie geboren?", "age"),
        ("En quelle année es-tu né(e) ?", "age"),
        ("Quand êtes-vous né·e ?", "age"),
        ("¿En qué año naciste?", "age"),
        ("Fecha de nacimiento", "age"),
        ("In che anno sei nato?", "age"),
        ("DOB", "age"),
        ("Where were you born?", "hometown"),
        ("In which city were you born?", "hometown"),
        ("Wo bist du geboren?", "hometown"),
        ("In welcher Stadt bist du geboren?", "hometown"),
        ("Où es-tu né(e) ?", "hometown"),
        ("Dans quelle ville es-tu né ?", "hometown"),
        ("¿Dónde naciste?", "hometown"),
        ("¿En qué ciudad naciste?", "hometown"),
        ("What is your major?", "major"),
        ("Field of study", "major"),
        ("Studiengang", "major"),
        ("Filière", "major"),
        ("¿Qué carrera estudias?", "major"),
        ("Year", "year"),
        ("What year are you in?", "year"),
        ("In welchem Semester bist du?", "year"),
        ("Année d'études", "year"),
        ("¿En qué año estás?", "year"),
        ("Hometown", "hometown"),
        ("Where are you from?", "hometown"),
        ("Woher kommst du?", "hometown"),
        ("Ville natale", "hometown"),
        ("¿De dónde eres?", "hometown"),
        ("hours_per_day", "hours"),
        ("How many hours a day do you listen to music? (roughly)", "hours"),
        ("Wie viele Stunden hörst du täglich Musik?", "hours"),
        ("Combien d'heures par jour écoutes-tu de la musique ?", "hours"),
        ("¿Cuántas horas de música escuchas al día?", "hours"),
        ("Daily listening time", "hours"),
        ("When do you mostly listen?", "listening_time"),
        ("Wann hörst du Musik?", "listening_time"),
        ("À quel moment de la journée ?", "listening_time"),
        ("¿Cuándo escuchas música?", "listening_time"),
        ("May others see my match?", "may_be_matched"),
        ("Do you consent to being matched with a music twin?", "may_be_matched"),
        ("twin_consent", "may_be_matched"),
        ("Dürfen andere sehen, wem du ähnelst?", "may_be_matched"),
        ("D'autres peuvent voir mon jumeau musical", "may_be_matched"),
        ("¿Pueden ver otros tu gemelo musical?", "may_be_matched"),
        ("Can we show others that you two match?", "may_be_matched"),
        ("I agree to the processing of my data as described above", "consent"),
        ("I agree that my answers are used", "consent"),
        ("I have read this and agree", "consent"),
        ("Are you ok with being part of this survey?", "consent"),
        ("Ich bin einverstanden, dass meine Antworten ausgewertet werden", "consent"),
        ("Ich stimme der Verarbeitung meiner Daten zu", "consent"),
        ("J'accepte que mes réponses soient utilisées", "consent"),
        ("¿Aceptas participar en el estudio?", "consent"),
        ("Wo bist du aufgewachsen?", "hometown"),
        ("Herkunftsort", "hometown"),
        ("Où as-tu grandi ?", "hometown"),
        ("Lugar de origen", "hometown"),
        ("City/State", "hometown"),
        ("What are you majoring in?", "major"),
        ("Qu'est-ce que tu étudies ?", "major"),
        ("Hrs per day", "hours"),
        ("Musikstunden täglich", "hours"),
        ("Temps d'écoute par jour", "hours"),
        ("Do you listen mostly in the morning or in the evening?", "listening_time"),
        ("Hörst du eher morgens oder abends?", "listening_time"),
        ("¿Cuándo sueles escuchar música?", "listening_time"),
        ("Période d'écoute", "listening_time"),
        ("I consent to take part", "consent"),
        ("Einwilligung", "consent"),
        ("Alter / Age", "age"),
    ],
)
def test_a_question_has_its_field(header: str, field: str) -> None:
    assert field_of(header) == field
    assert field_of(f"  {header.upper().rstrip('? ')} ") == field


@pytest.mark.parametrize(
    ("header", "born"),
    [("Geburtsjahr", True), ("When were you born?", True), ("Age", False), ("Wie alt?", False)],
)
def test_a_question_about_birth_is_not_one_about_an_age(header: str, born: bool) -> None:
    assert header_of("Name", "Song", header).born is born


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Any comments?",
        "Favourite genre",
        "¿Qué género de música te gusta?",
        "Least favourite song",
        "Which artist have you seen live?",
        "In which year did you discover Spotify?",
        "At what age did you start to play?",
        "How many hours a night do you sleep?",
        "Does your music match your mood?",
        "Do you play in a band?",
        "I do NOT want others to see my match",
        "Ich möchte nicht, dass andere meinen Zwilling sehen",
        "Language",
        "Column 7",
    ],
)
def test_another_question_has_none(header: str) -> None:
    assert field_of(header) is None


def test_a_field_is_called_by_its_own_name_too() -> None:
    assert field_of("listeningTime") == field_of("listening-time") == "listening_time"
    for field in set(FIELDS) - {"name", "song", "artist"}:
        assert field_of(field) == field
    assert set(WHOLE) == set(PART)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"name", "song", "artist"}))
def test_no_known_text_means_two_fields(field: str) -> None:
    for text in WHOLE[field]:
        assert field_of(text) == field, text


@pytest.mark.parametrize(
    ("song", "artist"),
    [
        ("Favourite song", "Artist"),
        ("What is your favourite song?", "Who is the artist of your favourite song?"),
        ("Name of your favourite song", "Name of the artist"),
        ("Lieblingslied", "Von welchem Künstler?"),
        ("Ta chanson préférée", "Artiste de la chanson"),
        ("¿Cuál es tu canción favorita?", "¿Quién la canta?"),
        ("favourite_song", "favourite_artist"),
        ("Song title", "Singer/Band"),
    ],
)
def test_a_song_and_its_artist_are_told_apart(song: str, artist: str) -> None:
    found = header_of("Your name", artist, song)
    assert list(found.songs) == [{"artist": (1,), "song": (2,)}]


@pytest.mark.parametrize(
    "header",
    ["Song and artist", "Artist - Song", "Favourite song (and artist)", "Künstler und Lied",
     "Favourite song & artist", "Song/Artist", "Chanson et artiste", "Canción y artista"],
)  # fmt: skip
def test_one_cell_may_be_for_both(header: str) -> None:
    assert list(header_of("Name", header).songs) == [{"song": (1,)}]


@pytest.mark.parametrize(
    ("song", "artist"),
    [
        ("song_{}", "artist_{}"),
        ("Song {}", "Artist {}"),
        ("Song #{}", "Song #{} - who sings it?"),
        ("{}. Lied", "{}. Künstler"),
        ("Chanson n° {}", "Artiste n° {}"),
        ("Your favourite songs [Song {}]", "Your favourite songs [Artist {}]"),
        ("Title of song {}", "Artist of song {}"),
    ],
)
def test_ten_songs_have_their_numbers_in_any_order(song: str, artist: str) -> None:
    numbers = [3, 1, 2, 10, 4, 5, 6, 7, 8, 9]
    columns = [text.format(n) for n in numbers for text in (artist, song)]
    found = header_of("Name", *columns)
    assert len(found.songs) == 10
    for number, fields in enumerate(found.songs, 1):
        at = 1 + 2 * numbers.index(number)
        assert fields == {"artist": (at,), "song": (at + 1,)}


def test_songs_without_numbers_are_as_many_as_there_are_columns() -> None:
    found = header_of("Name", "Song", "Artist", "Song", "Artist")
    assert list(found.songs) == [
        {"song": (1,), "artist": (2,)},
        {"song": (3,), "artist": (4,)},
    ]


def test_a_question_that_was_replaced_in_mid_survey_has_two_columns() -> None:
    header = ("Name", "Favourite song", "Song you love most", "Age", "How old are you?")
    rows: list[Row] = [
        header,
        ("A", "One", "", 20),
        ("B", "Two", "", 21),
        ("C", "", "Three", "", 9),
    ]
    found = find_header(rows, {})
    assert list(found.songs) == [{"song": (1, 2)}]
    assert sorted(found.columns["age"]) == [3, 4]


def test_of_two_questions_that_are_both_answered_the_plainer_one_counts() -> None:
    rows: list[Row] = [
        ("Name", "Song", "Age", "Age of your oldest record"),
        *[("A", "x", 20, 90)] * 4,
    ]
    assert find_header(rows, {}).columns["age"] == (2,)


def test_the_surveys_own_words_come_first() -> None:
    own = {"song": ("Track of my life",), "hometown": ("Song",), "age": ("winters seen",)}
    found = header_of("Name", "Song", "Track of my life!", "How many WINTERS seen so far?", own=own)
    assert found.columns["hometown"] == (1,)
    assert found.columns["age"] == (3,)
    assert list(found.songs) == [{"song": (2,)}]
    numbered = header_of("Name", "Track of my life 2", "Track of my life 1", own=own)
    assert list(numbered.songs) == [{"song": (2,)}, {"song": (1,)}]


REPEAT = "Which one do you put on repeat?"


@pytest.mark.parametrize(
    ("song", "artist", "own"),
    [
        (REPEAT, "Artist", {"song": (REPEAT,)}),
        (REPEAT, "Artist", {"song": ("put on repeat",)}),
        ("Favourite song", "Which one sings it?", {"artist": ("Which one sings it?",)}),
        ("Favourite song", "Whose voice?", {"artist": ("Whose voice?",)}),
        (REPEAT, "Whose voice?", {"song": (REPEAT,), "artist": ("Whose voice?",)}),
        (REPEAT, "Which one sings?", {"song": (REPEAT,), "artist": ("Which one sings?",)}),
        ("Your song", "Who is the artist of your song?", {"song": ("your song",)}),
        ("Your song", "Your song: the artist", {"song": ("your song",)}),
        ("The one song you love", "Artist", {}),
        ("Song 1", "Artist", {}),
        ("Favourite song", "Who is the number one artist?", {}),
    ],
)
def test_a_song_has_its_artist_however_one_of_both_is_asked(
    song: str, artist: str, own: dict[str, tuple[str, ...]]
) -> None:
    for headers in ((song, artist), (artist, song)):
        found = header_of("Name", *headers, own=own)
        at = {text: (1 + headers.index(text),) for text in headers}
        assert list(found.songs) == [{"song": at[song], "artist": at[artist]}]


def test_a_question_of_the_surveys_own_may_ask_for_both_in_one_cell() -> None:
    own = {"song": ("Your anthem",)}
    assert list(header_of("Name", "Your anthem, and its artist", own=own).songs) == [{"song": (1,)}]


@pytest.mark.parametrize(
    "headers",
    [
        (REPEAT, "Artist", "Song 2", "Artist 2"),
        ("First song", "Artist", "Second song", "Artist"),
        ("Song 1", "Artist", "Song 2", "Artist"),
        ("Song", "Artist 1", "Song", "Artist 2"),
        (REPEAT, "Artist", REPEAT, "Artist"),
        (f"{REPEAT} 1", "Artist 1", f"{REPEAT} 2", "Artist 2"),
        ("In the shower?", "Artist", "Only at night, when nobody hears it?", "Artist"),
        ("In the shower?", "Whose voice? 1", REPEAT, "Whose voice? 2"),
    ],
)
def test_several_songs_have_theirs_in_the_order_of_the_columns(headers: tuple[str, ...]) -> None:
    own = {
        "song": (REPEAT, "In the shower?", "Only at night, when nobody hears it?"),
        "artist": ("Whose voice?",),
    }
    found = header_of("Name", *headers, own=own)
    assert sorted(found.songs, key=lambda song: song["song"]) == [
        {"song": (1,), "artist": (2,)},
        {"song": (3,), "artist": (4,)},
    ]


def test_one_artist_beside_two_songs_is_neithers() -> None:
    found = header_of("Name", "Song 1", "Song 2", "Artist")
    assert [set(song) for song in found.songs] == [{"artist"}, {"song"}, {"song"}]


def test_there_may_be_a_title_above_the_header() -> None:
    rows: list[Row] = [("Survey of our music",), (), ("", "Name", "Song"), ("", "Ada", "One")]
    found = find_header(rows, {})
    assert (found.at, found.missing) == (2, ())


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        (("Name", "Age"), ("song",)),
        (("Song", "Age"), ("name",)),
        (("Ada Quill", "Karma Police", "20"), ("name", "song")),
        ((), ("name", "song")),
    ],
)
def test_what_a_sheet_cannot_do_without_is_named(
    headers: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert header_of(*headers).missing == missing


@pytest.mark.parametrize(
    ("header", "per_day"),
    [
        ("Hours a day", 1),
        ("Hours of music per week", 1 / 7),
        ("Minutes a day", 1 / 60),
        ("Wie viele Stunden hörst du pro Woche?", 1 / 7),
    ],
)
def test_what_hours_are_counted_in_is_in_the_question(header: str, per_day: float) -> None:
    assert header_of("Name", "Song", header).per_day == pytest.approx(per_day)


def test_who_is_asked_like_a_friend_has_a_name_too() -> None:
    for question in ("Comment tu t'appelles ?", "What should we call you?", "¿Cómo te llaman?"):
        assert header_of(question, "Song", "Age").columns["name"] == (0,)


def test_where_all_questions_are_counted_the_artist_is_that_of_the_song_before() -> None:
    found = header_of("1. Name", "2. Favourite song", "3. Artist", "4. Age")
    assert found.songs == [{"song": (1,), "artist": (2,)}]
    found = header_of("1. Name", "2. First song", "3. Artist", "4. Second song", "5. Artist")
    assert found.songs == [{"song": (1,), "artist": (2,)}, {"song": (3,), "artist": (4,)}]


def test_what_is_asked_of_a_song_may_be_in_brackets() -> None:
    for title, artist in (("Titel", "Interpret"), ("titre", "artiste"), ("title", "by whom")):
        headers = (f"Lieblingslied {n} ({one})" for n in (1, 2) for one in (title, artist))
        found = header_of("Name", *headers)
        assert found.songs == [{"song": (1,), "artist": (2,)}, {"song": (3,), "artist": (4,)}]
    found = header_of("Name", "Song (artist - title)", "Song (with its artist)")
    assert [set(song) for song in found.songs] == [{"song"}, {"song"}]
