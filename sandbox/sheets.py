"""The sheets of surveys as forms leave them: people of a class, and everything that people write.

    sheet = dirty_sheet(seed=3, people=40, language="de")
    sheet.rows      # what a reader gets
    sheet.people    # what is true of those who count
    sheet.secrets   # what must be found nowhere

Each sheet has its columns in an order of its own, rows that are cut short, people who answered
twice, tests, and answers in words. Add another habit of people here, with what it should come to.
What songs mean for statistics is not this module's: they are made up.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Language = Literal["en", "de", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "es")

_FIRST = (
    *("Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Farouk", "Giulia", "Håkon", "Inés"),
    *("Jörg", "Kaori", "Léa", "Miłosz", "Núria", "Oluwaseun", "Petra", "Quentin", "Rosalía"),
    *("Søren", "Thandiwe", "Uwe", "Violeta", "Wanda", "Xavier", "Yildiz", "Zoë"),
)
_LAST = (
    *("Quillfeather", "Brambleton", "Ostrowick", "Vandermeulen", "Thistlewood"),
    *("Kowalczewski", "Zimmerleitner", "Fontcuberta", "Marchbanksy", "Oyelowokan"),
    *("Lindqvister", "Ashgrover", "Pellerinotti", "Drakensbergh", "Wolfschmitt"),
)
_TOWNS = ("Netherwallop", "Krautsandhausen", "Villeneuvette", "Castrojerizmo", "Ullapoolside")
_MAJORS = ("Computer Science", "Psychology", "History", "Marine biology")
_ARTISTS = (
    "The Paper Lanterns", "Glass Harbour", "Nordlicht 12", "Los Tejados", "Velvet Antenna",
    "Marla & the Moths", "Ødegård", "Sïx Winters", "Tin Radio", "Kassiopeia",
)  # fmt: skip
_TITLES = (
    "Slow Ferry", "Under Copper Skies", "Ohne Eile", "Río abajo", "Paper Moons", "Thirteen Doors",
    "Le dernier tram", "Static Bloom", "Half a Map", "Winter Engine", "Kein Signal", "Oro y sal",
)  # fmt: skip

_QUESTIONS: dict[Language, dict[str, str]] = {
    "en": {
        "time": "Timestamp",
        "mail": "Email Address",
        "name": "What's your full name?",
        "age": "How old are you?",
        "major": "What do you study?",
        "year": "Year of study",
        "hometown": "Where are you from?",
        "song": "What is your favourite song?",
        "artist": "And who sings it?",
        "hours": "How many hours a day do you listen to music?",
        "listening_time": "When do you mostly listen?",
        "may_be_matched": "May others see my match?",
    },
    "de": {
        "time": "Zeitstempel",
        "mail": "E-Mail-Adresse",
        "name": "Vor- und Nachname",
        "age": "Wie alt bist du?",
        "major": "Studiengang",
        "year": "In welchem Semester bist du?",
        "hometown": "Heimatstadt",
        "song": "Lieblingslied",
        "artist": "Künstler/in",
        "hours": "Wie viele Stunden am Tag hörst du Musik?",
        "listening_time": "Wann hörst du am meisten?",
        "may_be_matched": "Dürfen andere deinen Musikzwilling sehen?",
    },
    "fr": {
        "time": "Horodateur",
        "mail": "Adresse e-mail",
        "name": "Nom et prénom",
        "age": "Quel âge as-tu ?",
        "major": "Filière",
        "year": "Année d'études",
        "hometown": "Ville natale",
        "song": "Ta chanson préférée",
        "artist": "Artiste",
        "hours": "Combien d'heures par jour écoutes-tu de la musique ?",
        "listening_time": "À quel moment de la journée ?",
        "may_be_matched": "Les autres peuvent-ils voir ton jumeau musical ?",
    },
    "es": {
        "time": "Marca temporal",
        "mail": "Dirección de correo electrónico",
        "name": "¿Cómo te llamas?",
        "age": "¿Cuántos años tienes?",
        "major": "¿Qué estudias?",
        "year": "Año de estudios",
        "hometown": "Ciudad natal",
        "song": "¿Cuál es tu canción favorita?",
        "artist": "Artista",
        "hours": "¿Cuántas horas al día escuchas música?",
        "listening_time": "¿Cuándo escuchas música?",
        "may_be_matched": "¿Pueden ver otros tu gemelo musical?",
    },
}
_NUMBERED: dict[Language, tuple[str, str]] = {
    "en": ("Song {}", "Artist {}"),
    "de": ("Lied {}", "Künstler {}"),
    "fr": ("Chanson n° {}", "Artiste {}"),
    "es": ("Canción {}", "Artista {}"),
}
_SPOKEN: dict[Language, dict[int, str]] = {
    "en": {19: "nineteen", 20: "Twenty", 21: "twenty-one", 23: "twenty three"},
    "de": {19: "neunzehn", 20: "zwanzig", 21: "Einundzwanzig", 23: "dreiundzwanzig"},
    "fr": {19: "dix-neuf", 20: "vingt", 21: "vingt et un", 23: "Vingt-trois"},
    "es": {19: "diecinueve", 20: "veinte", 21: "veintiuno", 23: "veintitrés"},
}
_PARTS: dict[Language, dict[str, str]] = {
    "en": {"morning": "Morning", "afternoon": "afternoons", "evening": "evening", "night": "Night"},
    "de": {"morning": "morgens", "afternoon": "Nachmittag", "evening": "abends", "night": "nachts"},
    "fr": {
        "morning": "le matin",
        "afternoon": "l'après-midi",
        "evening": "Soir",
        "night": "la nuit",
    },
    "es": {
        "morning": "por la mañana",
        "afternoon": "tarde",
        "evening": "evening",
        "night": "noche",
    },
}
_AGREED: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Yes", "yes please!", "I agree"), ("No", "", "maybe", "Yes, but not with my name")),
    "de": (("Ja", "ja, gerne", "Ich stimme zu"), ("Nein", "", "vielleicht", "Ja, aber anonym")),
    "fr": (("Oui", "oui !", "d'accord"), ("Non", "", "peut-être", "oui mais pas mon nom")),
    "es": (("Sí", "sí, claro", "de acuerdo"), ("No", "", "quizás", "sí, pero sin nombre")),
}
_HOURS: dict[str, tuple[Any, ...]] = {
    "0-1": (0.5, "30 min", "½", "half an hour", "0,5", "<1"),
    "1-2": (1, "1,5", "1-2", "90 min", "1h30", "one"),
    "2-4": ("2-3", "2,5", 3, "about 3 h", "3 hours", "2 to 3 hours"),
    "4-6": ("4", 5.0, "4–6", "5h", "4 or 5"),  # noqa: RUF001 a dash as people type it
    "6+": ("all day", 8, "24/7", "10+", "den ganzen Tag", "12 hours"),
}
_NO_NAMES = ("idk", "-", "anonymous", "https://open.spotify.com/user/x", "", "=A1", "#REF!")
_NO_SONGS = ("idk", "-", "none", "", "#N/A")

TRACK_ID = "0123456789abcdefghijAB"


@dataclass(frozen=True)
class Person:
    """What is true of somebody, and what their last answer comes to.

    Attributes:
        answered: By the sheet's clock.
        songs: Artist, title and id of each song that counts.
    """

    name: str
    mail: str
    town: str
    age: int
    major: str
    hours: str
    part: str
    agrees: bool
    answered: datetime
    songs: tuple[tuple[str | None, str | None, str | None], ...]

    @property
    def age_band(self) -> str:
        """Their age in five years."""
        return f"{self.age - self.age % 5}-{self.age - self.age % 5 + 4}"


@dataclass
class DirtySheet:
    """A sheet, and what is true of it.

    Attributes:
        rows: The header's and all others.
        people: Those whose answers count.
        refused: How many rows count for nothing, by what is wrong with them.
        secrets: Names, mails and towns, in no particular order.
    """

    rows: list[list[Any]]
    people: list[Person]
    refused: dict[str, int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


@dataclass
class _Maker:
    chance: random.Random
    language: Language
    songs: int
    mails: bool
    dates: Callable[[datetime], Any]

    def person(self, number: int) -> Person:
        chance = self.chance
        name = f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]}"
        surname = name.split()[1].lower()
        return Person(
            name=name,
            mail=f"{surname}.{number}@students.example.org" if self.mails else "",
            town=chance.choice(_TOWNS),
            age=chance.choice((19, 20, 21, 23, 25, 31)),
            major=chance.choice(_MAJORS),
            hours=chance.choice(list(_HOURS)),
            part=chance.choice(list(_PARTS["en"])),
            agrees=chance.random() < 0.6,  # noqa: PLR2004 most
            answered=datetime(2026, 11, 3, 9, tzinfo=UTC) + timedelta(hours=7 * number),
            songs=(),
        )

    def cells(self, person: Person) -> tuple[dict[str, Any], Person]:
        """A row by its fields, and the person with the songs that count."""
        chance, said = self.chance, _SPOKEN[self.language].get(person.age)
        names = (person.name, person.name.upper(), f"  {person.name} ", ", ".join(
            reversed(person.name.split(" "))
        ))  # fmt: skip
        yes, no = _AGREED[self.language]
        cells = {
            "time": self.dates(person.answered),
            "mail": chance.choice((person.mail, person.mail.upper())),
            "name": chance.choice(names),
            "age": chance.choice([person.age, f"{person.age} ", float(person.age), said or "25.0"])
            if said
            else person.age,
            "major": chance.choice(
                (person.major, person.major.lower(), f"Other: {person.major}", f"{person.major} ")
            ),
            "year": chance.choice((1, "2", "3", "")),
            "hometown": person.town,
            "hours": chance.choice(_HOURS[person.hours]),
            "listening_time": _PARTS[self.language][person.part],
            "may_be_matched": chance.choice(yes if person.agrees else no),
        }
        songs = []
        for number in range(1, self.songs + 1):
            title, artist, song = self.song(person)
            cells |= {f"song_{number}": title, f"artist_{number}": artist}
            if song and song not in songs:
                songs.append(song)
        return cells, replace(person, songs=tuple(songs))

    def song(
        self, person: Person
    ) -> tuple[str, str, tuple[str | None, str | None, str | None] | None]:
        """The cells of a song, and what they come to."""
        chance = self.chance
        artist, title = chance.choice(_ARTISTS), chance.choice(_TITLES)
        habit = chance.random()
        if habit < 0.05:  # noqa: PLR2004 a share of all songs, as those below
            return chance.choice(_NO_SONGS), "", None
        if habit < 0.08:  # noqa: PLR2004
            return f"{title} ({person.name} was here)", artist, None
        if habit < 0.1 and person.mail:  # noqa: PLR2004
            return f"{title} {person.mail}", artist, None
        if habit < 0.2:  # noqa: PLR2004
            link = f"https://open.spotify.com/intl-de/track/{TRACK_ID}?si=0"
            return link, artist, (artist, None, TRACK_ID)
        if habit < 0.3:  # noqa: PLR2004
            return f"{title} 🎵", f" {artist}", (artist, title, None)
        return title, artist, (artist, title, None)


def dirty_sheet(
    seed: int,
    people: int = 30,
    language: Language = "en",
    *,
    songs: int = 1,
    mails: bool = True,
    serial: bool = True,
) -> DirtySheet:
    """A sheet with the answers of so many people, and all that goes wrong.

    Args:
        seed: The same one gives the same sheet.
        people: How many count in the end.
        language: Of the questions and of most answers.
        songs: How many each is asked for.
        mails: Whether the form collects mail addresses.
        serial: Whether dates are numbers, as from Google, or texts, as in a CSV file.
    """
    chance = random.Random(seed)
    maker = _Maker(chance, language, songs, mails, _serial if serial else _written(language))
    sheet = DirtySheet([], [])
    answers: list[tuple[datetime, dict[str, Any]]] = []
    for number in range(people):
        person = maker.person(number)
        sheet.secrets |= {person.name, person.town, *filter(None, [person.mail])}
        if chance.random() < 0.2:  # noqa: PLR2004 some answered before
            earlier = replace(person, answered=person.answered - timedelta(hours=30), age=31)
            answers.append((earlier.answered, maker.cells(earlier)[0]))
            sheet.refused["twice"] = sheet.refused.get("twice", 0) + 1
        cells, counts = maker.cells(person)
        answers.append((person.answered, cells))
        sheet.people.append(counts)
    answers.sort(key=lambda one: one[0])
    rows = [cells for _, cells in answers]
    for row, why in _that_count_for_nothing(maker, chance):
        rows.insert(chance.randrange(len(rows) + 1), row)
        if why:
            sheet.refused[why] = sheet.refused.get(why, 0) + 1
    sheet.rows = _laid_out(rows, _columns(language, songs, mails=mails), chance)
    return sheet


def _that_count_for_nothing(
    maker: _Maker, chance: random.Random
) -> list[tuple[dict[str, Any], str]]:
    stranger = maker.cells(replace(maker.person(10_000), songs=()))[0]
    when = stranger["time"]
    rows: list[tuple[dict[str, Any], str]] = [
        (stranger | {"name": "Test", "mail": "test@students.example.org"}, "test"),
        (stranger | {"name": "test test 2", "mail": ""}, "test"),
        ({"time": when}, "nobody"),
        ({}, ""),
    ]
    rows += [
        (stranger | {"name": nobody, "mail": ""}, "nobody")
        for nobody in chance.sample(_NO_NAMES, 3)
    ]
    return rows


def _columns(language: Language, songs: int, *, mails: bool) -> list[tuple[str, str]]:
    """Fields and headers, in the order of the form."""
    asked = dict(_QUESTIONS[language])
    if not mails:
        del asked["mail"]
    song, artist = asked.pop("song"), asked.pop("artist")
    if songs == 1:
        named = [("song_1", song), ("artist_1", artist)]
    else:
        titles, artists = _NUMBERED[language]
        named = [
            one
            for number in range(1, songs + 1)
            for one in (
                (f"song_{number}", titles.format(number)),
                (f"artist_{number}", artists.format(number)),
            )
        ]
    return [*asked.items(), *named, ("", "Any comments?"), ("", "")]


def _laid_out(
    rows: Sequence[dict[str, Any]], columns: list[tuple[str, str]], chance: random.Random
) -> list[list[Any]]:
    """Rows of cells, in an order of columns of their own, cut where they are empty."""
    columns = list(columns)
    chance.shuffle(columns)
    dresses: list[Callable[[str], str]] = [
        str,
        str.upper,
        lambda text: f" {text.rstrip('?')} ",
    ]
    dress = chance.choice(dresses)
    laid = [[dress(header) for _, header in columns]]
    for row in rows:
        cells = [row.get(name, "") for name, _ in columns]
        while cells and cells[-1] == "":
            cells.pop()
        laid.append(cells)
    return laid


def _serial(moment: datetime) -> float:
    return (moment - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400


def _written(language: Language) -> Callable[[datetime], str]:
    form = {
        "en": "%m/%d/%Y %H:%M:%S",
        "de": "%d.%m.%Y %H:%M:%S",
        "fr": "%d/%m/%Y %H:%M:%S",
        "es": "%d/%m/%Y %H:%M:%S",
    }[language]
    return lambda moment: moment.strftime(form)
