"""Words by which names of shows and of music differ, as regular expressions for DuckDB.

All are for names in lower case. Add words here that whoever names a show or a track uses; what
follows from them is decided in `kinds.py`, where no word alone convicts, but for "podcast".
"""


def _words(*alternatives: str) -> str:
    """An expression for whole words, in any script: the engine's word boundaries are Latin."""
    return f"(^|[^\\pL\\pN])({'|'.join(alternatives)})([^\\pL\\pN]|$)"


_DASHES = "\N{EN DASH}\N{EM DASH}-"

PODCAST_NAMES = (
    "podcast|podkast|подкаст|ポッドキャスト|팟캐스트|播客|بودكاست|פודקאסט|पॉडकास्ट|พอดแคสต์|"
    + _words("podd", "\\pL*podden")
)
"""In the name of a show."""

EPISODE_TITLES = "|".join(
    (
        f"(^\\W*|[|:({_DASHES}]\\s?)#\\s?\\d{{1,4}}(\\D|$)",
        f"^e\\d{{1,4}}\\s?[:|{_DASHES}]",
        _words(
            "(folge|episode|ep|episodio|episódio|épisode|aflevering|afl|avsnitt|odcinek|odc|jakso"
            "|ausgabe|выпуск|эпизод|επεισόδιο|bölüm|epizoda|díl)\\s?[.:#№]?\\s?\\d{1,4}",
            "s\\d{1,2}\\s?[-:|,]?\\s?ep?\\d{1,3}",
            "interview|im gespräch|zu gast|in conversation|entrevista|intervista|entretien",
            "intervju",
        ),
        "第\\s?\\d+\\s?[回期]|(エピソード|에피소드)\\s?\\d+",
    )
)
"""Numbers of episodes, and conversations. A sign in titles that are long, or that follow each other
day by day: songs have such titles now and then."""

NUMBER_FIRST = f"^[(\\[]?([1-9]\\d{{1,3}})\\s?[)\\].:|{_DASHES}]+\\s"
"""The number of an episode, or of a chapter."""

MUSIC_TITLES = "|".join(
    (
        _words(
            "feat|ft|remix\\pL*|mix\\pL*|edit|version|remaster\\pL*|live|sets?|sessions?|b2b|dj",
            "boiler room|radio show|soundtrack|ost|instrumental|acoustic|unplugged|medley|overture",
            "op|opp|bwv|kv|hob|woo|rv|major|minor|dur|moll|majeur|mineur|maggiore|minore",
            "[sc]ymphon\\pL*|sinfoni\\pL*|sonat\\pL*|concert\\pL*|konzert\\pL*|quartet\\pL*",
            "quintet\\pL*|suite|requiem|mass|messe|missa|cantata|kantate|oratori\\pL*|prelude",
            "präludium|fug[ue]+|étude|etude|nocturne\\pL*|movement|satz|act|akt|scene|szene|aria",
            "arie|adagio|allegro|andante|largo|presto",
            "raga|raag|alap|teentaal|maqam|taqsim|taksim|surah?|sure|juz|quran|koran",
            "noises?|rain|rainfall|regen|regenger\\pL*|rauschen|waves|ocean|thunder\\pL*|sounds",
            "ambien\\pL*|hz|loop\\pL*|lullab\\pL*|meditation\\pL*|binaural|asmr|frequenc\\pL*|sleep",
            "schlaf\\pL*",
            "hörspiel\\pL*|hörbuch\\pL*|audiobook|chapters?|kapitel|chapitre|capítulo|capitolo",
            "hoofdstuk|kapittel|rozdział|глава|unabridged|ungekürzt",
            "(no|nr|k|vol|volume|pts?|parts?|teil|track|cd|dis[ck]|side|seite|partie|parte|deel|del"
            "|część|часть)[.:]?\\s?(\\d+|[ivx]+|[ab]|one|two|three|eins|zwei|drei)",
        ),
        "[:,.]\\s?[ivx]{1,5}[.:]|^[ivx]{1,5}\\.\\s|\\s/\\s",
    )
)
"""Music that is long (mixes, concerts, works, noise), and parts of a book or a radio play, which
are music at Spotify. Some are in titles of episodes too, so only several of them are a sign."""

MUSIC_NAMES = _words(
    "djs?|\\pL*orchest\\pL*|\\pL*orkest\\pL*|\\pL*philharmoni\\pL*|[sc]ymphon\\pL*|sinfoni\\pL*",
    "ensemble|quartet\\pL*|quintet\\pL*|trio|choir|chor|coro|records|recordings|sounds",
    "soundscape\\pL*|soundtrack\\pL*|noises?|rain|ocean|meditation\\pL*|lullab\\pL*|asmr|lo-?fi",
    "ambient|band|music|musik|musique|música|musica|mix|mixes|mixtape\\pL*|hörspiel\\pL*",
    "hörbuch\\pL*|audiobooks?|boiler room",
)
"""In names of artists whose tracks are long. Some are in names of shows too: these stay music
unless something else tells of them."""

_MONTHS = (
    "(jan|feb|fév|mar|mär|maa|apr|avr|abr|may|mai|mag|mei|jun|juin|giu|jul|juil|lug|aug|aoû|ago|sep"
    "|set|oct|okt|ott|out|nov|dec|déc|dez|dic)\\pL*"
)

NUMERIC_DATE = "(\\d{1,4})[./-](\\d{1,2})[./-](\\d{2,4})?"
"""Three numbers, in any of the orders in which people write dates; a year may be missing."""

DAY_BEFORE_MONTH = f"(\\d{{1,2}})(?:st|nd|rd|th|\\.|º)?\\s?(?:de\\s|of\\s)?{_MONTHS}"
DAY_AFTER_MONTH = f"(?:^|[^\\pL]){_MONTHS}\\.?\\s(\\d{{1,2}})"
"""Days of a month that is named. Which month is not read, since its names differ."""
