"""Which column of a sheet has which field, by the text of the question that stands above it.

Questions are worded freely, translated, moved and renamed in mid-survey, so a column is known by
words in its header and never by its place. Add a language, or another way to ask, to `KNOWN`. What
an answer means is `values.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey.cells import Row, text_of

MOST_SONGS = 30
"""Columns of songs that one row may have."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("timestamp", "time stamp", "submitted at", "submission time", "submitted", "answered at"),
        *("date submitted", "completion time", "date", "zeitstempel", "datum", "eingereicht am"),
        *("horodateur", "horodatage", "marca temporal", "fecha", "marca de tiempo"),
        *("informazioni cronologiche", "data", "carimbo de data hora", "tijdstempel", "datum tijd"),
    ),
    "mail": (
        *("mail", "e mail", "email", "email address", "e mail address", "mail address", "username"),
        *("e mail adresse", "mailadresse", "emailadresse", "adresse e mail", "adresse mail"),
        *("courriel", "adresse electronique", "correo", "correo electronico"),
        *("direccion de correo electronico", "indirizzo email", "indirizzo e mail"),
        *("endereco de e mail", "e mailadres"),
    ),
    "name": (
        *("name", "your name", "full name", "first and last name", "student", "student name"),
        *("who are you", "vollstandiger name", "dein name", "ihr name", "vor und nachname"),
        *("wie heißt du", "wie heissen sie", "wie heißen sie", "nom", "ton nom", "votre nom"),
        *("nom et prenom", "prenom et nom", "nom complet", "comment t appelles tu"),
        *("nombre", "tu nombre", "nombre completo", "nombre y apellido", "nombre y apellidos"),
        *("como te llamas", "nome", "nome completo", "nome e cognome", "nome e sobrenome", "naam"),
    ),
    "first_name": (
        *("first name", "given name", "forename", "vorname", "prenom", "primer nombre"),
        *("nome proprio", "primeiro nome", "voornaam"),
    ),
    "last_name": (
        *("last name", "surname", "family name", "nachname", "familienname", "nom de famille"),
        *("apellido", "apellidos", "cognome", "sobrenome", "apelido", "achternaam"),
    ),
    "age": (
        *("age", "your age", "how old are you", "age in years", "year of birth", "birth year"),
        *("alter", "dein alter", "wie alt bist du", "wie alt sind sie", "geburtsjahr", "jahrgang"),
        *("quel age as tu", "quel age avez vous", "ton age", "votre age", "annee de naissance"),
        *("edad", "tu edad", "que edad tienes", "cuantos anos tienes", "ano de nacimiento"),
        *("eta", "quanti anni hai", "idade", "quantos anos tens", "leeftijd", "hoe oud ben je"),
    ),
    "major": (
        *("major", "your major", "field of study", "subject", "course of study", "degree"),
        *("programme", "program", "degree programme", "degree program", "department", "faculty"),
        *("what do you study", "what are you studying", "concentration"),
        *("studiengang", "studienfach", "fach", "hauptfach", "was studierst du", "fachrichtung"),
        *("was studieren sie", "filiere", "specialite", "domaine d etudes", "matiere principale"),
        *("qu etudies tu", "qu etudiez vous", "formation", "discipline", "carrera"),
        *("especialidad", "que estudias", "titulacion", "corso di laurea", "cosa studi"),
        *("curso", "o que estudas", "opleiding", "studierichting", "wat studeer je"),
    ),
    "year": (
        *("year", "year of study", "study year", "academic year", "class year", "grade"),
        *("what year are you in", "which year are you in", "year in school", "school year"),
        *("semester", "studienjahr", "jahr", "in welchem semester bist du", "fachsemester"),
        *("annee", "annee d etudes", "en quelle annee es tu", "semestre", "ano", "curso academico"),
        *("ano de estudios", "en que ano estas", "en que curso estas", "anno", "anno di corso"),
        *("ano de estudo", "studiejaar", "jaar"),
    ),
    "hometown": (
        *("hometown", "home town", "where are you from", "city", "town", "place of birth"),
        *("birthplace", "where do you live", "residence", "country", "heimatort", "heimatstadt"),
        *("wohnort", "woher kommst du", "geburtsort", "ville natale", "ville", "ville d origine"),
        *("d ou viens tu", "d ou venez vous", "ciudad natal", "ciudad", "ciudad de origen"),
        *("de donde eres", "citta natale", "citta", "cidade natal", "cidade", "woonplaats"),
    ),
    "hours": (
        *("hours", "hours a day", "hours per day", "daily hours", "listening hours"),
        *("hours listened", "hours of music", "how many hours", "stunden", "stunden am tag"),
        *("stunden pro tag", "wie viele stunden", "wieviele stunden", "heures", "heures par jour"),
        *("combien d heures", "horas", "horas al dia", "horas por dia", "cuantas horas"),
        *("ore", "ore al giorno", "quante ore", "quantas horas", "uren", "uren per dag"),
        *("hoeveel uur", "how long do you listen", "wie lange horst du"),
        *("combien de temps", "cuanto tiempo"),
    ),
    "listening_time": (
        *("listening time", "time of day", "when do you listen", "when do you mostly listen"),
        *("preferred listening time", "favourite listening time", "favorite listening time"),
        *("at what time", "what time", "when", "tageszeit", "wann horst du", "wann hören sie"),
        *("wann horen sie", "horzeit", "wann", "moment de la journee", "moment d ecoute"),
        *("quand ecoutes tu", "quand ecoutez vous", "a quel moment", "quand"),
        *("momento del dia", "cuando escuchas", "hora del dia", "cuando"),
        *("momento della giornata", "quando ascolti", "quando", "quando ouves", "wanneer"),
    ),
    "may_be_matched": (
        *("may be matched", "may others see my match", "others see my match", "music twin"),
        *("music twins", "see my match", "see your match", "be matched", "match me", "matching"),
        *("match", "twin", "twins", "show my match", "share my match", "twin consent"),
        *("musikzwilling", "musikzwillinge", "zwilling", "zwillinge", "gematcht", "abgleich"),
        *("jumeau musical", "jumelle musicale", "jumeau", "jumeaux", "jumelle", "jumelles"),
        *("gemelo musical", "gemela musical", "gemelo", "gemela", "gemelos", "emparejamiento"),
        *("gemello musicale", "gemello", "gemelli", "gemeo musical", "gemeo", "gemeos"),
        *("muziektweeling", "tweeling"),
    ),
    "consent": (
        *("consent", "i consent", "i agree to take part", "agree to take part", "take part"),
        *("participation", "do you consent", "may we use your answers", "use my answers"),
        *("data protection", "privacy", "einwilligung", "ich willige ein", "zustimmung"),
        *("teilnahme", "datenschutz", "consentement", "je consens", "j accepte de participer"),
        *("consentimiento", "doy mi consentimiento", "acepto participar", "privacidad"),
        *("consenso", "consentimento", "toestemming"),
    ),
    "place": (
        *("place", "rank", "song number", "song no", "number", "no", "nr", "position", "platz"),
        *("rang", "nummer", "numero", "puesto", "posicion", "posizione", "posicao", "plaats"),
    ),
    "song": (
        *("song", "favourite song", "favorite song", "songs", "track", "favourite track"),
        *("favorite track", "song title", "track title", "track name", "song name", "title"),
        *("favourite tune", "tune", "song of your life", "song link", "lied", "lieblingslied"),
        *("lieblingssong", "lieblingsstuck", "liedtitel", "titel", "stuck", "chanson"),
        *("chanson preferee", "morceau", "morceau prefere", "titre", "titre prefere"),
        *("titre de la chanson", "musique preferee", "cancion", "cancion favorita"),
        *("cancion preferida", "tema", "tema favorito", "titulo", "titulo de la cancion"),
        *("canzone", "canzone preferita", "brano", "brano preferito", "titolo"),
        *("musica", "musica favorita", "musica preferida", "cancao", "cancao favorita"),
        *("liedje", "nummer en artiest", "favoriete nummer", "lievelingsnummer"),
    ),
    "artist": (
        *("artist", "artists", "favourite artist", "favorite artist", "artist name", "band"),
        *("song artist", "artist of the song", "artist of your favourite song", "singer"),
        *("by whom", "who sings it", "who is it by", "performer", "musician"),
        *("artist of your favorite song", "kunstler", "künstler", "interpret", "interpretin"),
        *("lieblingskunstler", "kunstlerin", "von wem", "sanger", "artiste", "groupe"),
        *("artiste prefere", "interprete", "chanteur", "chanteuse", "artista"),
        *("artista favorito", "artista preferido", "grupo", "cantante", "artista preferito"),
        *("cantor", "artiest", "favoriete artiest", "uitvoerder"),
    ),
}
"""By field, words that its header has, as `name_words` gives them."""

FIELDS = tuple(KNOWN)
"""What a column can hold."""

NUMBERED = ("song", "artist")
"""Fields that can be there several times in a row, with a number each."""

ROWS_ABOVE = 10
"""A header is looked for in so many rows: some put a title above."""

_NUMBER = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_SPLIT = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
_ORDINALS = re.compile(r"(?<=\d) (st|nd|rd|th|er|ere|eme|e|o|a)\b")


@dataclass(frozen=True)
class Header:
    """Where the fields of a sheet are.

    Attributes:
        at: which row it is, from 0.
        columns: by field, the columns that have it, the one that counts first.
        songs: by the number of a song, the same of its `song` and its `artist`; 1 where they have
            no number.
    """

    at: int
    columns: Mapping[str, tuple[int, ...]]
    songs: Mapping[int, Mapping[str, tuple[int, ...]]]

    @property
    def missing(self) -> tuple[str, ...]:
        """What nothing can be made of a sheet without; empty where all is there."""
        who = any(name in self.columns for name in ("mail", "name", "first_name", "last_name"))
        what = any("song" in fields for fields in self.songs.values())
        return (*(() if who else ("name",)), *(() if what else ("song",)))


@dataclass(frozen=True)
class _Meaning:
    field: str
    number: int | None
    strength: tuple[int, int]


def find_header(rows: Sequence[Row], own: Mapping[str, Sequence[str]]) -> Header:
    """The first row that has all that is needed, else the best one; see `Header.missing`.

    Args:
        rows: of the sheet, from the first one.
        own: the survey's own words for fields, which come before those that are known anyway.
    """
    aliases = _aliases(own)
    found = [_header(at, row, aliases) for at, row in enumerate(rows[:ROWS_ABOVE])]
    best = Header(0, {}, {})
    for header in found:
        if not header.missing:
            return header
        if len(header.missing) < len(best.missing):
            best = header
    return best


def _aliases(own: Mapping[str, Sequence[str]]) -> list[tuple[str, str, int]]:
    """Words of a header, the field that they mean, and whether they are the survey's own."""
    return [
        (_words(text), field, rank)
        for rank, known in ((1, own), (0, KNOWN))
        for field, texts in known.items()
        for text in texts
    ]


def _words(text: str) -> str:
    return " ".join(_SPLIT.sub(" ", name_words(text)).split())


def _header(at: int, row: Row, aliases: Sequence[tuple[str, str, int]]) -> Header:
    meant = [(column, _meaning(text_of(cell), aliases)) for column, cell in enumerate(row)]
    columns: dict[str, list[tuple[tuple[int, int], int]]] = {}
    songs: dict[int, dict[str, list[tuple[tuple[int, int], int]]]] = {}
    for column, meaning in meant:
        if meaning is None:
            continue
        if meaning.field in NUMBERED:
            fields = songs.setdefault(meaning.number or 1, {})
            fields.setdefault(meaning.field, []).append((meaning.strength, column))
        else:
            columns.setdefault(meaning.field, []).append((meaning.strength, column))
    return Header(
        at,
        {field: _strongest(found) for field, found in columns.items()},
        {
            number: {field: _strongest(found) for field, found in fields.items()}
            for number, fields in sorted(songs.items())
        },
    )


def _strongest(found: Sequence[tuple[tuple[int, int], int]]) -> tuple[int, ...]:
    """Of columns that have one field those that say so best, the last one first.

    A question that was written anew in mid-survey leaves its old column behind.
    """
    best = max(strength[0] for strength, _ in found)
    return tuple(column for strength, column in reversed(found) if strength[0] == best)


def _meaning(text: str, aliases: Sequence[tuple[str, str, int]]) -> _Meaning | None:
    """What a header means; None where it means nothing that is known."""
    words = _words(text)
    if not words:
        return None
    number = _number_in(words)
    bare = _without_number(words)
    whole = max(
        ((rank, field) for alias, field, rank in aliases if alias in (words, bare)), default=None
    )
    if whole is not None:
        rank, field = whole
        return _Meaning(field, number, (2 + rank, len(words)))
    return _by_a_part(words, number, aliases)


def _by_a_part(
    words: str, number: int | None, aliases: Sequence[tuple[str, str, int]]
) -> _Meaning | None:
    inside = list(_inside(words, aliases))
    if not inside:
        return None
    rank, length, start, field = max(inside, key=lambda one: (one[0], one[1], -one[2]))
    return _Meaning(field, number, (rank, length)) if start >= 0 else None


def _inside(
    words: str, aliases: Sequence[tuple[str, str, int]]
) -> Iterator[tuple[int, int, int, str]]:
    padded = f" {words} "
    for alias, field, rank in aliases:
        start = padded.find(f" {alias} ")
        if start >= 0:
            yield rank, len(alias), start, field


def _number_in(words: str) -> int | None:
    numbers = [int(one) for one in _NUMBER.findall(words)]
    fitting = [one for one in numbers if 1 <= one <= MOST_SONGS]
    return fitting[-1] if fitting else None


def _without_number(words: str) -> str:
    return " ".join(_NUMBER.sub(" ", _ORDINALS.sub("", words)).split())
