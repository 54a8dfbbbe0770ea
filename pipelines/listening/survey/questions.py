"""How the questions of a survey are worded, in the languages that forms are written in here.

For each field there are texts that are all of a header, and others that may be a part of one. The
first kind holds short and common words ("Year"), which inside a longer question mean something else
("In which year did you discover Spotify?"). Case, accents and punctuation do not count. Add a
language, or another way to ask, here. How a header is compared with them is `headers.py`.
"""

from collections.abc import Mapping

WHOLE: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "date", "start date", "end date", "submitted", "submission", "answered"),
        *("Datum", "Zeit", "Uhrzeit", "date et heure", "fecha", "fecha y hora", "hora"),
        *("data", "data e ora", "data e hora", "tijd"),
    ),
    "mail": ("username", "user name", "contact", "Kontakt", "Nutzername", "Benutzername"),
    "name": (
        *("name", "names", "student", "participant", "respondent", "who", "person", "nickname"),
        *("nick", "Person", "Teilnehmer", "Teilnehmerin", "Spitzname", "nom", "étudiant", "pseudo"),
        *("nombre", "estudiante", "alumno", "nome", "studente", "estudante", "naam"),
    ),
    "first_name": ("forename", "Rufname", "roepnaam"),
    "last_name": ("family",),
    "age": ("old", "years old", "born", "Jahrgang", "geboren", "né en", "née en"),
    "major": (
        *(
            "subject",
            "degree",
            "program",
            "programme",
            "department",
            "faculty",
            "course",
            "studies",
        ),
        *("discipline", "concentration", "specialization", "Fach", "Fakultät", "Studium"),
        *("formation", "spécialité", "matière", "cursus", "études", "carrera", "especialidad"),
        *("grado", "estudios", "facultad", "facoltà", "corso", "curso", "opleiding", "studie"),
    ),
    "year": (
        *("year", "semester", "term", "grade", "class", "level", "Jahr", "Jahrgangsstufe"),
        *("Klasse", "Stufe", "année", "niveau", "semestre", "classe", "año", "nivel", "anno"),
        *("ano", "jaar", "trimester", "class of"),
    ),
    "hometown": (
        *("city", "town", "country", "home", "residence", "location", "region", "state"),
        *("city state", "city country", "origin", "Herkunft", "origine", "origen"),
        *("Stadt", "Ort", "Land", "ville", "pays", "région", "ciudad", "país", "pueblo", "città"),
        *("paese", "cidade", "stad"),
    ),
    "hours": ("hrs", "h", "h/day", "h/Tag", "h/jour", "daily listening", "listening", "Hördauer"),
    "listening_time": (
        "when",
        "preferred time",
        "favourite time",
        "favorite time",
        "wann",
        "quand",
        "cuándo",
        "quando",
        "wanneer",
        "daytime",
        "moment",
    ),
    "may_be_matched": (
        *("match", "matching", "matches", "may be matched", "twin", "twins", "Zwilling", "jumeau"),
        *("Zwillinge", "jumeaux", "jumelle", "jumelles", "gemelo", "gemela", "gemelos", "gemello"),
        *("gemelli", "gêmeo", "gémeo", "tweeling"),
    ),
    "consent": (
        *("consent", "agreement", "privacy", "permission", "Zustimmung", "Einverständnis"),
        *("Teilnahme", "accord", "participation", "consentimiento", "acuerdo", "consenso"),
        *("consentimento", "toestemming", "i agree", "ich stimme zu", "j'accepte", "acepto"),
    ),
    "place": (
        *("rank", "song number", "song no", "song nr", "position", "song rank", "song place"),
        *("song position", "Platz", "Rang", "puesto", "posición", "posizione", "posição", "plaats"),
    ),
    "song": (
        *("song", "songs", "track", "tracks", "title", "titles", "tune", "link", "url", "music"),
        *("favourite", "favorite", "Lied", "Lieder", "Titel", "Stück", "Musik", "chanson"),
        *("chansons", "morceau", "morceaux", "titre", "musique", "canción", "canciones", "tema"),
        *("título", "música", "canzone", "brano", "titolo", "canção", "liedje", "nummer titel"),
    ),
    "artist": (
        *("artist", "artists", "band", "bands", "singer", "musician", "by", "performer", "group"),
        *("Künstler", "Künstlerin", "Interpret", "Interpretin", "Sänger", "Sängerin", "Gruppe"),
        *("artiste", "artistes", "groupe", "chanteur", "chanteuse", "interprète", "artista"),
        *("artistas", "grupo", "cantante", "intérprete", "artisti", "gruppo", "cantor", "artiest"),
    ),
}
"""By field, texts that are the whole header, but for numbers."""

PART: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("timestamp", "time stamp", "submitted at", "submission time", "submission date"),
        *(
            "completion time",
            "date submitted",
            "created at",
            "Datum und Uhrzeit",
            "answered at",
            "Zeitstempel",
            "eingereicht am",
        ),
        *("Abgabezeit", "Fertigstellungszeit", "horodateur", "horodatage", "heure de fin"),
        *("marca temporal", "marca de tiempo", "hora de finalización", "fecha de envío"),
        *("informazioni cronologiche", "ora di completamento", "carimbo de data hora"),
        *("carimbo de data", "tijdstempel"),
    ),
    "mail": (
        *("mail", "email", "e-mail", "email address", "e-mail address", "mail address"),
        *("Mailadresse", "E-Mail-Adresse", "Emailadresse", "Mail-Adresse", "courriel"),
        *("adresse e-mail", "adresse électronique", "correo", "correo electrónico"),
        *("dirección de correo electrónico", "indirizzo email", "posta elettronica"),
        *("endereço de e-mail", "e-mailadres"),
    ),
    "name": (
        *("should we call you", "shall we call you", "t'appelles", "vous appelez", "te llaman"),
        *("your name", "full name", "first and last name", "name and surname", "student name"),
        *("name of student", "my name", "your nickname", "who are you", "dein Name", "Ihr Name"),
        *("deinen Namen", "Ihren Namen", "vollständiger Name", "Vor- und Nachname"),
        *(
            "Vorname und Nachname",
            "Name und Vorname",
            "Name Vorname",
            "Nachname Vorname",
            "wie heißt du",
        ),
        *("wie heißen Sie", "wer bist du", "ton nom", "votre nom", "nom et prénom"),
        *("prénom et nom", "nom prénom", "nom complet", "comment t'appelles-tu", "qui es-tu"),
        *("comment vous appelez-vous", "tu nombre", "su nombre", "nombre completo"),
        *("nombre y apellido", "nombre y apellidos", "cómo te llamas", "cómo se llama"),
        *("quién eres", "nome completo", "nome e cognome", "come ti chiami", "il tuo nome"),
        *("nome e sobrenome", "como te chamas", "o teu nome", "seu nome", "je naam"),
        *("uw naam", "hoe heet je", "volledige naam", "voor- en achternaam"),
    ),
    "first_name": (
        *("first name", "given name", "Vorname", "prénom", "primer nombre", "nome proprio"),
        *("primeiro nome", "voornaam"),
    ),
    "last_name": (
        *("last name", "surname", "family name", "Nachname", "Familienname", "nom de famille"),
        *("apellido", "apellidos", "cognome", "sobrenome", "apelido", "achternaam"),
    ),
    "age": (
        *("age", "how old are you", "your age", "age in years", "age group", "year of birth"),
        *("birth year", "date of birth", "birthday", "Alter", "wie alt bist du", "dein Alter"),
        *("wie alt sind Sie", "Ihr Alter", "Altersgruppe", "Geburtsjahr", "Geburtsdatum", "âge"),
        *("quel âge as-tu", "quel âge avez-vous", "ton âge", "votre âge", "année de naissance"),
        *("tranche d'âge", "edad", "qué edad tienes", "cuántos años tienes", "tu edad"),
        *("año de nacimiento", "età", "quanti anni hai", "anno di nascita", "idade"),
        *("quantos anos tens", "quantos anos você tem", "leeftijd", "hoe oud ben je"),
        *("geboortejaar", "geboortedatum", "dob", "birthdate", "birth date", "when were you born"),
        *("year were you born", "year you were born", "geboren", "welchem Jahr bist du geboren"),
        *("date de naissance", "quelle année es-tu né", "quelle année es-tu née", "es-tu né"),
        *("quelle année êtes-vous né", "quelle année êtes-vous née", "êtes-vous né", "es-tu née"),
        *("êtes-vous née", "fecha de nacimiento", "naciste", "nació", "data di nascita"),
        *("che anno sei nato", "che anno sei nata", "sei nato", "sei nata", "data de nascimento"),
        *("ano de nascimento", "nasceste", "nasceu"),
    ),
    "major": (
        *("majoring", "tu étudies", "vous étudiez", "corso di studi", "corso di studio"),
        *("major", "field of study", "subject of study", "course of study", "study programme"),
        *("study program", "degree programme", "degree program", "academic program"),
        *("academic programme", "what do you study", "what are you studying", "you study"),
        *(
            "are you studying",
            "area of study",
            "course are you",
            "Studiengang",
            "Studienfach",
            "Hauptfach",
        ),
        *("Fachrichtung", "was studierst du", "was studieren Sie", "studierst du", "filière"),
        *("domaine d'études", "matière principale", "qu'étudies-tu", "qu'étudiez-vous"),
        *("étudies-tu", "programme d'études", "qué estudias", "qué carrera", "tu carrera"),
        *("área de estudio", "titulación", "corso di laurea", "cosa studi", "indirizzo di studi"),
        *("o que estudas", "o que você estuda", "área de estudo", "studierichting"),
        *("wat studeer je", "welke opleiding"),
    ),
    "year": (
        *("year of study", "year of studies", "study year", "academic year", "class year"),
        *("year in school", "year in college", "year at university", "school year"),
        *("year are you in", "year are you", "year of your studies", "semester are you in"),
        *(
            "what grade are you in",
            "class standing",
            "academic level",
            "year of university",
            "Studienjahr",
            "Fachsemester",
            "welchem Semester",
        ),
        *(
            "welchem Jahr bist du",
            "welchem Studienjahr",
            "année universitaire",
            "année d'études",
            "année d'étude",
        ),
        *("quelle année es-tu", "quelle année êtes-vous", "niveau d'études", "curso académico"),
        *("año de estudio", "año de estudios", "qué año estás", "qué curso estás"),
        *("año de carrera", "anno di corso", "che anno sei", "anno di studi", "ano de estudo"),
        *("que ano estás", "studiejaar", "welk jaar zit je"),
    ),
    "hometown": (
        *("Herkunftsort", "Herkunft", "aufgewachsen", "were you raised", "as-tu grandi"),
        *("avez-vous grandi", "lugar de origen", "creciste", "cresciuto", "cresciuta", "cresceu"),
        *("hometown", "home town", "home city", "where are you from", "place of birth"),
        *("birthplace", "where do you live", "where do you come from", "where did you grow up"),
        *("city of origin", "Heimatort", "Heimatstadt", "Wohnort", "woher kommst du"),
        *("wo kommst du her", "Geburtsort", "wo wohnst du", "ville natale", "ville d'origine"),
        *("d'où viens-tu", "d'où venez-vous", "où habites-tu", "lieu de naissance"),
        *(
            "which city",
            "Heimat",
            "ciudad natal",
            "ciudad de origen",
            "lugar de nacimiento",
            "de dónde eres",
        ),
        *("dónde vives", "città natale", "città d'origine", "di dove sei", "da dove vieni"),
        *("cidade natal", "de onde és", "de onde você é", "woonplaats", "waar kom je vandaan"),
        *("where were you born", "wo bist du geboren", "wo sind Sie geboren", "welcher Stadt"),
        *("welchem Ort", "où es-tu né", "où es-tu née", "où êtes-vous né", "où êtes-vous née"),
        *("quelle ville", "dónde naciste", "dónde nació", "qué ciudad", "dove sei nato"),
        *("dove sei nata", "quale città", "onde nasceste", "onde você nasceu", "que cidade"),
        *("waar ben je geboren", "welke stad"),
    ),
    "hours": (
        *("hrs per day", "hrs a day", "hrs of music", "Musikstunden", "temps d'écoute"),
        *("tiempo de escucha", "tempo di ascolto", "tempo de escuta"),
        *("hours", "how many hours", "hours a day", "hours per day", "hours of music"),
        *("hours listened", "listening hours", "daily hours", "daily listening time"),
        *("listening time per day", "how long do you listen", "how much do you listen"),
        *("how much music do you listen", "time spent listening", "minutes a day"),
        *("how much time do you", "Stunden", "wie viele Stunden", "wieviele Stunden"),
        *("Stunden am Tag", "Stunden pro Tag", "wie lange hörst du", "wie viel Musik hörst du"),
        *("Hörstunden", "heures par jour", "combien d'heures", "nombre d'heures", "heures"),
        *("combien de temps", "horas", "cuántas horas", "horas al día", "horas por día"),
        *("cuánto tiempo", "ore", "quante ore", "ore al giorno", "quanto tempo", "quantas horas"),
        *("horas por dia", "uren", "hoeveel uur", "uren per dag", "uur per dag"),
    ),
    "listening_time": (
        *("do you listen mostly", "listen mostly in", "morning or", "eher morgens", "morgens oder"),
        *("période d'écoute", "plutôt le matin", "sueles escuchar", "sueles oír", "sueles oir"),
        *("listening time", "time of day", "time of the day", "when do you listen", "when do you"),
        *("what time do you", "at what time", "at which hours", "which hours", "which part of"),
        *("what part of the day", "preferred listening time", "favourite listening time"),
        *(
            "favorite listening time",
            "usual listening time",
            "time to listen",
            "time you listen",
            "Tageszeit",
            "wann hörst du",
        ),
        *("wann hören Sie", "Hörzeit", "Hörzeiten", "um wie viel Uhr", "moment de la journée"),
        *("moment d'écoute", "quand écoutes-tu", "quand écoutez-vous", "à quel moment"),
        *("à quelle heure", "momento del día", "hora del día", "cuándo escuchas", "a qué hora"),
        *("en qué momento", "momento della giornata", "quando ascolti", "a che ora"),
        *("momento do dia", "quando ouves", "quando você ouve", "a que horas"),
        *("wanneer luister je", "tijdstip", "moment van de dag"),
    ),
    "may_be_matched": (
        *("others see my match", "see my match", "see your match", "see my matches"),
        *("others see how alike", "may be matched", "be matched", "match me", "matched with"),
        *("music twin", "music twins", "musical twin", "musical twins", "my twin", "your twin"),
        *("my twins", "your twins", "taste twin", "find my match", "show my match"),
        *("consent to matching", "consent to being matched", "ok to match", "share with twin"),
        *(
            "show me to others",
            "share with my twin",
            "Musikzwilling",
            "Musik-Zwilling",
            "Musikzwillinge",
            "mein Zwilling",
            "gematcht",
            "andere sehen",
        ),
        *("dürfen andere", "anderen gezeigt", "jumeau musical", "jumeaux musicaux"),
        *(
            "jumelle musicale",
            "mon jumeau",
            "être jumelé",
            "être jumelée",
            "d'autres peuvent voir",
            "les autres peuvent voir",
        ),
        *("d'autres voient", "les autres voient", "gemelo musical", "gemela musical"),
        *("gemelos musicales", "mi gemelo", "otros vean", "otros ver", "pueden ver otros"),
        *("gemello musicale", "gemelli musicali", "altri vedano", "altri possono vedere"),
        *("gêmeo musical", "gémeo musical", "outros vejam", "outros podem ver"),
        *("muziektweeling", "anderen zien", "mogen anderen"),
    ),
    "consent": (
        *(
            "i consent",
            "do you consent",
            "consent to",
            "agree to take part",
            "agree to participate",
        ),
        *("i agree to the", "i agree that my", "agree to the processing", "agree to the use"),
        *("processing of my data", "use of my data", "my data may be", "part of this survey"),
        *("part of this study", "willing to take part", "willing to participate", "i have read"),
        *("Verarbeitung meiner", "Nutzung meiner", "meine Antworten", "meiner Antworten"),
        *("meine Daten", "meiner Daten", "habe gelesen", "nimmst du teil", "möchte teilnehmen"),
        *("mes réponses", "mes données", "j'ai lu", "acceptes-tu de participer"),
        *("aceptas participar", "acepta participar", "mis respuestas", "mis datos", "he leído"),
        *("miei dati", "mie risposte", "ho letto", "accetti di partecipare", "meus dados"),
        *("minhas respostas", "mijn antwoorden", "mijn gegevens"),
        *("may we use your answers", "my answers may be used", "use of my answers"),
        *("data protection", "privacy notice", "privacy policy", "consent form"),
        *("Einwilligung", "ich willige ein", "willigst du", "Datenschutz", "nehme teil"),
        *("consentement", "je consens", "accepte de participer", "protection des données"),
        *("consentimiento", "doy mi consentimiento", "acepto participar", "protección de datos"),
        *("do il consenso", "acconsento", "dou o meu consentimento", "aceito participar"),
        *("geef toestemming", "privacyverklaring"),
    ),
    "place": ("number of the song", "Nummer des Liedes"),
    "song": (
        *("favourite song", "favorite song", "favourite songs", "favorite songs", "fav song"),
        *("favourite track", "favorite track", "favourite tune", "favorite tune", "best song"),
        *("song title", "song name", "track title", "track name", "song of your life"),
        *("song link", "link to the song", "link to your song", "top song", "top songs"),
        *("which song", "what song", "a song", "the song", "your song", "song", "track"),
        *("Lieblingslied", "Lieblingslieder", "Lieblingssong", "Lieblingssongs", "Lied"),
        *(
            "Lieblingsstück",
            "Liedtitel",
            "Songtitel",
            "Lieblingstitel",
            "welches Lied",
            "Lieblingslieds",
            "Lieblingsliedes",
        ),
        *("chanson préférée", "chansons préférées", "morceau préféré", "titre préféré"),
        *("titre de la chanson", "chanson favorite", "musique préférée", "chanson", "morceau"),
        *("canción favorita", "canciones favoritas", "canción preferida", "tema favorito"),
        *("título de la canción", "nombre de la canción", "canción"),
        *("canzone preferita", "canzoni preferite", "brano preferito", "titolo della canzone"),
        *("canzone", "música favorita", "música preferida", "canção favorita"),
        *("canção preferida", "canção", "favoriete nummer", "favoriete liedje"),
        *("lievelingsnummer", "liedje"),
    ),
    "artist": (
        *("favourite artist", "favorite artist", "favourite band", "favorite band"),
        *(
            "favourite singer",
            "favorite singer",
            "favourite musician",
            "favorite musician",
            "artist name",
            "name of artist",
            "band name",
        ),
        *("who's it by", "whos it by", "who is this by", "who's the artist"),
        *("song artist", "artist", "artists", "by whom", "who sings it", "who sings", "sung by"),
        *("who is it by", "performed by", "performer", "singer", "Künstler", "Künstlerin"),
        *("Interpret", "Interpretin", "Lieblingskünstler", "Lieblingskünstlerin"),
        *("Lieblingsband", "Lieblingssänger", "von wem", "wer singt", "artiste", "artistes"),
        *("artiste préféré", "artiste préférée", "interprète", "chanteur", "chanteuse"),
        *("groupe préféré", "qui chante", "artista", "artista favorito", "artista preferido"),
        *("grupo favorito", "cantante", "quién la canta", "quién canta", "intérprete"),
        *("artista preferito", "chi la canta", "chi canta", "quem canta", "cantor"),
        *("artiest", "favoriete artiest", "uitvoerder", "van wie"),
    ),
}
"""By field, texts that may be a part of the header."""

FIELDS = tuple(PART)
"""What a column can hold."""

_NO_SONG = (
    *("genre", "genres", "género", "genere", "gênero", "style", "Stil", "Musikrichtung", "album"),
    *("least", "worst", "hate", "hated", "dislike", "overrated", "skip", "schlechtestes", "hasst"),
    *("hasse", "déteste", "détestes", "pire", "odias", "peor", "odio", "peggiore", "pior", "live"),
    *("teacher", "parents", "friend's", "Lehrer", "Eltern", "why", "warum", "pourquoi", "por qué"),
    *("perché", "porquê", "waarom", "comment", "comments", "Kommentar", "comentarios"),
    *("how did you", "podcast", "concert", "Konzert", "concierto", "karaoke", "how many"),
)

NOT_ASKED: Mapping[str, tuple[str, ...]] = {
    "song": _NO_SONG,
    "artist": _NO_SONG,
    "hours": (
        *("work", "sleep", "exercise", "practise", "practice", "gaming", "arbeitest", "schläfst"),
        *("lernst", "übst", "travailles", "dors", "trabajas", "duermes", "lavori", "dormi"),
    ),
    "age": (
        *("start", "started", "begin", "began", "feel", "first", "angefangen", "commencé"),
        *("empezaste", "where", "wo", "où", "dónde", "dove", "onde", "waar"),
    ),
    "year": ("born", "birth", "geboren", "naissance", "nacimiento", "nascita", "nascimento"),
    "major": ("key", "minor key", "chord"),
}
"""By field, what makes a question that has its words another one."""

BORN = (
    *("born", "birth", "birthdate", "birthday", "dob", "Geburtsjahr", "Geburtsdatum", "Jahrgang"),
    *("geboren", "naissance", "né", "née", "nacimiento", "naciste", "nació", "nascita", "nato"),
    *("nata", "nascimento", "nasceste", "nasceu", "geboortejaar", "geboortedatum"),
)
"""What a question about an age asks for, where it is not the age."""

PER_WEEK = (
    *(
        "week",
        "weekly",
        "Woche",
        "wöchentlich",
        "semaine",
        "semana",
        "settimana",
        "week",
        "wekelijks",
    ),
)
IN_MINUTES = ("minutes", "min", "Minuten", "minutos", "minuti", "minuten")
"""What hours are counted in, where the question says something else than hours a day."""

CONSENTING = (
    *("consent", "agree", "ok", "okay", "opt in", "allow", "allowed", "may", "permission"),
    *("can we", "can others", "show others", "puis-je", "peut-on", "können wir", "podemos"),
    *("Einwilligung", "Zustimmung", "einverstanden", "darf", "dürfen", "consentement", "accord"),
    *("accepte", "acceptes", "consentimiento", "acepto", "aceptas", "acuerdo", "consenso"),
    *("accetto", "consentimento", "aceito", "toestemming", "mag", "mogen"),
)
"""What, beside a word for a match, makes a question one about consent to it."""

NEGATIONS = (
    *("not", "don't", "dont", "never", "opt out", "object", "nicht", "kein", "keine", "pas"),
    *("refuse", "no quiero", "no deseo", "non voglio", "não quero", "niet", "geen", "widerspreche"),
)
"""What makes a yes to a question a no."""

AND = (
    *("and", "with", "by", "und", "mit", "von", "et", "avec", "par", "y", "con", "e", "ed", "com"),
    *("en", "met", "van", "or", "plus"),
)
"""What stands between song and artist where one cell is to hold both."""

ORDINALS: Mapping[str, int] = {
    **dict.fromkeys(("first", "erstes", "erster", "première", "premier", "primera", "prima"), 1),
    **dict.fromkeys(("second", "zweites", "zweiter", "deuxième", "segunda", "seconda"), 2),
    **dict.fromkeys(("third", "drittes", "dritter", "troisième", "tercera", "terza"), 3),
    **dict.fromkeys(("fourth", "viertes", "vierter", "quatrième", "cuarta", "quarta"), 4),
    **dict.fromkeys(("fifth", "fünftes", "fünfter", "cinquième", "quinta"), 5),
    **dict.fromkeys(("sixth", "sechstes", "sechster", "sixième", "sexta", "sesta"), 6),
    **dict.fromkeys(("seventh", "siebtes", "siebter", "septième", "séptima", "settima"), 7),
    **dict.fromkeys(("eighth", "achtes", "achter", "huitième", "octava", "ottava"), 8),
    **dict.fromkeys(("ninth", "neuntes", "neunter", "neuvième", "novena", "nona"), 9),
    **dict.fromkeys(("tenth", "zehntes", "zehnter", "dixième", "décima", "decima"), 10),
    **dict.fromkeys(("one", "eins", "un", "uno"), 1),
    **dict.fromkeys(("two", "zwei", "deux", "dos", "due"), 2),
    **dict.fromkeys(("three", "drei", "trois", "tres", "tre"), 3),
}
"""Which song it is, in words."""
